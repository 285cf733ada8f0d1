import Dialects
import HTTP
import Streaming

/// The way of a request for embeddings, in OpenAI's format: as it is to a provider of that format, translated to Gemini.
final class EmbeddingPipeline {
    /// Largest answer that is translated: a hundred texts of 3,072 numbers are some 4 MB.
    static let answerBytesMax = 64 * 1024 * 1024

    private let phases: UnaryPhases
    private var call: InferenceCall { phases.call }

    init(context: GatewayContext, loop: LoopContext, exchange: any ServerExchange, call: InferenceCall) {
        phases = UnaryPhases(context: context, loop: loop, exchange: exchange, call: call)
    }

    func run() async {
        await phases.run(isBooked: true, embed)
    }

    private func embed() async throws(GatewayError) {
        let body = try await phases.readRequest()
        let request = EmbeddingRequest(body.bytes, tape: phases.loop.tape)
        let (provider, model) = try phases.plan()
        switch provider.embeddingEndpoint {
        case .openAI(let path, let dialect): try await pass(body, request, provider, model, path, dialect)
        case .gemini(let path): try await translate(body, request, provider, model, path)
        case nil:
            throw GatewayError(
                .notTranslatable, .client, "\(provider.name), the provider of '\(call.model)', offers no embeddings.",
                label: "not_translatable", param: "model")
        }
    }

    // MARK: The same format

    private func pass(
        _ body: RequestBody, _ request: EmbeddingRequest, _ provider: Provider, _ model: String, _ path: String, _ dialect: Dialect
    ) async throws(GatewayError) {
        guard let facts = call.facts else { preconditionFailure("parsed before planned") }
        let target = UpstreamTarget.text(
            path: path, dialect: .chat, operation: .embed, isJSONArray: false, model: model, query: phases.exchange.request.query)
        let edits = ForwardEdits(facts, upstreamModel: model, acceptsStreamOptions: false)
        let lane = try await phases.ask(
            provider, UnaryPhases.Question(target: target, body: ForwardBody(body, edits: edits).parts(), dialect: dialect))
        let isError = RelayKind(of: lane.upstream.response) == .error
        let carrier: any Carrier = isError ? ErrorCarrier(lane) : WholeCarrier(lane)
        let failure = await carrier.run()
        if failure == nil { book(call.answer.usage, request) }
        if let failure { throw failure }
    }

    /// The provider's count; the gateway's, marked so, where it told none.
    private func book(_ told: TokenUsage?, _ request: EmbeddingRequest) {
        var usage = told ?? TokenUsage()
        if usage.total == 0 {
            usage.input = request.estimatedTokens
            usage.isEstimated = true
        }
        call.answer.usage = usage
        call.answer.usageIsFinal = true
    }

    // MARK: Gemini

    private func translate(
        _ body: RequestBody, _ request: EmbeddingRequest, _ provider: Provider, _ model: String, _ path: String
    ) async throws(GatewayError) {
        call.upstreamDialect = .gemini
        let translated: GeminiEmbeddingBody
        do throws(RequestProblem) {
            translated = try GeminiEmbeddingBody(body.bytes, model: model, tape: phases.loop.tape)
        } catch {
            throw GatewayError(error)
        }
        let target = UpstreamTarget.text(path: path, dialect: .gemini, operation: .embed, isJSONArray: false, model: model, query: nil)
        let lane = try await phases.ask(provider, UnaryPhases.Question(target: target, body: translated.parts(), dialect: .gemini))
        guard RelayKind(of: lane.upstream.response) != .error else {
            if let failure = await ErrorCarrier(lane).run() { throw failure }
            return
        }
        let answer = try await lane.wholeBody(bytesMax: Self.answerBytesMax)
        try answer.withBytes { (document) throws(GatewayError) in try tell(document, request, translated.encoding, lane) }
    }

    private func tell(
        _ document: UnsafeRawBufferPointer, _ request: EmbeddingRequest, _ encoding: EmbeddingRequest.Encoding, _ lane: RelayLane
    ) throws(GatewayError) {
        guard let answer = EmbeddingAnswer(
            gemini: document, for: request, encoding: encoding, model: call.model, reader: lane.loop.reader)
        else {
            throw GatewayError(
                .upstreamFailed, .upstream, "\(lane.provider.name) sent no vector for each of the inputs.", label: "malformed_response",
                isPossiblyBilled: true)
        }
        book(answer.usage, request)
        call.firstContentNanoseconds = lane.now
        lane.answer(answer.body)
    }
}

extension Provider {
    /// Where a provider makes embeddings.
    enum EmbeddingEndpoint: Equatable {
        /// In OpenAI's format. The key goes as in requests of the dialect.
        case openAI(path: String, Dialect)
        /// Through the models of Gemini.
        case gemini(path: String)
    }

    /// Google's own way for Google, since its OpenAI-compatible one knows less; OpenAI's, beside the path of chat, for whoever speaks a dialect of
    /// OpenAI's; nil for a provider that speaks Anthropic's alone.
    var embeddingEndpoint: EmbeddingEndpoint? {
        guard let configuration else { return nil }
        if let path = paths[.gemini], profile == .google || paths[.chat] == nil && paths[.responses] == nil { return .gemini(path: path) }
        if let path = paths[.chat] {
            let suffix = Dialect.chat.upstreamPathSuffix
            let base = path.hasSuffix(suffix) ? String(path.dropLast(suffix.count)) : configuration.baseURL.pathPrefix
            return .openAI(path: base + "/embeddings", .chat)
        }
        return paths[.responses] == nil ? nil : .openAI(path: configuration.baseURL.pathPrefix + "/embeddings", .responses)
    }
}
