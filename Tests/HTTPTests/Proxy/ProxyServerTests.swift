import Testing

@testable import HTTP

@Suite struct ProxyServerTests {
    @Test(arguments: [
        ("http://proxy:3128", ProxyServer.Scheme.http, "proxy", 3128),
        ("HTTP://Proxy.Example:3128/", .http, "proxy.example", 3128),
        ("http://proxy", .http, "proxy", 8080),
        ("proxy:3128", .http, "proxy", 3128),
        ("10.1.2.3:80", .http, "10.1.2.3", 80),
        ("socks5://proxy", .socks5, "proxy", 1080),
        ("socks5h://[::1]:9050", .socks5h, "::1", 9050),
        ("http://[2001:DB8::1]", .http, "2001:db8::1", 8080),
        ("my_proxy-1.local:65535", .http, "my_proxy-1.local", 65535),
    ]) func parsesAddresses(_ text: String, _ scheme: ProxyServer.Scheme, _ host: String, _ port: UInt16) throws {
        #expect(try ProxyServer(parsing: text) == ProxyServer(scheme: scheme, host: host, port: port))
    }

    @Test(arguments: [
        ("http://user:pw@proxy:3128", "user", "pw"),
        ("user:pw@proxy:3128", "user", "pw"),
        ("http://user@proxy", "user", ""),
        ("http://:pw@proxy", "", "pw"),
        ("http://us%65r:p%3Aw%40%2F%25@proxy", "user", "p:w@/%"),
        ("http://user:p@w:x@proxy", "user", "p@w:x"),
        ("socks5://user:p%00w@proxy", "user", "p\0w"),
    ]) func parsesCredentials(_ text: String, _ user: String, _ password: String) throws {
        let credentials = try #require(try ProxyServer(parsing: text).credentials)
        #expect(credentials.user == Array(user.utf8))
        #expect(credentials.password == Array(password.utf8))
        #expect(try ProxyServer(parsing: text).host == "proxy")
    }

    @Test(arguments: [
        ("", ProxyAddressFault.empty),
        (String(repeating: "a", count: ProxyLimits.addressBytesMax + 1), .tooLong),
        ("http://pro xy", .invalidCharacter),
        ("http://prüfung", .invalidCharacter),
        ("http://proxy\r\n", .invalidCharacter),
        ("https://proxy:3128", .secureProxy),
        ("socks4://proxy", .unknownScheme),
        ("ftp://proxy", .unknownScheme),
        ("://proxy", .unknownScheme),
        ("http://@proxy", .unusableCredentials),
        ("http://:@proxy", .unusableCredentials),
        ("http://us%er:pw@proxy", .unusableCredentials),
        ("http://user:pw%2@proxy", .unusableCredentials),
        ("http://us%3Aer:pw@proxy", .unusableCredentials),
        ("http://user:p%0Aw@proxy", .unusableCredentials),
        ("socks5://:pw@proxy", .unusableCredentials),
        ("socks5://user:\(String(repeating: "p", count: 256))@proxy", .unusableCredentials),
        ("http://", .unusableHost),
        ("http://:3128", .unusableHost),
        ("http://[::1", .unusableHost),
        ("http://[proxy]:1", .unusableHost),
        ("http://[::1]3128", .unusableHost),
        ("http://a%41b", .unusableHost),
        ("http://\(String(repeating: "a", count: 254))", .unusableHost),
        ("http://proxy:", .unusablePort),
        ("http://proxy:0", .unusablePort),
        ("http://proxy:65536", .unusablePort),
        ("http://proxy:31a8", .unusablePort),
        ("http://::1:3128", .unusableHost),
        ("http://proxy:3128/path", .notOnlyAddress),
        ("http://proxy?x", .notOnlyAddress),
        ("http://proxy#x", .notOnlyAddress),
    ]) func refusesEverythingElse(_ text: String, _ fault: ProxyAddressFault) {
        #expect(throws: fault) { try ProxyServer(parsing: text) }
    }

    @Test func quotesNothing() {
        for fault in ProxyAddressFault.allCases { #expect(!fault.description.isEmpty) }
        #expect(ProxyAddressFault.secureProxy.description.contains("not supported"))
    }

    @Test func showsNoCredentials() throws {
        let server = try ProxyServer(parsing: "http://alice:hunter22@[2001:db8::1]:3128")
        #expect("\(server)" == "http://[2001:db8::1]:3128")
        var dumped = ""
        dump(server, to: &dumped)
        dump([server.credentials], to: &dumped)
        for text in [dumped, "\(server)", String(reflecting: server), "\(String(describing: server.credentials))"] {
            #expect(!text.contains("alice") && !text.contains("hunter22"))
            // As numbers neither.
            #expect(!text.contains("104, 117"))
        }
    }

    @Test func carriesCredentialsOnlyWhereTheProtocolCan() {
        let long = [UInt8](repeating: 0x61, count: 256)
        #expect(ProxyCredentials(user: long, password: long, for: .http) != nil)
        #expect(ProxyCredentials(user: long, password: [], for: .socks5) == nil)
        #expect(ProxyCredentials(user: [0x61], password: long, for: .socks5h) == nil)
        #expect(ProxyCredentials(user: [0x3A], password: [], for: .http) == nil)
        #expect(ProxyCredentials(user: [0x3A], password: [], for: .socks5) != nil)
        let tooLong = [UInt8](repeating: 0x61, count: ProxyLimits.credentialBytesMax + 1)
        #expect(ProxyCredentials(user: [], password: tooLong, for: .http) == nil)
    }
}
