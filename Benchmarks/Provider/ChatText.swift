/// OpenAI chat completions: unnamed events, `[DONE]` at the end, usage in a chunk of its own when asked for.
struct ChatText: AnswerText {
    private let model: String

    init(model: String) { self.model = model }

    func opening(includesUsage: Bool) -> String {
        chunk(#"{"role":"assistant","content":"","refusal":null}"#, includesUsage: includesUsage)
    }

    func token(includesUsage: Bool) -> [TokenTemplate.Piece] {
        [
            .text("data: \(head("chat.completion.chunk")),\"choices\":[{\"index\":0,\"delta\":{\"content\":\""), .token,
            .text("\"},\"logprobs\":null,\"finish_reason\":null}]\(includesUsage ? ",\"usage\":null" : "")}\n\n"),
        ]
    }

    func closing(tokens: Int, text: String, includesUsage: Bool) -> String {
        var events = chunk("{}", finishReason: "\"stop\"", includesUsage: includesUsage)
        if includesUsage { events += "data: \(head("chat.completion.chunk")),\"choices\":[],\"usage\":\(usage(tokens))}\n\n" }
        return events + "data: [DONE]\n\n"
    }

    func whole(tokens: Int, text: String) -> String {
        head("chat.completion")
            + #","choices":[{"index":0,"message":{"role":"assistant","content":"\#(text)","refusal":null,"annotations":[]},"#
            + #""logprobs":null,"finish_reason":"stop"}],"usage":\#(usage(tokens))}"#
    }

    private func chunk(_ delta: String, finishReason: String = "null", includesUsage: Bool) -> String {
        "data: \(head("chat.completion.chunk")),\"choices\":[{\"index\":0,\"delta\":\(delta),\"logprobs\":null,"
            + "\"finish_reason\":\(finishReason)}]\(includesUsage ? ",\"usage\":null" : "")}\n\n"
    }

    /// The members that every object begins with; the object stays open.
    private func head(_ object: String) -> String {
        #"{"id":"chatcmpl-bench","object":"\#(object)","created":\#(AnswerFigures.created),"model":"\#(model)","#
            + #""service_tier":"default","system_fingerprint":"fp_bench""#
    }

    private func usage(_ tokens: Int) -> String {
        #"{"prompt_tokens":\#(AnswerFigures.inputTokens),"completion_tokens":\#(tokens),"#
            + #""total_tokens":\#(AnswerFigures.inputTokens + tokens),"#
            + #""prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"#
            + #""completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}}"#
    }
}
