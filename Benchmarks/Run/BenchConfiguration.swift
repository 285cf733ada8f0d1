/// The gateway's configuration in a benchmark: one provider, the mock, for every dialect and every model; and for each dialect a provider that
/// speaks only that one, asked for as `only-<dialect>/<model>`: a client of another one is translated.
enum BenchConfiguration {
    /// - Parameter isAccounting: usage rows are written, as they are by default.
    static func yaml(providerPort: Int, isAccounting: Bool = true) -> String {
        """
        providers:
          - name: bench
            kind: openai
            base_url: http://127.0.0.1:\(providerPort)/v1
            api_keys: [bench-key-that-nobody-checks]
            dialects:
              chat: /chat/completions
              messages: /messages
              responses: /responses
              gemini: /models
            models: ["*"]
        """ + WireFormat.allCases.map { onlyProvider($0, providerPort) }.joined() + (isAccounting ? "" : "\nusage:\n  enabled: false\n")
    }

    /// The model that reaches the provider of that one dialect.
    static func model(_ model: String, only dialect: WireFormat) -> String { "only-\(dialect.rawValue)/\(model)" }

    private static func onlyProvider(_ dialect: WireFormat, _ port: Int) -> String {
        let kind =
            switch dialect {
            case .chat: "openai-chat"
            case .responses: "openai-responses"
            case .messages: "anthropic"
            case .gemini: "gemini"
            }
        let version = dialect == .gemini ? "v1beta" : "v1"
        return """

              - name: only-\(dialect.rawValue)
                kind: \(kind)
                base_url: http://127.0.0.1:\(port)/\(version)
                api_keys: [bench-key-that-nobody-checks]
            """
    }
}
