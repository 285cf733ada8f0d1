import Dialects
import HTTP
import Streaming

/// A client's request for embeddings in Gemini's words, on its way there.
final class GeminiEmbeddingBody {
    private let request: GeminiEmbeddingRequest

    init(_ body: UnsafeRawBufferPointer, model: String, tape: JSONTape) throws(RequestProblem) {
        request = try GeminiEmbeddingRequest(body, model: model, tape: tape)
    }

    /// How the client wants its numbers.
    var encoding: EmbeddingRequest.Encoding { request.encoding }

    /// The one slice that it is; this object is kept alive by it.
    func parts() -> [UpstreamBodyPart] { [UpstreamBodyPart(request.body, owner: self)] }
}
