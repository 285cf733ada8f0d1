import Dialects
import HTTP
import Reactor
import Streaming

/// Carries a stream of events from provider to client: one suspension for each readiness of the provider's socket, and
/// everything between two suspensions synchronous and without allocation.
final class StreamCarrier<Transit: StreamTransit & ~Copyable>: Carrier {
    /// How long a provider may keep its connection open after the end mark before we stop waiting for the end.
    static var closingNanoseconds: Int64 { 2_000_000_000 }

    private let lane: RelayLane
    private let deadlines: StreamDeadlines
    private var transit: Transit
    private var sink: AnswerSink
    private var isClosing = false
    /// For the times between tokens: when content last came.
    private var lastContentNanoseconds: Int64 = 0
    /// When the client's queue ran over.
    private var stalledNanoseconds: Int64 = 0

    /// - Parameter contentType: of a translated stream; nil passes on the provider's.
    init(_ lane: RelayLane, _ transit: consuming Transit, contentType: StaticString? = nil) {
        self.lane = lane
        self.transit = transit
        sink = AnswerSink(
            exchange: lane.exchange,
            head: AnswerHead(
                lane.exchange, call: lane.call, upstream: lane.upstream, status: lane.upstream.response.status,
                body: .stream, isEventStream: true, contentType: contentType))
        deadlines = StreamDeadlines(
            giveUpNanoseconds: lane.now + lane.provider.timeouts.firstTokenMilliseconds.millisecondsAsNanoseconds,
            phase: .firstToken)
        deadlines.tickNanoseconds = self.transit.nextHeartbeatDeadline.map { Int64($0) }
    }

    /// Carries the stream to its end. Returns why it did not end well, for the books; the client has been told unless nothing was
    /// sent to it yet.
    func run() async -> GatewayError? {
        lane.loop.counts.streamsActive += 1
        defer { lane.loop.counts.streamsActive -= 1 }
        do {
            let source = UpstreamBatches(upstream: lane.upstream, deadlines: deadlines, loop: lane.loop.loop)
            for try await batch in EventBatches(source) {
                try take(batch)
                // Backpressure: as long as the client's queue is full, the provider's socket is not read.
                if lane.exchange.isAboveHighWatermark {
                    stalledNanoseconds = lane.now
                    let isDrained = await lane.exchange.drained()
                    lane.loop.counts.countBackpressure(nanoseconds: lane.now - stalledNanoseconds)
                    guard isDrained else { return finish(lane.undrained) }
                }
            }
            return finish(nil)
        } catch {
            return finish(judge(error))
        }
    }

    /// Passes a batch on and moves the deadlines.
    @inline(never)
    private func take(_ batch: EventBatch) throws(SSEParserError) {
        let now = lane.now
        switch batch.kind {
        case .bytes:
            if !lane.exchange.isHeadSent { lane.call.noteUpstreamBytes() }
            let before = transit.counters.contentEvents
            defer { noteContent(transit.counters.contentEvents - before, now) }
            switch try transit.receive(batch.bytes, now: UInt64(now), into: &sink) {
            case .holding: break
            case .complete where !lane.call.upstreamDialect.hasEndMark, .flowing:
                deadlines.phase = .idle
                deadlines.giveUpNanoseconds = now + lane.provider.timeouts.idleMilliseconds.millisecondsAsNanoseconds
            case .complete, .failed, .failedBeforeContent:
                // Set once: what the provider sends after its last word does not move its end.
                if !isClosing { deadlines.giveUpNanoseconds = now + Self.closingNanoseconds }
                isClosing = true
                deadlines.phase = .idle
            }
        case .tick:
            if !lane.exchange.isHeadSent { lane.call.noteUpstreamBytes() }
            transit.heartbeat(now: UInt64(now), into: &sink)
        case .end: break
        }
        deadlines.tickNanoseconds = transit.nextHeartbeatDeadline.map { Int64($0) }
    }

    /// Counts the time since the content before, shared evenly by what this batch brought.
    private func noteContent(_ events: UInt64, _ now: Int64) {
        guard events > 0 else { return }
        if lastContentNanoseconds > 0 {
            lane.loop.counts.countContent(lane.call.dialect, events: events, nanoseconds: now - lastContentNanoseconds)
        }
        lastContentNanoseconds = now
    }

    @inline(never)
    private func judge(_ error: any Error) -> GatewayError? {
        guard let failure = error as? UpstreamFailure else {
            // An event beyond every bound: the stream cannot be followed any further.
            return GatewayError(truncatedBy: lane.provider.name)
        }
        return GatewayError(failure, provider: lane.provider.name)
    }

    /// Ends the client's answer as the stream ended. A stream that had its end mark, or its failure, before the connection
    /// broke is what it is; one that had neither is cut short.
    @inline(never)
    private func finish(_ failure: GatewayError?) -> GatewayError? {
        let now = UInt64(lane.now)
        let ending = transit.upstreamEnded(now: now, into: &sink)
        lane.call.answer = lane.provider.masked(transit.answer)
        lane.call.firstContentNanoseconds = transit.counters.firstContentAt.map { Int64($0) }
        if let failure, !failure.isAnswerable { return failure }
        switch ending {
        case .complete:
            lane.exchange.finish()
            return nil
        case .failed:
            guard Transit.passesFailuresOn else {
                let failure = lane.call.toldFailure(of: lane.provider.name)
                endCutStream(failure, now)
                return failure
            }
            // There is no other provider to turn to: the failure, as the provider told it, is the answer.
            if !transit.isCommitted { transit.releaseHeld(now: now, into: &sink) }
            lane.exchange.finish()
            return lane.call.providerFailure
        case .truncated:
            let failure = failure ?? GatewayError(truncatedBy: lane.provider.name)
            endCutStream(failure, now)
            return failure
        }
    }

    /// Nothing sent yet: the pipeline answers with a JSON error. Else one error sequence of the dialect, and no end mark.
    private func endCutStream(_ failure: GatewayError, _ now: UInt64) {
        transit.discardHeld()
        guard lane.exchange.isHeadSent else { return }
        transit.endOpenEvent(now: now, into: &sink)
        let error = ErrorBody(
            dialect: lane.call.dialect, kind: failure.kind, message: failure.message,
            requestID: lane.call.shownRequestID)
        let ending = lane.call.route.isJSONArray ? error.arrayEnding() : error.streamEnding(at: transit.position)
        ending.withUnsafeBytes { sink.append($0) }
        lane.exchange.finish()
    }
}

extension InferenceCall {
    /// The same failure for a client of another dialect, which is told of it by the gateway.
    func toldFailure(of provider: String) -> GatewayError {
        let failure = answer.failure
        let kind = failure?.kind ?? .upstreamFailed
        // What a provider says of the operator's account is not the client's business.
        let words = kind == .providerAuthFailed ? nil : failure?.message
        return GatewayError(
            kind, .upstream, words ?? "\(provider) failed while it answered.",
            label: failure?.type ?? failure?.code ?? "provider_error",
            retryAfterSeconds: failure?.retryAfterSeconds.map(Int64.init), isPossiblyBilled: answer.contentEvents > 0)
    }

    /// What the books say of a failure that the provider reported inside its answer; the client has it from the provider.
    var providerFailure: GatewayError {
        GatewayError(
            answer.failure?.kind ?? .upstreamFailed, .upstream, "",
            label: answer.failure?.type ?? answer.failure?.code ?? "provider_error")
    }
}
