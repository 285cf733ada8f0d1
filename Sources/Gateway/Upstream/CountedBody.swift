import Dialects
import HTTP

/// A client's request in the words of its provider's counting endpoint, on its way there.
final class CountedBody {
    private let request: TokenCountRequest

    init(
        _ body: UnsafeRawBufferPointer, _ call: InferenceCall, _ dialect: Dialect, _ model: String, _ profile: ProviderProfile, _ loop: LoopContext
    ) throws(RequestProblem) {
        let counted = GeminiCountRequest.request(in: body, dialect: call.dialect, tape: loop.tape)
        let translation = try RequestTranslation(
            counted, dialect: call.dialect,
            target: TranslationTarget(
                dialect: dialect, model: model, profile: profile, outputTokensMax: call.target?.outputTokensMax, reasons: call.target?.reasons),
            plan: AnswerPlan(), tape: loop.tape, reader: loop.reader, isCounted: true)
        request = try TokenCountRequest(translation.body, dialect: dialect, model: model, reader: loop.reader)
    }

    /// The one slice that it is; this object is kept alive by it.
    func parts() -> [UpstreamBodyPart] { [UpstreamBodyPart(request.body, owner: self)] }
}
