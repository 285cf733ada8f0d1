/// OpenAI Responses: named and numbered events, the text repeated in four closing ones, `response.completed` as the end mark.
struct ResponsesText: AnswerText {
    /// Events before the first token, which takes the number behind theirs.
    private static let openingEvents = 4
    private static let place = #""item_id":"msg_bench","output_index":0,"content_index":0"#

    private let model: String

    init(model: String) { self.model = model }

    func opening(includesUsage: Bool) -> String {
        let response = response("in_progress", output: "", usage: "null")
        return event("response.created", 0, #""response":\#(response)"#)
            + event("response.in_progress", 1, #""response":\#(response)"#)
            + event("response.output_item.added", 2, #""output_index":0,"item":\#(item("in_progress", content: ""))"#)
            + event("response.content_part.added", 3, #"\#(Self.place),"part":\#(part(""))"#)
    }

    func token(includesUsage: Bool) -> [TokenTemplate.Piece] {
        [
            .text("event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":"),
            .index(plus: Self.openingEvents), .text(",\(Self.place),\"delta\":\""), .token, .text("\",\"logprobs\":[]}\n\n"),
        ]
    }

    func closing(tokens: Int, text: String, includesUsage: Bool) -> String {
        let next = Self.openingEvents + tokens
        let item = item("completed", content: part(text))
        return event("response.output_text.done", next, #"\#(Self.place),"text":"\#(text)","logprobs":[]"#)
            + event("response.content_part.done", next + 1, #"\#(Self.place),"part":\#(part(text))"#)
            + event("response.output_item.done", next + 2, #""output_index":0,"item":\#(item)"#)
            + event("response.completed", next + 3, #""response":\#(response("completed", output: item, usage: usage(tokens)))"#)
    }

    func whole(tokens: Int, text: String) -> String {
        response("completed", output: item("completed", content: part(text)), usage: usage(tokens))
    }

    private func event(_ name: String, _ number: Int, _ members: String) -> String {
        AnswerFigures.event(name, #""sequence_number":\#(number),\#(members)"#)
    }

    private func part(_ text: String) -> String { #"{"type":"output_text","annotations":[],"logprobs":[],"text":"\#(text)"}"# }

    private func item(_ status: String, content: String) -> String {
        #"{"id":"msg_bench","type":"message","status":"\#(status)","role":"assistant","content":[\#(content)]}"#
    }

    private func usage(_ tokens: Int) -> String {
        #"{"input_tokens":\#(AnswerFigures.inputTokens),"input_tokens_details":{"cached_tokens":0},"output_tokens":\#(tokens),"#
            + #""output_tokens_details":{"reasoning_tokens":0},"total_tokens":\#(AnswerFigures.inputTokens + tokens)}"#
    }

    private func response(_ status: String, output: String, usage: String) -> String {
        #"{"id":"resp_bench","object":"response","created_at":\#(AnswerFigures.created),"status":"\#(status)","background":false,"#
            + #""error":null,"incomplete_details":null,"instructions":null,"max_output_tokens":null,"model":"\#(model)","#
            + #""output":[\#(output)],"parallel_tool_calls":true,"previous_response_id":null,"#
            + #""reasoning":{"effort":null,"summary":null},"service_tier":"default","store":true,"temperature":1.0,"#
            + #""text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"top_p":1.0,"truncation":"disabled","#
            + #""usage":\#(usage),"user":null,"metadata":{}}"#
    }
}
