/// One streamed answer on its way from a provider to a client of the same dialect, as a value: bytes and times in, bytes out.
///
/// Two boundaries (docs/architecture.md section 4). The *attempt* commits at the first content: until then frames are held, so that a failure
/// can still move to another provider. The *head* commits when anything at all was sent, a heartbeat included.
/// What goes on is the provider's bytes, unchanged, but for events that the observer hides, which are cut out exactly.
///
/// One relay serves one attempt; the next attempt gets a new one that is told what the client has seen (`RelayClient`).
/// Times are nanoseconds of any steady clock. Nothing is allocated per event: whole events leave as one run of the batch's own bytes.
///
/// What goes on can be changed in place just before (`scrub`), an event that came in several batches as one piece. The observer sees it as it came.
public struct StreamRelay<Observer: RelayObserver>: ~Copyable {
    public private(set) var observer: Observer
    public private(set) var counters = RelayCounters()
    public private(set) var client: RelayClient
    /// True from the first content on (or when the held bytes ran over): no other provider can take over.
    public private(set) var isCommitted = false
    /// True when the dialect's end mark was seen.
    public private(set) var terminalSeen = false
    /// True when a failure event was seen.
    public private(set) var failureSeen = false
    /// True when the client has seen whole events only: the place for a heartbeat or for an event of the gateway's own.
    public private(set) var clientIsAtEventBoundary = true

    private let limits: RelayLimits
    private let scrub: ((UnsafeMutableRawBufferPointer) -> Void)?
    private var parser: SSEParser
    private var held = ByteStore()
    /// How many of the unfinished event's bytes have been passed on already.
    private var sentOfUnfinished = 0
    private var hasEnded = false
    private var heldEndsInsideEvent = false

    /// - Parameter scrub: may overwrite bytes that are about to go on; the batch is then changed as well. It gets whole events, but for one
    ///   that is longer than the window, which flows as it comes.
    public init(
        observer: Observer, client: RelayClient, limits: RelayLimits = RelayLimits(),
        scrub: ((UnsafeMutableRawBufferPointer) -> Void)? = nil
    ) {
        self.observer = observer
        self.client = client
        self.limits = limits
        self.scrub = scrub
        parser = SSEParser(eventBytesMax: limits.eventBytesMax)
    }

    /// What the stream is up to.
    public var status: RelayStatus {
        guard isCommitted else { return failureSeen ? .failedBeforeContent : .holding }
        if failureSeen { return .failed }
        return terminalSeen ? .complete : .flowing
    }

    /// How many bytes the relay keeps: held frames and the unfinished event.
    public var retainedBytes: Int { held.count + parser.unfinishedBytes }

    /// Takes a batch of the upstream's body, judges every event that it completes and appends to `sink` what may go on.
    ///
    /// On `.failedBeforeContent` the caller falls over (`discardHeld`) or passes the failure on (`releaseHeld`) before it reads on.
    /// An error means that the upstream's stream is unusable from there on: treat it as a truncated answer.
    @discardableResult
    public mutating func receive(
        _ bytes: UnsafeRawBufferPointer, now: UInt64, into sink: inout some ByteSink
    ) throws(SSEParserError) -> RelayStatus {
        counters.bytesIn &+= UInt64(bytes.count)
        let hadFailed = failureSeen
        var cursor = SSECursor(bytes)
        // The batch's bytes from `runStart` to `runEnd` are judged and not yet passed on.
        var runStart = 0
        var runEnd = 0
        var carriedBefore = parser.unfinishedBytes

        while true {
            let next: SSEEvent?
            do throws(SSEParserError) {
                next = try parser.next(&cursor)
            } catch {
                // What was whole before the unusable event is the client's all the same.
                pass(bytes.part(runStart, runEnd), now: now, into: &sink)
                noteClientBoundary()
                throw error
            }
            guard let event = next else { break }
            let isHidden = judge(event, now: now, into: &sink)
            if isHidden && sentOfUnfinished == 0 {
                counters.hiddenEvents &+= 1
                pass(bytes.part(runStart, runEnd), now: now, into: &sink)
                runStart = cursor.offset
            } else if passCarried(upTo: carriedBefore, now: now, into: &sink) {
                runStart = cursor.offset
            }
            carriedBefore = 0
            sentOfUnfinished = 0
            runEnd = cursor.offset
        }
        if mayPassUnfinished {
            if passCarried(upTo: carriedBefore, now: now, into: &sink) { runStart = bytes.count }
            sentOfUnfinished = parser.unfinishedBytes
            runEnd = bytes.count
        }
        pass(bytes.part(runStart, runEnd), now: now, into: &sink)

        if !isCommitted, failureSeen == hadFailed, retainedBytes > limits.heldBytesMax {
            commit(now: now, into: &sink)
        }
        noteClientBoundary()
        return status
    }

    /// The upstream's body has ended, well framed or not: judges a last event that lacks its blank line and says how the stream ended.
    ///
    /// Of an event that was cut short nothing more is passed on: half an object would only hide the error that follows.
    public mutating func upstreamEnded(now: UInt64, into sink: inout some ByteSink) -> RelayEnding {
        if !hasEnded {
            hasEnded = true
            let unfinished = parser.unfinishedBytes
            var passesOn = true
            if let last = parser.finish() {
                heldEndsInsideEvent = true
                if Self.isPlausiblyWhole(last) {
                    let isHidden = judge(last, now: now, into: &sink) && sentOfUnfinished == 0
                    if isHidden { counters.hiddenEvents &+= 1 }
                    passesOn = !isHidden
                } else {
                    passesOn = !isCommitted
                }
                clientIsAtEventBoundary = !isCommitted || (sentOfUnfinished == 0 && !passesOn)
            }
            if passesOn { passCarried(upTo: unfinished, now: now, into: &sink) }
        }
        if failureSeen { return .failed }
        return terminalSeen ? .complete : .truncated
    }

