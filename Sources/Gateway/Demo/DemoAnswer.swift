import Dialects

/// The demo provider's answers: the same words for the same request, in every dialect, whole or as a stream of events.
///
/// A value without time or sockets; `DemoHandler` sends what it makes at the pace that is configured.
struct DemoAnswer {
    /// Words that `demo/stream` answers with.
    static let text =
        "Hello from Ekai Gateway. No provider key is set yet, so this answer comes from the built-in demo provider, "
        + "one token after the other, through the very same reactor, relay and books that a real provider's answer "
        + "takes. Set OPENAI_API_KEY or ANTHROPIC_API_KEY and ask again with a real model."
    /// Longest text that `demo/echo` repeats, in bytes.
    static let echoBytesMax = 16 * 1024

    let dialect: Dialect
    let model: String
    /// The answer in pieces, one event each.
    let tokens: [String]
    let inputTokens: Int
    let includesUsage: Bool
    let createdSeconds: Int
    /// A Gemini stream that is one JSON array instead of events.
    var isJSONArray = false

    private var id: String {
        switch dialect {
        case .chat: "chatcmpl-demo"
        case .responses: "resp_demo"
        case .messages: "msg_demo"
        case .gemini: "demo"
        }
    }
    private var whole: String { tokens.joined() }

    /// Splits a text into words with their leading space: a token each, as far as a demo is concerned.
    static func tokens(of text: String) -> [String] {
        var result: [String] = []
        var current = ""
        for character in text {
            if character == " ", !current.isEmpty {
                result.append(current)
                current = ""
            }
            current.append(character)
        }
        if !current.isEmpty { result.append(current) }
        return result
    }

    // MARK: Streamed

