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

    /// The table of fields grows in blocks and serves heads of any size after each other.
    @Test func manyFieldsAreFoundInTheirOrder() {
        let head = MessageHead()
        var parser = HTTP1HeadParser()
        for count in [0, 15, 16, 17, 33, 99, 3, 64, 1] {
            let fields = (0..<count).map { index in
                index % 3 == 0 ? "Accept: \(index)\r\n" : index % 3 == 1 ? "x-\(index): \(index)\r\n" : "Via: \(index)\r\n"
            }
            let message = request(fields.joined())
            #expect(withBytes(message) { parser.parse($0, into: head, as: .request) } == .head(consumed: message.utf8.count))
            #expect(head.fieldCount == count + 1)
            for index in 0..<count {
                let field = head.field(at: index + 1)
                #expect(text(field.value) == "\(index)")
                #expect(field.name == [.accept, .other, .via][index % 3])
            }
            #expect(text(head.value(of: .accept)) == (count > 0 ? "0" : nil))
            #expect(text(head.value(of: .via)) == (count > 2 ? "2" : nil))
            #expect(text(head.value(of: .other)) == (count > 1 ? "1" : nil))
            #expect(head.count(of: .accept) == (count + 2) / 3)
            #expect(head.count(of: .host) == 1)
            #expect(head.value(of: .xPaymentResponse) == nil && head.count(of: .xPaymentResponse) == 0)
            if count == 33 { head.release() }
        }
    }

    /// The set of a head's names has a bit for each.
    @Test func everyKnownNameIsFoundAlone() {
        for name in FieldName.allCases where name != .other && name != .host {
            let head = parse(request("\(name.wireName): \(name.rawValue)\r\n")).head
            for other in FieldName.allCases {
                let expected: String? = other == name ? "\(name.rawValue)" : other == .host ? "gateway" : nil
                #expect(text(head.value(of: other)) == expected)
            }
        }
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
