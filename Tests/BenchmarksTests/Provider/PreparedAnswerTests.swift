import Foundation
import Testing

@testable import Benchmarks

@Suite struct PreparedAnswerTests {
    private static let stamp: Int64 = 1_234_567_890_123_456_789

    private func answer(_ format: WireFormat, _ model: String, includesUsage: Bool = false, tokens: Int = 8) throws -> PreparedAnswer {
        let defaults = AnswerShape(tokens: tokens, paceMilliseconds: 0, firstTokenDelayMilliseconds: 0, bytesPerToken: 40)
        let order = ProviderOrder(format: format, model: model, isStreaming: true, includesUsage: includesUsage)
        return PreparedAnswer(try AnswerPlan(model: model, defaults: defaults), order)
    }

    private func event(_ answer: PreparedAnswer, _ index: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: answer.token.byteCountMax) { buffer, count in
            count = answer.token.render(index: index, sentNanoseconds: Self.stamp, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    /// The data of every event.
    private func data(_ bytes: [UInt8]) -> [String] {
        String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n").split(separator: "\n\n").map { event in
            event.split(separator: "\n").filter { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) }.joined(separator: "\n")
        }
    }

    private func isJSON(_ text: String) -> Bool { (try? JSONSerialization.jsonObject(with: Data(text.utf8))) != nil }

    @Test(arguments: WireFormat.allCases, [false, true]) func everyEventIsJSON(format: WireFormat, includesUsage: Bool) throws {
        let answer = try answer(format, "bench-8", includesUsage: includesUsage)
        let all = data(answer.opening + event(answer, 0) + event(answer, 7) + answer.closing)
        #expect(all.count >= 3)
        for text in all where text != "[DONE]" { #expect(isJSON(text), "\(text)") }
    }

    @Test(arguments: WireFormat.allCases) func aTokenHasItsStampAndItsBytes(format: WireFormat) throws {
        let answer = try answer(format, "bench")
        let bytes = event(answer, 3)
        #expect(bytes.withUnsafeBytes { TimeStamp.read($0) } == Self.stamp)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("\"@1234567890123456789the quick brown fox \""))
        #expect(bytes.count <= answer.token.byteCountMax)
    }

    /// A reader that counts stamps counts tokens.
    @Test(arguments: WireFormat.allCases, ["bench", "vendor@2024"]) func nothingElseHasAStamp(format: WireFormat, model: String) throws {
        let answer = try answer(format, model)
        #expect(!answer.opening.contains(UInt8(ascii: "@")))
        #expect(!answer.closing.contains(UInt8(ascii: "@")))
        #expect(try #require(answer.whole()).contains(UInt8(ascii: "@")) == false)
    }

    @Test func responsesCountTheirEvents() throws {
        let answer = try answer(.responses, "bench")
        let tokens = (0..<8).flatMap { event(answer, $0) }
        let numbers = try data(answer.opening + tokens + answer.closing).map { text in
            let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            return try #require(object["sequence_number"] as? Int)
        }
        #expect(numbers == Array(0..<16))
    }

    @Test(arguments: WireFormat.allCases) func theBigEventIsOfItsSize(format: WireFormat) throws {
        for index in [0, 5, 12_345] {
            let bytes = try answer(format, "fault-bigevent").spoilt(.bigEvent, index: index, sentNanoseconds: Self.stamp)
            #expect(bytes.count == AnswerFault.bigEventBytes)
            #expect(data(bytes).count == 1)
            #expect(isJSON(data(bytes)[0]))
        }
        #expect(try answer(format, "fault-bigevent").whole()?.count == AnswerFault.bigEventBytes)
    }

    @Test(arguments: WireFormat.allCases) func theMalformedEventIsAnEventAndNoJSON(format: WireFormat) throws {
        let answer = try answer(format, "fault-malformed")
        let spoilt = answer.spoilt(.malformed, index: 5, sentNanoseconds: Self.stamp)
        #expect(spoilt.count == event(answer, 5).count)
        #expect(data(spoilt).count == 1)
        #expect(!isJSON(data(spoilt)[0]))
        #expect(!isJSON(String(decoding: try #require(answer.whole()), as: UTF8.self)))
    }

    @Test func tooLongForOnePiece() throws {
        #expect(try answer(.chat, "bench-1000000").whole() == nil)
    }
}
