import Streaming
import Testing

@testable import Dialects

@Suite struct GeminiObserverTests {
    private func observer() -> GeminiObserver { GeminiObserver(reader: JSONReader()) }

    private static func text(_ text: String, _ more: String = "") -> String {
        #"{"candidates":[{"content":{"parts":[{"text":"\#(text)"}],"role":"model"},"index":0\#(more)}],"modelVersion":"gemini-x","responseId":"r1"}"#
    }

    @Test func aWholeStream() {
        var observer = observer()
        #expect(observer.observe(Self.text("")) == EventVerdict(.lifecycle))
        #expect(observer.observe(Self.text("Hello")) == EventVerdict(.content))
        #expect(!observer.answer.isComplete)
        let last =
            #"{"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":30,"cachedContentTokenCount":10,"toolUsePromptTokenCount":5,"candidatesTokenCount":7,"thoughtsTokenCount":3,"totalTokenCount":45}}"#
        #expect(observer.observe(last) == EventVerdict(.terminal))
        let answer = observer.answer
        #expect(answer.isComplete && answer.usageIsFinal)
        #expect(answer.responseID == "r1" && answer.model == "gemini-x")
        #expect(answer.contentEvents == 1 && answer.contentTextBytes == 5)
        #expect(answer.usage?.input == 25 && answer.usage?.cacheRead == 10)
        #expect(answer.usage?.output == 10 && answer.usage?.reasoning == 3)
        #expect(answer.settledUsage() == answer.usage)
    }

    @Test func theLastCountsAreTheAnswers() {
        var observer = observer()
        _ = observer.observe(#"{"candidates":[{"content":{"parts":[{"text":"a"}]}}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":1}}"#)
        #expect(observer.answer.usage?.output == 1 && !observer.answer.usageIsFinal)
        _ = observer.observe(Self.text("b", #","finishReason":"STOP""#))
        // Usage behind the finish reason counts as well, and the stream stays whole.
        #expect(observer.observe(#"{"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":9}}"#) == EventVerdict(.terminal))
        #expect(observer.answer.usage?.output == 9 && observer.answer.usageIsFinal)
    }

    @Test func anAnswerInOneEventIsContentAndEnd() {
        var observer = observer()
        #expect(observer.observe(Self.text("all", #","finishReason":"STOP""#)) == EventVerdict(.terminalContent))
        #expect(observer.answer.contentEvents == 1 && observer.answer.isComplete)
    }

    @Test func itIsWholeWhenEveryCandidateIs() {
        func candidate(_ index: Int, _ text: String, isLast: Bool = false) -> String {
            #"{"candidates":[{"content":{"parts":[{"text":"\#(text)"}]},"index":\#(index)\#(isLast ? #","finishReason":"STOP""# : "")}]}"#
        }
        var observer = observer()
        #expect(observer.observe(candidate(0, "a")) == EventVerdict(.content))
        #expect(observer.observe(candidate(1, "b")) == EventVerdict(.content))
        #expect(observer.observe(candidate(0, "c", isLast: true)) == EventVerdict(.content))
        #expect(!observer.answer.isComplete)
        #expect(observer.observe(candidate(1, "", isLast: true)) == EventVerdict(.terminal))
        #expect(observer.answer.isComplete)
    }

    @Test func aBlockedPromptIsAWholeAnswer() {
        var observer = observer()
        let blocked = #"{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":8,"totalTokenCount":8}}"#
        #expect(observer.observe(blocked) == EventVerdict(.terminal))
        #expect(observer.answer.usageIsFinal && observer.answer.usage?.input == 8 && observer.answer.failure == nil)
    }

    @Test(arguments: [
        (#"{"functionCall":{"name":"f","args":{}}}"#, true, 22), (#"{"text":"hidden","thought":true}"#, true, 6),
        (#"{"thoughtSignature":"QUJD"}"#, true, 0), (#"{"inlineData":{"mimeType":"image/png","data":"AAAA"}}"#, true, 0),
        (#"{"executableCode":{"code":"1"}}"#, true, 12), (#"{"text":""}"#, false, 0), (#"{"text":7}"#, false, 0), (#"{"functionCall":{}}"#, false, 0),
        ("7", false, 0),
    ])
    func whatIsContent(_ part: String, _ isContent: Bool, _ textBytes: Int) {
        var observer = observer()
        #expect(observer.observe(#"{"candidates":[{"content":{"parts":[\#(part)]}}]}"#) == EventVerdict(isContent ? .content : .lifecycle))
        #expect(observer.answer.contentTextBytes == textBytes)
    }

    @Test(arguments: [
        (#"{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}"#, ErrorKind.overloaded, "busy"),
        (#"[{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}}]"#, .rateLimited, "slow"),
        (#"{"error":"words"}"#, .upstreamFailed, "words"),
    ])
    func failures(_ data: String, _ kind: ErrorKind, _ message: String) {
        var observer = observer()
        #expect(observer.observe(data) == EventVerdict(.failure))
        #expect(observer.answer.failure?.kind == kind)
        #expect(observer.answer.failure?.message == message)
    }

    @Test(arguments: [
        "nonsense", "7", "[]", "{}", #"{"error":{}}"#, #"{"candidates":{"content":1}}"#, #"{"candidates":[null,7,"x",{"content":[]},{"content":{"parts":{}}}]}"#,
        #"{"usageMetadata":[1],"promptFeedback":{}}"#, #"{"candidates":[{"index":-1},{"index":1e30},{"index":"a"}]}"#,
    ])
    func rubbishIsNothing(_ data: String) {
        var observer = observer()
        #expect(observer.observe(data) == EventVerdict(.lifecycle))
        #expect(observer.answer.usage == nil && observer.answer.failure == nil && !observer.answer.isComplete)
    }

    @Test func aNamedErrorIsAFailureWhateverItSays() {
        var observer = observer()
        #expect(observer.observe("down", name: "error") == EventVerdict(.failure))
        #expect(observer.answer.failure?.message == "down")
    }
}
