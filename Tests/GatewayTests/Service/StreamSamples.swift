import Testing
import Dialects

/// A short stream of each dialect, with text beyond ASCII, and the request that asks for it.
struct StreamSample: Sendable, CustomTestStringConvertible {
    var dialect: Dialect
    /// Where it is asked for, when that is not the dialect's one path.
    var target: String?
    var request: String
    var stream: String
    /// What its end looks like when the provider breaks off.
    var errorMark: String

    var testDescription: String { dialect.rawValue }
    var path: String { target ?? dialect.endpointPath }

    /// The stream up to the end of the event that carries the text.
    var eventsThroughContent: String {
        let events = stream.split(separator: "\n\n")
        let last = events.firstIndex { $0.contains("Grüß") } ?? 0
        return events[...last].map { $0 + "\n\n" }.joined()
    }

    static let all = [chat, messages, responses, gemini]

    static let chat = StreamSample(
        dialect: .chat, request: #"{"model":"m-1","stream":true,"stream_options":{"include_usage":true},"messages":[],"x":[1, 2]}"#,
        stream: """
            data: {"id":"c1","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}

            data: {"id":"c1","choices":[{"index":0,"delta":{"content":"Grüß 👋"}}]}

            data: {"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

            data: {"id":"c1","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}

            data: [DONE]


            """,
        errorMark: #"data: {"error":"#)

    static let messages = StreamSample(
        dialect: .messages, request: #"{"model":"m-1","stream":true,"max_tokens":9,"messages":[]}"#,
        stream: """
            event: message_start
            data: {"type":"message_start","message":{"id":"msg_1","usage":{"input_tokens":7,"output_tokens":1}}}

            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Grüß 👋"}}

            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}

            event: message_stop
            data: {"type":"message_stop"}


            """,
        errorMark: "event: error\ndata: ")

    static let gemini = StreamSample(
        dialect: .gemini, target: "/v1beta/models/m-1:streamGenerateContent?alt=sse", request: #"{"contents":[{"parts":[{"text":"hi"}]}],"x":[1, 2]}"#,
        stream: """
            data: {"candidates":[{"content":{"parts":[{"text":""}],"role":"model"}}],"usageMetadata":{"promptTokenCount":7},"responseId":"g1"}

            data: {"candidates":[{"content":{"parts":[{"text":"Grüß 👋"}],"role":"model"}}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":1}}

            data: {"candidates":[{"content":{"parts":[{"text":"!"}],"role":"model"},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":5}}


            """,
        errorMark: #"data: {"error":"#)

    static let responses = StreamSample(
        dialect: .responses, request: #"{"model":"m-1","stream":true,"input":"hi"}"#,
        stream: """
            event: response.created
            data: {"type":"response.created","sequence_number":0,"response":{"id":"r1","status":"in_progress"}}

            event: response.output_text.delta
            data: {"type":"response.output_text.delta","sequence_number":1,"delta":"Grüß 👋"}

            event: response.completed
            data: {"type":"response.completed","sequence_number":2,"response":{"id":"r1","status":"completed","usage":{"input_tokens":7,"output_tokens":5,"total_tokens":12}}}


            """,
        errorMark: "event: error\ndata: ")
}
