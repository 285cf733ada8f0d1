import Streaming
import Testing

@testable import Dialects

@Suite struct AnswerObserverTests {
    private func observe(_ body: String, _ dialect: Dialect, pieceBytes: Int) -> (answer: ObservedAnswer, ending: JSONMemberCapture.Ending) {
        var observer = AnswerObserver(dialect)
        let bytes = Array(body.utf8)
        bytes.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
                observer.receive(UnsafeRawBufferPointer(rebasing: bytes[start..<min(bytes.count, start + pieceBytes)]))
            }
        }
        return (observer.answer(JSONReader()), observer.ending)
    }

    @Test(arguments: [1, 2, 3, 7, 64, 100_000])
    func aChatAnswer(_ pieceBytes: Int) {
        let body =
            "\n   \n" + #"{"id":"chatcmpl-1","object":"chat.completion","model":"gpt-5","choices":[{"message":{"content":"\"usage\":{\"prompt_tokens\":1}","error":{"x":1}}}],"usage":{"prompt_tokens":10,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":4}},"error":null}"#
        let (answer, ending) = observe(body, .chat, pieceBytes: pieceBytes)
        #expect(ending == .complete)
        #expect(answer.isComplete)
        #expect(answer.responseID == "chatcmpl-1")
        #expect(answer.model == "gpt-5")
        #expect(answer.failure == nil)
        #expect(answer.settledUsage() == answer.usage)
        #expect(answer.usage?.input == 6)
        #expect(answer.usage?.output == 3)
    }

    @Test func theOtherDialects() {
        let responses = observe(#"{"id":"resp_1","status":"completed","error":null,"model":"m","usage":{"input_tokens":5,"output_tokens":6}}"#, .responses, pieceBytes: 5).answer
        #expect(responses.usage?.output == 6)
        let messages = observe(#"{"id":"msg_1","type":"message","model":"m","usage":{"input_tokens":5,"output_tokens":7,"cache_creation_input_tokens":3}}"#, .messages, pieceBytes: 5).answer
        #expect(messages.usage?.output == 7)
        #expect(messages.usage?.cacheWrite5Minutes == 3)
    }

    @Test func aTruncatedAnswerIsEstimated() {
        let (answer, ending) = observe(#"{"id":"chatcmpl-1","choices":[{"message":{"content":"a story that was going somewhere"#, .chat, pieceBytes: 9)
        #expect(ending == .truncated)
        #expect(!answer.isComplete)
        #expect(answer.usage == nil)
        #expect(answer.settledUsage().isEstimated)
        #expect(answer.settledUsage().output > 0)
    }

    @Test(arguments: [
        (#"{"error":{"message":"Provider returned error","code":429},"user_id":"u"}"#, ErrorKind.rateLimited, "Provider returned error"),
        (#"{"error":"plain","code":"overloaded"}"#, .overloaded, "plain"),
        (#"{"detail":"Not here"}"#, .upstreamFailed, "Not here"),
        (#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, .overloaded, "Overloaded"),
        (#"{"id":"resp","status":"failed","error":{"code":"server_error","message":"broke"}}"#, .upstreamFailed, "broke"),
    ])
    func failuresUnderStatus200(_ body: String, _ kind: ErrorKind, _ message: String) {
        let answer = observe(body, .chat, pieceBytes: 11).answer
        #expect(answer.failure?.kind == kind)
        #expect(answer.failure?.message == message)
        #expect(answer.settledUsage().output == 0)
    }

    @Test(arguments: ["", "  ", "<html>", "nonsense"])
    func whatIsNoJSONIsNotComplete(_ body: String) {
        #expect(!observe(body, .messages, pieceBytes: 4).answer.isComplete)
    }

    @Test func anOversizedErrorIsStillAnError() {
        let answer = observe(#"{"error":{"message":"\#(String(repeating: "x", count: 40_000))"}}"#, .chat, pieceBytes: 1000).answer
        #expect(answer.failure?.kind == .upstreamFailed)
        let long = observe(#"{"error":{"message":"\#(String(repeating: "x", count: 10_000))"}}"#, .chat, pieceBytes: 1000).answer
        #expect(long.failure?.message?.utf8.count == DialectLimits.failureMessageBytesMax)
    }
}
