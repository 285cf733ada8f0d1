import Dialects
import Testing

@testable import Gateway

@Suite struct RouteTests {
    @Test(arguments: [
        ("POST /v1/chat/completions", Route.inference(InferenceRoute(.chat))), ("POST /v1/messages?beta=true", .inference(InferenceRoute(.messages))),
        ("POST /v1/responses", .inference(InferenceRoute(.responses))), ("GET /v1/responses", .methodNotAllowed(allow: "POST", of: .inference(InferenceRoute(.responses)))),
        ("POST /v1/messages/count_tokens?beta=true", .inference(InferenceRoute(.messages, .countTokens))),
        ("POST /v1/responses/input_tokens", .inference(InferenceRoute(.responses, .countTokens))),
        ("POST /v1/embeddings", .inference(InferenceRoute(.chat, .embed))),
        ("GET /v1/embeddings", .methodNotAllowed(allow: "POST", of: .inference(InferenceRoute(.chat, .embed)))),
        ("GET /v1/messages/count_tokens", .methodNotAllowed(allow: "POST", of: .inference(InferenceRoute(.messages, .countTokens)))),
        ("POST /v1/messages/count_tokens/", .notFound), ("POST /v1/embeddings/x", .notFound),
        ("GET /v1/models", .models(.openAI)), ("HEAD /v1/models?limit=1000", .models(.openAI)), ("GET /v1/models/a%2Fb", .model("a/b", .openAI)),
        ("GET /v1/models/openai/gpt-4o", .model("openai/gpt-4o", .openAI)), ("GET /v1/models/", .notFound),
        ("GET /usage?format=csv", .usage), ("GET /metrics", .metrics), ("HEAD /metrics?x", .metrics), ("GET /metrics/", .notFound),
        ("GET /health", .health), ("GET /livez", .live), ("GET /readyz", .ready),
        ("GET /config/status", .configStatus), ("HEAD /", .probe), ("HEAD /api/hello", .probe),
        ("POST /", .methodNotAllowed(allow: "GET, HEAD", of: .probe)), ("get /health", .methodNotAllowed(allow: "GET, HEAD", of: .health)),
        ("POST /v1/chat/completions/", .notFound), ("POST /V1/messages", .notFound), ("POST //v1/messages", .notFound),
        ("POST /v1/%6Dessages", .notFound), ("GET /usage/..", .notFound), ("OPTIONS *", .notFound),
    ]) func findsTheRoute(_ line: String, _ route: Route) {
        #expect(Route.of(head(line + " HTTP/1.1")) == route)
    }

    private static func gemini(_ operation: InferenceRoute.Operation, _ model: String, isJSONArray: Bool = false) -> Route {
        var route = InferenceRoute(.gemini)
        route.operation = operation
        route.model = model
        route.isJSONArray = isJSONArray
        return .inference(route)
    }

    @Test(arguments: [
        ("/v1beta/models/gemini-x:generateContent", gemini(.generate, "gemini-x")), ("/v1/models/gemini-x:countTokens", gemini(.countTokens, "gemini-x")),
        ("/v1beta/models/g:streamGenerateContent?alt=sse", gemini(.stream, "g")),
        ("/v1beta/models/g:streamGenerateContent?key=a&alt=sse", gemini(.stream, "g")),
        ("/v1beta/models/g:streamGenerateContent", gemini(.stream, "g", isJSONArray: true)),
        ("/v1beta/models/g:streamGenerateContent?alt=json&xalt=sse&", gemini(.stream, "g", isJSONArray: true)),
        ("/v1beta/models/g:generateContent?alt=sse", gemini(.generate, "g")),
        ("/v1beta/models/ollama/llama3:8b:generateContent", gemini(.generate, "ollama/llama3:8b")),
        ("/v1/models/a%2Fb%3Ac%20d:generateContent", gemini(.generate, "a/b:c d")),
        ("/v1beta/models/:generateContent", .notFound), ("/v1beta/models/g:embedContent", .notFound), ("/v1beta/models/g:generatecontent", .notFound),
        ("/v1beta/models/g:generateContent/", .notFound), ("/v1beta/models/g%3AgenerateContent", .methodNotAllowed(allow: "GET, HEAD", of: .model("g:generateContent", .gemini))),
        ("/v1beta/models/g", .methodNotAllowed(allow: "GET, HEAD", of: .model("g", .gemini))),
        ("/v1beta/models", .methodNotAllowed(allow: "GET, HEAD", of: .models(.gemini))), ("/v1beta/models/", .notFound), ("/v1beta", .notFound),
        ("/v2/models/g:generateContent", .notFound),
    ]) func findsGeminisRoutes(_ target: String, _ route: Route) {
        #expect(Route.of(head("POST \(target) HTTP/1.1")) == route)
    }

    @Test(arguments: [
        ("GET /v1beta/models", Route.models(.gemini)), ("GET /v1beta/models?pageSize=5", .models(.gemini)), ("HEAD /v1beta/models/a/b", .model("a/b", .gemini)),
        ("GET /v1/models/llama3:8b", .model("llama3:8b", .openAI)), ("GET /v1beta/models/llama3:8b", .model("llama3:8b", .gemini)),
        ("GET /v1beta/models/g:countTokens", .methodNotAllowed(allow: "POST", of: gemini(.countTokens, "g"))),
    ]) func findsGeminisLists(_ line: String, _ route: Route) {
        #expect(Route.of(head(line + " HTTP/1.1")) == route)
    }

    @Test func listsInTheClientsShape() {
        #expect(Route.of(head("GET /v1/models HTTP/1.1", "anthropic-version: 2023-06-01")) == .models(.anthropic))
        #expect(Route.of(head("GET /v1beta/models HTTP/1.1", "anthropic-version: 2023-06-01")) == .models(.gemini))
    }

    @Test func refusesTheUpgradeOfResponses() {
        #expect(Route.of(head("GET /v1/responses HTTP/1.1", "Upgrade: websocket", "Connection: upgrade")) == .responsesUpgrade)
    }

    @Test(arguments: [
        ("/v1/messages", Dialect.messages), ("/v1/messages/count_tokens", .messages), ("/v1/responses/x", .responses),
        ("/v1/responses/input_tokens", .responses), ("/v1/embeddings", .chat),
        ("/v1/chat/completions", .chat), ("/nothing", .chat), ("/v1/models", .chat), ("/v1beta/models/g:generateContent", .gemini), ("/v1beta/nothing", .gemini),
        ("/v1/models/g:generateContent", .gemini), ("/v1/models/g", .chat),
    ]) func tellsErrorsInTheDialectOfThePath(_ path: String, _ dialect: Dialect) {
        #expect(Route.dialect(of: head("POST \(path) HTTP/1.1")) == dialect)
    }

    @Test func tellsErrorsOfTheListInTheClientsDialect() {
        #expect(Route.dialect(of: head("GET /v1/models/x HTTP/1.1", "anthropic-version: 2023-06-01")) == .messages)
    }
}
