import Testing

@testable import Streaming

private struct Captured: Equatable {
    var values: [String?]
    var ending: JSONMemberCapture.Ending
    var oversized: [Bool]
}

private let watched: [StaticString] = ["usage", "model", "id", "error"]

private func capture(_ pieces: [[UInt8]], bytesMax: Int = StreamingLimits.capturedBytesMax) -> Captured {
    var capture = JSONMemberCapture(names: watched, capturedBytesMax: bytesMax)
    for piece in pieces { piece.withUnsafeBytes { capture.push($0) } }
    var values: [String?] = []
    var oversized: [Bool] = []
    for name in watched {
        values.append(capture[name].map { String(decoding: $0, as: UTF8.self) })
        oversized.append(capture.isOversized(name))
    }
    return Captured(values: values, ending: capture.ending, oversized: oversized)
}

@Suite struct JSONMemberCaptureTests {
    static let table: [(String, [String?], JSONMemberCapture.Ending)] = [
        (#"{"id":"x","choices":[{"usage":1}],"usage":{"a":[1,"}"]},"model":"m\"\\"}"#, [#"{"a":[1,"}"]}"#, #""m\"\\""#, #""x""#, nil], .complete),
        (" \n\n \r\n{ \"id\" : 12 , \"error\":null }\n ", [nil, nil, "12", "null"], .complete),
        (#"{"us\u0061ge":1,"usage":2,"id":-1.5e3}"#, ["2", nil, "-1.5e3", nil], .complete),
        (#"{"x":"{\"usage\":1}","model":[]}"#, [nil, "[]", nil, nil], .complete),
        (#"{"id":"x","usage":{"a":1"#, [nil, nil, #""x""#, nil], .truncated),
        (#"{"id":"x""#, [nil, nil, #""x""#, nil], .truncated),
        (#"{"id":12"#, [nil, nil, nil, nil], .truncated),
        (#"[{"error":{"code":429}}]"#, [nil, nil, nil, nil], .complete),
        (#"[{"error":"]"}"#, [nil, nil, nil, nil], .truncated),
        ("{}", [nil, nil, nil, nil], .complete), ("", [nil, nil, nil, nil], .empty), (" \n ", [nil, nil, nil, nil], .empty),
        ("<html>", [nil, nil, nil, nil], .notJSON), ("{\"id\":1}x", [nil, nil, "1", nil], .notJSON), ("{id:1}", [nil, nil, nil, nil], .notJSON),
    ]

    @Test(arguments: table) func everySplitCapturesAlike(_ text: String, _ values: [String?], _ ending: JSONMemberCapture.Ending) {
        let bytes = [UInt8](text)
        for pieces in splitsInTwo(bytes) + [singleBytes(bytes)] {
            let result = capture(pieces)
            #expect(result.values == values, "split after \(pieces[0].count)")
            #expect(result.ending == ending, "split after \(pieces[0].count)")
        }
    }

    /// A document within another ends where it ends, and the capture can be used for the next.
    @Test func aDocumentInAnotherLeavesTheRest() {
        let first = #"{"id":"1","usage":{"a":"}"}}"#
        let bytes = [UInt8](first + #",{"model":"m"}] "#)
        var capture = JSONMemberCapture(names: watched)
        for cut in 0...bytes.count {
            capture.reset()
            var used = 0
            for piece in [Array(bytes[..<cut]), Array(bytes[cut...])] where used < first.utf8.count {
                used += piece.withUnsafeBytes { capture.pushDocument($0) }
            }
            #expect(used == first.utf8.count && capture.ending == .complete, "split after \(cut)")
            #expect(capture["usage"].map { String(decoding: $0, as: UTF8.self) } == #"{"a":"}"}"#)
            #expect(capture["model"] == nil)
            capture.reset()
            #expect(capture.ending == .empty && capture["usage"] == nil)
            let rest = Array(bytes[(used + 1)...])
            #expect(rest.withUnsafeBytes { capture.pushDocument($0) } == #"{"model":"m"}"#.utf8.count)
            #expect(capture["model"].map { String(decoding: $0, as: UTF8.self) } == #""m""#)
        }
    }

    @Test func valuesHaveABound() {
        let bytes = [UInt8](#"{"id":"1234567890","usage":{"a":12345678901234567890},"model":"m"}"#)
        for pieces in splitsInTwo(bytes) {
            let result = capture(pieces, bytesMax: 16)
            #expect(result.values == [nil, #""m""#, #""1234567890""#, nil])
            #expect(result.oversized == [true, false, false, false])
        }
    }

    @Test func longNamesMatchNothing() {
        let name = String(repeating: "n", count: 5000)
        let result = capture(singleBytes([UInt8]("{\"\(name)\":1,\"id\":2}")))
        #expect(result.values == [nil, nil, "2", nil])
    }

    @Test func recordedAnswersGiveWhatTheTapeReads() throws {
        let tape = JSONTape()
        var generator = SeededGenerator(seed: 7)
        for (name, bytes) in Corpus.files("json") {
            let expected: [String?]? = bytes.withUnsafeBytes { document in
                guard let root = try? tape.parse(document), root.kind == .object else { return nil }
                return watched.map { root[$0].map { String(decoding: $0.rawBytes, as: UTF8.self) } }
            }
            guard let expected else { continue }
            for longest in [3, 100, 5000] {
                let result = capture(randomPieces(bytes, longest: longest, using: &generator))
                #expect(result.ending == .complete, "\(name), seed 7")
                let isSame = zip(result.values, expected).enumerated().allSatisfy { $1.0 == $1.1 || result.oversized[$0] }
                #expect(isSame, "\(name), seed 7")
            }
        }
    }
}
