import Streaming

/// One streamed answer on its way from a provider to a client of another dialect, as a value: what `StreamRelay` is within one dialect.
///
/// Events come in, the client's events go out, whole ones only. The attempt commits at the first content: until then what was written is held.
/// After the first few events of a stream nothing is allocated for text.
public struct StreamTranslator: ~Copyable {
    public private(set) var counters = RelayCounters()
    public private(set) var client: RelayClient
    /// True from the first content on: no other provider can take over.
    public private(set) var isCommitted = false

    private let limits: RelayLimits
    private let scrub: ((UnsafeMutableRawBufferPointer) -> Void)?
    private let heartbeats: Bool
    private let reader: JSONReader
    private let scratch: TranslationScratch
    private var events: SSEParser
    private var stream: AnswerStream
    private var output: AnswerOutput
    private var hasEnded = false

    /// - Parameters:
    ///   - provider: the dialect that comes in.
    ///   - client: the dialect that goes out.
    ///   - scrub: may overwrite bytes that are about to go out.
    ///   - reader: shared by all streams of a loop, as is `scratch`.
    public init(
        from provider: Dialect, to client: Dialect, plan: AnswerPlan, waiting: RelayClient, limits: RelayLimits = RelayLimits(),
        scrub: ((UnsafeMutableRawBufferPointer) -> Void)? = nil, reader: JSONReader, scratch: TranslationScratch
    ) {
        self.client = waiting
        self.limits = limits
        self.scrub = scrub
        self.reader = reader
        self.scratch = scratch
        heartbeats = limits.heartbeatNanoseconds > 0 && !plan.isJSONArray
        events = SSEParser(eventBytesMax: limits.eventBytesMax)
        stream = AnswerStream(provider.answerParser(plan))
        output = AnswerOutput(client.streamWriter(plan), plan)
    }

    /// What the stream told so far.
    public var answer: ObservedAnswer { output.answer }

    /// Where a Responses stream stands; empty for the other dialects.
    public var position: ResponsesPosition { output.position }

    /// What the stream is up to.
    public var status: RelayStatus {
        guard isCommitted else { return output.hasFailed ? .failedBeforeContent : .holding }
        if output.hasFailed { return .failed }
        return output.hasEnded ? .complete : .flowing
    }

    /// How many bytes the translator keeps: frames that are held, and the unfinished event.
    public var retainedBytes: Int { output.text.count + events.unfinishedBytes }

    /// Takes a batch of the provider's body and appends to `sink` what it comes to.
    ///
    /// An error means that the stream is unusable from there on: treat it as a truncated answer.
    @discardableResult
    public mutating func receive(
        _ bytes: UnsafeRawBufferPointer, now: UInt64, into sink: inout some ByteSink
    ) throws(SSEParserError) -> RelayStatus {
        counters.bytesIn &+= UInt64(bytes.count)
        let isBorrowing = output.text.isEmpty
        if isBorrowing { swap(&output.text, &scratch.writer) }
        defer { returnRoom(isBorrowing) }
        var cursor = SSECursor(bytes)
        while true {
            let next: SSEEvent?
            do throws(SSEParserError) {
                next = try events.next(&cursor)
            } catch {
                pass(now: now, into: &sink)
                throw error
            }
            guard let event = next else { break }
            read(event, now: now)
            if isCommitted, output.text.count > DialectLimits.translatedRunBytes { pass(now: now, into: &sink) }
        }
        pass(now: now, into: &sink)
        return status
    }

    /// The provider's body has ended, well framed or not.
    public mutating func upstreamEnded(now: UInt64, into sink: inout some ByteSink) -> RelayEnding {
        if !hasEnded {
            hasEnded = true
            if let last = events.finish() { read(last, now: now) }
            stream.ended(into: &output)
            pass(now: now, into: &sink)
        }
        if output.hasFailed { return .failed }
        return output.hasEnded ? .complete : .truncated
    }

    /// Drops what is held: the attempt has failed.
    public mutating func discardHeld() {
        if !isCommitted { output.text.removeAll() }
    }

    /// When the next heartbeat is due; nil when none can be.
    public var nextHeartbeatDeadline: UInt64? {
        guard heartbeats, !hasEnded, !output.hasFailed, !output.hasEnded else { return nil }
        let (deadline, overflow) = client.lastSentAt.addingReportingOverflow(limits.heartbeatNanoseconds)
        return overflow ? nil : deadline
    }

    /// Sends a heartbeat comment if one is due. Commits the head, not the attempt. Returns whether it was sent.
    @discardableResult
    public mutating func heartbeat(now: UInt64, into sink: inout some ByteSink) -> Bool {
        guard let deadline = nextHeartbeatDeadline, now >= deadline else { return false }
        SSEEncoder.appendHeartbeat(to: &sink)
        client.isHeadCommitted = true
        client.lastSentAt = now
        return true
    }

    private mutating func read(_ event: SSEEvent, now: UInt64) {
        guard event.hasData else { return }
        counters.events &+= 1
        let before = output.answer.contentEvents
        stream.read(event, reader, into: &output)
        guard output.answer.contentEvents > before else { return }
        counters.contentEvents &+= 1
        if counters.firstContentAt == nil { counters.firstContentAt = now }
        isCommitted = true
    }

    /// Sends what was written, once the attempt is committed. An answer without any content commits at its end.
    private mutating func pass(now: UInt64, into sink: inout some ByteSink) {
        if output.hasEnded || output.text.count > limits.heldBytesMax { isCommitted = isCommitted || !output.hasFailed }
        guard isCommitted, !output.text.isEmpty else { return }
        if let scrub { output.text.withMutableBytes(scrub) }
        sink.append(output.text.bytes)
        counters.bytesOut &+= UInt64(output.text.count)
        client.isHeadCommitted = true
        client.lastSentAt = now
        output.text.removeAll(retaining: DialectLimits.translationScratchBytesRetainedMax)
    }

    /// Gives the loop's room back. What is held before the commit moves into room of the stream's own, which it loses with the commit.
    private mutating func returnRoom(_ isBorrowed: Bool) {
        guard isBorrowed else {
            if output.text.isEmpty { output.text.removeAll(retaining: 0) }
            return
        }
        swap(&output.text, &scratch.writer)
        guard !scratch.writer.isEmpty else { return }
        output.text.frame(scratch.writer.bytes)
        scratch.writer.removeAll(retaining: DialectLimits.translationScratchBytesRetainedMax)
    }
}

extension Dialect {
    func answerParser(_ plan: AnswerPlan) -> any AnswerParser {
        switch self {
        case .chat: ChatAnswerParser(plan)
        case .responses: ResponsesAnswerParser(plan)
        case .messages: MessagesAnswerParser(plan)
        case .gemini: GeminiAnswerParser(plan)
        }
    }

    func streamWriter(_ plan: AnswerPlan) -> any AnswerWriter {
        switch self {
        case .chat: ChatStreamWriter(plan)
        case .responses: ResponsesStreamWriter(plan)
        case .messages: MessagesStreamWriter(plan)
        case .gemini: GeminiStreamWriter(plan)
        }
    }

    func wholeWriter(_ plan: AnswerPlan) -> any AnswerWriter {
        switch self {
        case .chat: ChatWholeWriter(plan)
        case .responses: ResponsesWholeWriter(plan)
        case .messages: MessagesWholeWriter(plan)
        case .gemini: GeminiWholeWriter(plan)
        }
    }
}
