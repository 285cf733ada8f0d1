import Dialects

/// What the mock provider says around its tokens.
enum MockText {
    static let chatChunkHead =
        #""id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,"model":"bench""#
    private static let inputTokens = 16

    /// The events before the first token.
    static func opening(_ dialect: Dialect) -> String {
        switch dialect {
        case .chat:
            return
                "data: {\(chatChunkHead),\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n"
        case .messages:
            return event(
                "message_start",
                #""message":{"id":"msg_bench","type":"message","role":"assistant","model":"bench","content":[],"#
                    + #""stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":\#(inputTokens),"output_tokens":1}}"#)
                + event("content_block_start", #""index":0,"content_block":{"type":"text","text":""}"#)
        case .responses:
            return event("response.created", #""sequence_number":0,"response":\#(response("in_progress", usage: "null"))"#)
                + event(
                    "response.output_item.added",
                    #""sequence_number":1,"output_index":0,"item":{"id":"msg_bench","type":"message","role":"assistant","#
                        + #""status":"in_progress","content":[]}"#)
        }
    }

    /// How many events of a numbered dialect the opening takes.
    static let openingEvents = 2

    /// The events after the last token, end mark included.
    static func closing(_ dialect: Dialect, tokens: Int, includesUsage: Bool) -> String {
        switch dialect {
        case .chat:
            var text =
                "data: {\(chatChunkHead),\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\n"
            if includesUsage { text += "data: {\(chatChunkHead),\"choices\":[],\"usage\":\(chatUsage(tokens))}\n\n" }
            return text + "data: [DONE]\n\n"
        case .messages:
            return event("content_block_stop", #""index":0"#)
                + event(
                    "message_delta",
                    #""delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":\#(tokens)}"#)
                + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
        case .responses:
            return event(
                "response.completed",
                #""sequence_number":\#(openingEvents + tokens),"response":\#(response("completed", usage: responsesUsage(tokens)))"#)
        }
    }

    /// The answer in one piece.
    static func whole(_ dialect: Dialect, tokens: Int, text: String) -> String {
        switch dialect {
        case .chat:
            return #"{"id":"chatcmpl-bench","object":"chat.completion","created":1700000000,"model":"bench","choices":[{"index":0,"#
                + #""message":{"role":"assistant","content":"\#(text)","refusal":null},"logprobs":null,"finish_reason":"stop"}],"#
                + #""usage":\#(chatUsage(tokens))}"#
        case .messages:
            return #"{"id":"msg_bench","type":"message","role":"assistant","model":"bench","content":[{"type":"text","#
                + #""text":"\#(text)"}],"stop_reason":"end_turn","stop_sequence":null,"#
                + #""usage":{"input_tokens":\#(inputTokens),"output_tokens":\#(tokens)}}"#
        case .responses:
            return response("completed", text: text, usage: responsesUsage(tokens))
        }
    }

    private static func event(_ name: String, _ members: String) -> String {
        "event: \(name)\ndata: {\"type\":\"\(name)\",\(members)}\n\n"
    }

    private static func chatUsage(_ tokens: Int) -> String {
        #"{"prompt_tokens":\#(inputTokens),"completion_tokens":\#(tokens),"total_tokens":\#(inputTokens + tokens)}"#
    }

    private static func responsesUsage(_ tokens: Int) -> String {
        #"{"input_tokens":\#(inputTokens),"input_tokens_details":{"cached_tokens":0},"output_tokens":\#(tokens),"#
            + #""output_tokens_details":{"reasoning_tokens":0},"total_tokens":\#(inputTokens + tokens)}"#
    }

    private static func response(_ status: String, text: String = "", usage: String) -> String {
        let item =
            #"{"id":"msg_bench","type":"message","role":"assistant","status":"completed","#
            + #""content":[{"type":"output_text","text":"\#(text)","annotations":[]}]}"#
        return #"{"id":"resp_bench","object":"response","created_at":1700000000,"status":"\#(status)","error":null,"#
            + #""incomplete_details":null,"model":"bench","output":[\#(status == "completed" ? item : "")],"usage":\#(usage)}"#
    }
}
