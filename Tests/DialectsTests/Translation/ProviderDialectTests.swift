import Testing

@testable import Dialects

@Suite struct ProviderDialectTests {
    @Test(arguments: [
        // The client's own wherever it is spoken.
        (Dialect.messages, "claude", [Dialect.chat, .messages], Dialect.messages),
        // OpenAI: chat, but for the models that are behind Responses only.
        (.messages, "gpt-5", [.chat, .responses], .chat), (.gemini, "gpt-5", [.chat, .responses], .chat),
        (.messages, "gpt-5.3-codex", [.chat, .responses], .responses), (.gemini, "o3-pro-2025-06-10", [.chat, .responses], .responses),
        (.messages, "o3-pro", [.chat], .chat), (.gemini, "google/gemini-2.5-pro", [.chat, .responses], .chat), (.messages, "openai/o3-pro", [.chat, .responses], .responses),
        // Google: its own dialect says more than its chat.
        (.messages, "gemini-3-pro-preview", [.chat, .gemini], .gemini), (.responses, "gemini-2.5-pro", [.chat, .gemini], .gemini),
        (.chat, "gemini-2.5-pro", [.chat, .gemini], .chat),
        (.chat, "claude", [.messages], .messages), (.responses, "claude", [.messages], .messages), (.gemini, "claude", [.messages], .messages),
    ])
    func asksInTheDialectThatCarriesMost(_ client: Dialect, _ model: String, _ spoken: [Dialect], _ expected: Dialect) {
        #expect(client.spoken(to: model, where: spoken.contains) == expected)
    }

    @Test func whoSpeaksNothingIsNotAsked() {
        #expect(Dialect.chat.spoken(to: "m", where: { _ in false }) == nil)
    }
}
