import Dialects
import HTTP
import Reactor

/// Carries a response whose status is no success: the provider's own words where they concern the request, ours where they concern
/// our account (contracts.md section 5).
final class ErrorCarrier: Carrier {
    /// Largest error body that is passed on; it is read whole, to be scanned for our secrets.
    static let bodyBytesMax = 1024 * 1024
    /// How much of a body that is not passed on goes into the log.
    static let loggedBytesMax = 2 * 1024

    private let lane: RelayLane
    private let status: Int
    private var body = ByteAccumulator()

    init(_ lane: RelayLane) {
        self.lane = lane
        status = Int(lane.upstream.response.status)
    }

    /// Reads the body and answers, or leaves the answer to the pipeline. Returns the failure for the books, never nil.
    func run() async -> GatewayError? {
        if let failure = await read() { return failure }
        return finish()
    }

    /// Reads the body. Returns why it could not be read; nil when it could.
    func read() async -> GatewayError? {
        do throws(UpstreamFailure) {
            while let bytes = try await lane.nextPiece() {
                lane.call.noteUpstreamBytes()
                guard body.count + bytes.count <= Self.bodyBytesMax else { return oversized() }
                body.append(bytes)
            }
            return nil
        } catch {
            return GatewayError(error, provider: lane.provider.name)
        }
    }

    /// What the provider says in the body that was read, where it is an error of its dialect.
    var failure: AnswerFailure? {
        var observer = AnswerObserver(lane.call.upstreamDialect)
        observer.receive(UnsafeRawBufferPointer(body.bytes))
        return observer.answer(lane.loop.reader).failure
    }

    private func oversized() -> GatewayError {
        GatewayError(
            .upstreamFailed, .upstream, "\(lane.provider.name) answered with status \(status) and an oversized body.",
            label: "upstream_\(status)")
    }

    /// Answers with what was read, or leaves the answer to the pipeline.
    @inline(never)
    func finish() -> GatewayError {
        lane.provider.maskSecrets(in: UnsafeRawBufferPointer(body.bytes))
        switch UpstreamErrorPolicy(status: status, isSameDialect: !lane.call.isTranslated, refusesKey: refusesKey) {
        case .pass:
            pass()
            return GatewayError(ErrorKind(upstreamStatus: status), .upstream, "", label: "upstream_\(status)")
        case .translate(let kind):
            return told(kind)
        case .replace(let kind):
            log()
            return GatewayError(kind, .upstream, message(kind), label: "upstream_\(status)")
        }
    }

    /// Google's reason (`google.rpc.ErrorInfo`) for a key that is none, which it calls a bad request.
    private var refusesKey: Bool {
        let reason: StaticString = "\"API_KEY_INVALID\""
        let needle = UnsafeRawBufferPointer(start: reason.utf8Start, count: reason.utf8CodeUnitCount)
        return lane.provider.profile == .google && ByteSearch.firstIndex(of: needle, in: UnsafeRawBufferPointer(body.bytes)) != nil
    }

    private func pass() {
        let head = AnswerHead(
            lane.exchange, call: lane.call, upstream: lane.upstream, status: UInt16(status),
            body: .length(UInt64(body.count)), isEventStream: false)
        head.send()
        lane.exchange.send(UnsafeRawBufferPointer(body.bytes))
        lane.exchange.finish()
    }

    /// The provider's words, for a client of another dialect, with the time that it asks to wait.
    private func told(_ kind: ErrorKind) -> GatewayError {
        GatewayError(
            kind, .upstream, failure?.message ?? message(kind), label: "upstream_\(status)",
            retryAfterSeconds: lane.upstream.response.value(of: .retryAfter).flatMap { Int64($0.text) }
                ?? failure?.retryAfterSeconds.map(Int64.init))
    }

    private func log() {
        lane.context.logger.warning(
            "provider refused",
            metadata: lane.call.logMetadata.merging([
                "provider": "\(lane.provider.name)", "status": "\(status)",
                "body": "\(UnsafeRawBufferPointer(rebasing: body.bytes.prefix(Self.loggedBytesMax)).text)",
            ]) { $1 })
    }

    private func message(_ kind: ErrorKind) -> String {
        kind == .providerAuthFailed
            ? "\(lane.provider.name) refused the gateway's credentials (status \(status)). The operator has to act."
            : "\(lane.provider.name) answered with status \(status)."
    }
}
