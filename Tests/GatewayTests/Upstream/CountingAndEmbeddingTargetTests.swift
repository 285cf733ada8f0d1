import Dialects
import HTTP
import Testing

@testable import Gateway

/// Which providers count tokens and make embeddings, and where they are asked.
@Suite struct CountingAndEmbeddingTargetTests {
    private static func provider(_ fields: String) throws -> Provider {
        let configuration = try load(
            yaml: """
                providers:
                  - { name: p, base_url: "http://10.0.0.5:8000/base", api_keys: [ operator-key ], \(fields) }
                """
        ).get()
        return Provider(configuration.providers[0], settingsID: 0, tls: nil)
    }

    @Test(arguments: [
        ("kind: anthropic", Dialect?.some(.messages)), ("kind: gemini", .gemini), ("kind: openai", nil), ("kind: openai, profile: openai", .responses),
        ("kind: openai-chat, profile: openai", nil), ("kind: openai, profile: openrouter", nil), ("kind: openai, profile: anthropic", nil),
    ]) func countsInOneDialectOrNone(_ fields: String, _ dialect: Dialect?) throws {
        #expect(try Self.provider(fields).countingDialect == dialect)
    }

    @Test(arguments: [
        ("kind: openai", Provider.EmbeddingEndpoint?.some(.openAI(path: "/base/embeddings", .chat))),
        ("kind: openai-chat", .openAI(path: "/base/embeddings", .chat)), ("kind: openai-responses", .openAI(path: "/base/embeddings", .responses)),
        ("kind: gemini", .gemini(path: "/base/models")), ("kind: anthropic", nil),
        (#"kind: openai-chat, dialects: { chat: "/compatible/chat/completions" }"#, .openAI(path: "/base/compatible/embeddings", .chat)),
        (#"kind: openai-chat, dialects: { chat: "/talk" }"#, .openAI(path: "/base/embeddings", .chat)),
        (#"kind: gemini, dialects: { chat: "/openai/chat/completions", gemini: "/models" }"#, .gemini(path: "/base/models")),
        (#"kind: openai, dialects: { chat: "/chat/completions", gemini: "/models" }"#, .openAI(path: "/base/embeddings", .chat)),
    ]) func makesEmbeddingsInOneWayOrNone(_ fields: String, _ endpoint: Provider.EmbeddingEndpoint?) throws {
        #expect(try Self.provider(fields).embeddingEndpoint == endpoint)
    }

    @Test(arguments: [
        (Dialect.messages, "/v1/messages", "beta=true&key=secret", "/v1/messages/count_tokens?beta=true"),
        (.responses, "/v1/responses", "", "/v1/responses/input_tokens"),
        (.gemini, "/v1beta/models", "key=secret", "/v1beta/models/a/b:countTokens"),
    ]) func asksForACount(_ dialect: Dialect, _ path: String, _ query: String, _ expected: String) {
        let target = Array(query.utf8).withUnsafeBytes {
            UpstreamTarget.text(path: path, dialect: dialect, operation: .countTokens, isJSONArray: false, model: "a/b", query: $0)
        }
        #expect(target == expected)
    }

    @Test func asksForEmbeddings() {
        func target(_ path: String, _ dialect: Dialect) -> String {
            UpstreamTarget.text(path: path, dialect: dialect, operation: .embed, isJSONArray: false, model: "m 1", query: nil)
        }
        #expect(target("/v1/embeddings", .chat) == "/v1/embeddings")
        #expect(target("/v1beta/models", .gemini) == "/v1beta/models/m%201:batchEmbedContents")
    }

    @Test("Each has a label of its own", arguments: [
        (InferenceRoute(.messages, .countTokens), "/v1/messages/count_tokens"), (InferenceRoute(.responses, .countTokens), "/v1/responses/input_tokens"),
        (InferenceRoute(.gemini, .countTokens), "/v1beta/models:countTokens"), (InferenceRoute(.chat, .embed), "/v1/embeddings"),
        (InferenceRoute(.gemini, .stream), "/v1beta/models"), (InferenceRoute(.chat), "/v1/chat/completions"),
    ]) func hasALabel(_ route: InferenceRoute, _ label: String) {
        #expect(route.endpointPath == label)
        #expect(LoopCounts.Endpoint(route).label == label)
    }

    @Test func numbersEndpointsWithoutGaps() {
        #expect(LoopCounts.Endpoint.timed.map(\.rawValue) == Array(0..<LoopCounts.Endpoint.other.rawValue))
        #expect(Set(LoopCounts.Endpoint.allCases.map(\.label)).count == LoopCounts.Endpoint.allCases.count)
    }
}
