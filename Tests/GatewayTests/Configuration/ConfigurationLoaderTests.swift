import Testing

@testable import Gateway

@Suite("Configuration: sources and precedence")
struct ConfigurationLoaderTests {
    @Test("Nothing said: the demo on loopback with the contract's defaults")
    func defaults() throws {
        let configuration = try load().get()
        #expect(configuration.mode == .demo)
        #expect(!configuration.hasAPIKeys)
        #expect(configuration.server.listen == [.ipv4("127.0.0.1"), .ipv6("::1")])
        #expect(configuration.server.port == 3001)
        #expect(configuration.server.loops == nil)
        #expect(configuration.server.heartbeatMilliseconds == 15_000)
        #expect(configuration.server.drainTimeoutMilliseconds == 30_000)
        #expect(configuration.server.limits.bodyBytesMax == 33_554_432)
        #expect(configuration.server.limits.inflightBodyBytesMax == 536_870_912)
        #expect(configuration.server.limits.headBytesMax == 65_536)
        #expect(configuration.server.limits.idleTimeoutMilliseconds == 75_000)
        #expect(configuration.databasePath == "data/usage.db")
        #expect(configuration.logLevel == .info)
        #expect(configuration.logFormat == nil)
        #expect(configuration.notices == [])
        #expect(try load(yaml: "").get() == configuration)
        #expect(try load(dotenv: "# nothing\n\n", yaml: "# nothing\n").get() == configuration)
        #expect(try load(yaml: "server:\nproviders:\n").get() == configuration)
    }

    @Test("Flag, environment, .env, document, default: the first that speaks counts")
    func precedence() throws {
        let yaml = "server: { port: 4 }"
        #expect(try load(yaml: yaml).get().server.port == 4)
        #expect(try load(dotenv: "PORT=3", yaml: yaml).get().server.port == 3)
        #expect(try load(["PORT": "2"], dotenv: "PORT=3", yaml: yaml).get().server.port == 2)
        #expect(try load(["PORT": "2"], dotenv: "PORT=3", yaml: yaml, flags: { $0.port = "1" }).get().server.port == 1)
        #expect(try load(["PORT": ""], dotenv: "PORT=3").get().server.port == 3)
        #expect(try load(["PORT": "0"]).get().server.port == 0)
    }

    @Test("Every variable and flag reaches its setting")
    func variables() throws {
        let configuration = try load([
            "PORT": "8080", "HOST": "unix:/run/ekai.sock", "DATABASE_PATH": "/var/lib/usage.db", "LOG_LEVEL": "DEBUG",
            "LOG_FORMAT": "json", "EKAI_LOOPS": "3", "EKAI_CONFIG": "elsewhere.yaml",
        ]).get()
        #expect(configuration.server.port == 8080)
        #expect(configuration.server.listen == [.unix("/run/ekai.sock")])
        #expect(configuration.databasePath == "/var/lib/usage.db")
        #expect(configuration.logLevel == .debug)
        #expect(configuration.logFormat == .json)
        #expect(configuration.server.loops == 3)
        let flagged = try load { flags in
            flags.host = "::1"
            flags.loops = "2"
            flags.database = "u.db"
            flags.logLevel = "error"
            flags.logFormat = "text"
        }.get()
        #expect(flagged.server.listen == [.ipv6("::1")])
        #expect(flagged.server.loops == 2)
        #expect(flagged.databasePath == "u.db")
        #expect(flagged.logLevel == .error)
        #expect(flagged.logFormat == .text)
    }

    @Test("The document's server, usage and demo")
    func document() throws {
        let configuration = try load(
            ["DATA": "data"],
            yaml: """
                server:
                  host: 127.0.0.2
                  port: 0
                  limits: { body_max: 1MiB, inflight_body_max: 2GiB, head_max: 8KiB, header_timeout: 5s,
                    body_timeout: 250ms, idle_timeout: 5m, write_timeout: 1h }
                  heartbeat: 20s
                  drain_timeout: 0s
                  drain_delay: 5s
                usage: { database: "${DATA}/u.db" }
                demo: { pace: 5ms }
                """
        ).get()
        #expect(configuration.server.listen == [.ipv4("127.0.0.2")])
        #expect(configuration.server.limits.bodyBytesMax == 1 << 20)
        #expect(configuration.server.limits.inflightBodyBytesMax == 2 << 30)
        #expect(configuration.server.limits.headBytesMax == 8192)
        #expect(configuration.server.limits.headerTimeoutMilliseconds == 5000)
        #expect(configuration.server.limits.bodyTimeoutMilliseconds == 250)
        #expect(configuration.server.limits.idleTimeoutMilliseconds == 300_000)
        #expect(configuration.server.limits.writeTimeoutMilliseconds == 3_600_000)
        #expect(configuration.server.heartbeatMilliseconds == 20_000)
        #expect(configuration.server.drainTimeoutMilliseconds == 0)
        #expect(configuration.server.drainDelayMilliseconds == 5000)
        #expect(configuration.databasePath == "data/u.db")
        #expect(configuration.demoPaceMilliseconds == 5)
    }

