import Dialects
import HTTP

extension Provider {
    /// Overwrites the operator's secrets wherever a provider echoes them, in place: the length stays, nothing is allocated. `bytes` are ours to
    /// change, in the loop's receive buffer or a buffer of the carrier.
    func maskSecrets(in bytes: UnsafeRawBufferPointer) {
        secrets.mask(in: UnsafeMutableRawBufferPointer(mutating: bytes))
    }

    /// The same for the values of a response's head.
    func maskSecrets(in head: MessageHead) {
        guard !secrets.isEmpty else { return }
        for index in 0..<head.fieldCount { maskSecrets(in: head.field(at: index).value) }
    }

    /// What was read along an answer, for the books.
    func masked(_ answer: ObservedAnswer) -> ObservedAnswer {
        guard !secrets.isEmpty else { return answer }
        var answer = answer
        answer.responseID = answer.responseID.map(secrets.masked)
        answer.model = answer.model.map(secrets.masked)
        if var failure = answer.failure {
            failure.type = failure.type.map(secrets.masked)
            failure.code = failure.code.map(secrets.masked)
            failure.message = failure.message.map(secrets.masked)
            answer.failure = failure
        }
        return answer
    }

    /// For a stream, whose relay hands over what is about to go on; nil when there is nothing to find.
    var eventScrubber: ((UnsafeMutableRawBufferPointer) -> Void)? {
        guard !secrets.isEmpty else { return nil }
        let secrets = secrets
        return { secrets.mask(in: $0) }
    }
}
