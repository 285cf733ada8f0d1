import Streaming

/// The answer of a counting endpoint.
public struct TokenCountAnswer: Sendable, Equatable {
    /// Tokens of the request.
    public var tokens: Int

    public init(tokens: Int) { self.tokens = tokens }

    /// Reads a provider's answer; nil when it holds no count.
    public init?(_ document: UnsafeRawBufferPointer, dialect: Dialect, reader: JSONReader) {
        let count: Int?? = reader.read(document) { root in
            root.present(dialect == .gemini ? "totalTokens" : "input_tokens")?.count
        }
        guard let tokens = count ?? nil else { return nil }
        self.tokens = tokens
    }

    /// In the client's words.
    public func json(in dialect: Dialect) -> String {
        switch dialect {
        case .messages: #"{"input_tokens":\#(tokens)}"#
        case .chat, .responses: #"{"object":"response.input_tokens","input_tokens":\#(tokens)}"#
        case .gemini: #"{"totalTokens":\#(tokens)}"#
        }
    }
}
