import HTTP
import Testing

@Suite struct HeadWriterTests {
    @Test func writesAResponseHead() {
        var out: [UInt8] = []
        HeadWriter.statusLine(200, to: &out)
        HeadWriter.field(.contentType, "text/event-stream", to: &out)
        HeadWriter.field(.contentLength, 18_446_744_073_709_551_615, to: &out)
        HeadWriter.field("x-accel-buffering", "no", to: &out)
        HeadWriter.field(HTTPDate(secondsSinceEpoch: 784_111_777), to: &out)
        HeadWriter.end(to: &out)
        #expect(
            text(out) == """
                HTTP/1.1 200 OK\r
                content-type: text/event-stream\r
                content-length: 18446744073709551615\r
                x-accel-buffering: no\r
                date: Sun, 06 Nov 1994 08:49:37 GMT\r
                \r\n
                """)
    }

    @Test(arguments: [
        (100, "HTTP/1.1 100 Continue\r\n"), (404, "HTTP/1.1 404 Not Found\r\n"), (529, "HTTP/1.1 529 Overloaded\r\n"),
        (799, "HTTP/1.1 799 \r\n"),
    ] as [(UInt16, String)])
    func statusLines(_ status: UInt16, _ expected: String) {
        var out: [UInt8] = []
        HeadWriter.statusLine(status, to: &out)
        #expect(text(out) == expected)
    }

    @Test func everyRefusalHasAnAnswer() {
        for refusal in HTTPRefusal.allCases {
            var out: [UInt8] = []
            HeadWriter.statusLine(refusal.status, to: &out)
            #expect(text(out).hasPrefix("HTTP/1.1 \(refusal.status) "))
            #expect(out.count > "HTTP/1.1 400 \r\n".utf8.count, "a reason phrase for \(refusal.status)")
            #expect(!"\(refusal.message)".isEmpty)
        }
    }

    @Test func writesRequestLines() {
        var out: [UInt8] = []
        withBytes("/v1/messages?beta=true") { HeadWriter.requestLine(.post, target: $0, to: &out) }
        withBytes("/api") { prefix in
            withBytes("/models") { HeadWriter.requestLine(.get, prefix: prefix, rest: $0, to: &out) }
        }
        #expect(text(out) == "POST /v1/messages?beta=true HTTP/1.1\r\nGET /api/models HTTP/1.1\r\n")
    }

    @Test(arguments: [
        ("x-team", "a b\tc", true), ("x-team", "caf\u{e9}", true), ("x-team", "", true),
        ("x-team", "a\r\nset-cookie: b", false), ("x-team", "a\nb", false), ("x-team", "a\rb", false),
        ("x-team", "a\0b", false), ("x-team", "a\u{7f}", false), ("x team", "a", false), ("x:team", "a", false),
        ("", "a", false), ("x\r\n", "a", false),
    ])
    func leavesOutWhatWouldBreakTheFraming(_ name: String, _ value: String, _ isWritten: Bool) {
        var out: [UInt8] = []
        let result = withBytes(name) { name in withBytes(value) { HeadWriter.peerField(name, $0, to: &out) } }
        #expect(result == isWritten)
        #expect(text(out) == (isWritten ? "\(name): \(value)\r\n" : ""))
    }

    @Test(arguments: [
        (0, "0"), (9, "9"), (10, "10"), (1_048_576, "1048576"), (UInt64.max, "18446744073709551615"),
    ] as [(UInt64, String)])
    func decimals(_ number: UInt64, _ expected: String) {
        var out: [UInt8] = []
        HeadWriter.field(.contentLength, number, to: &out)
        #expect(text(out) == "content-length: \(expected)\r\n")
    }
}
