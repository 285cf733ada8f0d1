import Dialects
import Streaming

/// What a stream's events pass through on their way to the client: a relay within one dialect, or a translator between two.
protocol StreamTransit: ~Copyable {
    /// Whether the client has a provider's failure in the provider's own words, once it came behind the first content.
    static var passesFailuresOn: Bool { get }

    var counters: RelayCounters { get }
    var isCommitted: Bool { get }
    var nextHeartbeatDeadline: UInt64? { get }
    /// What was read along.
    var answer: ObservedAnswer { get }
    /// Where a Responses client stands.
    var clientPosition: ResponsesPosition { get }

    mutating func receive(_ bytes: UnsafeRawBufferPointer, now: UInt64, into sink: inout AnswerSink) throws(SSEParserError) -> RelayStatus
    mutating func upstreamEnded(now: UInt64, into sink: inout AnswerSink) -> RelayEnding
    mutating func heartbeat(now: UInt64, into sink: inout AnswerSink)
    mutating func discardHeld()
    /// Passes on a failure that came before any content. Does nothing where `passesFailuresOn` is false.
    mutating func releaseHeld(now: UInt64, into sink: inout AnswerSink)
    /// Ends an event of which the client has seen a part.
    mutating func endOpenEvent(now: UInt64, into sink: inout AnswerSink)
}

/// `StreamRelay` as a transit.
struct RelayTransit: ~Copyable, StreamTransit {
    static var passesFailuresOn: Bool { true }

    private var relay: StreamRelay<StreamObserver>

    init(_ relay: consuming StreamRelay<StreamObserver>) { self.relay = relay }

    var counters: RelayCounters { relay.counters }
    var isCommitted: Bool { relay.isCommitted }
    var nextHeartbeatDeadline: UInt64? { relay.nextHeartbeatDeadline }
    var answer: ObservedAnswer { relay.observer.answer }
    var clientPosition: ResponsesPosition { relay.observer.position }

    mutating func receive(_ bytes: UnsafeRawBufferPointer, now: UInt64, into sink: inout AnswerSink) throws(SSEParserError) -> RelayStatus {
        try relay.receive(bytes, now: now, into: &sink)
    }

    mutating func upstreamEnded(now: UInt64, into sink: inout AnswerSink) -> RelayEnding { relay.upstreamEnded(now: now, into: &sink) }
    mutating func heartbeat(now: UInt64, into sink: inout AnswerSink) { relay.heartbeat(now: now, into: &sink) }
    mutating func discardHeld() { relay.discardHeld() }
    mutating func releaseHeld(now: UInt64, into sink: inout AnswerSink) { relay.releaseHeld(now: now, into: &sink) }
    mutating func endOpenEvent(now: UInt64, into sink: inout AnswerSink) { relay.endOpenEvent(now: now, into: &sink) }
}

/// `StreamTranslator` as a transit.
struct TranslatorTransit: ~Copyable, StreamTransit {
    static var passesFailuresOn: Bool { false }

    private var translator: StreamTranslator

    init(_ translator: consuming StreamTranslator) { self.translator = translator }

    var counters: RelayCounters { translator.counters }
    var isCommitted: Bool { translator.isCommitted }
    var nextHeartbeatDeadline: UInt64? { translator.nextHeartbeatDeadline }
    var answer: ObservedAnswer { translator.answer }
    var clientPosition: ResponsesPosition { translator.position }

    mutating func receive(_ bytes: UnsafeRawBufferPointer, now: UInt64, into sink: inout AnswerSink) throws(SSEParserError) -> RelayStatus {
        try translator.receive(bytes, now: now, into: &sink)
    }

    mutating func upstreamEnded(now: UInt64, into sink: inout AnswerSink) -> RelayEnding { translator.upstreamEnded(now: now, into: &sink) }
    mutating func heartbeat(now: UInt64, into sink: inout AnswerSink) { translator.heartbeat(now: now, into: &sink) }
    mutating func discardHeld() { translator.discardHeld() }
    mutating func releaseHeld(now: UInt64, into sink: inout AnswerSink) {}
    /// A translator sends whole events only.
    mutating func endOpenEvent(now: UInt64, into sink: inout AnswerSink) {}
}
