import Testing

@testable import Gateway

@Suite("Configuration: providers")
struct ProviderConfigurationTests {
    @Test("A key alone configures a provider", arguments: [
        ("OPENAI_API_KEY", "openai", "https://api.openai.com/v1", ["chat", "responses"]),
        ("ANTHROPIC_API_KEY", "anthropic", "https://api.anthropic.com/v1", ["messages"]),
        ("GOOGLE_API_KEY", "google", "https://generativelanguage.googleapis.com/v1beta", ["chat", "gemini"]),
        ("GEMINI_API_KEY", "google", "https://generativelanguage.googleapis.com/v1beta", ["chat", "gemini"]),
        ("XAI_API_KEY", "xai", "https://api.x.ai/v1", ["chat", "messages", "responses"]),
        ("OPENROUTER_API_KEY", "openrouter", "https://openrouter.ai/api/v1", ["chat", "messages", "responses"]),
        ("ZAI_API_KEY", "zai", "https://api.z.ai/api/paas/v4", ["chat"]),
        ("GROQ_API_KEY", "groq", "https://api.groq.com/openai/v1", ["chat"]),
        ("DEEPSEEK_API_KEY", "deepseek", "https://api.deepseek.com/v1", ["chat"]),
        ("MISTRAL_API_KEY", "mistral", "https://api.mistral.ai/v1", ["chat"]),
    ])
    func known(variable: String, name: String, url: String, dialects: [String]) throws {
        let configuration = try load([variable: " sk-test\n"]).get()
        #expect(configuration.mode == .byok)
        #expect(configuration.hasAPIKeys)
        let provider = try #require(configuration.providers.first)
        #expect(configuration.providers.count == 1)
        #expect(provider.name == name)
        #expect(provider.baseURL == (try BaseURL(parsing: url)))
        #expect(provider.keys.map(text) == ["sk-test"])
        #expect(provider.paths.keys.map(\.rawValue).sorted() == dialects)
        for (dialect, path) in provider.paths {
            let isGooglesChat = name == "google" && dialect == .chat
            #expect(path == provider.baseURL.pathPrefix + (isGooglesChat ? "/openai" : "") + dialect.defaultPath)
            let header: ProviderAuthentication = dialect == .gemini ? .xGoogAPIKey : dialect == .messages && name == "anthropic" ? .xAPIKey : .bearer
            #expect(provider.authentication(for: dialect) == header)
        }
        #expect(provider.profile.rawValue == name)
        #expect(provider.models == nil)
        #expect(provider.timeouts.connectMilliseconds == 10_000)
        #expect(provider.timeouts.firstByteMilliseconds == 120_000)
        #expect(provider.timeouts.wholeFirstByteMilliseconds == 600_000)
    }

    @Test("Empty and template keys are not set", arguments: ["", "  ", "your_key_here"])
    func placeholder(value: String) throws {
        #expect(try load(["OPENAI_API_KEY": value], dotenv: "ANTHROPIC_API_KEY=\(value)").get().mode == .demo)
    }

    @Test("GOOGLE_API_KEY goes before its alias")
    func alias() throws {
        let provider = try #require(try load(["GEMINI_API_KEY": "b", "GOOGLE_API_KEY": "a"]).get().providers.first)
        #expect(provider.keys.map(text) == ["a"])
    }

    @Test("Ollama is configured by its address, with or without a key")
    func ollama() throws {
        #expect(try load(["OLLAMA_API_KEY": "k"]).get().mode == .demo)
        let bare = try #require(try load(["OLLAMA_BASE_URL": "http://localhost:11434/v1"]).get().providers.first)
        #expect(bare.name == "ollama" && bare.keys == [])
        #expect(bare.baseURL.authority == "localhost:11434")
        #expect(bare.paths[.chat] == "/v1/chat/completions")
        let configuration = try load(["EKAI_OLLAMA_BASE_URL": "http://h:1", "OLLAMA_BASE_URL": "http://i:2", "OLLAMA_API_KEY": "k"]).get()
        #expect(configuration.providers.first?.baseURL.host == "h")
        #expect(configuration.providers.first?.keys.map(text) == ["k"])
    }