    /// The events before the first token.
    func opening() -> String {
        switch dialect {
        case .chat:
            return chunk(#"{"role":"assistant","content":""}"#, finish: "null")
        case .messages:
            return event(
                "message_start",
                #"{"type":"message_start","message":{"id":"\#(id)","type":"message","role":"assistant","model":\#(quoted(model)),"#
                    + #""content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":\#(inputTokens),"#
                    + #""output_tokens":1}}}"#)
                + event(
                    "content_block_start",
                    #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#)
        case .responses:
            return event("response.created", #"{"type":"response.created","sequence_number":0,"response":\#(response("in_progress", output: "[]", usage: "null"))}"#)
                + event("response.output_item.added", #"{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"msg_demo","type":"message","role":"assistant","status":"in_progress","content":[]}}"#)
                + event("response.content_part.added", #"{"type":"response.content_part.added","sequence_number":2,"item_id":"msg_demo","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}}"#)
        case .gemini:
            return isJSONArray ? "[" : ""
        }
    }

    /// The event of the token at `index`.
    func token(_ index: Int) -> String {
        let text = quoted(tokens[index])
        switch dialect {
        case .chat: return chunk(#"{"content":\#(text)}"#, finish: "null")
        case .messages:
            return event("content_block_delta", #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":\#(text)}}"#)
        case .responses:
            return event(
                "response.output_text.delta",
                #"{"type":"response.output_text.delta","sequence_number":\#(3 + index),"item_id":"msg_demo","output_index":0,"content_index":0,"delta":\#(text)}"#)
        case .gemini:
            return element(gemini(tokens[index], finish: false), isFirst: index == 0)
        }
    }

    /// The events after the last token, end mark included.
    func closing() -> String {
        switch dialect {
        case .chat:
            var events = chunk("{}", finish: #""stop""#)
            if includesUsage {
                events += "data: {\(chunkHead),\"choices\":[],\"usage\":\(chatUsage)}\n\n"
            }
            return events + "data: [DONE]\n\n"
        case .messages:
            return event("content_block_stop", #"{"type":"content_block_stop","index":0}"#)
                + event("message_delta", #"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":\#(tokens.count)}}"#)
                + event("message_stop", #"{"type":"message_stop"}"#)
        case .responses:
            let next = 3 + tokens.count
            return event("response.output_text.done", #"{"type":"response.output_text.done","sequence_number":\#(next),"item_id":"msg_demo","output_index":0,"content_index":0,"text":\#(quoted(whole))}"#)
                + event("response.content_part.done", #"{"type":"response.content_part.done","sequence_number":\#(next + 1),"item_id":"msg_demo","output_index":0,"content_index":0,"part":\#(part)}"#)
                + event("response.output_item.done", #"{"type":"response.output_item.done","sequence_number":\#(next + 2),"output_index":0,"item":\#(item)}"#)
                + event("response.completed", #"{"type":"response.completed","sequence_number":\#(next + 3),"response":\#(response("completed", output: "[\(item)]", usage: responsesUsage))}"#)
        case .gemini:
            return element(gemini("", finish: true), isFirst: tokens.isEmpty) + (isJSONArray ? "]" : "")
        }
    }

    // MARK: Whole

    /// The answer as one JSON document.
    func json() -> String {
        switch dialect {
        case .chat:
            return #"{"id":"\#(id)","object":"chat.completion","created":\#(createdSeconds),"model":\#(quoted(model)),"#
                + #""choices":[{"index":0,"message":{"role":"assistant","content":\#(quoted(whole)),"refusal":null},"#
                + #""logprobs":null,"finish_reason":"stop"}],"usage":\#(chatUsage)}"#
        case .messages:
            return #"{"id":"\#(id)","type":"message","role":"assistant","model":\#(quoted(model)),"#
                + #""content":[{"type":"text","text":\#(quoted(whole))}],"stop_reason":"end_turn","stop_sequence":null,"#
                + #""usage":{"input_tokens":\#(inputTokens),"output_tokens":\#(tokens.count)}}"#
        case .responses:
            return response("completed", output: "[\(item)]", usage: responsesUsage)
        case .gemini:
            return gemini(whole, finish: true)
        }
    }

    // MARK: Parts

    private var chunkHead: String {
        #""id":"\#(id)","object":"chat.completion.chunk","created":\#(createdSeconds),"model":\#(quoted(model))"#
    }

    private func chunk(_ delta: String, finish: String) -> String {
        "data: {\(chunkHead),\"choices\":[{\"index\":0,\"delta\":\(delta),\"logprobs\":null,\"finish_reason\":\(finish)}]}\n\n"
    }

    private var chatUsage: String {
        #"{"prompt_tokens":\#(inputTokens),"completion_tokens":\#(tokens.count),"total_tokens":\#(inputTokens + tokens.count)}"#
    }

    private var responsesUsage: String {
        #"{"input_tokens":\#(inputTokens),"input_tokens_details":{"cached_tokens":0},"output_tokens":\#(tokens.count),"#
            + #""output_tokens_details":{"reasoning_tokens":0},"total_tokens":\#(inputTokens + tokens.count)}"#
    }

    private var part: String { #"{"type":"output_text","text":\#(quoted(whole)),"annotations":[]}"# }

    private var item: String {
        #"{"id":"msg_demo","type":"message","role":"assistant","status":"completed","content":[\#(part)]}"#
    }

    private func response(_ status: String, output: String, usage: String) -> String {
        #"{"id":"\#(id)","object":"response","created_at":\#(createdSeconds),"status":"\#(status)","error":null,"#
            + #""incomplete_details":null,"instructions":null,"metadata":{},"model":\#(quoted(model)),"output":\#(output),"#
            + #""parallel_tool_calls":true,"temperature":1.0,"tool_choice":"auto","tools":[],"top_p":1.0,"usage":\#(usage)}"#
    }

    /// A Gemini answer, or a piece of one; the last piece has the finish reason and all tokens.
    private func gemini(_ text: String, finish: Bool) -> String {
        let output = finish ? #""candidatesTokenCount":\#(tokens.count),"# : ""
        return #"{"candidates":[{"content":{"parts":[{"text":\#(quoted(text))}],"role":"model"},"#
            + (finish ? #""finishReason":"STOP","# : "")
            + #""index":0}],"usageMetadata":{"promptTokenCount":\#(inputTokens),\#(output)"#
            + #""totalTokenCount":\#(inputTokens + (finish ? tokens.count : 0))},"modelVersion":\#(quoted(model)),"responseId":"\#(id)"}"#
    }

    /// A piece of a Gemini stream in its form.
    private func element(_ json: String, isFirst: Bool) -> String {
        isJSONArray ? (isFirst ? json : ",\r\n" + json) : "data: \(json)\r\n\r\n"
    }

    private func event(_ name: String, _ data: String) -> String { "event: \(name)\ndata: \(data)\n\n" }

    private func quoted(_ text: String) -> String { StatusDocuments.quoted(text) }
}
