import Testing

@testable import Gateway

@Suite struct AccessConfigurationTests {
    private func fault<Value>(_ parse: () throws(ValueFault) -> Value) -> String? {
        do throws(ValueFault) {
            _ = try parse()
            return nil
        } catch {
            return error.message
        }
    }

    @Test func keysAreLongEnoughToBeSecret() throws {
        #expect(try AccessConfiguration.key(" 0123456789abcdef\n").count == 16)
        #expect(try AccessConfiguration.key(String(repeating: "k", count: 512)).count == 512)
        for bad in ["", "   ", "0123456789abcde", String(repeating: "k", count: 513), "0123456789 abcdef", "0123456789äbcdef"] {
            let message = fault { () throws(ValueFault) in try AccessConfiguration.key(bad) }
            #expect(message != nil, "\(bad)")
            #expect(bad.count < 4 || message?.contains(bad) == false)
        }
    }

    @Test(arguments: [
        ("Gateway.Example", "gateway.example"), ("gw", "gw"), ("192.0.2.1", "192.0.2.1"), ("2001:DB8::1", "[2001:db8::1]"),
        ("[2001:db8::1]", "[2001:db8::1]"), ("my_host-1.lan", "my_host-1.lan"),
    ]) func hostsAreNames(_ text: String, _ expected: String) throws {
        #expect(try AccessConfiguration.host(text) == expected)
    }

    @Test(arguments: ["", "https://a", "a:80", "a/b", "*", "*.example", "a b", "[a]", "[::1", "ä.example", "[192.0.2.1]", String(repeating: "a", count: 254)])
    func hostsAreNothingElse(_ text: String) {
        #expect(throws: ValueFault.self) { try AccessConfiguration.host(text) }
    }

    @Test(arguments: [
        ("https://app.example", "https://app.example"), ("HTTPS://App.Example:443", "https://app.example"),
        ("http://localhost:5173", "http://localhost:5173"), ("http://[::1]:80", "http://[::1]"), ("*", "*"),
    ]) func originsAreAsBrowsersWriteThem(_ text: String, _ expected: String) throws {
        #expect(try AccessConfiguration.corsOrigin(text) == expected)
    }

    @Test(arguments: [
        "", "app.example", "https://app.example/", "https://app.example/a", "ftp://app.example", "https://", "https://*.example", "null",
        "https://user@app.example", "https://app.example:0", "https://app.example?a", "**",
    ]) func originsAreNothingElse(_ text: String) {
        #expect(throws: ValueFault.self) { try AccessConfiguration.corsOrigin(text) }
    }

    @Test func settingsMustAgree() {
        var access = AccessConfiguration()
        access.corsOrigins = ["https://app.example"]
        #expect(access.conflicts.isEmpty)
        access.corsOrigins = ["*"]
        #expect(access.conflicts.map(\.setting) == [.corsOrigins])
        access.viewerKey = Secret("0123456789abcdef")
        #expect(access.conflicts.map(\.setting) == [.viewerKey])
        access.adminKey = Secret("0123456789abcdef")
        #expect(access.conflicts.map(\.setting) == [.viewerKey])
        #expect(access.conflicts.allSatisfy { !$0.message.contains("0123456789abcdef") })
        access.adminKey = Secret("fedcba9876543210")
        #expect(access.conflicts.isEmpty)
    }

    @Test func offLoopbackNeedsAnAdminKey() throws {
        var access = AccessConfiguration()
        for text in ["127.0.0.1", "::1", "localhost", "unix:/run/a.sock", "127.9.9.9"] {
            #expect(access.problem(listening: try ListenAddress.parse(text)) == nil, "\(text)")
        }
        let open = try ["0.0.0.0", "::", "192.168.1.5", "[fe80::1]", "::ffff:8.8.8.8"].map { try ListenAddress.parse($0) }
        for listen in open {
            let message = access.problem(listening: ListenAddress.loopback + listen)?.message ?? ""
            #expect(["loopback", "HOST", "EKAI_ADMIN_KEY"].allSatisfy(message.contains), "\(listen)")
        }
        access.viewerKey = Secret("0123456789abcdef")
        #expect(open.allSatisfy { access.problem(listening: $0) != nil }, "a viewer's key locks nothing by itself")
        access.adminKey = Secret("fedcba9876543210")
        #expect(open.allSatisfy { access.problem(listening: $0) == nil })
    }

    @Test func showsNoKey() {
        var access = AccessConfiguration()
        access.adminKey = Secret("0123456789abcdef")
        var text = ""
        dump(access, to: &text)
        #expect(!"\(access) \(String(reflecting: access)) \(text)".contains("0123456789abcdef"))
    }
}
