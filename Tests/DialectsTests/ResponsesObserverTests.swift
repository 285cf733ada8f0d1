import Streaming
import Testing

@testable import Dialects

@Suite struct ResponsesObserverTests {
    private func observer() -> ResponsesObserver { ResponsesObserver(reader: JSONReader()) }

    private let usage = #"{"input_tokens":76,"input_tokens_details":{"cached_tokens":16},"output_tokens":52,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":128}"#

    /// An event as OpenAI writes it.
    private func event(_ type: String, _ number: Int, _ rest: String = "") -> String {
        #"{"type":"\#(type)","sequence_number":\#(number)\#(rest)}"#
    }

    @Test func aWholeStream() {
        var observer = observer()
        let created = #","response":{"id":"resp_1","object":"response","created_at":1763474589,"status":"in_progress","model":"gpt-5","error":null,"usage":null}"#
        #expect(observer.observe(event("response.created", 0, created), name: "response.created") == EventVerdict(.lifecycle))
        #expect(observer.observe(event("response.in_progress", 1, created), name: "response.in_progress") == EventVerdict(.lifecycle))
        #expect(observer.observe(event("response.output_item.added", 2, #","output_index":0"#), name: "response.output_item.added") == EventVerdict(.lifecycle))
        #expect(observer.observe(event("response.content_part.added", 3), name: "response.content_part.added") == EventVerdict(.lifecycle))
        #expect(observer.observe(event("response.output_text.delta", 4, #","item_id":"m","delta":"Hello","obfuscation":"xx""#), name: "response.output_text.delta") == EventVerdict(.content))
        #expect(observer.answer.contentTextBytes == 5)
        #expect(observer.position == ResponsesPosition(lastSequenceNumber: 4, responseID: "resp_1", model: "gpt-5", createdAt: 1_763_474_589))
        #expect(observer.observe(event("response.output_text.done", 5, #","text":"Hello""#), name: "response.output_text.done") == EventVerdict(.content))
        let completed = #","response":{"id":"resp_1","model":"gpt-5","status":"completed","error":null,"usage":\#(usage)}"#
        #expect(observer.observe(event("response.completed", 6, completed), name: "response.completed") == EventVerdict(.terminal))
        #expect(observer.answer.isComplete)
        #expect(observer.answer.usage?.input == 60)
        #expect(observer.answer.usage?.cacheRead == 16)
        #expect(observer.answer.usage?.output == 52)
        #expect(observer.answer.settledUsage().isEstimated == false)
        #expect(observer.position.lastSequenceNumber == 6)
    }

    @Test(arguments: [
        ("response.queued", EventMeaning.lifecycle), ("response.web_search_call.searching", .lifecycle), ("response.mcp_call.completed", .lifecycle),
        ("response.reasoning_summary_part.added", .lifecycle), ("response.reasoning_summary_text.delta", .content),
        ("response.function_call_arguments.delta", .content), ("response.function_call_arguments.done", .content),
        ("response.output_item.done", .content), ("response.output_text.annotation.added", .content), ("response.refusal.delta", .content),
        ("response.image_generation_call.partial_image", .content), ("response.incomplete", .terminal), ("response.something.new", .lifecycle),
        ("keepalive", .lifecycle),
    ])
    func meaningsGoByName(_ type: String, _ meaning: EventMeaning) {
        var named = observer()
        #expect(named.observe(event(type, 9), name: type).meaning == meaning)
        var unnamed = observer()
        #expect(unnamed.observe(event(type, 9)).meaning == meaning)
        #expect(unnamed.position.lastSequenceNumber == 9)
        var reordered = observer()
        #expect(reordered.observe(#"{"sequence_number": 9, "type": "\#(type)"}"#).meaning == meaning)
        #expect(reordered.position.lastSequenceNumber == 9)
    }

    @Test func anIncompleteAnswerIsAnAnswer() {
        var observer = observer()
        _ = observer.observe(event("response.incomplete", 6, #","response":{"id":"r","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"usage":\#(usage)}"#), name: "response.incomplete")
        #expect(observer.answer.isComplete)
        #expect(observer.answer.usage?.output == 52)
    }

    @Test func anErrorThenAFailedResponse() {
        var observer = observer()
        let error = #","error":{"type":"insufficient_quota","code":"insufficient_quota","message":"You exceeded your quota","param":null}"#
        #expect(observer.observe(event("error", 2, error), name: "error") == EventVerdict(.failure))
        #expect(observer.answer.failure == AnswerFailure(kind: .providerAuthFailed, type: "insufficient_quota", code: "insufficient_quota", message: "You exceeded your quota"))
        let failed = #","response":{"id":"resp_2","status":"failed","error":{"code":"server_error","message":"later"},"usage":null}"#
        #expect(observer.observe(event("response.failed", 3, failed), name: "response.failed") == EventVerdict(.failure))
        #expect(observer.answer.failure?.message == "You exceeded your quota")
        #expect(observer.position.lastSequenceNumber == 3)
        #expect(observer.position.responseID == "resp_2")
    }

    @Test func theDocumentedErrorShape() {
        var observer = observer()
        _ = observer.observe(event("error", 2, #","code":"rate_limit_exceeded","message":"slow","param":null"#), name: "error")
        #expect(observer.answer.failure?.kind == .rateLimited)
        #expect(observer.answer.failure?.message == "slow")
    }

    @Test func aFailedResponseByItself() {
        var observer = observer()
        let failed = #","response":{"id":"r","status":"failed","error":{"code":"server_error","message":"broke"},"usage":\#(usage)}"#
        #expect(observer.observe(event("response.failed", 3, failed), name: "response.failed") == EventVerdict(.failure))
        #expect(observer.answer.failure?.message == "broke")
        #expect(observer.answer.usage?.output == 52)
    }

    @Test func textThatLooksLikeMembersMovesNothing() {
        var observer = observer()
        _ = observer.observe(event("response.output_text.delta", 4, #","delta":"\"sequence_number\":99 \"delta\":{""#), name: "response.output_text.delta")
        #expect(observer.position.lastSequenceNumber == 4)
        _ = observer.observe(#"{"type":"response.output_text.delta","delta":"\"sequence_number\":99","sequence_number":5}"#, name: "response.output_text.delta")
        #expect(observer.position.lastSequenceNumber == 5)
    }
}
