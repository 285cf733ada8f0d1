import Dialects
import Streaming

/// A whole stream through a translator, and everything that can be seen of it.
struct TranslationRun: Equatable {
    private(set) var sent: [UInt8] = []
    private(set) var answer = ObservedAnswer()
    private(set) var position = ResponsesPosition()
    private(set) var ending = RelayEnding.truncated
    private(set) var isCommitted = false
    private(set) var events: UInt64 = 0

    init(
        _ pieces: Cutting, _ provider: Dialect, _ client: Dialect, _ plan: AnswerPlan,
        limits: RelayLimits = RelayLimits(heartbeatNanoseconds: 0)
    ) throws(FuzzViolation) {
        var translator = StreamTranslator(
            from: provider, to: client, plan: plan, waiting: RelayClient(waitingSince: 0), limits: limits, reader: JSONReader(),
            scratch: TranslationScratch())
        for piece in pieces {
            do throws(SSEParserError) {
                try piece.withUnsafeBufferPointer { (bytes) throws(SSEParserError) in
                    _ = try translator.receive(UnsafeRawBufferPointer(bytes), now: 1, into: &sent)
                }
            } catch {
                throw FuzzViolation("the translator gave up: \(error)")
            }
        }
        ending = translator.upstreamEnded(now: 2, into: &sent)
        answer = translator.answer
        position = translator.position
        isCommitted = translator.isCommitted
        events = translator.counters.events
        try requireEqual(translator.counters.bytesOut, UInt64(sent.count), "bytes out are miscounted")
    }
}
