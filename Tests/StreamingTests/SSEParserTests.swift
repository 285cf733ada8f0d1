import Testing

@testable import Streaming

struct SSECase: Sendable, CustomTestStringConvertible {
    let title: String
    let stream: String
    let events: [(name: String, data: String)]
    var last: (name: String, data: String)?

    var testDescription: String { title }

    init(_ title: String, _ stream: String, _ events: [(String, String)], last: (String, String)? = nil) {
        self.title = title
        self.stream = stream
        self.events = events.map { (name: $0.0, data: $0.1) }
        self.last = last.map { (name: $0.0, data: $0.1) }
    }
}

@Suite struct SSEParserTests {
    static let table: [SSECase] = [
        SSECase("one event", "data: a\n\n", [("", "a")]),
        SSECase("no space after the colon", "data:a\n\n", [("", "a")]),
        SSECase("only one space is taken", "data:  a \n\n", [("", " a ")]),
        SSECase("CRLF", "event: x\r\ndata: a\r\n\r\ndata: b\r\n\r\n", [("x", "a"), ("", "b")]),
        SSECase("lone CR", "event: x\rdata: a\r\rdata: b\r\r", [("x", "a"), ("", "b")]),
        SSECase("mixed line ends", "data: a\r\ndata: b\rdata: c\n\n", [("", "a\nb\nc")]),
        SSECase("blank line of mixed ends", "data: a\n\r\ndata: b\r\n\ndata: c\r\r\n", [("", "a"), ("", "b"), ("", "c")]),
        SSECase("several data lines", "data: a\ndata:\ndata: b\n\n", [("", "a\n\nb")]),
        SSECase("several empty data lines", "data\ndata:\n\n", [("", "\n")]),
        SSECase("one empty data line", "data\n\n", [("", "")]),
        SSECase("the last name counts", "event: a\nevent: b\ndata: x\n\n", [("b", "x")]),
        SSECase("an empty name", "event: a\nevent\ndata: x\n\n", [("", "x")]),
        SSECase("comments", ": OPENROUTER PROCESSING\n\n:\ndata: a\n: c\n\n", [("", "a")]),
        SSECase("event without data", "event: ping\n\ndata: a\n\n", [("", "a")]),
        SSECase("unknown fields", "id: 7\nretry: 10\nfoo: bar\nnothing\ndata: a\n\n", [("", "a")]),
        SSECase("fields that begin alike", "database: x\neventual: y\ndat: z\nData: q\ndata: a\n\n", [("", "a")]),
        SSECase("byte order mark", "\u{FEFF}data: a\n\n", [("", "a")]),
        SSECase("byte order mark and a blank line", "\u{FEFF}\ndata: a\n\n", [("", "a")]),
        SSECase("a second byte order mark is a name of its own", "\u{FEFF}data: a\n\n\u{FEFF}data: b\n\n", [("", "a")]),
        SSECase("characters of several bytes", "data: zażółć 🎈 漢字\n\n", [("", "zażółć 🎈 漢字")]),
        SSECase("blank lines too many", "\n\n\ndata: a\n\n\n\ndata: b\n\n\n", [("", "a"), ("", "b")]),
        SSECase("no blank line at the end", "data: a\n\ndata: [DONE]\n", [("", "a")], last: ("", "[DONE]")),
        SSECase("no line end at the end", "data: a\n\nevent: e\ndata: b", [("", "a")], last: ("e", "b")),
        SSECase("nothing unfinished", "data: a\n\n", [("", "a")]),
        SSECase("bare JSON error", "{\"error\":{\"code\":503}}\n\n", [("", "{\"error\":{\"code\":503}}")]),
        SSECase(
            "bare JSON on several lines, unfinished", "data: {\"a\":1}\r\n\r\n{\r\n  \"error\": {\r\n  }\r\n}\r\n",
            [("", "{\"a\":1}")], last: ("", "{\n  \"error\": {\n  }\n}")),
        SSECase("a JSON line behind data is no data", "data: a\n{\"b\":1}\n\n", [("", "a")]),
    ]

    @Test(arguments: table) func standardCases(_ entry: SSECase) throws {
        let bytes = [UInt8](entry.stream)
        let whole = try parseStream([bytes])
        #expect(whole.events.filter(\.hasData).map(\.data) == entry.events.map(\.data))
        #expect(whole.events.filter(\.hasData).map(\.name) == entry.events.map(\.name))
        #expect(whole.last?.data == entry.last?.data)
        #expect(whole.last?.name == entry.last?.name)
    }

