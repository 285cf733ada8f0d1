import Streaming

/// Gemini's answer to `batchEmbedContents` in OpenAI's format: vectors in the order of the inputs, as numbers or as base64.
public struct EmbeddingAnswer: ~Copyable {
    private var writer = JSONWriter()
    /// What the books say; `isEstimated` where the provider told no count.
    public private(set) var usage: TokenUsage

    /// The client's body; valid as long as this value is.
    public var body: UnsafeRawBufferPointer { writer.bytes }

    /// Nil when the answer is not one vector of numbers for each input.
    ///
    /// - Parameters:
    ///   - document: the provider's answer.
    ///   - model: as the client asked for it.
    public init?(
        gemini document: UnsafeRawBufferPointer, for request: EmbeddingRequest, encoding: EmbeddingRequest.Encoding, model: String,
        reader: JSONReader
    ) {
        var writer = JSONWriter()
        var usage = TokenUsage()
        let isWhole = reader.read(document) { root in
            usage = Self.usage(root.present("usageMetadata"), request)
            guard let vectors = root.present("embeddings"), vectors.isArray else { return false }
            writer.reserve(document.count + 128)
            return Self.write(vectors, request.inputCount, encoding, model, usage, to: &writer)
        }
        guard isWhole == true else { return nil }
        self.writer = writer
        self.usage = usage
    }

    private static func usage(_ told: JSONValue?, _ request: EmbeddingRequest) -> TokenUsage {
        var usage = TokenUsage()
        if let tokens = (told?.present("promptTokenCount") ?? told?.present("totalTokenCount"))?.count, tokens > 0 {
            usage.input = tokens
        } else {
            usage.input = request.estimatedTokens
            usage.isEstimated = true
        }
        return usage
    }

    private static func write(
        _ vectors: JSONValue, _ inputCount: Int, _ encoding: EmbeddingRequest.Encoding, _ model: String, _ usage: TokenUsage,
        to writer: inout JSONWriter
    ) -> Bool {
        writer.beginObject()
        writer.member("object", "list" as StaticString)
        writer.name("data")
        writer.beginArray()
        var index = 0
        for vector in vectors.elements {
            guard let values = vector.present("values"), values.isArray else { return false }
            writer.beginObject()
            writer.member("object", "embedding" as StaticString)
            writer.member("index", index)
            writer.name("embedding")
            guard write(values, encoding, to: &writer) else { return false }
            writer.endObject()
            index += 1
        }
        writer.endArray()
        writer.member("model", JSONText.owned(model))
        writer.name("usage")
        writer.beginObject()
        writer.member("prompt_tokens", usage.input)
        writer.member("total_tokens", usage.input)
        writer.endObject()
        writer.endObject()
        return index == inputCount
    }

    /// False when something among the values is no number.
    private static func write(_ values: JSONValue, _ encoding: EmbeddingRequest.Encoding, to writer: inout JSONWriter) -> Bool {
        switch encoding {
        case .float:
            guard values.elements.allSatisfy(\.isNumber) else { return false }
            writer.json(values.rawBytes)
        case .base64:
            var floats: [UInt8] = []
            for value in values.elements {
                guard value.isNumber, let number = Float(String(decoding: value.rawBytes, as: UTF8.self)) else { return false }
                withUnsafeBytes(of: number.bitPattern.littleEndian) { floats += $0 }
            }
            writer.string(Base64.encoded(floats))
        }
        return true
    }
}
