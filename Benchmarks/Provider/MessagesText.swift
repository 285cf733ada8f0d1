/// Anthropic Messages: named events, one content block, usage at both ends, `message_stop` as the end mark.
struct MessagesText: AnswerText {
    private let model: String

    init(model: String) { self.model = model }

    func opening(includesUsage: Bool) -> String {
        AnswerFigures.event("message_start", #""message":\#(message(content: "", stopReason: "null", tokens: 1))"#)
            + AnswerFigures.event("content_block_start", #""index":0,"content_block":{"type":"text","text":""}"#)
            + AnswerFigures.event("ping")
    }

    func token(includesUsage: Bool) -> [TokenTemplate.Piece] {
        [
            .text("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\""),
            .token, .text("\"}}\n\n"),
        ]
    }

    func closing(tokens: Int, text: String, includesUsage: Bool) -> String {
        AnswerFigures.event("content_block_stop", #""index":0"#)
            + AnswerFigures.event(
                "message_delta", #""delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{\#(usage(tokens))}"#)
            + AnswerFigures.event("message_stop")
    }

    func whole(tokens: Int, text: String) -> String {
        message(content: #"{"type":"text","text":"\#(text)"}"#, stopReason: #""end_turn""#, tokens: tokens)
    }

    private func message(content: String, stopReason: String, tokens: Int) -> String {
        #"{"id":"msg_bench","type":"message","role":"assistant","model":"\#(model)","content":[\#(content)],"#
            + #""stop_reason":\#(stopReason),"stop_sequence":null,"usage":{\#(usage(tokens)),"service_tier":"standard"}}"#
    }

    private func usage(_ tokens: Int) -> String {
        #""input_tokens":\#(AnswerFigures.inputTokens),"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"#
            + #""output_tokens":\#(tokens)"#
    }
}
