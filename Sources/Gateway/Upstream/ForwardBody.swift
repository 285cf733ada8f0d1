import Dialects
import HTTP
import Streaming

/// A client's body on its way to a provider: its own bytes with the smallest splice, never joined, never copied.
/// Keeps alive what the slices point into.
final class ForwardBody {
    private let body: RequestBody
    private var splicer = JSONSplicer()

    init(_ body: RequestBody, edits: ForwardEdits) {
        self.body = body
        edits.apply(to: &splicer)
    }

    /// The slices in order.
    func parts() -> [UpstreamBodyPart] {
        var parts: [UpstreamBodyPart] = []
        splicer.forEachSlice(of: body.bytes) { parts.append(UpstreamBodyPart($0, owner: self)) }
        return parts
    }
}
