import HTTP
import Testing

/// RFC 9112 sections 2 to 5 as tables: what is taken, what is refused and why, alike for whole heads and for any split.
@Suite struct HTTP1HeadParserTests {
    static let accepted = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /v1/messages?beta=true HTTP/1.1\r\nHost: localhost:3001\r\nContent-Length: 12\r\nx-api-key:\tsk \t\r\n\r\n{\"model\":\"x\"",
        "QUERY /x HTTP/1.1\r\nhost:\r\nx: \u{e9}\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n!#$%&'*+-.^_`|~09azAZ: v\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a%20b.example\r\nempty:\r\nspaces:   \r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n",
        "GET http://a.example/x?y HTTP/1.1\r\nHost: b\r\n\r\nrest",
        "PRI / HTTP/1.1\r\nHost: a\r\n\r\n",
    ]

    static let refused: [(String, HTTPRefusal)] = [
        // Section 2.2: line ends.
        ("GET / HTTP/1.1\nHost: a\n\n", .bareLineEnd),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n", .bareLineEnd),
        ("GET / HTTP/1.1\r\nHost: a\r\nx: 1\n\r\n", .bareLineEnd),
        ("\nGET / HTTP/1.1\r\n\r\n", .bareLineEnd),
        ("GET / HTTP/1.1\r\nHost: a\r\n\n", .bareLineEnd),
        ("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", .invalidFieldValue),
        ("GET / HTTP/1.1\r\nHost: a\r\nx\r: 1\r\n\r\n", .invalidFieldName),
        ("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", .malformedRequestLine),
        ("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        (" \r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .invalidMethod),
        ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", .foldedField),
        // Section 3: the request line.
        ("GET /\r\n\r\n", .malformedRequestLine),
        ("GET\r\n\r\n", .malformedRequestLine),
        ("GET /  HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", .malformedRequestLine),
        ("GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n", .invalidMethod),
        ("GET /\tx HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        ("GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        ("GET /caf\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        ("GET  HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        ("GE(T / HTTP/1.1\r\nHost: a\r\n\r\n", .invalidMethod),
        ("G\0T / HTTP/1.1\r\nHost: a\r\n\r\n", .invalidMethod),
        ("\u{16}\u{3}\u{1}\u{2}", .invalidMethod),
        ("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ / HTTP/1.1\r\nHost: a\r\n\r\n", .invalidMethod),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", .unsupportedVersion),
        ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", .unsupportedVersion),
        ("GET / HTTP/0.9\r\n\r\n", .unsupportedVersion),
        ("GET / HTTP/1.10\r\nHost: a\r\n\r\n", .malformedRequestLine),
        ("GET / http/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        ("GET / HTTP/1,1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        ("GET / XTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\rX", .unsupportedVersion),
        // Section 3.2: targets.
        ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        ("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        ("GET http:// HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        ("GET http://:80/ HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        ("GET http://u:p@a/ HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        ("GET http://a:99999/ HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        ("CONNECT a.example HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        ("CONNECT a.example: HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        ("CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        ("CONNECT :443 HTTP/1.1\r\nHost: a\r\n\r\n", .invalidTarget),
        // Section 3.2: Host.
        ("GET / HTTP/1.1\r\n\r\n", .missingHost),
        ("GET http://a/ HTTP/1.1\r\n\r\n", .missingHost),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .duplicateHost),
        ("GET / HTTP/1.0\r\nHost: a\r\nhOST: b\r\n\r\n", .duplicateHost),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .invalidHost),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .invalidHost),
        ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", .invalidHost),
        ("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", .invalidHost),
        ("GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", .invalidHost),
        ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", .invalidHost),
        ("GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", .invalidHost),
        ("GET / HTTP/1.1\r\nHost: a%2\r\n\r\n", .invalidHost),
        ("GET / HTTP/1.1\r\nHost: http://a\r\n\r\n", .invalidHost),
        ("GET / HTTP/1.0\r\nHost: a b\r\n\r\n", .invalidHost),
        // Section 5: fields.
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", .whitespaceBeforeColon),
        ("GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", .whitespaceBeforeColon),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\n", .whitespaceBeforeColon),
        ("GET / HTTP/1.1\r\nHost: a\r\nx: 1\r\n 2\r\n\r\n", .foldedField),
        ("GET / HTTP/1.1\r\nHost: a\r\nx: 1\r\n\t2\r\n\r\n", .foldedField),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n", .foldedField),
        ("GET / HTTP/1.1\r\nHost: a\r\nx\r\n\r\n", .malformedField),
        ("GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", .invalidFieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\nx y: 1\r\n\r\n", .invalidFieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\nx(: 1\r\n\r\n", .invalidFieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer\0-Encoding: chunked\r\n\r\n", .invalidFieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding\u{a0}: chunked\r\n\r\n", .invalidFieldName),
        ("GET / HTTP/1.1\r\nHost: a\r\nx: a\0b\r\n\r\n", .invalidFieldValue),
        ("GET / HTTP/1.1\r\nHost: a\r\nx: a\u{b}b\r\n\r\n", .invalidFieldValue),
        ("GET / HTTP/1.1\r\nHost: a\r\nx: a\u{7f}\r\n\r\n", .invalidFieldValue),
    ]

    static let responses: [(String, HTTPRefusal?)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", nil),
        ("HTTP/1.1 200 \r\n\r\n", nil),
        ("HTTP/1.1 200\r\n\r\n", nil),
        ("HTTP/1.0 503 Service  Unavailable\u{e9}\r\nx: y\r\n\r\n", nil),
        ("HTTP/1.1 599 x\r\n\r\n", nil),
        ("\r\nHTTP/1.1 200 OK\r\n\r\n", .malformedStatusLine),
        ("HTTP/1.1  200 OK\r\n\r\n", .malformedStatusLine),
        ("HTTP/1.1 20 OK\r\n\r\n", .malformedStatusLine),
        ("HTTP/1.1 2000 OK\r\n\r\n", .malformedStatusLine),
        ("HTTP/1.1 099 OK\r\n\r\n", .malformedStatusLine),
        ("HTTP/1.1 +20 OK\r\n\r\n", .malformedStatusLine),
        ("HTTP/1.1 200 O\0K\r\n\r\n", .malformedStatusLine),
        ("HTTP/2.0 200 OK\r\n\r\n", .unsupportedVersion),
        ("ICY 200 OK\r\n\r\n", .malformedStatusLine),
        ("HTTP/1.1 200 OK\nx: y\r\n\r\n", .bareLineEnd),
        ("HTTP/1.1 200 OK\r\nx: y\r\n z\r\n\r\n", .foldedField),
    ]

    @Test(arguments: accepted)
    func takes(_ message: String) {
        let (outcome, head) = parse(message)
        let end = message.range(of: "\r\n\r\n", startingAtText: true)
        #expect(outcome == .head(consumed: end), "\(message.debugDescription)")
        expectSameWhenSplit(message, as: .request, outcome, head)
    }

    @Test(arguments: refused)
    func refuses(_ message: String, _ reason: HTTPRefusal) {
        let (outcome, head) = parse(message)
        #expect(outcome == .refused(reason), "\(message.debugDescription)")
        expectSameWhenSplit(message, as: .request, outcome, head)
    }

    @Test(arguments: responses)
    func judgesResponses(_ message: String, _ reason: HTTPRefusal?) {
        let (outcome, head) = parse(message, as: .response)
        if let reason {
            #expect(outcome == .refused(reason), "\(message.debugDescription)")
        } else {
            #expect(outcome == .head(consumed: message.utf8.count), "\(message.debugDescription)")
        }
        expectSameWhenSplit(message, as: .response, outcome, head)
    }

    /// Whole, in two parts at every byte, and byte by byte: the same outcome and the same head.
    private func expectSameWhenSplit(
        _ message: String, as kind: MessageHead.Kind, _ outcome: HTTP1HeadParser.Outcome, _ head: MessageHead
    ) {
        let bytes = Array(message.utf8)
        for split in 0...bytes.count {
            var parser = HTTP1HeadParser()
            let other = MessageHead()
            var result = withBytes(bytes[..<split]) { parser.parse($0, into: other, as: kind) }
            if result == .needMore { result = withBytes(bytes) { parser.parse($0, into: other, as: kind) } }
            #expect(result == outcome, "split at \(split) of \(message.debugDescription)")
            if case .head = outcome { #expect(summary(other) == summary(head)) }
        }
        var parser = HTTP1HeadParser()
        let other = MessageHead()
        var result = HTTP1HeadParser.Outcome.needMore
        for count in 0...bytes.count where result == .needMore {
            result = withBytes(bytes[..<count]) { parser.parse($0, into: other, as: kind) }
        }
        #expect(result == outcome, "byte by byte: \(message.debugDescription)")
        if case .head = outcome { #expect(summary(other) == summary(head)) }
    }

    /// The words of a refusal follow the path, also when the fault came behind the request line, wherever the bytes were cut.
    @Test(arguments: ["x : 1\r\n\r\n", "x\u{0}: 1\r\n", " folded\r\n", String(repeating: "A: b\r\n", count: 101)])
    func aRefusedHeadKeepsItsRequestLine(_ fields: String) {
        let message = Array("\r\nPOST /v1/messages?beta=true HTTP/1.1\r\nHost: a\r\n\(fields)".utf8)
        for cut in 0..<message.count {
            var parser = HTTP1HeadParser()
            let head = MessageHead()
            var outcome = HTTP1HeadParser.Outcome.needMore
            for end in [cut, message.count] where outcome == .needMore {
                outcome = message[..<end].withUnsafeBytes { parser.parse($0, into: head, as: .request) }
            }
            guard case .refused = outcome else {
                Issue.record("\(outcome)")
                continue
            }
            #expect(text(head.path) == "/v1/messages")
            #expect(head.fieldCount == 0)
        }
    }

    /// Too long, or slow: the endpoint is known all the same.
    @Test(arguments: [
        ("POST /v1/messages?" + String(repeating: "a", count: 20_000), "/v1/messages"),
        ("POST /v1/messages/count_tokens", "/v1/messages/count_tokens"), ("GET /" + String(repeating: "b", count: 300), "/" + String(repeating: "b", count: 255)),
        ("POST", ""), ("POST ", ""), ("POST *", ""), ("POST /a\u{0}b", "/a"), ("GET http://h/v1/messages", ""),
    ])
    func anUnfinishedRequestLineKeepsItsPath(_ line: String, _ path: String) {
        let bytes = Array(line.utf8)
        var parser = HTTP1HeadParser()
        let head = MessageHead()
        let outcome = bytes.withUnsafeBytes { parser.parse($0, into: head, as: .request) }
        if outcome == .needMore { bytes.withUnsafeBytes { parser.giveUp($0, into: head) } }
        #expect(text(head.path) == path)
        #expect(head.fieldCount == 0 && !parser.hasPartialHead)
    }

    @Test func aHeadThatIsGivenUpKeepsItsRequestLine() {
        let message = Array("GET /slow HTTP/1.1\r\nHost: a\r\nX-Never".utf8)
        var parser = HTTP1HeadParser()
        let head = MessageHead()
        #expect(message.withUnsafeBytes { parser.parse($0, into: head, as: .request) } == .needMore)
        message.withUnsafeBytes { parser.giveUp($0, into: head) }
        #expect(text(head.path) == "/slow")
        #expect(head.fieldCount == 0 && !parser.hasPartialHead)
    }

    @Test func asksForMoreUntilTheEnd() {
        let message = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        var parser = HTTP1HeadParser()
        let head = MessageHead()
        #expect(!parser.hasPartialHead)
        for count in 1..<message.count {
            #expect(withBytes(message[..<count]) { parser.parse($0, into: head, as: .request) } == .needMore)
            #expect(parser.hasPartialHead)
        }
    }

    @Test func emptyLinesAreNoPartialHead() {
        var parser = HTTP1HeadParser()
        let head = MessageHead()
        #expect(withBytes("\r\n") { parser.parse($0, into: head, as: .request) } == .needMore)
        #expect(!parser.hasPartialHead)
    }

    @Test func recognisesTheHTTP2Preface() {
        let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
        for count in 1...(preface.count + 9) {
            var parser = HTTP1HeadParser()
            let bytes = (preface + [0, 0, 0, 4, 0, 0, 0, 0, 0]).prefix(count)
            let outcome = withBytes(bytes) { parser.parse($0, into: MessageHead(), as: .request) }
            #expect(outcome == (count < preface.count ? .needMore : .http2Preface))
        }
    }
}

extension String {
    /// The offset in UTF-8 after the first occurrence of `mark` that follows text other than line ends.
    fileprivate func range(of mark: String, startingAtText: Bool) -> Int {
        let bytes = Array(utf8)
        let pattern = Array(mark.utf8)
        var start = bytes.firstIndex { $0 != 13 && $0 != 10 } ?? 0
        while start + pattern.count <= bytes.count {
            if Array(bytes[start..<(start + pattern.count)]) == pattern { return start + pattern.count }
            start += 1
        }
        return -1
    }
}
