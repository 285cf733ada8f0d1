import Dialects
import HTTP

/// What the head of an inference request says: its dialect and, where the path holds them, model and operation (Gemini).
struct InferenceRoute: Equatable, Sendable {
    /// What a model is asked for.
    enum Operation: Equatable, Sendable {
        /// An answer; whether it is streamed stands in the body.
        case answer
        /// Gemini's `generateContent`: an answer in one piece.
        case generate
        /// Gemini's `streamGenerateContent`: an answer piece by piece.
        case stream
        /// No answer, only how many tokens the request has.
        case countTokens
        /// Vectors of texts (OpenAI's format).
        case embed

        /// The last part of a Gemini path, without its colon.
        var method: StaticString {
            switch self {
            case .answer, .generate: "generateContent"
            case .stream: "streamGenerateContent"
            case .countTokens: "countTokens"
            case .embed: "batchEmbedContents"
            }
        }
    }

    let dialect: Dialect
    var operation = Operation.answer
    /// The model in the path, decoded; nil where the body names it.
    var model: String?
    /// Whether a stream comes as one JSON array, element by element, and not as events: Gemini without `alt=sse`.
    var isJSONArray = false

    init(_ dialect: Dialect, _ operation: Operation = .answer) {
        self.dialect = dialect
        self.operation = operation
    }

    /// What `RequestFacts` cannot find in the body.
    var path: RequestPath? {
        model.map { RequestPath(model: $0, isStreaming: operation == .stream) }
    }

    /// The path that was called, for the books and as a label: without the model that Gemini's has in it.
    var endpointPath: String {
        switch operation {
        case .answer, .generate, .stream: dialect.endpointPath
        case .countTokens: dialect.endpointPath + Self.countingSuffix(of: dialect)
        case .embed: "/v1/embeddings"
        }
    }

    /// What follows a dialect's path where tokens are counted. A Gemini path has the model between the two; chat has no such path.
    static func countingSuffix(of dialect: Dialect) -> String {
        switch dialect {
        case .messages: "/count_tokens"
        case .chat, .responses: "/input_tokens"
        case .gemini: ":countTokens"
        }
    }
}

extension InferenceRoute {
    /// A Gemini request, `{model}:{method}` behind `/v1beta/models/` or `/v1/models/`. The model may hold slashes and colons: the last colon
    /// counts. Nil for another path, an unknown method or no model.
    init?(geminiPath path: UnsafeRawBufferPointer, query: UnsafeRawBufferPointer?) {
        guard let rest = Self.behindModels(path), let colon = rest.lastIndex(of: UInt8(ascii: ":")), colon > 0 else { return nil }
        let name = UnsafeRawBufferPointer(rebasing: rest[(colon + 1)...])
        guard let operation = [Operation.generate, .stream, .countTokens].first(where: { name.equals($0.method) }) else { return nil }
        dialect = .gemini
        self.operation = operation
        model = PercentCoding.decoded(UnsafeRawBufferPointer(rebasing: rest[..<colon]))
        isJSONArray = operation == .stream && !Self.asksForEvents(query)
    }

    /// What follows `/v1beta/models/` or `/v1/models/`.
    static func behindModels(_ path: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        for prefix in ["/v1beta/models/", "/v1/models/"] as [StaticString] where path.starts(with: prefix) {
            let rest = UnsafeRawBufferPointer(rebasing: path[prefix.utf8CodeUnitCount...])
            return rest.isEmpty ? nil : rest
        }
        return nil
    }

    /// Whether the query has `alt=sse`.
    private static func asksForEvents(_ query: UnsafeRawBufferPointer?) -> Bool {
        guard let query else { return false }
        var start = 0
        while start <= query.count {
            let end = query[start...].firstIndex(of: UInt8(ascii: "&")) ?? query.count
            if UnsafeRawBufferPointer(rebasing: query[start..<end]).equals("alt=sse") { return true }
            start = end + 1
        }
        return false
    }
}
