import CLinux
import Dialects
import Glibc
import HTTP
import Reactor
import Streaming

/// The built-in demo provider: a server that speaks every dialect at the other end of a socket pair, so that its answers take
/// the very way that a real provider's take. Loop-confined.
final class DemoHandler: ServerHandler {
    /// Its name in the configuration's terms; its models are `demo/echo` and `demo/stream`.
    static let providerName = "demo"
    static let models = ["demo/echo", "demo/stream"]

    private let loop: EventLoop
    private let paceNanoseconds: Int64
    private let tape = JSONTape()

    init(loop: EventLoop, paceMilliseconds: Int) {
        self.loop = loop
        paceNanoseconds = Int64(paceMilliseconds) * 1_000_000
    }

    func handle(_ exchange: any ServerExchange) async {
        // It neither counts nor embeds; the gateway asks it for neither.
        guard case .inference(let route) = Route.of(exchange.request), ![.countTokens, .embed].contains(route.operation) else {
            return exchange.answer(404, contentType: "application/json", Array("{}".utf8))
        }
        do throws(BodyFailure) {
            let body = try await exchange.readBody()
            let facts = try? RequestFacts(body.bytes, dialect: route.dialect, path: route.path, tape: tape)
            let answer = answer(to: body.bytes, route, facts)
            if facts?.isStreaming ?? false {
                await stream(answer, exchange)
            } else {
                answerJSON(answer.json(), exchange)
            }
        } catch {
            return
        }
    }

    private func answer(to body: UnsafeRawBufferPointer, _ route: InferenceRoute, _ facts: RequestFacts?) -> DemoAnswer {
        // Asked for as `demo/echo`; the name may come with or without the provider in front.
        let isEcho = facts?.model.hasSuffix("echo") ?? false
        let text = isEcho ? DemoPrompt.lastUserText(of: body, route.dialect, tape) : DemoAnswer.text
        return DemoAnswer(
            dialect: route.dialect, model: isEcho ? "demo/echo" : "demo/stream", tokens: DemoAnswer.tokens(of: text),
            inputTokens: (body.count + 3) / 4, includesUsage: facts?.usageOption == .on,
            createdSeconds: Int(ekai_realtime_ns() / 1_000_000_000),
            isJSONArray: route.isJSONArray)
    }

    private func answerJSON(_ body: String, _ exchange: any ServerExchange) {
        exchange.answer(200, contentType: "application/json", body.utf8)
    }

    private func stream(_ answer: DemoAnswer, _ exchange: any ServerExchange) async {
        exchange.sendHead(200, body: .stream) { fields in fields.add(.contentType, answer.isJSONArray ? "application/json" : "text/event-stream") }
        send(answer.opening(), exchange)
        for index in answer.tokens.indices {
            guard await pause(exchange) else { return }
            send(answer.token(index), exchange)
        }
        send(answer.closing(), exchange)
        exchange.finish()
    }

    private func send(_ text: String, _ exchange: any ServerExchange) {
        var text = text
        text.withUTF8 { exchange.send(UnsafeRawBufferPointer($0)) }
    }

    /// Waits for the time of the next token. False when the client is gone.
    private func pause(_ exchange: any ServerExchange) async -> Bool {
        guard paceNanoseconds > 0 else {
            return exchange.isAboveHighWatermark ? await exchange.drained() : !exchange.isClientGone
        }
        let deadline = loop.now + paceNanoseconds
        while loop.now < deadline {
            exchange.timer.schedule(atNanoseconds: deadline)
            let signals = await exchange.wakeup.wait(for: [.timer, .downstreamGone, .stopping])
            if !signals.isDisjoint(with: [.downstreamGone, .stopping]) { return false }
        }
        return true
    }

    func refusal(status: UInt16, message: StaticString, head: MessageHead?) -> ServerRefusal {
        ServerRefusal(
            contentType: "application/json",
            body: ErrorBody(dialect: .chat, kind: .invalidRequest, message: message.description).json())
    }
}

/// Finds what the user said last, for the echo.
enum DemoPrompt {
    static func lastUserText(of body: UnsafeRawBufferPointer, _ dialect: Dialect, _ tape: JSONTape) -> String {
        guard let root = try? tape.parse(body) else { return "" }
        let conversation: JSONValue? =
            switch dialect {
            case .chat, .messages: root["messages"]
            case .responses: root["input"]
            case .gemini: root["contents"]
            }
        guard let conversation else { return "" }
        if let text = conversation.string { return cut(text) }
        var last = ""
        for message in conversation.elements where message["role"]?.string ?? "user" == "user" {
            if let content = message["content"] ?? message["parts"] { last = text(of: content) }
        }
        return cut(last)
    }

    /// A string, or the texts of a list of parts.
    private static func text(of content: JSONValue) -> String {
        if let text = content.string { return text }
        var texts: [String] = []
        for part in content.elements {
            if let text = part["text"]?.string { texts.append(text) }
        }
        return texts.joined(separator: " ")
    }

    private static func cut(_ text: String) -> String {
        String(decoding: text.utf8.prefix(DemoAnswer.echoBytesMax), as: UTF8.self)
    }
}
