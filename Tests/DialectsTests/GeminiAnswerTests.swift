import Streaming
import Testing

@testable import Dialects

/// Gemini answers in one piece, and streams that come as one JSON array.
@Suite struct GeminiAnswerTests {
    private func observe(_ body: String, cutAt cut: Int? = nil) -> (answer: ObservedAnswer, ending: JSONMemberCapture.Ending) {
        var observer = AnswerObserver(.gemini)
        let bytes = Array(body.utf8)
        let pieces = cut.map { [Array(bytes[..<$0]), Array(bytes[$0...])] } ?? [bytes]
        for piece in pieces { piece.withUnsafeBytes { observer.receive($0) } }
        return (observer.answer(JSONReader()), observer.ending)
    }

    private static func element(_ text: String, output: Int?) -> String {
        let usage = output.map { #","usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":\#($0)}"# } ?? ""
        return #"{"candidates":[{"content":{"parts":[{"text":"\#(text)"}]}}]\#(usage),"modelVersion":"g","responseId":"r"}"#
    }

    @Test func aDocument() {
        let body = #"{"candidates":[],"usageMetadata":{"promptTokenCount":9,"cachedContentTokenCount":4,"candidatesTokenCount":2,"thoughtsTokenCount":1},"modelVersion":"g","responseId":"r"}"#
        for cut in 0...body.utf8.count {
            let (answer, ending) = observe(body, cutAt: cut)
            #expect(ending == .complete && answer.isComplete && answer.usageIsFinal)
            #expect(answer.usage?.input == 5 && answer.usage?.cacheRead == 4 && answer.usage?.output == 3 && answer.usage?.reasoning == 1)
            #expect(answer.model == "g" && answer.responseID == "r")
        }
    }

    @Test func anArrayTellsItsLastUsage() {
        let body = " [" + Self.element("a ] , [", output: 1) + ",\r\n" + Self.element(#"\"}{"#, output: 5) + "\n,\n" + Self.element("c", output: nil) + "\n]\n"
        for cut in 0...body.utf8.count {
            let (answer, ending) = observe(body, cutAt: cut)
            #expect(ending == .complete && answer.isComplete && answer.usageIsFinal, "cut at \(cut)")
            #expect(answer.usage?.input == 9 && answer.usage?.output == 5, "cut at \(cut)")
            #expect(answer.contentEvents == 3 && answer.model == "g" && answer.responseID == "r" && answer.failure == nil)
        }
    }

    /// Far more elements than there is room for their members.
    @Test func anArrayOfAnyLengthIsBounded() {
        let elements = (1...2_000).map { Self.element("word", output: $0) }
        let (answer, ending) = observe("[" + elements.joined(separator: ",") + "]")
        #expect(ending == .complete)
        #expect(answer.usage?.output == 2_000)
    }

    @Test func anErrorWithinAnArrayIsAFailure() {
        let body = "[" + Self.element("a", output: 3) + #",{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}]"#
        for cut in 0...body.utf8.count {
            let (answer, _) = observe(body, cutAt: cut)
            #expect(answer.failure?.kind == .overloaded && answer.failure?.message == "busy")
            #expect(answer.usage?.output == 3 && !answer.usageIsFinal)
            #expect(answer.settledUsage().isEstimated && answer.settledUsage().input == 9)
        }
    }

    @Test func aCutArrayIsTruncatedAndItsUsageNotCertain() {
        let body = "[" + Self.element("a", output: 3) + "," + Self.element("b", output: 4) + "]"
        for length in 1..<body.utf8.count {
            let (answer, ending) = observe(String(body.prefix(length)))
            #expect(ending == .truncated && !answer.isComplete && !answer.usageIsFinal, "\(length) bytes")
        }
    }

    @Test(arguments: [
        ("[]", JSONMemberCapture.Ending.complete), ("[ ]\n", .complete), ("", .empty), (" ", .empty), ("[1]", .notJSON), ("[{}{}]", .notJSON),
        ("[,{}]", .notJSON), ("[{},]", .notJSON), ("[{}]x", .notJSON), ("[{a}]", .notJSON), ("[{}", .truncated), ("[{},", .truncated),
    ])
    func arraysOfEveryShape(_ body: String, _ ending: JSONMemberCapture.Ending) {
        for cut in 0...body.utf8.count { #expect(observe(body, cutAt: cut).ending == ending, "\(body) cut at \(cut)") }
    }

    @Test func otherDialectsSeeNoElements() {
        var observer = AnswerObserver(.chat)
        let body = Array(("[" + Self.element("a", output: 3) + "]").utf8)
        body.withUnsafeBytes { observer.receive($0) }
        #expect(observer.ending == .complete)
        #expect(observer.answer(JSONReader()).usage == nil)
    }
}
