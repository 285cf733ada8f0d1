import Foundation
import Streaming
import Testing

@testable import Dialects

/// What becomes of one request and two streams on each of the twelve ways, byte for byte, as it was read and found right once
/// (`Fixtures/translation/golden`). `EKAI_WRITE_GOLDEN=1` writes the files anew, to be read again.
@Suite struct GoldenTests {
    private static let folder = PairFixtures.folder.deletingLastPathComponent().appendingPathComponent("golden")
    private static let writes = ProcessInfo.processInfo.environment["EKAI_WRITE_GOLDEN"] == "1"

    /// The request's client is the stream's: a way there and its way back have one name.
    @Test(arguments: DialectPair.all) func requests(_ pair: DialectPair) throws {
        let models: [Dialect: String] = [
            .chat: "gpt-4.1", .responses: "gpt-5.1", .messages: "claude-sonnet-4-5", .gemini: "gemini-3-flash-preview",
        ]
        let profiles: [Dialect: ProviderProfile] = [.messages: .anthropic, .gemini: .google]
        let target = TranslationTarget(
            dialect: pair.provider, model: try #require(models[pair.provider]), profile: profiles[pair.provider] ?? .openAI)
        let json = String(decoding: try PairFixtures.bytes("\(pair.client)-request.json"), as: UTF8.self)
        let translated = try TranslatedRequest(json, from: pair.client, to: target, plan: pairPlan())
        try compare(translated.text + "\n", "\(pair.client)-client-to-\(pair.provider).request.json")
    }

    @Test(arguments: DialectPair.all, ["text", "tools"]) func streams(_ pair: DialectPair, _ feature: String) throws {
        let bytes = try PairFixtures.bytes("\(pair.provider)-\(feature).sse")
        let stream = try TranslatedStream([bytes[...]], pair)
        #expect(stream.ending == .complete)
        try compare(stream.text, "\(pair.provider)-to-\(pair.client)-client.\(feature).sse")
    }

    private func compare(_ text: String, _ name: String) throws {
        let file = Self.folder.appendingPathComponent(name)
        if Self.writes {
            try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        #expect(text == String(decoding: try Data(contentsOf: file), as: UTF8.self), "\(name) has changed")
    }
}
