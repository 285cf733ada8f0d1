import CLinux
import Dialects
import HTTP
import Streaming

/// The way of a request that asks how many tokens another one would have: its model's provider counts where it can, else the gateway judges.
/// Such a request costs nothing and stands in no book; it is counted and logged as any other.
final class TokenCountPipeline {
    /// Largest answer of a counting endpoint that is read. It is one number.
    static let answerBytesMax = 64 * 1024

    private let phases: UnaryPhases
    private var call: InferenceCall { phases.call }

    init(context: GatewayContext, loop: LoopContext, exchange: any ServerExchange, call: InferenceCall) {
        phases = UnaryPhases(context: context, loop: loop, exchange: exchange, call: call)
    }

    func run() async {
        await phases.run(isBooked: false, count)
    }

    private func count() async throws(GatewayError) {
        let body = try await phases.readRequest()
        let (provider, model) = try phases.plan()
        guard let dialect = provider.countingDialect else { return estimate(body) }
        call.upstreamDialect = dialect
        let lane = try await phases.ask(provider, try question(body, provider, dialect, model))
        switch lane.upstream.response.status {
        case 200..<300: try await tell(lane)
        case 405, 501: estimate(body)
        case 404: try await judgeMissing(lane, body, model)
        default: try await refuse(lane)
        }
    }

    // MARK: Ask

    /// The client's bytes with the smallest splice where the provider counts in its dialect, else its request in the provider's words.
    private func question(
        _ body: RequestBody, _ provider: Provider, _ dialect: Dialect, _ model: String
    ) throws(GatewayError) -> UnaryPhases.Question {
        guard let facts = call.facts, let path = provider.paths[dialect] else { preconditionFailure("planned before asked") }
        let target = UpstreamTarget.text(
            path: path, dialect: dialect, operation: .countTokens, isJSONArray: false, model: model,
            query: call.isTranslated ? nil : phases.exchange.request.query)
        guard call.isTranslated else {
            var edits = ForwardEdits(facts, upstreamModel: model)
            edits.leaveOutMarkedStates(in: body.bytes, dialect: dialect, tape: phases.loop.tape)
            return UnaryPhases.Question(target: target, body: ForwardBody(body, edits: edits).parts(), dialect: dialect)
        }
        do throws(RequestProblem) {
            let translated = try CountedBody(body.bytes, call, dialect, model, provider.profile, phases.loop)
            return UnaryPhases.Question(target: target, body: translated.parts(), dialect: dialect)
        } catch {
            throw GatewayError(error)
        }
    }

    // MARK: Answer

    /// The provider's count: its own bytes for a client of its dialect.
    private func tell(_ lane: RelayLane) async throws(GatewayError) {
        let body = try await lane.wholeBody(bytesMax: Self.answerBytesMax)
        let reader = lane.loop.reader
        guard let answer = body.withBytes({ TokenCountAnswer($0, dialect: call.upstreamDialect, reader: reader) }) else {
            throw GatewayError(.upstreamFailed, .upstream, "\(lane.provider.name) sent no count of tokens.", label: "malformed_response")
        }
        call.tokenCountOrigin = .exact
        guard call.isTranslated else { return body.withBytes { lane.answer($0, contentType: nil) } }
        let json = Array(answer.json(in: call.dialect).utf8)
        json.withUnsafeBytes { lane.answer($0) }
    }

    /// The gateway's own count.
    private func estimate(_ body: RequestBody) {
        let loop = phases.loop
        let estimate = TokenEstimate(body.bytes, dialect: call.dialect, model: call.target?.upstreamModel ?? call.model, tape: loop.tape)
        call.tokenCountOrigin = .estimate
        call.status = 200
        let json = TokenCountAnswer(tokens: estimate.tokens).json(in: call.dialect)
        let overhead = call.overheadMicroseconds(nowNanoseconds: ekai_monotonic_ns())
        call.answeredOverheadMicroseconds = overhead
        phases.exchange.answer(200, contentType: "application/json", json.utf8) { fields in
            AnswerHead.addOwnFields(call, to: &fields)
            fields.add(.xEkaiOverheadUS, UInt64(clamping: overhead))
        }
    }

    /// 404 is a server without such an endpoint, unless it says that it is the model which is missing.
    private func judgeMissing(_ lane: RelayLane, _ body: RequestBody, _ model: String) async throws(GatewayError) {
        let carrier = ErrorCarrier(lane)
        if let failure = await carrier.read() { throw failure }
        guard carrier.failure?.message?.contains(model) ?? false else { return estimate(body) }
        throw carrier.finish()
    }

    private func refuse(_ lane: RelayLane) async throws(GatewayError) {
        if let failure = await ErrorCarrier(lane).run() { throw failure }
    }
}

extension Provider {
    /// The dialect in which it counts tokens; nil when it has no such endpoint, or is not known to have one.
    var countingDialect: Dialect? {
        guard configuration != nil else { return nil }
        let dialect: Dialect
        switch profile {
        case .anthropic: dialect = .messages
        case .openAI: dialect = .responses
        case .google: dialect = .gemini
        case .xai, .openrouter, .groq, .deepseek, .mistral, .zai, .ollama, .compatible: return nil
        }
        return paths[dialect] == nil ? nil : dialect
    }
}
