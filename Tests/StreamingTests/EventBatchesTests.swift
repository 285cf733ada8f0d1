import Testing

@testable import Streaming

private struct Refused: Error, Equatable {}

/// Hands out copies of its pieces from one buffer that it overwrites, as a reactor does.
private final class ScriptedSource: ByteBatchSource {
    private var script: [[UInt8]?]
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 1)
    private let failsAtEnd: Bool

    /// A nil piece is a tick.
    init(_ script: [[UInt8]?], failsAtEnd: Bool = false) {
        self.script = script
        self.failsAtEnd = failsAtEnd
    }

    deinit { buffer.deallocate() }

    func nextBatch() async throws(Refused) -> ByteBatch {
        await Task.yield()
        guard !script.isEmpty else {
            if failsAtEnd { throw Refused() }
            return .end
        }
        guard let piece = script.removeFirst() else { return .tick }
        buffer.initializeMemory(as: UInt8.self, repeating: 0xFF)
        buffer.copyBytes(from: piece)
        return .bytes(UnsafeRawBufferPointer(rebasing: buffer[..<piece.count]))
    }
}

@MainActor
@Suite struct EventBatchesTests {
    @Test func eventsComeBatchByBatch() async throws {
        let source = ScriptedSource([[UInt8]("data: a\n\nda"), nil, [UInt8]("ta: b\n\ndata: c\n\ndata: d")])
        var trace: [String] = []
        for try await batch in EventBatches(source) {
            MainActor.assertIsolated()
            trace.append("\(batch.kind) \(batch.bytes.count)")
            try batch.forEachEvent { trace.append(String(decoding: $0.data, as: UTF8.self)) }
        }
        #expect(trace == ["bytes 11", "a", "tick 0", "bytes 23", "b", "c", "end 0", "d"])
    }

    @Test func theSourcesErrorIsTheSequences() async {
        var events = 0
        do throws(Refused) {
            for try await batch in EventBatches(ScriptedSource([[UInt8]("data: a\n\n")], failsAtEnd: true)) where batch.kind == .bytes {
                events += 1
            }
            Issue.record("the source's error is not swallowed")
        } catch {
            #expect(error == Refused())
        }
        #expect(events == 1)
    }

    @Test func anUnwalkedBatchCostsNoParsing() async throws {
        var relay = StreamRelay(observer: AllContent(), client: RelayClient(waitingSince: 0))
        var sent: [UInt8] = []
        let pieces = [[UInt8]("data: a\n\nda"), [UInt8]("ta: b\n\n")]
        for try await batch in EventBatches(ScriptedSource(pieces)) where batch.kind == .bytes {
            try relay.receive(batch.bytes, now: 0, into: &sent)
        }
        #expect(sent == pieces.flatMap { $0 })
    }

    private struct AllContent: RelayObserver {
        var mayHide: Bool { false }
        mutating func observe(_ event: SSEEvent) -> EventVerdict { EventVerdict(.content) }
    }
}
