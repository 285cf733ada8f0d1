import Foundation
import Streaming
import Testing

@testable import Dialects

/// Whole streams through the relay: byte for byte but for what is hidden, whatever the splits.
@Suite struct StreamFixtureTests {
    @Test func theUsageChunkOfOursVanishesExactly() throws {
        let stream = try fixture("chat-usage-chunk.sse")
        let text = String(decoding: stream, as: UTF8.self)
        let chunk = try #require(text.components(separatedBy: "\n\n").first { $0.contains("\"choices\":[]") })
        let expected = text.replacingOccurrences(of: chunk + "\n\n", with: "")
        for seed in [nil] + (0..<60).map({ UInt64($0) }) {
            let hidden = try relay(stream, .chat, hidesUsageChunk: true, seed: seed)
            #expect(String(decoding: hidden.output, as: UTF8.self) == expected, "seed \(String(describing: seed))")
            let shown = try relay(stream, .chat, seed: seed)
            #expect(shown.output == stream)
            for relayed in [hidden, shown] {
                #expect(relayed.ending == .complete)
                #expect(relayed.answer.usage?.input == 10)
                #expect(relayed.answer.usage?.cacheRead == 20)
                #expect(relayed.answer.usage?.output == 4)
                #expect(relayed.answer.contentEvents == 2)
                #expect(relayed.answer.responseID == "chatcmpl-1")
            }
        }
    }

    @Test(arguments: [("messages-tool.sse", Dialect.messages), ("responses-text.sse", .responses)])
    func otherStreamsPassUnchanged(_ name: String, _ dialect: Dialect) throws {
        let stream = try fixture(name)
        for seed in [nil] + (0..<60).map({ UInt64($0) }) {
            let relayed = try relay(stream, dialect, seed: seed)
            #expect(relayed.output == stream)
            #expect(relayed.ending == .complete)
            #expect(relayed.answer.usage?.total == (dialect == .messages ? 450 + 12 + 8 + 39 : 128))
            #expect(relayed.position.lastSequenceNumber == (dialect == .responses ? 4 : nil))
        }
    }

    /// Cut anywhere before its end mark, a stream is never taken for whole, and its usage is never made up as certain.
    @Test(arguments: [("chat-usage-chunk.sse", Dialect.chat), ("messages-tool.sse", .messages), ("responses-text.sse", .responses)])
    func truncationIsNeverSuccess(_ name: String, _ dialect: Dialect) throws {
        let stream = try fixture(name)
        let mark = dialect == .chat ? "[DONE]" : dialect == .messages ? "event: message_stop" : "event: response.completed"
        let end = try #require(String(decoding: stream, as: UTF8.self).range(of: mark))
        let length = String(decoding: stream, as: UTF8.self)[..<end.lowerBound].utf8.count
        for cut in stride(from: 0, to: length, by: 3) {
            let relayed = try relay(Array(stream[..<cut]), dialect)
            #expect(relayed.ending == .truncated, "cut at \(cut)")
            #expect(!relayed.answer.isComplete)
        }
    }
}
