import Dialects
import HTTP
import Reactor
import Store
import Streaming

/// Carries one response from a provider to the client: a stream event by event, a whole answer in pieces, an error as it is or
/// in our words.
struct AnswerRelay {
    /// Largest whole answer that is held until it is known to be complete; a larger one flows as it comes.
    static let heldAnswerBytesMax = 64 * 1024
    /// Largest error body that is passed on: it is scanned for our secrets first.
    static let errorBodyBytesMax = 1024 * 1024
    /// How long a provider may keep its connection open after the end mark before we stop waiting for the end.
    static let closingNanoseconds: Int64 = 2_000_000_000

    let context: GatewayContext
    let loop: LoopContext
    let exchange: any ServerExchange
    let call: InferenceCall
    let upstream: UpstreamExchange
    let provider: Provider

    func run(hidesUsageChunk: Bool) async throws(GatewayError) {
        let response = upstream.response
        guard (200..<300).contains(response.status) else { return try await relayError(Int(response.status)) }
        if let type = response.value(of: .contentType), type.starts(withIgnoringCase: "text/event-stream") {
            try await relayStream(hidesUsageChunk: hidesUsageChunk)
        } else {
            try await relayWhole(response.status)
        }
    }

    private var now: Int64 { loop.loop.now }

    private func milliseconds(_ count: Int) -> Int64 { Int64(count) * 1_000_000 }

    // MARK: Streams

    private func relayStream(hidesUsageChunk: Bool) async throws(GatewayError) {
        let observer = StreamObserver(call.dialect, hidesUsageChunk: hidesUsageChunk, reader: loop.reader)
        let heartbeat = UInt64(milliseconds(context.configuration.server.heartbeatMilliseconds))
        var relay = StreamRelay(
            observer: observer, client: RelayClient(waitingSince: UInt64(now)),
            limits: RelayLimits(heartbeatNanoseconds: heartbeat))
        var sink = AnswerSink(
            exchange: exchange,
            head: AnswerHead(
                exchange, call: call, upstream: upstream, status: upstream.response.status, body: .stream,
                isEventStream: true))
        var failure = await pump(&relay, &sink)
        let ending = relay.upstreamEnded(now: UInt64(now), into: &sink)
        call.answer = relay.observer.answer
        call.firstContentNanoseconds = relay.counters.firstContentAt.map { Int64($0) }
        if failure == nil || relay.terminalSeen && failure?.isAnswerable == true {
            switch ending {
            case .complete: failure = nil
            case .truncated: failure = .truncated(provider: provider.name)
            case .failed:
                if !relay.isCommitted { relay.releaseHeld(now: UInt64(now), into: &sink) }
                exchange.finish()
                throw providerFailure()
            }
        }
        guard let failure else { return exchange.finish() }
        try end(&relay, &sink, failure)
    }

    /// Ends a stream that failed: as a JSON error by throwing while nothing was sent, else with the dialect's error sequence.
    private func end(
        _ relay: inout StreamRelay<StreamObserver>, _ sink: inout AnswerSink, _ failure: GatewayError
    ) throws(GatewayError) {
        relay.discardHeld()
        if failure.isAnswerable, exchange.isHeadSent {
            relay.endOpenEvent(now: UInt64(now), into: &sink)
            let error = ErrorBody(
                dialect: call.dialect, kind: failure.kind, message: failure.message, requestID: call.shownRequestID)
            error.streamEnding(at: relay.observer.position).withUnsafeBytes { sink.append($0) }
            exchange.finish()
        }
        throw failure
    }

    /// Moves batches until the stream ends, one suspension for each readiness. Returns why it ended early.
    private func pump(_ relay: inout StreamRelay<StreamObserver>, _ sink: inout AnswerSink) async -> GatewayError? {
        let timeouts = provider.timeouts
        let deadlines = StreamDeadlines(
            giveUpNanoseconds: now + milliseconds(timeouts.firstTokenMilliseconds), phase: .firstToken)
        deadlines.tickNanoseconds = relay.nextHeartbeatDeadline.map { Int64($0) }
        let source = UpstreamBatches(upstream: upstream, deadlines: deadlines, loop: loop.loop)
        do {
            for try await batch in EventBatches(source) {
                switch batch.kind {
                case .bytes:
                    let status = try relay.receive(batch.bytes, now: UInt64(now), into: &sink)
                    switch status {
                    case .holding: break
                    case .flowing:
                        deadlines.phase = .idle
                        deadlines.giveUpNanoseconds = now + milliseconds(timeouts.idleMilliseconds)
                    case .complete, .failed, .failedBeforeContent:
                        deadlines.phase = .idle
                        deadlines.giveUpNanoseconds = now + Self.closingNanoseconds
                    }
                case .tick: relay.heartbeat(now: UInt64(now), into: &sink)
                case .end: break
                }
                deadlines.tickNanoseconds = relay.nextHeartbeatDeadline.map { Int64($0) }
                if exchange.isAboveHighWatermark, await !exchange.drained() {
                    return .clientGone(isPossiblyBilled: true)
                }
            }
            return nil
        } catch let failure as UpstreamFailure {
            if failure.kind == .timedOut(.idle), relay.terminalSeen || relay.failureSeen { return nil }
            return GatewayError(failure, provider: provider.name)
        } catch {
            // An event beyond every bound: the stream cannot be followed any further.
            return .truncated(provider: provider.name)
        }
    }

