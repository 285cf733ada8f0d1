import Streaming
import Testing

@testable import Dialects

@Suite struct MessagesObserverTests {
    private let start =
        #"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[],"usage":{"input_tokens":28,"cache_creation_input_tokens":30,"cache_read_input_tokens":7,"cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},"output_tokens":5}}}"#

    private func observer() -> MessagesObserver { MessagesObserver(reader: JSONReader()) }

    @Test func aWholeStream() {
        var observer = observer()
        #expect(observer.observe(start, name: "message_start") == EventVerdict(.lifecycle))
        #expect(observer.answer.responseID == "msg_1")
        #expect(observer.answer.model == "claude-x")
        #expect(observer.answer.usage?.cacheWrite1Hour == 20)
        #expect(!observer.answer.usageIsFinal)
        #expect(observer.observe(#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#, name: "content_block_start") == EventVerdict(.lifecycle))
        #expect(observer.observe(#"{"type":"ping"}"#, name: "ping") == EventVerdict(.lifecycle))
        #expect(observer.observe(#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}  }"#, name: "content_block_delta") == EventVerdict(.content))
        #expect(observer.answer.contentTextBytes == 5)
        #expect(observer.observe(#"{"type":"content_block_stop","index":0}"#, name: "content_block_stop") == EventVerdict(.lifecycle))
        let delta = #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":106,"output_tokens_details":{"thinking_tokens":67}}}"#
        #expect(observer.observe(delta, name: "message_delta") == EventVerdict(.lifecycle))
        #expect(observer.observe(#"{"type":"message_stop"}"#, name: "message_stop") == EventVerdict(.terminal))
        let usage = observer.answer.settledUsage()
        #expect(observer.answer.isComplete)
        #expect(usage.input == 28)
        #expect(usage.cacheRead == 7)
        #expect(usage.cacheWrite5Minutes == 10)
        #expect(usage.cacheWrite1Hour == 20)
        #expect(usage.output == 106)
        #expect(usage.reasoning == 67)
        #expect(!usage.isEstimated)
    }

    @Test func messageDeltaOverridesWhatItNamesAndNothingElse() {
        var observer = observer()
        _ = observer.observe(start, name: "message_start")
        _ = observer.observe(#"{"type":"message_delta","usage":{"input_tokens":9911,"output_tokens":1,"cache_read_input_tokens":null}}"#, name: "message_delta")
        _ = observer.observe(#"{"type":"message_delta","usage":{"output_tokens":343}}"#, name: "message_delta")
        #expect(observer.answer.usage?.input == 9911)
        #expect(observer.answer.usage?.cacheRead == 7)
        #expect(observer.answer.usage?.output == 343)
    }

    @Test(arguments: [
        (#"{"type":"thinking","thinking":"","signature":""}"#, EventMeaning.lifecycle),
        (#"{"type":"text","text":""}"#, .lifecycle),
        (#"{"type":"text","text":"Hi"}"#, .content),
        (#"{"type":"tool_use","id":"toolu_1","name":"f","input":{}}"#, .content),
        (#"{"type":"server_tool_use","id":"s","name":"web_search","input":{}}"#, .content),
        (#"{"type":"redacted_thinking","data":"x"}"#, .content),
        (#"{"type":"web_search_tool_result","tool_use_id":"s","content":[]}"#, .content),
    ])
    func blocksThatOpenEmptyAreFrames(_ block: String, _ meaning: EventMeaning) {
        var observer = observer()
        let data = #"{"type":"content_block_start","index":0,"content_block":\#(block)}"#
        #expect(observer.observe(data, name: "content_block_start").meaning == meaning)
    }

    @Test(arguments: [
        #"{"type":"thinking_delta","thinking":"x"}"#, #"{"type":"signature_delta","signature":"EpYB"}"#, #"{"type":"input_json_delta","partial_json":""}"#,
        #"{"type":"citations_delta","citation":{}}"#, #"{"type":"something_new"}"#,
    ])
    func everyDeltaIsContent(_ delta: String) {
        var observer = observer()
        #expect(observer.observe(#"{"type":"content_block_delta","index":0,"delta":\#(delta)}"#, name: "content_block_delta") == EventVerdict(.content))
    }

    @Test func signaturesAreNoText() {
        var observer = observer()
        _ = observer.observe(#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"\#(String(repeating: "E", count: 4000))"}}"#, name: "content_block_delta")
        #expect(observer.answer.contentTextBytes == 0)
    }

    @Test func dataWithoutNamesGoesByItsType() {
        var observer = observer()
        #expect(observer.observe(start) == EventVerdict(.lifecycle))
        #expect(observer.answer.usage?.input == 28)
        #expect(observer.observe(#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}"#) == EventVerdict(.content))
        #expect(observer.observe(#"{"index":0,"delta":{"text":"x"},"type" : "content_block_delta"}"#, name: "message") == EventVerdict(.content))
        #expect(observer.observe(#"{"type":"something_else"}"#) == EventVerdict(.lifecycle))
        #expect(observer.observe("nonsense") == EventVerdict(.lifecycle))
        #expect(observer.observe(#"{ "type":"message_stop"}"#) == EventVerdict(.terminal))
    }

    @Test(arguments: [
        (#"{"type":"error","error":{"details":null,"type":"overloaded_error","message":"Overloaded"},"request_id":"req"}"#, "error", ErrorKind.overloaded, "Overloaded"),
        (#"{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}"#, "", .rateLimited, "slow"),
        (#"{"error":{"message":"bare"}}"#, "", .upstreamFailed, "bare"),
        ("oops", "error", .upstreamFailed, "oops"),
    ])
    func failures(_ data: String, _ name: String, _ kind: ErrorKind, _ message: String) {
        var observer = observer()
        #expect(observer.observe(data, name: name) == EventVerdict(.failure))
        #expect(observer.answer.failure?.kind == kind)
        #expect(observer.answer.failure?.message == message)
    }

    @Test func aStreamThatBreaksOffKeepsItsInputAndEstimatesItsOutput() {
        var observer = observer()
        _ = observer.observe(start, name: "message_start")
        for _ in 0..<20 {
            _ = observer.observe(#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"twelve bytes"}}"#, name: "content_block_delta")
        }
        let usage = observer.answer.settledUsage(estimatedInputTokens: 999)
        #expect(usage.isEstimated)
        #expect(usage.input == 28)
        #expect(usage.cacheRead == 7)
        #expect(usage.output == 60)
    }

    @Test func aFailureBeforeContentIsNotBilledAndOneAfterItIs() {
        let overloaded = #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#
        var early = observer()
        _ = early.observe(start, name: "message_start")
        _ = early.observe(overloaded, name: "error")
        #expect(early.answer.settledUsage(estimatedInputTokens: 5) == TokenUsage())
        var late = observer()
        _ = late.observe(start, name: "message_start")
        _ = late.observe(#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}"#, name: "content_block_delta")
        _ = late.observe(overloaded, name: "error")
        #expect(late.answer.settledUsage().input == 28)
        #expect(late.answer.settledUsage().isEstimated)
    }
}