    /// Drops what is held: the attempt has failed and another one takes over.
    public mutating func discardHeld() {
        held.removeAll(retaining: 0)
    }

    /// Passes on what is held although no content came: the failure is the answer. Commits the attempt.
    public mutating func releaseHeld(now: UInt64, into sink: inout some ByteSink) {
        guard !isCommitted else { return }
        commit(now: now, into: &sink)
        if hasEnded { clientIsAtEventBoundary = !heldEndsInsideEvent } else { noteClientBoundary() }
    }

    /// Ends an event of which the client has seen a part, so that an event of the gateway's own can follow. Appends nothing at a boundary.
    public mutating func endOpenEvent(now: UInt64, into sink: inout some ByteSink) {
        guard !clientIsAtEventBoundary else { return }
        clientIsAtEventBoundary = true
        send(Self.blankLine.borrowedBytes, now: now, into: &sink)
    }

    /// When the next heartbeat is due; nil when none can be (switched off, the stream is over, or the client is in the middle of an event,
    /// where it waits for bytes and not for signs of life).
    public var nextHeartbeatDeadline: UInt64? {
        guard limits.heartbeatNanoseconds > 0, clientIsAtEventBoundary, !hasEnded, !terminalSeen, !failureSeen else { return nil }
        let (deadline, overflow) = client.lastSentAt.addingReportingOverflow(limits.heartbeatNanoseconds)
        return overflow ? nil : deadline
    }

    /// Sends a heartbeat comment if one is due. Commits the head, not the attempt. Returns whether it was sent.
    @discardableResult
    public mutating func heartbeat(now: UInt64, into sink: inout some ByteSink) -> Bool {
        guard let deadline = nextHeartbeatDeadline, now >= deadline else { return false }
        send(SSEEncoder.heartbeat.borrowedBytes, now: now, into: &sink)
        return true
    }

    private static var blankLine: StaticString { "\n\n" }

    /// Asks the observer about an event, counts, and commits when it is due. Returns whether the event is to be hidden.
    private mutating func judge(_ event: SSEEvent, now: UInt64, into sink: inout some ByteSink) -> Bool {
        let verdict = observer.observe(event)
        if event.hasData { counters.events &+= 1 }
        switch verdict.meaning {
        case .lifecycle:
            break
        case .content, .terminalContent:
            counters.contentEvents &+= 1
            if counters.firstContentAt == nil { counters.firstContentAt = now }
            if verdict.meaning == .terminalContent { terminalSeen = true }
            if !failureSeen { commit(now: now, into: &sink) }
        case .terminal:
            terminalSeen = true
            if !failureSeen { commit(now: now, into: &sink) }
        case .failure:
            failureSeen = true
        }
        return verdict.isHidden
    }

    /// An unfinished event waits: a client can do nothing with a part of it, and a part with our error behind it is no event at all. Only one
    /// that is longer than the window flows on as it comes.
    private var mayPassUnfinished: Bool {
        isCommitted && (sentOfUnfinished > 0 || parser.unfinishedBytes > limits.hideWindowBytesMax)
    }

    /// Passes on what earlier batches brought of an event and was kept back until now. Returns true when it passed on all of the event,
    /// what this batch brought of it included, so that it is scrubbed in one piece.
    @discardableResult
    private mutating func passCarried(upTo end: Int, now: UInt64, into sink: inout some ByteSink) -> Bool {
        guard end > sentOfUnfinished else { return false }
        let isWhole = scrub != nil && sentOfUnfinished == 0
        let bytes = isWhole ? parser.carriedBytes : parser.carriedBytes.part(sentOfUnfinished, end)
        pass(bytes, now: now, into: &sink)
        return isWhole
    }

    private mutating func pass(_ bytes: UnsafeRawBufferPointer, now: UInt64, into sink: inout some ByteSink) {
        scrub?(UnsafeMutableRawBufferPointer(mutating: bytes))
        if isCommitted {
            send(bytes, now: now, into: &sink)
        } else {
            held.append(bytes)
        }
    }

    private mutating func commit(now: UInt64, into sink: inout some ByteSink) {
        guard !isCommitted else { return }
        isCommitted = true
        send(held.bytes, now: now, into: &sink)
        held.removeAll(retaining: 0)
    }

    private mutating func send(_ bytes: UnsafeRawBufferPointer, now: UInt64, into sink: inout some ByteSink) {
        guard !bytes.isEmpty else { return }
        sink.append(bytes)
        counters.bytesOut &+= UInt64(bytes.count)
        client.isHeadCommitted = true
        client.lastSentAt = now
    }

    private mutating func noteClientBoundary() {
        clientIsAtEventBoundary = sentOfUnfinished == 0 || parser.isAtEventBoundary
    }

    /// Whether a last event without its blank line looks whole. A JSON document must be closed; `[DONE]` and the like are left to the observer.
    private static func isPlausiblyWhole(_ event: SSEEvent) -> Bool {
        guard event.hasData else { return false }
        guard event.data.first == Ascii.openBrace else { return true }
        var scan = JSONMemberCapture(names: [])
        scan.push(event.data)
        return scan.ending == .complete
    }
}
