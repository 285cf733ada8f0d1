import Dialects
import HTTP

/// A client's body in its provider's dialect, on its way there.
final class TranslatedBody {
    private let translation: RequestTranslation

    init(_ translation: consuming RequestTranslation) {
        self.translation = translation
    }

    /// What the answer's way back needs.
    var plan: AnswerPlan { translation.plan }

    /// The one slice that it is; this object is kept alive by it.
    func parts() -> [UpstreamBodyPart] { [UpstreamBodyPart(translation.body, owner: self)] }
}
