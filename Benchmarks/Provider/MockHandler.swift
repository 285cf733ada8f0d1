import CLinux
import Dialects
import HTTP
import Reactor
import Streaming

/// Answers like a provider, with made-up tokens: the same ones for the same request, but for their time stamps. Loop-confined.
final class MockHandler: ServerHandler {
    private let loop: EventLoop
    private let shape: AnswerShape
    private let tape = JSONTape()
    private let templates: [Dialect: TokenTemplate]
    /// Where one event at a time is written before it is queued.
    private let buffer: UnsafeMutableRawBufferPointer

    init(loop: EventLoop, shape: AnswerShape) {
        self.loop = loop
        self.shape = shape
        templates = Dictionary(
            uniqueKeysWithValues: Dialect.allCases.map { ($0, TokenTemplate($0, bytesPerToken: shape.bytesPerToken)) })
        buffer = .allocate(byteCount: templates.values.map(\.byteCountMax).max() ?? 0, alignment: 16)
    }

    deinit { buffer.deallocate() }

    func handle(_ exchange: any ServerExchange) async {
        guard let dialect = Self.dialect(of: exchange.request) else {
            return exchange.answer(404, contentType: "application/json", #"{"error":{"message":"nothing here"}}"#.utf8)
        }
        let started = exchange.receivedNanoseconds
        guard let body = try? await exchange.readBody() else { return }
        guard let facts = try? RequestFacts(body.bytes, dialect: dialect, tape: tape) else {
            return exchange.answer(400, contentType: "application/json", #"{"error":{"message":"not understood"}}"#.utf8)
        }
        let shape = shape.named(facts.model)
        if facts.isStreaming {
            await stream(shape, dialect, includesUsage: facts.usageOption == .on, started: started, exchange)
        } else {
            await whole(shape, dialect, started: started, exchange)
        }
    }

    private static func dialect(of request: MessageHead) -> Dialect? {
        let path = String(decoding: request.path, as: UTF8.self)
        if path.hasSuffix("/chat/completions") { return .chat }
        if path.hasSuffix("/messages") { return .messages }
        return path.hasSuffix("/responses") ? .responses : nil
    }

    private func stream(
        _ shape: AnswerShape, _ dialect: Dialect, includesUsage: Bool, started: Int64, _ exchange: any ServerExchange
    ) async {
        guard let template = templates[dialect] else { return }
        exchange.sendHead(200, body: .stream) { fields in fields.add(.contentType, "text/event-stream") }
        send(MockText.opening(dialect), exchange)
        var due = started + Int64(shape.firstTokenDelayMilliseconds) * 1_000_000
        for index in 0..<shape.tokens {
            guard await reached(due, exchange) else { return }
            due += Int64(shape.paceMilliseconds) * 1_000_000
            let count = template.render(
                sequence: MockText.openingEvents + index, sentNanoseconds: ekai_monotonic_ns(), into: buffer)
            exchange.send(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            if exchange.isAboveHighWatermark, await !exchange.drained() { return }
        }
        send(MockText.closing(dialect, tokens: shape.tokens, includesUsage: includesUsage), exchange)
        exchange.finish()
    }

    private func whole(_ shape: AnswerShape, _ dialect: Dialect, started: Int64, _ exchange: any ServerExchange) async {
        let milliseconds = shape.firstTokenDelayMilliseconds + shape.tokens * shape.paceMilliseconds
        guard await reached(started + Int64(milliseconds) * 1_000_000, exchange) else { return }
        let text = String(repeating: "x", count: shape.tokens * shape.bytesPerToken)
        exchange.answer(
            200, contentType: "application/json", MockText.whole(dialect, tokens: shape.tokens, text: text).utf8)
    }

    private func send(_ text: String, _ exchange: any ServerExchange) {
        var text = text
        text.withUTF8 { exchange.send(UnsafeRawBufferPointer($0)) }
    }

    /// Waits for `due`, which may be past. False when the client is gone.
    private func reached(_ due: Int64, _ exchange: any ServerExchange) async -> Bool {
        while loop.now < due {
            exchange.timer.schedule(atNanoseconds: due)
            let signals = await exchange.wakeup.wait(for: [.timer, .downstreamGone, .stopping])
            if !signals.isDisjoint(with: [.downstreamGone, .stopping]) { return false }
        }
        return !exchange.isClientGone
    }

    func refusal(status: UInt16, message: StaticString, head: MessageHead?) -> ServerRefusal {
        ServerRefusal(contentType: "application/json", body: Array("{\"error\":{\"message\":\"\(message)\"}}".utf8))
    }
}
