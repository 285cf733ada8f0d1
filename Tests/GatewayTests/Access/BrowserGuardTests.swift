import Testing

@testable import Gateway

@Suite struct BrowserGuardTests {
    private static let keyless = BrowserGuard(configuration())
    private static let keyed = BrowserGuard(configuration(isKeyed: true))

    private static func configuration(isKeyed: Bool = false, origins: [String] = ["https://app.example:8443"]) -> AccessConfiguration {
        var configuration = AccessConfiguration()
        configuration.adminKey = isKeyed ? Secret("admin-key-0123456789") : nil
        configuration.hosts = ["gateway.example", "[2001:db8::1]"]
        configuration.corsOrigins = origins
        return configuration
    }

    private func knows(_ browsers: BrowserGuard, _ host: String, _ rule: BrowserGuard.HostRule) -> Bool {
        withBytes(host) { browsers.knows($0, rule) }
    }

    private func origin(_ browsers: BrowserGuard, _ origin: String, at host: String = "localhost:3001") -> BrowserGuard.Origin {
        withBytes(origin) { origin in withBytes(host) { browsers.origin(origin, calling: $0) } }
    }

    @Test(arguments: [
        "localhost", "localhost:3001", "LOCALHOST", "127.0.0.1", "127.0.0.1:3001", "127.1.2.3:80", "[::1]", "[::1]:3001", "localhost:",
        "gateway.example", "Gateway.Example:443", "[2001:db8::1]:80",
    ]) func knowsItsNames(_ host: String) {
        #expect(knows(Self.keyless, host, .loopback))
        #expect(knows(Self.keyed, host, .addresses))
    }

    @Test(arguments: [
        "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "gateway.example.evil.example", "xgateway.example", "[::1].evil.example",
        "localhos", "xlocalhost", "localhost:x", "localhost:70000", "1.2.3.4.5", "1.2.3.", "1.2.3.256", "0x7f.0.0.1",
    ]) func knowsOthers(_ host: String) {
        #expect(!knows(Self.keyless, host, .loopback))
        #expect(!knows(Self.keyed, host, .addresses))
        #expect(knows(Self.keyed, host, .any))
        #expect(origin(Self.keyless, "http://\(host)") == .foreign)
        #expect(origin(Self.keyed, "http://\(host)", at: host) == .foreign, "the page's own name, pointed here")
    }

    @Test(arguments: ["0.0.0.0", "192.168.1.5:3001", "8.8.8.8", "[::2]", "[fe80::1]:80"])
    func addressesAreNamesThatNobodyCanPointElsewhere(_ host: String) {
        #expect(!knows(Self.keyless, host, .loopback))
        #expect(knows(Self.keyed, host, .addresses))
        #expect(origin(Self.keyed, "http://\(host)", at: host) == .own)
        #expect(origin(Self.keyed, "http://\(host)") == .foreign)
    }

    @Test func requestsWithoutHostComeFromNoBrowser() {
        #expect(Self.keyless.knows(nil, .loopback))
        #expect(knows(Self.keyed, "", .addresses))
    }

    @Test(arguments: ["localhost", "LOCALHOST:5173", "127.0.0.1:80", "[::1]:3001"]) func pagesOfThisMachineAreLocalWhileThereAreNoKeys(_ host: String) {
        for scheme in ["http", "https", "HTTP"] {
            #expect(origin(Self.keyless, "\(scheme)://\(host)", at: "127.0.0.9") == .local)
            #expect(origin(Self.keyed, "\(scheme)://\(host)", at: "127.0.0.9") == .foreign)
        }
    }

    @Test(arguments: [
        ("http://localhost:3001", "localhost:3001"), ("http://localhost", "localhost:80"), ("https://gateway.example", "gateway.example:443"),
        ("https://gateway.example:443", "gateway.example"), ("https://GATEWAY.example", "gateway.example"),
        ("https://[2001:db8::1]:8443", "[2001:db8::1]:8443"),
    ]) func ownPagesAreKnownByTheirHost(_ page: String, _ host: String) {
        #expect(origin(Self.keyless, page, at: host) == .own)
        #expect(origin(Self.keyed, page, at: host) == .own)
    }

    @Test(arguments: [
        ("http://gateway.example", "gateway.example:443"), ("https://gateway.example:8443", "gateway.example"),
        ("https://gateway.example", "other.example"), ("https://gateway.example.evil.example", "gateway.example"),
    ]) func otherPortsAndNamesAreOtherOrigins(_ page: String, _ host: String) {
        #expect(origin(Self.keyed, page, at: host) == .foreign)
    }

    @Test(arguments: ["null", "", "file://", "chrome-extension://abc", "http:/localhost", "localhost", "http://", "http://:80", "https://localhost:x"])
    func whatIsNoPageOfTheWebIsForeign(_ page: String) {
        #expect(origin(Self.keyless, page) == .foreign)
        #expect(origin(Self.keyed, page) == .foreign)
    }

    @Test func listedOriginsAreComparedWhole() {
        for browsers in [Self.keyless, Self.keyed] {
            #expect(origin(browsers, "https://app.example:8443") == .allowed)
            for near in ["https://app.example", "http://app.example:8443", "https://app.example:84430", "https://app.example:8443/"] {
                #expect(origin(browsers, near) == .foreign, "\(near)")
            }
        }
    }

    @Test func aStarAllowsEveryOriginWhereKeysProtect() {
        let keyed = BrowserGuard(Self.configuration(isKeyed: true, origins: ["*"]))
        let keyless = BrowserGuard(Self.configuration(origins: ["*"]))
        for page in ["https://any.example", "null"] {
            #expect(origin(keyed, page) == .allowed)
            #expect(origin(keyless, page) == .foreign)
        }
        #expect(origin(keyed, "https://a b.example") == .foreign, "cannot be echoed")
    }
}
