import Testing

@testable import HTTP

@Suite struct NoProxyListTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var list: String
        var host: String
        var isExcepted: Bool
        var port: UInt16 = 443
        var testDescription: String { "\(list) <- \(host):\(port)" }

        init(_ list: String, _ host: String, _ isExcepted: Bool, port: UInt16 = 443) {
            (self.list, self.host, self.isExcepted, self.port) = (list, host, isExcepted, port)
        }
    }

    @Test(arguments: [
        Row("", "example.com", false),
        Row(" , ,", "example.com", false),
        Row("*", "example.com", true),
        Row("a.example *", "10.0.0.1", true),
        // Names: themselves and what is below them, on the border of a label.
        Row("example.com", "example.com", true),
        Row("example.com", "a.example.com", true),
        Row("example.com", "a.b.example.com", true),
        Row("example.com", "anexample.com", false),
        Row("example.com", "example.com.org", false),
        Row("example.com", "com", false),
        Row(".example.com", "example.com", true),
        Row(".example.com", "a.example.com", true),
        Row("*.example.com", "a.example.com", true),
        Row("*.example.com", "anexample.com", false),
        Row("example.com.", "example.com", true),
        Row("example.com", "example.com.", true),
        Row("Example.COM", "eXample.com", true),
        Row("b.org,example.com", "example.com", true),
        Row("b.org example.com\tc.org\n", "example.com", true),
        Row("localhost", "localhost", true),
        // Ports.
        Row("example.com:443", "example.com", true),
        Row("example.com:443", "a.example.com", true),
        Row("example.com:8443", "example.com", false),
        Row("example.com:8443", "example.com", true, port: 8443),
        Row("10.0.0.1:80", "10.0.0.1", false),
        Row("10.0.0.1:80", "10.0.0.1", true, port: 80),
        Row("[2001:db8::1]:80", "2001:db8::1", true, port: 80),
        Row("[2001:db8::1]:80", "2001:db8::1", false),
        // Addresses.
        Row("10.0.0.1", "10.0.0.1", true),
        Row("10.0.0.1", "10.0.0.10", false),
        Row("0.0.1", "127.0.0.1", false),
        Row("1", "10.0.0.1", false),
        Row("10.0.0.1", "a.10.0.0.1", false),
        Row("::1", "::1", true),
        Row("::1", "0:0:0:0:0:0:0:1", true),
        Row("[::1]", "::1", true),
        Row("2001:DB8::A", "2001:db8::a", true),
        Row("::ffff:10.0.0.1", "10.0.0.1", true),
        Row("10.0.0.1", "::ffff:10.0.0.1", true),
        // Networks.
        Row("10.0.0.0/8", "10.255.1.2", true),
        Row("10.0.0.0/8", "11.0.0.1", false),
        Row("10.9.9.9/8", "10.0.0.1", true),
        Row("172.16.0.0/12", "172.31.255.255", true),
        Row("172.16.0.0/12", "172.32.0.0", false),
        Row("192.0.2.128/25", "192.0.2.127", false),
        Row("192.0.2.128/25", "192.0.2.128", true),
        Row("192.0.2.1/32", "192.0.2.1", true),
        Row("192.0.2.1/32", "192.0.2.0", false),
        Row("0.0.0.0/0", "8.8.8.8", true),
        Row("0.0.0.0/0", "2001:db8::1", false),
        Row("0.0.0.0/0", "example.com", false),
        Row("fd00::/8", "fdff::1", true),
        Row("fd00::/8", "fe00::1", false),
        Row("2001:db8::/33", "2001:db8:7fff::1", true),
        Row("2001:db8::/33", "2001:db8:8000::1", false),
        Row("::1/128", "::1", true),
        Row("::ffff:10.0.0.0/104", "10.1.1.1", true),
    ]) func matches(_ row: Row) {
        let list = NoProxyList(parsing: row.list)
        #expect(list.contains(host: row.host, port: row.port) == row.isExcepted)
        #expect(list.ignoredCount == 0)
    }

    @Test(arguments: [
        "example.com:", "example.com:0", "example.com:65536", "example.com:x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/a",
        "fd00::/129", "example.com/8", "[::1", "[::1]x", "[::1]:", "[example.com]", "http://example.com", ".", "*.", "ex*mple.com", "a@b",
        "::ffff:10.0.0.0/8", "10.0.0.0\0/8",
    ]) func ignoresWhatItDoesNotUnderstand(_ word: String) {
        let list = NoProxyList(parsing: "\(word),example.org")
        #expect(list.ignoredCount == 1)
        #expect(list.contains(host: "a.example.org", port: 1))
        #expect(!list.contains(host: "example.com", port: 443))
        #expect(!list.contains(host: "10.0.0.1", port: 443))
        #expect(!list.contains(host: "fd00::1", port: 443))
    }

    @Test func isBounded() {
        let words = (0..<(ProxyLimits.noProxyEntriesMax + 5)).map { "host\($0)" }
        let list = NoProxyList(parsing: words.joined(separator: ","))
        #expect(list.ignoredCount == 5)
        #expect(list.contains(host: "host0", port: 1))
        #expect(!list.contains(host: words[words.count - 1], port: 1))
    }
}