    /// What the books say of a failure that the provider reported inside its answer; the client has it from the provider.
    private func providerFailure() -> GatewayError {
        let failure = call.answer.failure
        return GatewayError(
            failure?.kind ?? .upstreamFailed, .upstream, "", label: failure?.type ?? failure?.code ?? "provider_error")
    }

    // MARK: Whole answers

    private func relayWhole(_ status: UInt16) async throws(GatewayError) {
        var observer = AnswerObserver(call.dialect)
        var held = ByteAccumulator()
        var isComplete = false
        let head = AnswerHead(
            exchange, call: call, upstream: upstream, status: status,
            body: upstream.bodyLength.map { .length($0) } ?? .stream, isEventStream: false)
        var sink = AnswerSink(exchange: exchange, head: head)
        while !isComplete {
            switch try await nextPiece() {
            case .some(let bytes):
                observer.receive(bytes)
                if !exchange.isHeadSent, held.count + bytes.count <= Self.heldAnswerBytesMax {
                    held.append(bytes)
                    continue
                }
                if !held.isEmpty {
                    sink.append(UnsafeRawBufferPointer(held.bytes))
                    held.release()
                }
                sink.append(bytes)
                if exchange.isAboveHighWatermark, await !exchange.drained() {
                    call.answer = observer.answer(loop.reader)
                    throw .clientGone(isPossiblyBilled: true)
                }
            case .none: isComplete = true
            }
        }
        call.answer = observer.answer(loop.reader)
        call.firstContentNanoseconds = now
        if !exchange.isHeadSent, observer.ending == .truncated || observer.ending == .empty {
            throw .truncated(provider: provider.name)
        }
        if held.isEmpty { head.send() } else { sink.append(UnsafeRawBufferPointer(held.bytes)) }
        exchange.finish()
        if call.answer.failure != nil { throw providerFailure() }
    }

    /// The next piece of the body, valid until the next receive; nil at its end.
    private func nextPiece() async throws(GatewayError) -> UnsafeRawBufferPointer? {
        do throws(UpstreamFailure) {
            while true {
                switch upstream.receiveBody() {
                case .bytes(let bytes): return bytes
                case .end: return nil
                case .failed(let failure): throw failure
                case .wouldBlock:
                    try await upstream.waitForBody(
                        until: now + milliseconds(provider.timeouts.idleMilliseconds), .idle)
                }
            }
        } catch {
            throw GatewayError(error, provider: provider.name)
        }
    }

    // MARK: Errors

    /// A status that is no success: the provider's own words where they concern the request, ours where they concern our account.
    private func relayError(_ status: Int) async throws(GatewayError) {
        var body = ByteAccumulator()
        while let bytes = try await nextPiece() {
            guard body.count + bytes.count <= Self.errorBodyBytesMax else {
                throw GatewayError(
                    .upstreamFailed, .upstream, "\(provider.name) answered with status \(status) and an oversized body.",
                    label: "upstream_\(status)")
            }
            body.append(bytes)
        }
        for key in provider.keys { key.mask(in: body.bytes) }
        for header in provider.headers { header.value.mask(in: body.bytes) }
        switch UpstreamErrorPolicy(status: status, isSameDialect: true) {
        case .pass:
            let head = AnswerHead(
                exchange, call: call, upstream: upstream, status: UInt16(status),
                body: .length(UInt64(body.count)), isEventStream: false)
            head.send()
            exchange.send(UnsafeRawBufferPointer(body.bytes))
            exchange.finish()
            throw GatewayError(ErrorKind(upstreamStatus: status), .upstream, "", label: "upstream_\(status)")
        case .replace(let kind), .translate(let kind):
            context.logger.warning(
                "provider refused",
                metadata: [
                    "request": "\(call.requestID)", "provider": "\(provider.name)", "status": "\(status)",
                    "body": "\(UnsafeRawBufferPointer(rebasing: body.bytes.prefix(2048)).text)",
                ])
            throw GatewayError(kind, .upstream, refusalMessage(kind, status), label: "upstream_\(status)")
        }
    }

    private func refusalMessage(_ kind: ErrorKind, _ status: Int) -> String {
        kind == .providerAuthFailed
            ? "\(provider.name) refused the gateway's credentials (status \(status)). The operator has to act."
            : "\(provider.name) answered with status \(status)."
    }
}

extension Secret {
    /// Overwrites every occurrence in `bytes` with asterisks. Keys shorter than eight bytes are left alone: they would match by chance.
    func mask(in bytes: UnsafeMutableRawBufferPointer) {
        withBytes { secret in
            guard secret.count >= 8, bytes.count >= secret.count else { return }
            var start = 0
            while let found = ByteSearch.firstIndex(of: secret, in: UnsafeRawBufferPointer(bytes), from: start) {
                for index in found..<(found + secret.count) { bytes[index] = UInt8(ascii: "*") }
                start = found + secret.count
            }
        }
    }
}
