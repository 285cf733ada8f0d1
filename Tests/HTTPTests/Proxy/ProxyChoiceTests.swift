import Testing

@testable import HTTP

@Suite struct ProxyChoiceTests {
    private static let own = ProxyServer(scheme: .socks5h, host: "own", port: 1)
    private static let general = ProxyServer(scheme: .http, host: "general", port: 2)

    private static func choose(
        _ scheme: Origin.Scheme = .https, _ host: String = "api.example.com", setting: ProxySetting? = nil,
        proxy: ProxyServer? = general, noProxy: String = ""
    ) -> ProxyServer? {
        ProxyChoice.server(
            scheme: scheme, host: host, port: 443, setting: setting,
            environment: ProxyEnvironment(httpsProxy: proxy, exceptions: NoProxyList(parsing: noProxy)))
    }

    @Test func takesTheEnvironmentsForHTTPS() {
        #expect(Self.choose() == Self.general)
        #expect(Self.choose(.http) == nil)
        #expect(Self.choose(proxy: nil) == nil)
    }

    @Test(arguments: ["api.example.com", "example.com", ".example.com", "*", "api.example.com:443"])
    func mindsExceptions(_ noProxy: String) {
        #expect(Self.choose(noProxy: noProxy) == nil)
        #expect(Self.choose(noProxy: "other.example") == Self.general)
    }

    @Test(arguments: ["localhost", "LOCALHOST", "a.localhost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
    func neverLeavesThisMachineByTheEnvironment(_ host: String) {
        #expect(Self.choose(.https, host) == nil)
        #expect(Self.choose(.https, host, setting: .server(Self.own)) == Self.own)
    }

    @Test(arguments: ["notlocalhost", "128.0.0.1", "::2", "localhost.example"]) func knowsOtherMachines(_ host: String) {
        #expect(Self.choose(.https, host) == Self.general)
    }

    @Test func putsTheProvidersSettingFirst() {
        for scheme in [Origin.Scheme.http, .https] {
            #expect(Self.choose(scheme, setting: .server(Self.own)) == Self.own)
            #expect(Self.choose(scheme, setting: .server(Self.own), noProxy: "*") == Self.own)
            #expect(Self.choose(scheme, setting: .direct) == nil)
        }
    }

    @Test func parsesSettings() throws {
        for text in ["none", "direct", "None", "DIRECT"] { #expect(try ProxySetting(parsing: text) == .direct) }
        #expect(try ProxySetting(parsing: "socks5h://own:1") == .server(Self.own))
        #expect(throws: ProxyAddressFault.empty) { try ProxySetting(parsing: "") }
        #expect(throws: ProxyAddressFault.secureProxy) { try ProxySetting(parsing: "https://own") }
    }

    @Test(arguments: [
        ([:], nil),
        (["HTTPS_PROXY": "http://general:2"], general),
        (["https_proxy": "http://general:2"], general),
        (["https_proxy": "http://general:2", "HTTPS_PROXY": "http://other:3"], general),
        (["https_proxy": "", "HTTPS_PROXY": "http://general:2"], general),
        (["HTTPS_PROXY": ""], nil),
        (["HTTP_PROXY": "http://general:2", "ALL_PROXY": "http://general:2"], nil),
    ] as [([String: String], ProxyServer?)]) func readsTheEnvironment(_ variables: [String: String], _ proxy: ProxyServer?) throws {
        #expect(try ProxyEnvironment { variables[$0] }.httpsProxy == proxy)
    }

    @Test(arguments: ["NO_PROXY", "no_proxy"]) func readsExceptions(_ name: String) throws {
        let environment = try ProxyEnvironment { [name: "example.com"][$0] }
        #expect(environment.exceptions.contains(host: "example.com", port: 1))
        #expect(!environment.exceptions.contains(host: "example.org", port: 1))
    }

    @Test func tellsABadEnvironment() {
        #expect(throws: ProxyAddressFault.secureProxy) { try ProxyEnvironment { ["https_proxy": "https://p"][$0] } }
    }
}
