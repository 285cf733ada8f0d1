import Testing

@testable import Gateway

@Suite("Configuration: addresses that lead back")
struct OwnAddressesTests {
    private func own(_ host: String, ports: [UInt16]? = nil) throws -> OwnAddresses {
        var server = ServerConfiguration()
        server.listen = try ListenAddress.parse(host)
        server.port = 3001
        server.tls = TLSConfiguration()
        return OwnAddresses(server, ports: ports, interfaces: ["192.0.2.2", "2001:db8::2", "gateway-1"])
    }

    @Test("What arrives at a listener", arguments: [
        ("localhost", "http://localhost:3001"), ("localhost", "http://127.0.0.1:3001/v1"), ("localhost", "http://[::1]:3001"),
        ("localhost", "https://localhost:3443"), ("localhost", "http://0.0.0.0:3001"), ("127.0.0.2", "http://127.0.0.2:3001"),
        ("192.0.2.2", "http://192.0.2.2:3001"), ("0.0.0.0", "http://127.0.0.1:3001"), ("0.0.0.0", "http://192.0.2.2:3001"),
        ("0.0.0.0", "http://gateway-1:3001"), ("::", "http://[2001:db8::2]:3001"), ("::", "http://localhost:3001"),
    ])
    func own(host: String, url: String) throws {
        #expect(try own(host).contains(BaseURL(parsing: url)))
    }

    @Test("What arrives elsewhere", arguments: [
        ("localhost", "http://localhost:3002"), ("127.0.0.2", "http://127.0.0.1:3001"), ("192.0.2.2", "http://127.0.0.1:3001"),
        ("192.0.2.2", "http://192.0.2.3:3001"), ("0.0.0.0", "http://198.51.100.1:3001"), ("unix:/run/s", "http://localhost:3001"),
        ("localhost", "https://api.example.com:3001"),
    ])
    func elsewhere(host: String, url: String) throws {
        #expect(try !own(host).contains(BaseURL(parsing: url)))
    }

    @Test("A running gateway is where it listens, whatever its file says now")
    func bound() throws {
        let own = try own("localhost", ports: [4000])
        #expect(try own.contains(BaseURL(parsing: "http://localhost:4000")))
        #expect(try !own.contains(BaseURL(parsing: "http://localhost:3001")))
    }

    @Test func thisMachineHasAddresses() {
        #expect(OwnAddresses.ofThisMachine().contains("127.0.0.1"))
    }
}

@Suite("Configuration: the files it names")
struct ConfigurationCheckTests {
    @Test("Every file that cannot be used, where it was said")
    func files() throws {
        let yaml = """
            server:
              tls:
                certificate: /nowhere/cert.pem
                private_key: /nowhere/key.pem
            providers:
              - { name: a, kind: openai, base_url: 'https://a.example', ca_file: /nowhere/ca.pem }
              - { name: b, kind: openai, base_url: 'https://b.example', ca_file: /dev/null }
            """
        let problems = ConfigurationCheck.problems(in: try load(yaml: yaml).get()).map(\.description)
        #expect(
            problems == [
                "ekai.yaml:3: server.tls.certificate: the file cannot be read: No such file or directory",
                "ekai.yaml:4: server.tls.private_key: the file cannot be read: No such file or directory",
                "ekai.yaml:6: providers[0].ca_file: the file cannot be read: No such file or directory",
                "ekai.yaml:7: providers[1].ca_file: the file is empty",
            ])
    }

    @Test("Nothing named, nothing wrong")
    func none() throws {
        #expect(ConfigurationCheck.problems(in: try load().get()) == [])
    }
}

@Suite("Configuration: what messages may quote")
struct QuotingTests {
    @Test("A key in the wrong place is not quoted", arguments: [
        "providers: [ { name: a, kind: openai, base_url: 'http://h', api_keys: [ \"${sk-s3cret-0123456789}\" ] } ]",
        "sk-s3cret-0123456789: 1", "server: { sk-s3cret-0123456789: 1 }",
    ])
    func quotes(yaml: String) {
        let faults = faults(yaml: yaml)
        #expect(!faults.isEmpty)
        for fault in faults { #expect(!fault.contains("s3cret"), "\(fault)") }
    }

    @Test("A setting that is read twice is told once")
    func once() {
        #expect(faults(yaml: "server: { host: \"${NOPE}\" }") == ["ekai.yaml:1: server.host: the variable `NOPE` is not set"])
    }

    @Test("Aliases cannot multiply")
    func aliases() {
        let yaml = "a: &a [1]\n" + (0..<20).map { "k\($0): *a\n" }.joined()
        #expect(faults(yaml: yaml) == ["ekai.yaml: has more than 16 aliases"])
    }

    @Test("Exceptions that cannot be read are told")
    func exceptions() throws {
        let notices = try load(["NO_PROXY": "10.0.0.0/99, .ok.example"]).get().notices
        #expect(notices == ["NO_PROXY: 1 of its entries cannot be read and are ignored"])
    }
}
