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

    /// For a stream's events that come in several reads, which the relay shows once they are whole; nil when there is nothing to find.
    var eventScrubber: ((UnsafeMutableRawBufferPointer) -> Void)? {
        guard !secrets.isEmpty else { return nil }
        let secrets = secrets
        return { secrets.mask(in: $0) }
    }
}
