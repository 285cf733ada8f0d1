import HTTP
import Testing

@Suite struct MessageHeadTests {
    @Test func findsFields() {
        let (outcome, head) = parse(
            request("Content-Type: application/json\r\nX-Custom: one\r\nAccept: a\r\nACCEPT: b\r\nx-empty:\r\n"))
        #expect(outcome != .needMore)
        #expect(head.fieldCount == 6)
        #expect(text(head.value(of: .contentType)) == "application/json")
        #expect(text(head.value(of: .accept)) == "a")
        #expect(head.count(of: .accept) == 2)
        #expect(text(head.value(ofOther: "x-custom")) == "one")
        #expect(text(head.value(ofOther: "x-empty")) == "")
        #expect(head.value(of: .cookie) == nil)
        #expect(head.value(ofOther: "x-missing") == nil)
        #expect(text(head.field(at: 4).nameBytes) == "ACCEPT")
    }

    @Test(arguments: [
        ("GET /a/b?c=d&e HTTP/1.1", "/a/b", "c=d&e", "gateway", MessageHead.TargetForm.origin),
        ("GET / HTTP/1.1", "/", nil, "gateway", .origin),
        ("GET /? HTTP/1.1", "/", "", "gateway", .origin),
        ("GET /a?b?c HTTP/1.1", "/a", "b?c", "gateway", .origin),
        ("GET //evil/x HTTP/1.1", "//evil/x", nil, "gateway", .origin),
        ("GET http://other:80/p?q HTTP/1.1", "/p", "q", "other:80", .absolute),
        ("GET HTTPS://other HTTP/1.1", "/", nil, "other", .absolute),
        ("GET http://other?q HTTP/1.1", "/", "q", "other", .absolute),
        ("GET http://[::1]:3001/x HTTP/1.1", "/x", nil, "[::1]:3001", .absolute),
        ("OPTIONS * HTTP/1.1", "*", nil, "gateway", .asterisk),
        ("CONNECT host:443 HTTP/1.1", "", nil, "host:443", .authority),
    ] as [(String, String, String?, String, MessageHead.TargetForm)])
    func splitsTargets(_ line: String, _ path: String, _ query: String?, _ authority: String, _ form: MessageHead.TargetForm) {
        let (outcome, head) = parse(request("", line: line))
        guard case .head = outcome else {
            Issue.record("\(line): \(outcome)")
            return
        }
        #expect(text(head.path) == path)
        #expect(text(head.query) == query)
        #expect(text(head.authority) == authority)
        #expect(head.targetForm == form)
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false), ("HTTP/1.1", "Connection: Close\r\n", false),
        ("HTTP/1.1", "Connection: te, close\r\n", false), ("HTTP/1.1", "Connection: te\r\nConnection: ,,close,\r\n", false),
        ("HTTP/1.1", "Connection: closed\r\n", true), ("HTTP/1.1", "X-Connection: close\r\n", true),
        ("HTTP/1.0", "", false), ("HTTP/1.0", "Connection: keep-alive\r\n", true),
        ("HTTP/1.0", "Connection: Keep-Alive , x\r\n", true), ("HTTP/1.0", "Connection: keep-alive, close\r\n", false),
    ])
    func keepAlive(_ version: String, _ fields: String, _ expected: Bool) {
        #expect(parse(request(fields, line: "GET / \(version)")).head.isKeepAlive == expected)
    }

    @Test func nominatedFields() {
        let head = parse(request("Connection: X-Hop, te\r\nx-hop: 1\r\nx-end: 2\r\n")).head
        var nominated: [String] = []
        head.forEachField { if head.isNominatedByConnection($0) { nominated.append(text($0.nameBytes)) } }
        #expect(nominated == ["x-hop"])
    }

    @Test func servesOneMessageAfterTheOther() {
        var parser = HTTP1HeadParser()
        let head = MessageHead()
        let long = request("x-long: \(String(repeating: "v", count: 3_000))\r\n", line: "GET /long?q HTTP/1.1")
        for message in [long, request("", line: "GET /short HTTP/1.1"), long] {
            let outcome = withBytes(message) { parser.parse($0, into: head, as: .request) }
            #expect(outcome == .head(consumed: message.utf8.count))
            #expect(summary(head) == summary(parse(message).head))
        }
        head.release()
        #expect(head.fieldCount == 0)
        #expect(head.target.isEmpty)
        #expect(head.path.isEmpty)
        #expect(head.value(of: .host) == nil)
        _ = withBytes(long) { parser.parse($0, into: head, as: .request) }
        #expect(summary(head) == summary(parse(long).head))
    }

    @Test func anUnfinishedHeadShowsNothing() {
        var parser = HTTP1HeadParser()
        let head = MessageHead()
        let outcome = withBytes("GET /x HTTP/1.1\r\nHost: a\r\n") { parser.parse($0, into: head, as: .request) }
        #expect(outcome == .needMore)
        #expect(head.target.isEmpty)
        #expect(text(head.value(of: .host)) == "")
    }
}