    @Test(arguments: table) func everySplitParsesAlike(_ entry: SSECase) throws {
        let bytes = [UInt8](entry.stream)
        let whole = try parseStream([bytes])
        for pieces in splitsInTwo(bytes) + [singleBytes(bytes)] {
            let split = try parseStream(pieces)
            #expect(split.events == whole.events, "split after \(pieces[0].count)")
            #expect(split.last == whole.last, "split after \(pieces[0].count)")
        }
    }

    @Test func endsLieBehindTheBlankLineAtEverySplit() throws {
        for lineEnd in ["\n", "\r\n"] {
            let blocks = ["event: a\ndata: b\n\n", ": c\n\n", "\n", "data: d\ndata: e\n\n", "data: f\n\n"]
                .map { $0.replacing("\n", with: lineEnd) }
            let bytes = [UInt8](blocks.joined())
            var ends: [Int] = []
            for block in blocks { ends.append((ends.last ?? 0) + block.utf8.count) }
            for pieces in splitsInTwo(bytes) + [singleBytes(bytes)] {
                let stream = try parseStream(pieces)
                #expect(stream.ends == ends)
                #expect(stream.unfinished == 0)
            }
        }
    }

    @Test func eventsOfOneBatchAreSlicesOfIt() throws {
        let bytes = [UInt8]("event: x\ndata: abc\n\n")
        try bytes.withUnsafeBytes { batch in
            var parser = SSEParser()
            var cursor = SSECursor(batch)
            let event = try #require(try parser.next(&cursor))
            #expect(event.name.baseAddress == batch.baseAddress.map { $0 + 7 })
            #expect(event.data.baseAddress == batch.baseAddress.map { $0 + 15 })
        }
    }

    @Test func saysWhereItStands() throws {
        var parser = SSEParser()
        func boundary(after text: String) throws -> Bool {
            try [UInt8](text).withUnsafeBytes { try parser.parse($0) { _, _ in } }
            return parser.isAtEventBoundary
        }
        var atBoundary = parser.isAtEventBoundary
        #expect(atBoundary)
        for (text, expected) in [("da", false), ("ta: a", false), ("\n", false), ("\n", true), ("\n", true), (":", false)] {
            atBoundary = try boundary(after: text)
            #expect(atBoundary == expected, "after \(text.debugDescription)")
        }
        let unfinished = parser.unfinishedBytes
        #expect(unfinished == 1)
    }

    @Test func anEventHasABound() throws {
        let bytes = [UInt8]("data: 0123456789\n\n")
        #expect(throws: SSEParserError.eventTooLong(limit: 10)) { try parseStream(singleBytes(bytes), eventBytesMax: 10) }
        #expect(try parseStream(singleBytes(bytes), eventBytesMax: bytes.count).events.count == 1)
    }

    @Test func aLoneReturnEndsItsEventAtOnce() throws {
        let stream = try parseStream([[UInt8]("data: a\r\r"), [UInt8]("data: b\r\r")])
        #expect(stream.ends == [9, 18])
    }

    @Test func recordedStreamsParseAlikeHoweverTheyAreCut() throws {
        var generator = SeededGenerator(seed: 20_261_123)
        for (name, bytes) in Corpus.files("sse") {
            let whole = try parseStream([bytes])
            #expect(whole.events.contains(where: \.hasData) || whole.last != nil, "\(name) has events")
            var cuts = [singleBytes(bytes)]
            for longest in [3, 17, 120, 1500] { cuts.append(randomPieces(bytes, longest: longest, using: &generator)) }
            if bytes.count < 3_000 { cuts += splitsInTwo(bytes) }
            for pieces in cuts {
                let same = try parseStream(pieces) == whole
                #expect(same, "\(name), seed 20261123")
                if !same { return }
            }
        }
    }

    @Test func whatIsEncodedIsParsed() throws {
        var stream: [UInt8] = []
        [UInt8]("two\r\nlines\nand a\rthird").withUnsafeBytes { SSEEncoder.append(name: "content", data: $0, to: &stream) }
        SSEEncoder.appendHeartbeat(to: &stream)
        [UInt8]("forged\ndata: x").withUnsafeBytes { SSEEncoder.append(name: $0, data: UnsafeRawBufferPointer(start: nil, count: 0), to: &stream) }
        let parsed = try parseStream([stream]).events
        #expect(parsed.map(\.name) == ["content", "", "forged"])
        #expect(parsed.map(\.data) == ["two\nlines\nand a\nthird", "", ""])
        #expect(parsed.map(\.hasData) == [true, false, true])
    }
}