    @Test("EKAI_<PROVIDER>_BASE_URL moves a provider; the clients' own variables do not")
    func moved() throws {
        let environment = [
            "OPENAI_API_KEY": "k", "EKAI_OPENAI_BASE_URL": "http://127.0.0.1:9999/mock/", "OPENAI_BASE_URL": "http://wrong",
        ]
        let provider = try #require(try load(environment).get().providers.first)
        #expect(provider.baseURL == BaseURL(scheme: .http, host: "127.0.0.1", port: 9999, pathPrefix: "/mock"))
        #expect(provider.paths[.responses] == "/mock/responses")
        let custom = try load(
            ["EKAI_MY_VLLM_BASE_URL": "http://h:5"], yaml: "providers: [ { name: my-vllm, kind: openai, base_url: 'http://a' } ]"
        ).get()
        #expect(custom.providers.first?.baseURL.host == "h")
    }

    @Test("A provider of the document, with everything said")
    func document() throws {
        let yaml = """
            providers:
              - name: my-vllm
                kind: openai
                base_url: "http://10.0.0.5:8000/v1/"
                api_keys: [ "${VLLM_KEY}", second ]
                models: [ qwen3-coder, "*" ]
                timeouts: { connect: 1s, first_byte: 60s, first_token: 30s, idle: 5m }
                ca_file: corp.pem
                headers: { X-Team: "a b", x-other: "${VLLM_KEY}" }
                dialects: { chat: /chat, messages: "/anthropic/messages" }
                auth: api-key
              - { name: anthropic }
            """
        let configuration = try load(["VLLM_KEY": "first", "ANTHROPIC_API_KEY": "a", "GROQ_API_KEY": "g"], yaml: yaml).get()
        #expect(configuration.providers.map(\.name) == ["my-vllm", "anthropic", "groq"])
        let provider = configuration.providers[0]
        #expect(provider.kind == .openAI)
        #expect(provider.baseURL == BaseURL(scheme: .http, host: "10.0.0.5", port: 8000, pathPrefix: "/v1"))
        #expect(provider.keys.map(text) == ["first", "second"])
        #expect(provider.models == ["qwen3-coder", "*"])
        #expect(provider.timeouts.connectMilliseconds == 1000)
        #expect(provider.timeouts.wholeFirstByteMilliseconds == 300_000)
        #expect(provider.timeouts.firstTokenMilliseconds == 30_000)
        #expect(provider.timeouts.idleMilliseconds == 300_000)
        #expect(provider.authorityFile == "corp.pem")
        #expect(provider.headers.map(\.name) == ["x-team", "x-other"])
        #expect(provider.headers.map { text(of: $0.value) } == ["a b", "first"])
        #expect(provider.paths == [.chat: "/v1/chat", .messages: "/v1/anthropic/messages"])
        #expect(ProviderDialect.allCases.allSatisfy { provider.authentication(for: $0) == .apiKey })
        #expect(configuration.providers[1].keys.map(text) == ["a"])
        #expect(configuration.providers[1].baseURL.host == "api.anthropic.com")
    }

    @Test("A kind says which dialects, which header and whose habits", arguments: [
        ("openai", ["chat", "responses"], ProviderAuthentication.bearer, "compatible"), ("openai-chat", ["chat"], .bearer, "compatible"),
        ("openai-responses", ["responses"], .bearer, "compatible"), ("anthropic", ["messages"], .xAPIKey, "anthropic"),
        ("gemini", ["gemini"], .xGoogAPIKey, "google"),
    ])
    func kinds(kind: String, dialects: [String], header: ProviderAuthentication, profile: String) throws {
        let yaml = "providers: [ { name: mine, kind: \(kind), base_url: 'http://h/base' } ]"
        let provider = try #require(try load(yaml: yaml).get().providers.first)
        #expect(provider.paths.keys.map(\.rawValue).sorted() == dialects)
        #expect(provider.paths.allSatisfy { $0.value == "/base" + $0.key.defaultPath })
        #expect(provider.paths.keys.allSatisfy { provider.authentication(for: $0) == header })
        #expect(provider.profile.rawValue == profile)
    }

