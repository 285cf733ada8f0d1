import Testing

@testable import Gateway

@Suite("Configuration: server, TLS, retention, profile")
struct ServerSettingsTests {
    @Test("TLS stands beside the plain port")
    func tls() throws {
        let yaml = "server: { tls: { port: 8443, certificate: c.pem, private_key: k.pem } }"
        let server = try load(yaml: yaml).get().server
        #expect(server.tls?.port == 8443 && server.tls?.certificateFile == "c.pem" && server.tls?.privateKeyFile == "k.pem")
        #expect(server.isPlain)
        #expect(try load(yaml: "server: { plain: false, tls: { certificate: c, private_key: k } }").get().server.isPlain == false)
        #expect(try load(yaml: "server: { tls: { certificate: c, private_key: k } }").get().server.tls?.port == 3443)
    }

    @Test("What cannot be is told, all at once")
    func tlsFaults() {
        #expect(
            faults(yaml: "server: { tls: { port: 3443 } }") == [
                "ekai.yaml:1: server.tls: needs a `certificate`", "ekai.yaml:1: server.tls: needs a `private_key`",
            ])
        #expect(faults(yaml: "server: { plain: false }") == ["ekai.yaml:1: server.plain: without `tls` on a network address there would be nowhere to listen"])
        #expect(
            faults(yaml: "server: { port: 9, tls: { port: 9, certificate: c, private_key: k } }") == [
                "ekai.yaml:1: server.tls: TLS and plain HTTP cannot share a port"
            ])
        #expect(
            faults(yaml: "server: { plain: perhaps, tls: { certificat: c, private_key: k } }") == [
                "ekai.yaml:1: server.plain: must be true or false",
                "ekai.yaml:1: server.tls.certificat: is not a known key; did you mean `certificate`?",
                "ekai.yaml:1: server.tls: needs a `certificate`",
            ])
    }

    @Test("A provider that is one of the gateway's own ports is refused, the TLS one too")
    func selfLoop() {
        let tls = "server: { port: 4000, tls: { port: 4443, certificate: c, private_key: k } }\n"
        for port in [4000, 4443] {
            let faults = faults(
                yaml: tls + "providers: [ { name: me, kind: openai, base_url: 'https://localhost:\(port)/v1' } ]")
            #expect(faults == ["ekai.yaml:2: providers[0].base_url: is this gateway itself: its requests would go round and round"])
        }
    }

    @Test("Rows are kept for a number of days")
    func retention() throws {
        #expect(try load().get().retentionDays == 90)
        #expect(try load(yaml: "usage: { retention_days: 0, store_bodies: false }").get().retentionDays == 0)
        #expect(faults(yaml: "usage: { retention_days: -1 }") == ["ekai.yaml:1: usage.retention_days: must be a whole number from 0 to 36500"])
    }

    @Test("Usage can go unrecorded, and the log says so")
    func unrecordedUsage() throws {
        let standard = try load().get()
        #expect(standard.recordsUsage)
        #expect(standard.notices == [])
        let off = try load(yaml: "usage: { enabled: false }").get()
        #expect(!off.recordsUsage)
        #expect(off.notices == ["usage.enabled is false: no usage rows are written"])
        #expect(faults(yaml: "usage: { enabled: maybe }").count == 1)
    }

    @Test("A provider can have another one's habits")
    func profile() throws {
        let yaml = "providers: [ { name: mine, kind: openai-chat, base_url: 'http://h', profile: mistral, http: '1.1' } ]"
        #expect(try load(yaml: yaml).get().providers[0].profile == .mistral)
        #expect(faults(yaml: yaml.replacing("mistral", with: "mistrall")).first?.contains("must be one of openai, ") == true)
    }

    @Test("What a reload cannot change is named")
    func restart() throws {
        let before = try load().get()
        #expect(before.restartNeeded(for: before) == [])
        let after = try load(
            ["EKAI_LOOPS": "3", "LOG_FORMAT": "json"], yaml: "server: { port: 1, host: '::1', heartbeat: 2s }\nusage: { database: x }"
        ).get()
        #expect(before.restartNeeded(for: after) == ["server.host", "server.port", "EKAI_LOOPS", "usage.database", "LOG_FORMAT"])
    }
}

@Suite("Configuration: outbound proxies")
struct ProxySettingsTests {
    private static let yaml = """
        providers:
          - { name: far, kind: openai, base_url: 'https://far.example/v1', api_keys: [k] }
          - { name: own, kind: openai, base_url: 'https://own.example/v1', proxy: 'socks5h://user:pass@10.0.0.1:1080' }
          - { name: straight, kind: openai, base_url: 'https://straight.example/v1', proxy: none }
          - { name: plain, kind: openai, base_url: 'http://plain.example/v1' }
          - { name: near, kind: openai, base_url: 'https://localhost:9/v1' }
          - { name: excepted, kind: openai, base_url: 'https://a.corp.example/v1' }
        """

    @Test("A provider's own word wins, then HTTPS_PROXY for https that is far away and not excepted")
    func choice() throws {
        let environment = ["HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": ".corp.example"]
        let providers = try load(environment, yaml: Self.yaml).get().providers
        #expect(providers.map { $0.proxy?.host } == ["proxy.example", "10.0.0.1", nil, nil, nil, nil])
        #expect(try load(yaml: Self.yaml).get().providers.map { $0.proxy?.host } == [nil, "10.0.0.1", nil, nil, nil, nil])
        #expect(try load(dotenv: "https_proxy=http://p:1", yaml: Self.yaml).get().providers[0].proxy?.port == 1)
    }

    @Test("A wrong address is told without its text")
    func faults() {
        let bad = "ftp://user:s3cret@h"
        #expect(
            GatewayTests.faults(["HTTPS_PROXY": bad]) == ["environment: HTTPS_PROXY: must begin with http://, socks5:// or socks5h://"])
        let yaml = "providers: [ { name: a, kind: openai, base_url: 'http://h', proxy: '\(bad)' } ]"
        #expect(
            GatewayTests.faults(yaml: yaml) == [
                "ekai.yaml:1: providers[0].proxy: must begin with http://, socks5:// or socks5h://"
            ])
    }
}
