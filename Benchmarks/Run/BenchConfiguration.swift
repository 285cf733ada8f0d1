/// The gateway's configuration in a benchmark: one provider, the mock, for every dialect and every model.
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
        """ + (isAccounting ? "" : "\nusage:\n  enabled: false\n")
    }
}
