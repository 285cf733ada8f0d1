import Streaming
import Testing

@testable import Dialects

@Suite struct ChatObserverTests {
    private func observer(hides: Bool = true) -> ChatObserver { ChatObserver(hidesUsageChunk: hides, reader: JSONReader()) }

    /// An observer that has seen content, so that the quick look is at work.
    private func flowing(hides: Bool = true) -> ChatObserver {
        var observer = observer(hides: hides)
        #expect(observer.observe(#"{"choices":[{"index":0,"delta":{"content":"Hi"}}]}"#).meaning == .content)
        return observer
    }

    @Test(arguments: [
        #"{"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
        #"{"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":null,"refusal":null}}]}"#,
        #"{"choices":[],"created":0,"id":"","model":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]}"#,
        #"{"choices":[{"index":0,"delta":{"tool_calls":[]},"finish_reason":null}]}"#,
        #"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
        #"{"choices":null}"#, "{}", "[]", "7", "not json", "",
    ])
    func framesAreNoContent(_ data: String) {
        var observer = observer()
        #expect(observer.observe(data) == EventVerdict(.lifecycle))
        #expect(observer.answer.contentEvents == 0)
    }

    @Test(arguments: [
        #"{"choices":[{"index":0,"delta":{"content":"a"}}]}"#,
        #"{"choices":[{"index":0,"delta":{"content":" "}}]}"#,
        #"{"choices":[{"index":0,"delta":{"reasoning_content":"First","role":"assistant"}}]}"#,
        #"{"choices":[{"delta":{"role":"assistant","content":"","reasoning":"x"}}]}"#,
        #"{"choices":[{"delta":{"refusal":"No"}}]}"#,
        #"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":""}}]}}]}"#,
        #"{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"x"}]}]}}]}"#,
        #"{"choices":[{"delta":{"role":"assistant"}},{"index":1,"delta":{"content":"x"}}]}"#,
    ])
    func contentIsContentInWhicheverMember(_ data: String) {
        var fresh = observer()
        #expect(fresh.observe(data) == EventVerdict(.content))
        var later = flowing()
        #expect(later.observe(data) == EventVerdict(.content))
        #expect(later.answer.contentEvents == 2)
    }

