import HTTP
import Testing

@testable import Benchmarks

@Suite struct ProviderRouteTests {
    private func route(
        _ path: String, query: String? = nil, method: HTTPMethod = .post, isAnthropic: Bool = false, isGoogle: Bool = false
    ) -> ProviderRoute {
        Array(path.utf8).withUnsafeBytes { path in
            Array((query ?? "").utf8).withUnsafeBytes { bytes in
                ProviderRoute(
                    method: method, path: path, query: query == nil ? nil : bytes, isAnthropic: isAnthropic, isGoogle: isGoogle)
            }
        }
    }

    @Test func pathsCountByTheirEnd() {
        #expect(route("/v1/chat/completions") == .answer(.chat, .chat))
        #expect(route("/any/base/responses") == .answer(.responses, .responses))
        #expect(route("/messages") == .answer(.messages, .messages))
        #expect(route("/v1/embeddings") == .nothing)
        #expect(route("") == .nothing)
        #expect(route("/v1/chat/completions", method: .get) == .nothing)
    }

    @Test func geminiNamesItsModelInThePath() {
        #expect(route("/v1beta/models/bench-3:generateContent") == .gemini(model: "bench-3", isStreaming: false))
        #expect(
            route("/v1/models/gem/a:b:streamGenerateContent", query: "key=x&alt=sse") == .gemini(model: "gem/a:b", isStreaming: true))
        #expect(route("/v1/models/m:streamGenerateContent") == .geminiArray)
        #expect(route("/v1/models/m:streamGenerateContent", query: "alt=json") == .geminiArray)
        #expect(route("/v1/models/m:countTokens") == .nothing)
        #expect(route("/v1:8/models/m") == .nothing)
        #expect(route("/models/:generateContent") == .nothing)
    }

    @Test func listsHaveTheShapeOfWhoAsks() {
        #expect(route("/v1/models", method: .get) == .models(.chat))
        #expect(route("/v1/models", method: .get, isAnthropic: true) == .models(.messages))
        #expect(route("/v1/models", method: .get, isGoogle: true) == .models(.gemini))
        #expect(route("/v1beta/models", method: .get) == .models(.gemini))
        #expect(route("/v1/models") == .nothing)
    }
}