    @Test("A provider may speak Gemini beside its kind's dialects, each with its header")
    func geminiBeside() throws {
        let yaml = "providers: [ { name: p, kind: openai, base_url: 'http://h', dialects: { gemini: /models, messages: /m } } ]"
        let provider = try #require(try load(yaml: yaml).get().providers.first)
        #expect(provider.paths == [.gemini: "/models", .messages: "/m"])
        #expect(provider.authentication(for: .gemini) == .xGoogAPIKey && provider.authentication(for: .messages) == .bearer)
    }

    @Test("The environment's key is used first, the document's others stay")
    func keyOrder() throws {
        let yaml = "providers: [ { name: openai, api_keys: [ b, \"${OPENAI_API_KEY}\", c ] } ]"
        let provider = try #require(try load(["OPENAI_API_KEY": "a"], yaml: yaml).get().providers.first)
        #expect(provider.keys.map(text) == ["a", "b", "c"])
    }

    @Test("A server without key counts as a provider", arguments: ["openai", "openai-chat", "openai-responses", "anthropic"])
    func keyless(kind: String) throws {
        let configuration = try load(yaml: "providers: [ { name: a, kind: \(kind), base_url: 'http://h/v1' } ]").get()
        #expect(configuration.mode == .byok)
        #expect(!configuration.hasAPIKeys)
        let provider = try #require(configuration.providers.first)
        #expect(Set(provider.paths.keys) == Set(provider.kind.dialects))
    }

    @Test("Providers that cannot be", arguments: [
        ("{ name: Upper, kind: openai, base_url: 'http://h' }", "name: must be 1 to 64"),
        ("{ name: demo, kind: openai, base_url: 'http://h' }", "name: `demo` is the built-in"),
        ("{ name: a, base_url: 'http://h' }", "providers[0]: needs a `kind`"),
        ("{ name: a, kind: openai }", "providers[0]: needs a `base_url`"),
        ("{ name: a, kind: opanai, base_url: 'http://h' }", "kind: must be one of openai, openai-chat"),
        ("{ name: groq }", "providers[0]: has no key: set GROQ_API_KEY or `api_keys`"),
        ("{ name: groq, api_keys: [ your_key_here ] }", "api_keys[0]: is empty or a placeholder"),
        ("{ name: groq, api_keys: [ 'a b' ] }", "api_keys[0]: holds a character"),
        ("{ name: groq, api_key: [ a ] }", "api_key: is not a known key; did you mean `api_keys`?"),
        ("{ name: groq, api_keys: a }", "api_keys: must be a list"),
        ("{ name: a, kind: openai, base_url: 'http://h', auth: basic }", "auth: must be one of bearer"),
        ("{ name: a, kind: openai, base_url: 'http://h', headers: { Host: x } }", "headers.Host: is set by the gateway itself"),
        ("{ name: a, kind: openai, base_url: 'http://h', headers: { 'a b': x } }", "is not the name of a header"),
        ("{ name: a, kind: openai, base_url: 'http://h', headers: { a: \"x\\r\\ny\" } }", "headers.a: holds a character"),
        ("{ name: a, kind: openai, base_url: 'http://h', dialects: { chat: chat } }", "dialects.chat: must be a path"),
        ("{ name: a, kind: openai, base_url: 'http://h', dialects: {} }", "must name at least one"),
        ("{ name: a, kind: openai, base_url: 'http://h', timeouts: { idle: 0s } }", "timeouts.idle: must be from 10ms to 1h"),
        ("{ name: a, kind: openai, base_url: 'http://h', models: [ '' ] }", "models[0]: must be 1 to 256"),
        ("{ name: a, kind: openai, base_url: 'http://localhost:3001/v1' }", "is this gateway itself"),
    ])
    func impossible(provider: String, expected: String) {
        let faults = faults(yaml: "providers: [ \(provider) ]")
        #expect(faults.contains { $0.contains(expected) }, "\(faults)")
    }

