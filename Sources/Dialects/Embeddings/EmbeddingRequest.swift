import Streaming

/// A client's request for embeddings in OpenAI's format (<https://platform.openai.com/docs/api-reference/embeddings/create>), as far as the gateway
/// has to know it. A provider of the same format gets the client's bytes and judges them itself.
public struct EmbeddingRequest: Sendable, Equatable {
    /// How a client wants its numbers.
    public enum Encoding: Sendable, Equatable {
        case float
        /// Little-endian 32-bit floats in base64: what OpenAI's SDKs ask for by themselves.
        case base64
    }

    /// Texts, or lists of tokens, that are to be embedded.
    public private(set) var inputCount = 0
    /// The gateway's own count, for a provider that tells none.
    public private(set) var estimatedTokens = 0

    /// Looks at a body without judging it.
    ///
    /// - Parameter tape: holds the body for the time of the call.
    public init(_ body: UnsafeRawBufferPointer, tape: JSONTape) {
        guard let root = try? tape.parse(body), let input = root.present("input") else { return }
        switch input.kind {
        case .string: take(input)
        case .array where input.firstElement?.isNumber ?? false: take(input)
        case .array: for element in input.elements { take(element) }
        default: break
        }
    }

    private mutating func take(_ input: JSONValue) {
        inputCount += 1
        if let text = JSONText(input) {
            estimatedTokens += TextTokens.count(text)
        } else {
            estimatedTokens += input.elements.reduce(0) { total, _ in total + 1 }
        }
    }
}

/// A client's request for embeddings as Gemini's `batchEmbedContents` takes it (<https://ai.google.dev/api/embeddings>).
public struct GeminiEmbeddingRequest: ~Copyable {
    private var writer = JSONWriter()
    /// How the client wants its numbers.
    public private(set) var encoding = EmbeddingRequest.Encoding.float

    /// The provider's body; valid as long as this value is.
    public var body: UnsafeRawBufferPointer { writer.bytes }

    /// - Parameters:
    ///   - body: the client's.
    ///   - model: its name at the provider.
    ///   - tape: holds the body for the time of the call.
    /// - Throws: what is wrong with it; tokens in place of texts, which Gemini does not take, are `notTranslatable`.
    public init(_ body: UnsafeRawBufferPointer, model: String, tape: JSONTape) throws(RequestProblem) {
        let root = try tape.object(body)
        encoding = try Self.encoding(root.present("encoding_format"))
        let dimensions = try Self.dimensions(root.present("dimensions"))
        guard let input = root.present("input") else { throw .missing(member: "input") }
        guard input.isString || input.isArray else { throw .wrongType(member: "input", expected: "a string or an array of strings") }
        guard !input.isEmptyContainer else { throw .empty(member: "input") }
        let texts = try Self.texts(input)
        writer.reserve(body.count + 256)
        writer.beginObject()
        writer.name("requests")
        writer.beginArray()
        for text in texts { write(text, model, dimensions) }
        writer.endArray()
        writer.endObject()
    }

    /// The inputs. Their number is bounded before anything is written, as each one is written with the model's name.
    private static func texts(_ input: JSONValue) throws(RequestProblem) -> [JSONText] {
        if let text = JSONText(input) { return [text] }
        var texts: [JSONText] = []
        for element in input.elements {
            guard !element.isNumber, !element.isArray else {
                throw .notTranslatable(member: "input", reason: "it takes texts, not tokens")
            }
            guard let text = JSONText(element) else { throw .wrongType(member: "input", expected: "an array of strings") }
            guard texts.count < DialectLimits.embeddingInputsMax else { throw .invalid(member: "input", reason: "it holds at most 2048 texts") }
            texts.append(text)
        }
        return texts
    }

    private mutating func write(_ text: JSONText, _ model: String, _ dimensions: Int?) {
        writer.beginObject()
        writer.member("model", JSONText.owned("models/" + model))
        writer.name("content")
        writer.beginObject()
        writer.name("parts")
        writer.beginArray()
        writer.beginObject()
        writer.member("text", text)
        writer.endObject()
        writer.endArray()
        writer.endObject()
        if let dimensions { writer.member("outputDimensionality", dimensions) }
        writer.endObject()
    }

    private static func encoding(_ value: JSONValue?) throws(RequestProblem) -> EmbeddingRequest.Encoding {
        guard let value else { return .float }
        guard value.isString else { throw .wrongType(member: "encoding_format", expected: "a string") }
        if value.equals("float") { return .float }
        guard value.equals("base64") else { throw .invalid(member: "encoding_format", reason: "it is float or base64") }
        return .base64
    }

    private static func dimensions(_ value: JSONValue?) throws(RequestProblem) -> Int? {
        guard let value else { return nil }
        guard let number = value.int64, number > 0, number <= Int64(Int32.max) else {
            throw .wrongType(member: "dimensions", expected: "a positive integer")
        }
        return Int(number)
    }
}
