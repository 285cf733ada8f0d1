import Testing

@testable import HTTP

/// CONNECT as traces: what goes out, and what every reply means, however it is cut.
@Suite struct ConnectTunnelMachineTests {
    private static func machine(
        host: String = "api.example.com", port: UInt16 = 443, credentials: ProxyCredentials? = nil
    ) -> ConnectTunnelMachine {
        ConnectTunnelMachine(host: host, port: port, credentials: credentials)
    }

    private static func credentials(_ user: String, _ password: String) -> ProxyCredentials? {
        ProxyCredentials(user: Array(user.utf8), password: Array(password.utf8), for: .http)
    }

    @Test func asksForTheOrigin() {
        let sent = TunnelTrace.of(Self.machine(), []).sent
        #expect(
            sent.map { text($0) } == ["CONNECT api.example.com:443 HTTP/1.1\r\nhost: api.example.com:443\r\n\r\n"])
    }

    @Test func writesIPv6InBrackets() {
        let sent = TunnelTrace.of(Self.machine(host: "2001:db8::1", port: 80), []).sent
        #expect(sent.map { text($0) } == ["CONNECT [2001:db8::1]:80 HTTP/1.1\r\nhost: [2001:db8::1]:80\r\n\r\n"])
    }

    /// The example of RFC 7617 section 2.
    @Test func saysItsCredentials() throws {
        let credentials = try #require(Self.credentials("Aladdin", "open sesame"))
        let sent = try #require(TunnelTrace.of(Self.machine(credentials: credentials), []).sent.first)
        #expect(text(sent).contains("\r\nproxy-authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"))
    }

    @Test(arguments: ["", "a b", "a\r\nX: y", "a/b", "u@h", "[::1"]) func refusesAHostThatNoRequestCanName(_ host: String) {
        let trace = TunnelTrace.of(Self.machine(host: host), [])
        #expect(trace.failure == .unusableDestination)
        #expect(trace.sent.isEmpty)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.0 200 Connection established\r\nProxy-agent: x\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        // Framing of a 2xx is ignored (RFC 9110 section 9.3.6), even where it is nonsense.
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    ]) func establishesAndLeavesTheRest(_ reply: String) {
        for tail in ["", "\u{16}\u{03}", "HTTP/1.1 200 OK\r\n\r\n"] {
            for trace in TunnelTrace.cuts(Array((reply + tail).utf8), { Self.machine() }) {
                #expect(trace.end == .established)
                #expect(text(trace.rest) == tail)
                #expect(trace.sent.count == 1)
            }
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n", ProxyFailure.authenticationRequired),
        ("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", .refused(status: 403)),
        ("HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n", .refused(status: 301)),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n", .refused(status: 502)),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", .malformed(.upgradeNotRequested)),
        ("HTTP/1.1 20 OK\r\n\r\n", .malformed(.malformedStatusLine)),
        ("HTTP/2.0 200 OK\r\n\r\n", .malformed(.unsupportedVersion)),
        ("SSH-2.0-OpenSSH\r\n", .malformed(.malformedStatusLine)),
        ("HTTP/1.1 200 OK\n\n", .malformed(.bareLineEnd)),
        ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", .malformed(.malformedField)),
        ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", .malformed(.foldedField)),
    ]) func failsOnAnyOtherReply(_ reply: String, _ failure: ProxyFailure) {
        for trace in TunnelTrace.cuts(Array(reply.utf8), { Self.machine() }) {
            #expect(trace.failure == failure)
        }
    }

    @Test func tellsTheStatusOfARefusal() {
        #expect(ProxyFailure.authenticationRequired.status == 407)
        #expect(ProxyFailure.refused(status: 503).status == 503)
        #expect(ProxyFailure.closed.status == nil)
    }

    @Test func boundsTheReply() {
        let long = "HTTP/1.1 200 OK\r\nX: " + String(repeating: "a", count: ProxyLimits.replyHeadBytesMax)
        #expect(TunnelTrace.of(Self.machine(), [Array(long.utf8)]).failure == .malformed(.headTooLarge))
        let endless = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: ProxyLimits.interimRepliesMax + 1)
        #expect(TunnelTrace.of(Self.machine(), [Array(endless.utf8)]).failure == .malformed(.tooManyInterimResponses))
    }

    @Test func waitsForAWholeReply() {
        let reply = Array("HTTP/1.1 200 OK\r\nA: b\r\n\r\n".utf8)
        for count in 0..<reply.count {
            #expect(TunnelTrace.of(Self.machine(), [Array(reply[..<count])]).end == .receive)
        }
    }

    @Test func takesAnyBytes() {
        var random = SeededGenerator(seed: 14)
        let seed = Array("HTTP/1.1 200 OK\r\nA: b\r\nHTTP/1.1 100 X\r\n\r\n".utf8)
        for _ in 0..<2_000 {
            var bytes = seed.shuffled(using: &random)
            if Bool.random(using: &random) { bytes = seed }
            for _ in 0..<3 { bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random) }
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let whole = TunnelTrace.of(Self.machine(), [bytes])
            let pieces = TunnelTrace.of(Self.machine(), [Array(bytes[..<cut]), Array(bytes[cut...])])
            #expect(whole == pieces)
        }
    }
}

@Suite struct Base64Tests {
    /// RFC 4648 section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ]) func encodes(_ plain: String, _ encoded: String) {
        #expect(text(Base64.encoded(Array(plain.utf8))) == encoded)
    }

    @Test func usesTheWholeAlphabet() {
        #expect(text(Base64.encoded([0xFB, 0xEF, 0xBE, 0xFF, 0xFF, 0xFF, 0, 0, 0])) == "++++////AAAA")
    }
}
