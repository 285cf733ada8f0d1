import Foundation
import Testing

@testable import Gateway

@Suite("Configuration: values")
struct ValueParsingTests {
    @Test("Durations", arguments: [("250ms", 250), ("10s", 10_000), ("5m", 300_000), ("1h", 3_600_000), ("0s", 0)])
    func duration(text: String, milliseconds: Int) throws {
        #expect(try ValueParsing.duration(text, in: 0...3_600_000) == milliseconds)
    }

    @Test("Not durations", arguments: [
        "", "10", "s", "10 s", "-1s", "1.5s", "10sec", "9999999999999999999s", "9223372036854775807h", "٣s", "2h",
    ])
    func notDuration(text: String) {
        #expect(throws: ValueFault.self) { try ValueParsing.duration(text, in: 0...3_600_000) }
    }

    @Test("Sizes", arguments: [("512B", 512), ("64KiB", 65_536), ("32MiB", 33_554_432), ("1GiB", 1_073_741_824)])
    func size(text: String, bytes: Int) throws {
        #expect(try ValueParsing.size(text, in: 0...(1 << 30)) == bytes)
    }

    @Test("Not sizes", arguments: ["", "64", "64K", "64KB", "64kib", "KiB", "2GiB", "9999999999GiB"])
    func notSize(text: String) {
        #expect(throws: ValueFault.self) { try ValueParsing.size(text, in: 0...(1 << 30)) }
    }

    @Test("A range is told in the user's units")
    func range() {
        #expect(throws: ValueFault("must be from 1s to 1h")) { try ValueParsing.duration("1ms", in: 1000...3_600_000) }
        #expect(throws: ValueFault("must be from 1KiB to 1GiB")) { try ValueParsing.size("1B", in: 1024...(1 << 30)) }
    }

    @Test("Base URLs", arguments: [
        ("https://api.openai.com/v1", "https", "api.openai.com", 443, "/v1", "api.openai.com"),
        ("HTTP://Example.COM", "http", "example.com", 80, "", "example.com"),
        ("http://h:8080/", "http", "h", 8080, "", "h:8080"),
        ("https://h:443/a/b//", "https", "h", 443, "/a/b", "h"),
        ("http://[::1]:9/v1", "http", "::1", 9, "/v1", "[::1]:9"),
        ("https://[2001:db8::1]", "https", "2001:db8::1", 443, "", "[2001:db8::1]"),
    ])
    func baseURL(text: String, scheme: String, host: String, port: Int, path: String, authority: String) throws {
        let url = try BaseURL(parsing: text)
        #expect(url.scheme.rawValue == scheme)
        #expect(url.host == host)
        #expect(Int(url.port) == port)
        #expect(url.pathPrefix == path)
        #expect(url.authority == authority)
    }

    @Test("Not base URLs", arguments: [
        "", "api.openai.com", "ftp://h", "https://", "https:///v1", "http://:80", "http://user:pass@h", "http://key@h", "http://h:0",
        "http://h:65536", "http://h:", "http://h:8a", "http://h?x=1", "http://h/#f", "http://h/a b", "http://h\r\n", "http://[::1",
        "http://[::1]x", "http://[h]", "http://a_b%2f", "http://bücher.example", "http://h/../x", "http://::1",
    ])
    func notBaseURL(text: String) {
        #expect(throws: ValueFault.self) { try BaseURL(parsing: text) }
    }

