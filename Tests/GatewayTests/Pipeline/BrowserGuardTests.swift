import Testing

@testable import Gateway

@Suite struct BrowserGuardTests {
    @Test(arguments: [
        "localhost", "localhost:3001", "LOCALHOST", "127.0.0.1", "127.0.0.1:3001", "127.1.2.3:80", "[::1]", "[::1]:3001",
    ]) func knowsThisMachine(_ host: String) {
        #expect(BrowserGuard.judge(head("GET / HTTP/1.1", "Host: \(host)")) == .allowed)
        for scheme in ["http", "https", "HTTP"] {
            #expect(BrowserGuard.judge(head("GET / HTTP/1.1", "Origin: \(scheme)://\(host)")) == .allowed)
        }
    }

    @Test(arguments: [
        "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "128.0.0.1", "0.0.0.0", "[::2]", "[::1].evil.example",
        "localhos", "xlocalhost",
    ]) func knowsOthers(_ host: String) {
        #expect(BrowserGuard.judge(head("GET / HTTP/1.1", "Origin: http://\(host)")) == .foreignOrigin)
        guard !host.contains("]") else { return }
        #expect(BrowserGuard.judge(head("GET / HTTP/1.1", "Host: \(host):3001")) == .foreignHost)
    }

    @Test(arguments: ["null", "", "file://", "chrome-extension://abc", "http:/localhost", "localhost"])
    func refusesOriginsThatAreNoWebPageOfThisMachine(_ origin: String) {
        #expect(BrowserGuard.judge(head("GET / HTTP/1.1", "Origin: \(origin)")) == .foreignOrigin)
    }

    /// The target's authority counts before Host (RFC 9112 section 3.2.2).
    @Test func judgesTheAuthorityThatCounts() {
        #expect(BrowserGuard.judge(head("GET http://evil.example/ HTTP/1.1", "Host: localhost")) == .foreignHost)
    }
}