    @Test("Two of one name")
    func twice() {
        let yaml = "providers:\n- { name: a, kind: openai, base_url: 'http://h' }\n- { name: a, kind: openai, base_url: 'http://h' }"
        #expect(faults(yaml: yaml) == ["ekai.yaml:3: providers[1].name: there is another provider of this name"])
    }

    @Test("Models: aliases, pins and prices")
    func models() throws {
        let yaml = """
            providers: [ { name: my-vllm, kind: openai, base_url: "http://10.0.0.5:8000/v1" } ]
            models:
              - { name: fast, targets: [ "openrouter/vendor/model-1" ] }
              - { name: qwen3-coder, provider: my-vllm, price: { input: 0.2, output: 0.6, cache_read: 0.02 }, context: 262144 }
              - { name: gpt-4o, price: { input: 2.5, output: 10, cache_write: 0.000001 } }
            """
        let configuration = try load(["OPENROUTER_API_KEY": "k"], yaml: yaml).get()
        #expect(configuration.models.map(\.name) == ["fast", "qwen3-coder", "gpt-4o"])
        #expect(configuration.models[0].targets == [ModelTarget(provider: "openrouter", model: "vendor/model-1")])
        #expect(configuration.models[1].targets == [ModelTarget(provider: "my-vllm", model: "qwen3-coder")])
        #expect(configuration.models[1].contextTokens == 262_144)
        let price = ModelPrice(input: 200_000, output: 600_000, cacheRead: 20_000, cacheWrite: nil)
        let everywhere = ModelPrice(input: 2_500_000, output: 10_000_000, cacheRead: nil, cacheWrite: 1)
        #expect(configuration.providers[0].prices == ["qwen3-coder": price, "gpt-4o": everywhere])
        #expect(configuration.providers[1].prices == ["gpt-4o": everywhere])
    }

    @Test("Models that cannot be", arguments: [
        ("{ targets: [ openai/a ] }", "needs a `name`"),
        ("{ name: a }", "says nothing"),
        ("{ name: a, targets: [ a ] }", "targets[0]: must be provider/model"),
        ("{ name: a, targets: [ openia/a ] }", "did you mean `openai`?"),
        ("{ name: a, targets: [ groq/a ] }", "the provider is not configured: set GROQ_API_KEY"),
        ("{ name: a, targets: [ openai/a, openai/b ] }", "more than one target is not supported by this version"),
        ("{ name: a, targets: [] }", "needs a target"),
        ("{ name: a, provider: openai, targets: [ openai/a ] }", "takes either"),
        ("{ name: a, provider: nobody }", "names no configured provider"),
        ("{ name: a, provider: openai, price: { input: -1 } }", "price.input: must be USD per million"),
        ("{ name: a, provider: openai, price: { input: 1e3 } }", "price.input: must be USD per million"),
        ("{ name: a, provider: openai, price: {} }", "must name at least one price"),
        ("{ name: a, provider: openai, context: many }", "context: must be a whole number"),
    ])
    func impossibleModel(model: String, expected: String) {
        let faults = faults(["OPENAI_API_KEY": "k"], yaml: "models: [ \(model) ]")
        #expect(faults.count == 1 && faults.first?.contains(expected) == true, "\(faults)")
    }

    @Test("A provider that is wrong is not wrong again where a model names it")
    func noEcho() {
        let yaml = "providers: [ { name: a, kind: openai, base_url: nonsense } ]\nmodels: [ { name: m, provider: a } ]"
        #expect(faults(yaml: yaml) == ["ekai.yaml:1: providers[0].base_url: must begin with http:// or https://"])
    }
}