    @Test("What a fault of a URL says never holds the URL")
    func noEcho() {
        let faults = faults(["OPENAI_API_KEY": "k", "EKAI_OPENAI_BASE_URL": "https://user:hunter2@h"])
        #expect(faults == [
            "environment: EKAI_OPENAI_BASE_URL: must not hold a user name or password: keys belong into api_keys"
        ])
    }

    @Test("Addresses to listen on", arguments: [
        ("127.0.0.1", [ListenAddress.ipv4("127.0.0.1")]), ("127.1.2.3", [.ipv4("127.1.2.3")]), ("::1", [.ipv6("::1")]),
        ("[::1]", [.ipv6("::1")]), ("localhost", [.ipv4("127.0.0.1"), .ipv6("::1")]), ("unix:/run/a.sock", [.unix("/run/a.sock")]),
        ("0.0.0.0", [.ipv4("0.0.0.0")]), ("[::]", [.ipv6("::")]), ("192.168.1.5", [.ipv4("192.168.1.5")]),
    ])
    func listen(text: String, expected: [ListenAddress]) throws {
        #expect(try ListenAddress.parse(text) == expected)
    }

    @Test("Not addresses to listen on", arguments: [
        "example.com", "", "*", "[fe80::1", "fe80::1%eth0", "unix:", "unix:relative", "127.0.0.1:80",
        "unix:/" + String(repeating: "a", count: 107),
    ])
    func notListen(text: String) {
        #expect(throws: ValueFault.self) { try ListenAddress.parse(text) }
    }

    @Test("The nearest name", arguments: [
        ("prot", "port"), ("hots", "host"), ("heart_beat", "heartbeat"), ("Port", "port"), ("draintimeout", "drain_timeout"),
    ])
    func nearest(name: String, expected: String) {
        #expect(NearestName.of(name, among: ["host", "port", "limits", "heartbeat", "drain_timeout"]) == expected)
        #expect(NearestName.of("zzzzzzzzz", among: ["host", "port"]) == nil)
    }

    @Test(".env", arguments: [
        ("A=1", "1"), ("A = 1 ", "1"), ("export A=1", "1"), ("A=a b # c", "a b"), ("A=a#b", "a#b"), ("A='a # $b\\n' # c", "a # $b\\n"),
        ("A=\"a\\n\\\"b\\\" \\$c \\\\ \\q\"", "a\n\"b\" $c \\ \\q"), ("A=", ""), ("A=# c", ""), ("A=1\nA=2", "2"), ("A=1\r\nB=2\r\n", "1"),
        ("\u{FEFF}A=1", "1"), ("A=a=b", "a=b"), ("A=${B}", "${B}"), ("A=\"\"", ""), ("  A=1", "1"), ("A=sk-ünï", "sk-ünï"),
    ])
    func environmentFile(text: String, expected: String) {
        let file = EnvironmentFile(text: text, path: ".env")
        #expect(file.problems == [])
        #expect(file.values["A"]?.value == expected)
    }

    @Test("Not .env", arguments: [
        ("A", "is not NAME=value"), ("1A=x", "the name before"), ("A-B=x", "the name before"), ("=x", "the name before"),
        ("A=\"x", "the quote is not closed"), ("A='x", "the quote is not closed"), ("A=\"x\" y", "something after"),
        ("A=\"x\\", "not closed"),
    ])
    func notEnvironmentFile(text: String, expected: String) {
        let problems = EnvironmentFile(text: "# sk-secret\n\n\(text)", path: ".env").problems
        #expect(problems.count == 1)
        #expect(problems.first?.line == 3)
        #expect(problems.first?.message.contains(expected) == true, "\(problems)")
    }

    @Test("A secret shows itself to nobody")
    func secret() throws {
        struct Holder: Encodable { var key = Secret("sk-hunter2") }
        let secret = Secret("sk-hunter2")
        var dumped = ""
        dump(Holder(), to: &dumped)
        dump(try load(["OPENAI_API_KEY": "sk-hunter2"]).get(), to: &dumped)
        let seen = [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\(Holder())", String(reflecting: [secret]), dumped,
            String(decoding: try JSONEncoder().encode(Holder()), as: UTF8.self),
            "\(try load(["OPENAI_API_KEY": "sk-hunter2"]).get())",
        ]
        for text in seen {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("redacted"))
            // The bytes as numbers would do as well.
            #expect(!text.contains("104, 117"))
        }
        #expect(Mirror(reflecting: secret).children.isEmpty)
        #expect(text(of: secret) == "sk-hunter2")
        #expect(secret == Secret("sk-hunter2") && secret != Secret("sk-hunter3"))
    }

    @Test("Faults hold no value", arguments: [
        "OPENAI_API_KEY", "EKAI_OPENAI_BASE_URL", "PORT", "HOST", "LOG_LEVEL", "LOG_FORMAT", "EKAI_LOOPS", "EKAI_NOTHING",
    ])
    func faultsHoldNoValue(variable: String) {
        var environment = ["OPENAI_API_KEY": "k"]
        environment[variable] = "hunter2 \u{1}"
        let faults = faults(environment)
        #expect(faults.count == 1)
        #expect(faults.allSatisfy { !$0.contains("hunter2") && $0.contains(variable) })
    }
}

@Suite("Configuration: files")
struct ConfigurationFilesTests {
    /// A directory of its own that goes away with the test.
    private final class Directory {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("ekai-configuration-\(UUID().uuidString)")

        init(_ files: [String: String]) throws {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            for (name, text) in files { try text.write(to: url.appendingPathComponent(name), atomically: true, encoding: .utf8) }
        }

        deinit { try? FileManager.default.removeItem(at: url) }
    }

    private func read(_ files: [String: String], _ environment: [String: String] = [:], config: String? = nil) throws
        -> Result<ConfigurationInput, ConfigurationFailure>
    {
        let directory = try Directory(files)
        var overrides = ConfigurationOverrides()
        overrides.config = config
        return ConfigurationFiles.read(overrides: overrides, environment: environment, directory: directory.url.path)
    }

    @Test("The document: named by flag, environment or .env, else ekai.yaml if there is one")
    func named() throws {
        let files = ["ekai.yaml": "d", "a.yaml": "a", "b.yaml": "b", "c.yaml": "c", ".env": "EKAI_CONFIG=c.yaml"]
        #expect(try read(files, ["EKAI_CONFIG": "b.yaml"], config: "a.yaml").get().document?.text == "a")
        #expect(try read(files, ["EKAI_CONFIG": "b.yaml"]).get().document == ConfigurationFile(path: "b.yaml", text: "b"))
        #expect(try read(files).get().document?.text == "c")
        #expect(try read(["ekai.yaml": "d"]).get().document?.text == "d")
        #expect(try read([:]).get().document == nil)
        #expect(try read([:]).get().environmentFile == nil)
        #expect(try read(files).get().environmentFile?.text == "EKAI_CONFIG=c.yaml")
    }

    @Test("A named document must exist and be text")
    func missing() throws {
        func fault(_ result: Result<ConfigurationInput, ConfigurationFailure>) -> String? {
            if case .failure(let failure) = result { failure.description } else { nil }
        }
        #expect(fault(try read([:], config: "x.yaml")) == "--config: there is no such file: x.yaml")
        #expect(fault(try read([:], ["EKAI_CONFIG": "x.yaml"])) == "environment: EKAI_CONFIG: there is no such file: x.yaml")
        #expect(fault(try read([".env": "\n EKAI_CONFIG=x"])) == ".env:2: EKAI_CONFIG: there is no such file: x")
        #expect(fault(try read([:], config: ".")) == "--config: the file cannot be read")
    }
}
