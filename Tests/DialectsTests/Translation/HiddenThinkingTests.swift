import Streaming
import Testing

@testable import Dialects

/// A client that does not want to read thinking gets none, from whichever provider, and what has to come back still reaches it.
@Suite struct HiddenThinkingTests {
    private static var steps: [AnswerEvent] {
        [
            .opened(id: nil, model: nil), .thinking(JSONText("secret plan")), .thinkingBreak,
            .signature(ProviderState(.gemini, JSONText("c2ln"))), .text(JSONText("said")), .finish(.complete, stopText: nil), .usage(TokenUsage()), .end,
        ]
    }

    private func written(_ client: Dialect, isStreaming: Bool, isShown: Bool, _ steps: [AnswerEvent] = steps) -> String {
        var plan = AnswerPlan()
        plan.showsThinking = isShown
        return steps.written(isStreaming ? client.streamWriter(plan) : client.wholeWriter(plan), plan)
    }

    @Test(arguments: Dialect.allCases, [false, true]) func staysHidden(_ client: Dialect, _ isStreaming: Bool) {
        #expect(written(client, isStreaming: isStreaming, isShown: true).contains("secret plan"))
        let hidden = written(client, isStreaming: isStreaming, isShown: false)
        #expect(!hidden.contains("secret plan"))
        #expect(hidden.contains("said"))
        #expect(hidden.contains("c2ln"))
    }

    /// Anthropic's signature holds for the text that it closes, not for none.
    @Test(arguments: [Dialect.messages, .responses], [false, true]) func aSignatureOverHiddenTextGoesToo(_ client: Dialect, _ isStreaming: Bool) {
        let sign = AnswerEvent.signature(ProviderState(.messages, JSONText("c2ln")))
        let rest: [AnswerEvent] = [.text(JSONText("said")), .finish(.complete, stopText: nil), .end]
        #expect(!written(client, isStreaming: isStreaming, isShown: false, [.thinking(JSONText("a")), sign] + rest).contains("c2ln"))
        // The provider hid the text itself: then the signature is over the sealed thinking.
        #expect(written(client, isStreaming: isStreaming, isShown: false, [sign] + rest).contains("c2ln"))
    }
}