    @Test("${NAME} expands from the environment, then .env; $${ is literal")
    func expansion() throws {
        let yaml = "usage: { database: \"${DIR}/$${x}/${FILE}\" }"
        #expect(try load(["DIR": "/a", "FILE": "f"], yaml: yaml).get().databasePath == "/a/${x}/f")
        #expect(try load(["DIR": "/a"], dotenv: "DIR=/b\nFILE=g", yaml: yaml).get().databasePath == "/a/${x}/g")
        #expect(faults(["DIR": "/a"], yaml: yaml) == ["ekai.yaml:1: usage.database: the variable `FILE` is not set"])
        #expect(faults(yaml: "usage: { database: \"${DIR\" }") == ["ekai.yaml:1: usage.database: `${` is not closed"])
    }

    @Test("What .env set is reported by name, what the environment overrode is not")
    func reported() throws {
        let dotenv = "OPENAI_API_KEY=sk-1\nPORT=3005\nXAI_API_KEY=your_key_here\nSOMETHING_ELSE=1\n"
        let configuration = try load(["PORT": "1"], dotenv: dotenv).get()
        #expect(configuration.environmentFileNames == ["OPENAI_API_KEY"])
        #expect(configuration.providers.map(\.name) == ["openai"])
    }

    @Test("All problems at once, each with file, line and field")
    func allAtOnce() {
        let yaml = """
            server:
              prot: 3000
              heartbeat: 15
              limits:
                body_max: 64K
            teams: []
            providers:
              - name: one
                kind: openai
                base_url: "ftp://x"
              - kind: openai
            """
        #expect(
            faults(["LOG_LEVEL": "loud"], dotenv: "PORT=99999\nbad line\n", yaml: yaml, flags: { $0.host = "0.0.0.0" }) == [
                ".env:2: is not NAME=value",
                "ekai.yaml:6: teams: is not supported by this version",
                "ekai.yaml:2: server.prot: is not a known key; did you mean `port`?",
                ".env:1: PORT: must be a whole number from 0 to 65535",
                "ekai.yaml:3: server.heartbeat: must be a duration such as 250ms, 10s or 5m",
                "ekai.yaml:5: server.limits.body_max: must be a size such as 64KiB or 32MiB",
                "--host: is not a loopback address, and no key is set: anyone who reaches the port could spend the providers' keys. "
                    + "Set EKAI_ADMIN_KEY, or let HOST be 127.0.0.1, ::1 or unix:/path",
                "environment: LOG_LEVEL: must be one of trace, debug, info, notice, warning, error, critical",
                "ekai.yaml:10: providers[0].base_url: must begin with http:// or https://",
                "ekai.yaml:11: providers[1]: needs a `name`",
            ])
        #expect(ConfigurationFailure.exitCode == 78)
    }

    @Test("Keys of later versions are refused, not overlooked", arguments: [
        "teams: []", "keys: []", "budgets: []", "x402: {}", "routing: { strategy: cheapest }",
        "server: { dashboard_port: 3000 }", "usage: { store_bodies: true }",
        "providers: [ { name: a, kind: openai, base_url: 'http://h', http: '2' } ]",
    ])
    func later(yaml: String) {
        let faults = faults(yaml: yaml)
        #expect(faults.count == 1)
        #expect(faults.first?.contains("not supported by this version") == true, "\(faults)")
    }

    @Test("Variables: misspelt and unsafe ones are refused, foreign ones are noticed")
    func variableRules() throws {
        #expect(faults(["EKAI_LOPS": "2"]) == ["environment: EKAI_LOPS: is not a known variable; did you mean EKAI_LOOPS?"])
        #expect(
            faults(["EKAI_OPENIA_BASE_URL": "http://h"]) == [
                "environment: EKAI_OPENIA_BASE_URL: is not a known variable; did you mean EKAI_OPENAI_BASE_URL?"
            ])
        let configuration = try load(["REDIS_URL": "redis://r", "DATABASE_URL": "postgres://", "PATH": "/bin"]).get()
        #expect(
            configuration.notices == [
                "DATABASE_URL is set, but has no effect in this version", "REDIS_URL is set, but has no effect in this version",
            ])
        #expect(try load(["EKAI_GROQ_BASE_URL": "http://h"]).get().mode == .demo)
    }

    @Test("Documents that are no configuration", arguments: [
        ("- a", ["ekai.yaml:1: must be a mapping of keys to values"]),
        ("server: [1]", ["ekai.yaml:1: server: must be a mapping of keys to values"]),
        ("server:\n  port: [1]", ["ekai.yaml:2: server.port: must be a single value"]),
        ("server:\n  port:", ["ekai.yaml:2: server.port: has no value"]),
        ("providers: {}", ["ekai.yaml:1: providers: must be a list"]),
        ("providers: [ x ]", ["ekai.yaml:1: providers[0]: must be a mapping of keys to values"]),
        ("usage: {}\nserver: {}\nserver: {}", ["ekai.yaml:2: the key `server` stands twice"]),
        ("1: 2", ["ekai.yaml:1: 1: is not a known key; known are server, access, providers, models, usage, metrics, demo"]),
    ])
    func shape(yaml: String, expected: [String]) {
        #expect(faults(yaml: yaml) == expected)
    }

    @Test("A syntax error is placed, and its line not quoted: it may hold a key")
    func syntax() {
        let faults = faults(yaml: "usage: {}\nproviders: [ { api_keys: [ \"sk-secret\" ] \nserver: {}\n")
        #expect(faults.count == 1)
        #expect(faults.first?.hasPrefix("ekai.yaml:") == true)
        #expect(faults.first?.contains("sk-secret") == false)
    }
}
