import HTTP
import Testing

@testable import FuzzTargets

/// The second implementations that the targets compare with, against texts whose meaning is known: else both could be wrong alike.
@Suite struct ReferenceTests {
    @Test(arguments: [
        ("5\r\nhello\r\n0\r\n\r\nGET", .ended, "hello", 15),
        ("a;x=y\r\n0123456789\r\n0\r\nT: v\r\n\r\n", .ended, "0123456789", 30),
        ("5\r\nhel", .more, "hel", 6),
        ("5\nhello", .refused(.invalidChunkSize), "", 1),
        ("1\r\nab", .refused(.malformedChunk), "a", 4),
        ("8000000000000000\r\n", .refused(.invalidChunkSize), "", 15),
        ("00000000000000001", .refused(.invalidChunkSize), "", 16),
        ("0\r\nno colon\r\n", .refused(.malformedTrailer), "", 5),
    ] as [(String, HTTP1BodyDecoder.Outcome, String, Int)])
    func chunks(text: String, outcome: HTTP1BodyDecoder.Outcome, payload: String, position: Int) {
        var decoder = ReferenceChunkedDecoder(Array(text.utf8), limits: HTTP1Limits())
        #expect(decoder.decode() == outcome)
        #expect(String(decoding: decoder.payload, as: UTF8.self) == payload)
        #expect(decoder.position == position)
    }

    @Test func events() {
        func parse(_ text: String) -> [String] {
            ReferenceEvents.parse(Array(text.utf8)).map { event in
                let data = event.hasData ? String(decoding: event.data, as: UTF8.self) : "-"
                return "\(String(decoding: event.name, as: UTF8.self))|\(data)"
            }
        }
        #expect(parse("event: a\ndata: b\n\ndata:c\r\ndata\r\n\r\n: d\r\r") == ["a|b", "|c\n", "|-"])
        #expect(parse("\u{FEFF}data: a\n\n\u{FEFF}data: b") == ["|a", "|-"])
        #expect(parse("{\n 1\n}\n\n") == ["|{\n 1\n}"])
        #expect(parse("") == [])
        #expect(parse("\n") == ["|-"])
    }

    @Test func json() {
        func parse(_ text: String) -> ReferenceJSON? { ReferenceJSON.parse(Array(text.utf8)) }
        #expect(parse(#" {"a":[1.5e+3,true,null,"\u0041\ud83d\ude00"]} "#) == .object([
            .init(name: [0x61], value: .array([.number(Array("1.5e+3".utf8)), .bool(true), .null, .string(Array("A😀".utf8))]))
        ]))
        for text in ["", "01", "1.", "+1", "[1,]", "{\"a\"}", "\"\u{1}\"", #""\ud83d""#, "1 2", "\u{FEFF}1", "nul"] {
            #expect(parse(text) == nil, "\(text)")
        }
        #expect(ReferenceJSON.parse([0x22, 0xC0, 0xAF, 0x22]) == nil)
        #expect(ReferenceJSON.parse(Array("[[1]]".utf8), depthMax: 1) == nil)
        #expect(ReferenceJSON.parse(Array(#""\ud83d""#.utf8), acceptsLoneSurrogates: true) == .string(Array("\u{FFFD}".utf8)))
    }

    /// A property that does not hold is said, with both sides.
    @Test func violationsAreTold() {
        let violation = #expect(throws: FuzzViolation.self) { try requireEqual(1, 2, "numbers differ") }
        #expect(violation?.description == "numbers differ\n     found: 1\n  expected: 2")
        #expect(throws: FuzzViolation.self) { try require(false, "no") }
    }

    /// The pieces of a cutting are the whole, in order and alike each time.
    @Test func cuttings() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0) }
        bytes.withUnsafeBytes { bytes in
            for cutting in Cutting.all(bytes) + [Cutting.whole(bytes)] {
                #expect(Array(cutting.joined()) == bytes.array)
                #expect(Array(cutting) == Array(cutting))
                #expect(!cutting.contains { $0.isEmpty })
            }
            #expect(Array(Cutting.all(bytes)[0]).count == 300)
            #expect(Array(Cutting.whole(bytes)).count == 1)
        }
    }
}
