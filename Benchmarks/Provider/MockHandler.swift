import CLinux
import Dialects
import HTTP
import Reactor
import Streaming

/// Answers like a provider, with made-up tokens: the same ones for the same request, but for their time stamps. Loop-confined.
final class MockHandler: ServerHandler {
    let loop: EventLoop
    private let sendsEachEvent: Bool
    private let sockets: AcceptedSockets
    private let gate: SendGate
    private let tape = JSONTape()
    private var answers: PreparedAnswers
    private var phases = TokenClock.Phases()
    /// Where one event at a time is written before it is queued.
    private var buffer: UnsafeMutableRawBufferPointer

    /// - Parameters:
    ///   - defaults: what a model's name does not say.
    ///   - sendsEachEvent: a system call for each event, also where tokens have no pace.
    init(loop: EventLoop, defaults: AnswerShape, sendsEachEvent: Bool, sockets: AcceptedSockets) {
        self.loop = loop
        self.sendsEachEvent = sendsEachEvent
        self.sockets = sockets
        gate = SendGate(loop: loop)
        answers = PreparedAnswers(defaults: defaults)
        buffer = .allocate(byteCount: 4_096, alignment: 16)
    }

    deinit { buffer.deallocate() }

    func handle(_ exchange: any ServerExchange) async {
        guard let order = await order(exchange) else { return }
        let answer: PreparedAnswer
        do throws(AnswerPlan.UnknownModel) {
            answer = try answers.answer(to: order)
        } catch {
            return refuse(404, error.message, order.format, exchange)
        }
        switch answer.plan.fault?.kind {
        case .error500: refuse(500, "The provider failed, as it was asked to.", order.format, exchange)
        case .error429: refuse(429, "Too many requests, as it was asked for.", order.format, exchange)
        // An answer that its handler leaves in the middle is reset, and what is queued is dropped with it.
        case .resetHead: exchange.sendHead(200, body: .stream) { _ in }
        default:
            if order.isStreaming { await stream(answer, exchange) } else { await whole(answer, exchange) }
        }
    }

    // MARK: Requests

    /// Reads what is ordered; nil when that has been answered already.
    private func order(_ exchange: any ServerExchange) async -> ProviderOrder? {
        switch ProviderRoute(exchange.request) {
        case .models(let format):
            exchange.answer(200, contentType: "application/json", ModelList.body(format).utf8)
        case .nothing: refuse(404, "There is nothing here.", .chat, exchange)
        case .geminiArray: refuse(400, "Only streams with alt=sse are made here.", .gemini, exchange)
        case .gemini(let model, let isStreaming):
            guard (try? await exchange.readBody()) != nil else { return nil }
            return ProviderOrder(format: .gemini, model: model, isStreaming: isStreaming)
        case .answer(let format, let dialect):
            guard let body = try? await exchange.readBody() else { return nil }
            do throws(RequestProblem) {
                let facts = try RequestFacts(body.bytes, dialect: dialect, tape: tape)
                return ProviderOrder(
                    format: format, model: facts.model, isStreaming: facts.isStreaming, includesUsage: facts.usageOption == .on)
            } catch {
                // Of JSON: no sentence of a problem needs escaping in it.
                refuse(400, error.message, format, exchange)
            }
        }
        return nil
    }

    private func refuse(_ status: UInt16, _ message: String, _ format: WireFormat, _ exchange: any ServerExchange) {
        let body = ProviderError(status: status, message: message).body(format)
        exchange.answer(status, contentType: "application/json", body.utf8) { fields in
            Self.addRequestID(format, to: &fields)
            if status == 429 { fields.add(.retryAfter, AnswerFault.retryAfterSeconds) }
        }
    }

    private static func addRequestID(_ format: WireFormat, to fields: inout any FieldWriter) {
        fields.add(format == .messages ? .requestID : .xRequestID, "req_bench")
    }

    func refusal(status: UInt16, message: StaticString, head: MessageHead?) -> ServerRefusal {
        ServerRefusal(
            contentType: "application/json", body: Array(ProviderError(status: status, message: "\(message)").body(.chat).utf8))
    }

    // MARK: Answers

