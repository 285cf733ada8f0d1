import Foundation
import Routing
import Testing

@testable import Gateway

@Suite struct ModelDocumentsTests {
    private static let models = [
        ServedModel(
            id: "gpt-4o", provider: "openai", facts: nil,
            price: Routing.ModelPrice(base: .init(input: 2_500_000, output: 10_000_000, cacheRead: 1_250_001))),
        ServedModel(id: "a/\"b\"", provider: "other", facts: nil, price: nil),
        ServedModel(id: "alias", provider: nil, facts: nil, price: Routing.ModelPrice(base: .init(input: 0, output: 1))),
    ]

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private func ids(_ parameters: [String: String]) throws -> [String] {
        let list = try object(ModelDocuments.list(Self.models, parameters, .openAI))
        return try #require(list["data"] as? [[String: Any]]).compactMap { $0["id"] as? String }
    }

    @Test func listsInOpenAIsShape() throws {
        let text = ModelDocuments.list(Self.models, [:], .openAI)
        #expect(try object(text)["object"] as? String == "list")
        #expect(try ids([:]) == ["gpt-4o", "a/\"b\"", "alias"])
        #expect(
            ModelDocuments.one(Self.models[0], .openAI)
                == #"{"id":"gpt-4o","object":"model","created":1700000000,"owned_by":"openai","pricing":{"input":2.5,"output":10,"cache_read":1.250001}}"#)
        #expect(ModelDocuments.one(Self.models[2], .openAI).hasSuffix(#""owned_by":"ekai","pricing":{"input":0,"output":0.000001}}"#))
    }

    @Test func listsInAnthropicsShape() throws {
        let list = try object(ModelDocuments.list(Self.models, ["limit": "2"], .anthropic))
        #expect(list["has_more"] as? Bool == true)
        #expect(list["first_id"] as? String == "gpt-4o")
        #expect(list["last_id"] as? String == "a/\"b\"")
        let first = try #require((list["data"] as? [[String: Any]])?.first)
        #expect(first["type"] as? String == "model" && first["display_name"] as? String == "gpt-4o")
        let none = try object(ModelDocuments.list([], [:], .anthropic))
        #expect(none["first_id"] is NSNull && none["has_more"] as? Bool == false)
    }

    @Test func listsInGeminisShape() throws {
        let list = try object(ModelDocuments.list(Self.models, ["pageSize": "2"], .gemini))
        #expect(list["nextPageToken"] as? String == "2")
        let first = try #require((list["models"] as? [[String: Any]])?.first)
        #expect(first["name"] as? String == "models/gpt-4o" && first["displayName"] as? String == "gpt-4o")
        #expect(first["supportedGenerationMethods"] as? [String] == ["generateContent", "streamGenerateContent", "countTokens"])
        let rest = try object(ModelDocuments.list(Self.models, ["pageSize": "2", "pageToken": "2"], .gemini))
        #expect((rest["models"] as? [[String: Any]])?.map { $0["name"] as? String } == ["models/alias"])
        #expect(rest["nextPageToken"] == nil)
        let facts = ModelFacts(
            provider: "google", model: "g", price: Routing.ModelPrice(base: .init()), contextTokens: 1_048_576, outputTokensMax: 65_536)
        let one = ServedModel(id: "g", provider: "google", facts: facts, price: nil, dialects: [.gemini, .chat])
        #expect(
            ModelDocuments.one(one, .gemini)
                == #"{"name":"models/g","displayName":"g","inputTokenLimit":1048576,"outputTokenLimit":65536,"supportedGenerationMethods":["generateContent","streamGenerateContent","countTokens"],"provider":"google"}"#)
    }

    @Test(arguments: [
        (["provider": "openai"], ["gpt-4o"]), (["search": "ALI"], ["alias"]), (["offset": "1", "limit": "1"], ["a/\"b\""]),
        (["offset": "9"], []), (["offset": "-1", "limit": "0"], ["gpt-4o"]), (["limit": "x"], ["gpt-4o", "a/\"b\"", "alias"]),
    ] as [([String: String], [String])]) func filters(_ parameters: [String: String], _ expected: [String]) throws {
        #expect(try ids(parameters) == expected)
    }

    @Test(arguments: ["plain", "q\"b\\s", "line\nend\u{0}", "ü👋"]) func quotesText(_ text: String) throws {
        let quoted = StatusDocuments.quoted(text)
        #expect(try JSONSerialization.jsonObject(with: Data(quoted.utf8), options: .fragmentsAllowed) as? String == text)
    }
}
