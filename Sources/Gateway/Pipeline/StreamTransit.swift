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
    var position: ResponsesPosition { get }

    mutating func receive(_ bytes: UnsafeRawBufferPointer, now: UInt64, into sink: inout AnswerSink) throws(SSEParserError) -> RelayStatus
    mutating func upstreamEnded(now: UInt64, into sink: inout AnswerSink) -> RelayEnding
    @discardableResult
    mutating func heartbeat(now: UInt64, into sink: inout AnswerSink) -> Bool
    mutating func discardHeld()
    /// Passes on a failure that came before any content. Does nothing where `passesFailuresOn` is false.
    mutating func releaseHeld(now: UInt64, into sink: inout AnswerSink)
    /// Ends an event of which the client has seen a part.
    mutating func endOpenEvent(now: UInt64, into sink: inout AnswerSink)
}

extension StreamRelay: StreamTransit where Observer == StreamObserver {
    static var passesFailuresOn: Bool { true }

    var answer: ObservedAnswer { observer.answer }
    var position: ResponsesPosition { observer.position }
}

extension StreamTranslator: StreamTransit {
    static var passesFailuresOn: Bool { false }

    mutating func releaseHeld(now: UInt64, into sink: inout AnswerSink) {}
    /// A translator sends whole events only.
    mutating func endOpenEvent(now: UInt64, into sink: inout AnswerSink) {}
}