    private func stream(_ answer: PreparedAnswer, _ exchange: any ServerExchange) async {
        // A stream may take long, and nobody looks at the request any more.
        exchange.releaseRequest()
        exchange.sendHead(200, body: .stream) { fields in
            fields.add(.contentType, "text/event-stream; charset=utf-8")
            fields.add(.cacheControl, "no-cache")
            Self.addRequestID(answer.format, to: &fields)
        }
        exchange.send(answer.opening)
        let shape = answer.plan.shape
        var clock = TokenClock(shape, startedNanoseconds: exchange.receivedNanoseconds, phase: phases.next())
        let isPaced = shape.paceMilliseconds > 0
        makeRoom(answer.token.byteCountMax)
        for index in 0..<shape.tokens {
            guard await reached(clock.dueNanoseconds, exchange) else { return }
            clock.advance()
            if isPaced || sendsEachEvent {
                let isLater = sendsEachEvent && !isPaced && index > 0
                guard await gate.pass(exchange.wakeup, isLater: isLater) else { return }
                // What the kernel did not take must not join the next event.
                if sendsEachEvent, exchange.isAboveHighWatermark, await !exchange.drained() { return }
            }
            if let fault = answer.plan.fault, fault.tokensBefore == index {
                guard await makeFault(fault.kind, answer, index, exchange) else { return }
            } else {
                let count = answer.token.render(index: index, sentNanoseconds: ekai_monotonic_ns(), into: buffer)
                exchange.send(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
            if !sendsEachEvent, exchange.isAboveHighWatermark, await !exchange.drained() { return }
        }
        exchange.send(answer.closing)
        exchange.finish()
    }

    private func whole(_ answer: PreparedAnswer, _ exchange: any ServerExchange) async {
        let shape = answer.plan.shape
        let milliseconds = shape.firstTokenDelayMilliseconds + max(0, shape.tokens - 1) * shape.paceMilliseconds
        guard await reached(exchange.receivedNanoseconds + Int64(milliseconds) * 1_000_000, exchange) else { return }
        guard let body = answer.whole() else {
            return refuse(400, "An answer in one piece has at most \(PreparedAnswer.wholeTextBytesMax) bytes of text.", answer.format, exchange)
        }
        exchange.sendHead(200, body: .length(UInt64(body.count))) { fields in
            fields.add(.contentType, "application/json")
            Self.addRequestID(answer.format, to: &fields)
        }
        switch answer.plan.fault?.kind {
        case .resetStream?, .stall?, .truncated?:
            guard let kind = answer.plan.fault?.kind, await sendAll(Array(body[..<(body.count / 2)]), exchange) else { return }
            _ = await makeFault(kind, answer, 0, exchange)
        default:
            if await sendAll(body, exchange) { exchange.finish() }
        }
    }

    /// Does what is wrong with a stream in the place of the token at `index`. False when the answer ends with it.
    private func makeFault(
        _ kind: AnswerFault.Kind, _ answer: PreparedAnswer, _ index: Int, _ exchange: any ServerExchange
    ) async -> Bool {
        switch kind {
        case .malformed, .bigEvent:
            return await sendAll(answer.spoilt(kind, index: index, sentNanoseconds: ekai_monotonic_ns()), exchange)
        case .stall: await clientLeft(exchange, before: .max)
        case .resetStream: _ = await reached(loop.now + AnswerFault.settleNanoseconds, exchange)
        case .truncated:
            guard await reached(loop.now + AnswerFault.settleNanoseconds, exchange), let peer = exchange.peerAddress,
                sockets.sendEnd(to: peer)
            else { return false }
            await clientLeft(exchange, before: loop.now + AnswerFault.closeTimeoutNanoseconds)
        case .unmarked: exchange.finish()
        case .error500, .error429, .resetHead: return true
        }
        return false
    }

    private func sendAll(_ bytes: [UInt8], _ exchange: any ServerExchange) async -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            exchange.send(rest.prefix(Self.pieceBytes))
            rest = rest.dropFirst(Self.pieceBytes)
            if exchange.isAboveHighWatermark, await !exchange.drained() { return false }
        }
        return true
    }

    /// How much of a long answer is queued at once.
    private static let pieceBytes = 16 * 1024

    private func makeRoom(_ byteCount: Int) {
        guard buffer.count < byteCount else { return }
        buffer.deallocate()
        buffer = .allocate(byteCount: byteCount, alignment: 16)
    }

    // MARK: Waiting

    /// Waits for `due`, which may be past. False when the client is gone.
    private func reached(_ due: Int64, _ exchange: any ServerExchange) async -> Bool {
        while loop.now < due {
            exchange.timer.schedule(atNanoseconds: due)
            let signals = await exchange.wakeup.wait(for: [.timer, .downstreamGone, .stopping])
            if !signals.isDisjoint(with: [.downstreamGone, .stopping]) { return false }
        }
        return !exchange.isClientGone
    }

    /// Waits until the client closes, or for `deadline`.
    private func clientLeft(_ exchange: any ServerExchange, before deadline: Int64) async {
        while !exchange.isClientGone, loop.now < deadline {
            exchange.timer.schedule(atNanoseconds: deadline)
            let signals = await exchange.wakeup.wait(for: [.timer, .downstreamGone, .stopping])
            if signals.contains(.stopping) { return }
        }
    }
}

extension ServerExchange {
    /// Queues a copy of a piece of the answer's body.
    fileprivate func send(_ bytes: some Collection<UInt8>) {
        _ = bytes.withContiguousStorageIfAvailable { send(UnsafeRawBufferPointer($0)) }
    }
}