    @Test func namesComeFromTheFirstThatHasThem() {
        var observer = observer()
        _ = observer.observe(#"{"choices":[],"id":"","model":""}"#)
        _ = observer.observe(#"{"id":"chatcmpl-1","model":"gpt-5","choices":[{"delta":{"role":"assistant"}}]}"#)
        _ = observer.observe(#"{"id":"chatcmpl-2","model":"other","choices":[{"delta":{"content":"a"}}]}"#)
        #expect(observer.answer.responseID == "chatcmpl-1")
        #expect(observer.answer.model == "gpt-5")
    }

    @Test(arguments: [
        #"{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":3,"total_tokens":13}}"#,
        #"{"usage" : {"prompt_tokens":10,"completion_tokens":3,"total_tokens":13}, "choices" : [ ]}"#,
        "{\"usage\"\n:\t{\"prompt_tokens\":10,\"completion_tokens\":3},\"choices\":[]}",
        #"{"us\u0061ge":{"prompt_tokens":10,"completion_tokens":3},"choices":[]}"#,
        #"{"usage":{"prompt_tokens":10,"completion_tokens":3}}"#,
    ])
    func ourUsageChunkIsReadAndHidden(_ data: String) {
        var observer = flowing()
        #expect(observer.mayHide)
        #expect(observer.observe(data) == EventVerdict(.lifecycle, isHidden: true))
        #expect(observer.answer.usage?.input == 10)
        #expect(observer.answer.usage?.output == 3)
        #expect(observer.answer.usageIsFinal)
        var shown = flowing(hides: false)
        #expect(!shown.mayHide)
        #expect(shown.observe(data) == EventVerdict(.lifecycle))
        #expect(shown.answer.usage?.input == 10)
    }

    @Test func usageBesideChoicesIsReadAndShown() {
        var observer = flowing()
        let finish = observer.observe(#"{"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":8}}"#)
        #expect(finish == EventVerdict(.lifecycle))
        #expect(observer.answer.usage?.input == 11)
        #expect(observer.answer.usageIsFinal)
    }

    @Test func runningUsageOnEveryChunkIsTheLastOneAtTheEnd() {
        var observer = observer()
        for count in 1...3 {
            let verdict = observer.observe(#"{"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":5,"completion_tokens":\#(count)}}"#)
            #expect(verdict == EventVerdict(.content))
            #expect(!observer.answer.usageIsFinal)
        }
        #expect(observer.answer.settledUsage().isEstimated)
        #expect(observer.observe("[DONE]") == EventVerdict(.terminal))
        #expect(observer.answer.settledUsage().output == 3)
        #expect(!observer.answer.settledUsage().isEstimated)
    }

    @Test func groqKeepsItsUsageElsewhere() {
        var observer = flowing()
        let verdict = observer.observe(#"{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"req","usage":{"prompt_tokens":18,"completion_tokens":73}}}"#)
        #expect(verdict == EventVerdict(.lifecycle))
        #expect(observer.answer.usage?.output == 73)
    }

    @Test func nullUsageIsNoneAndNeedsNoReading() {
        let data = #"{"id":"c","choices":[{"index":0,"delta":{"content":"a"}}],"usage" : null,"error":null}"#
        #expect(data.borrowed { EventScan($0).needsExactReading } == false)
        var observer = flowing()
        #expect(observer.observe(data) == EventVerdict(.content))
        #expect(observer.answer.usage == nil)
    }

    @Test(arguments: [
        #"{"choices":[{"delta":{"content":"\"usage\": {\"prompt_tokens\": 9} and \"error\": {}"}}]}"#,
        #"{"choices":[{"delta":{"content":"say \"usage"}}]}"#,
        #"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"error\":{\"usage\":1}}"}}]}}]}"#,
        #"{"choices":[{"delta":{"x":{"error":{"message":"no"},"usage":{"prompt_tokens":9}},"content":"a"}}]}"#,
        #"{"choices":[{"delta":{"content":"a"},"error":{"message":"nested"},"finish_reason":null}]}"#,
        #"{"choices":[{"content_filter_result":{"error":{"code":"content_filter_error"}},"delta":{"content":"a"}}]}"#,
        #"{"provider":{"usage":{"prompt_tokens":9},"error":"x"},"choices":[{"delta":{"content":"a"}}]}"#,
        #"{"choices":[{"delta":{"content":"error"},"finish_reason":"error"}]}"#,
    ])
    func wordsInsideOfContentDecideNothing(_ data: String) {
        for var observer in [flowing(), observer()] {
            #expect(observer.observe(data) == EventVerdict(.content))
            #expect(observer.answer.usage == nil)
            #expect(observer.answer.failure == nil)
        }
    }

    @Test(arguments: [
        (#"{"error":{"message":"Overloaded","type":"overloaded_error","code":503}}"#, "", ErrorKind.overloaded, "Overloaded"),
        (#"{"id":"c","choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}],"error":{"code":429,"message":"slow"}}"#, "", .rateLimited, "slow"),
        (#"{"id":"c","error" : {"code":"server_error","message":"oops"},"choices":[{"delta":{"content":"x"},"finish_reason":null}]}"#, "", .upstreamFailed, "oops"),
        (#"{"\u0065rror":{"message":"hidden"},"choices":[{"delta":{"content":"x"}}]}"#, "", .upstreamFailed, "hidden"),
        (#"{"error":{"message":"bad tool","type":"invalid_request_error","code":"tool_use_failed","status_code":400}}"#, "error", .invalidRequest, "bad tool"),
        (#"{"message":"named only"}"#, "error", .upstreamFailed, "named only"),
        ("upstream exploded", "error", .upstreamFailed, "upstream exploded"),
        (#"{"code":"rate_limited","error":"as text"}"#, "", .rateLimited, "as text"),
        (#"[{"error":{"code":503,"message":"listed","status":"UNAVAILABLE"}}]"#, "", .overloaded, "listed"),
        (#"{"object":"error","message":"vllm","code":400}"#, "", .invalidRequest, "vllm"),
        (#"{"choices":[{"delta":{"content":""},"error":{"code":502,"message":"choice"},"finish_reason":"error"}]}"#, "", .upstreamFailed, "choice"),
        (#"{"error":{"message":"own numbers","code":"1302","type":"rate_limit_error"}}"#, "", .rateLimited, "own numbers"),
        (#"{"error":{"message":"paid out","code":"insufficient_quota"}}"#, "", .providerAuthFailed, "paid out"),
    ] as [(String, String, ErrorKind, String)])
    func failuresInEveryShape(_ data: String, _ name: String, _ kind: ErrorKind, _ message: String) {
        for var observer in [flowing(), observer()] {
            #expect(observer.observe(data, name: name) == EventVerdict(.failure))
            #expect(observer.answer.failure?.kind == kind)
            #expect(observer.answer.failure?.message == message)
            #expect(!observer.answer.isComplete)
        }
    }

    @Test(arguments: [#"{"error":null,"choices":[{"delta":{"content":"a"}}]}"#, #"{"error":"","choices":[{"delta":{"content":"a"}}]}"#, #"{"error":{},"choices":[{"delta":{"content":"a"}}]}"#, #"{"error":false,"choices":[{"delta":{"content":"a"}}]}"#])
    func anEmptyErrorIsNone(_ data: String) {
        var observer = flowing()
        #expect(observer.observe(data) == EventVerdict(.content))
    }

    @Test(arguments: ["[DONE]", " [DONE] ", "[DONE]\n"])
    func theEndMark(_ data: String) {
        var observer = observer()
        #expect(observer.observe(data) == EventVerdict(.terminal))
        #expect(observer.answer.isComplete)
    }

    @Test func aStreamWithoutUsageKeepsEstimates() {
        var observer = observer()
        for _ in 0..<10 { _ = observer.observe(#"{"choices":[{"delta":{"content":"four"}}]}"#) }
        #expect(observer.answer.contentTextBytes == 40)
        #expect(observer.answer.estimatedOutputTokens == 10)
        _ = observer.observe(#"{"choices":[{"delta":{"role":"assistant","content":"\#(String(repeating: "x", count: 400))"}}]}"#)
        #expect(observer.answer.estimatedOutputTokens == 110)
        let settled = observer.answer.settledUsage(estimatedInputTokens: 7)
        #expect(settled.isEstimated)
        #expect(settled.input == 7)
        #expect(settled.output == 110)
    }

    @Test func commentsAreFrames() {
        var observer = observer()
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(observer.observe(SSEEvent(name: nothing, data: nothing, hasData: false)) == EventVerdict(.lifecycle))
        #expect(observer.observe(SSEEvent(name: nothing, data: nothing, hasData: true)) == EventVerdict(.lifecycle))
    }
}
