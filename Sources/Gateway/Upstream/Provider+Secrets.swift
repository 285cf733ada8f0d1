import HTTP

extension Provider {
    /// Header values shorter than this are taken for words, not for credentials: masking them would change ordinary text.
    static let secretHeaderBytesMin = 16

    /// Overwrites the operator's secrets wherever a provider echoes them, in place: the length stays, nothing is allocated. `bytes` are ours to
    /// change, in the loop's receive buffer or a buffer of the carrier. A secret that is cut by the end of the bytes is not found.
    func maskSecrets(in bytes: UnsafeRawBufferPointer) {
        let bytes = UnsafeMutableRawBufferPointer(mutating: bytes)
        for key in keys { key.mask(in: bytes) }
        for header in headers where header.value.count >= Self.secretHeaderBytesMin { header.value.mask(in: bytes) }
    }
}

extension Secret {
    /// Overwrites every occurrence in `bytes` with asterisks. Secrets shorter than eight bytes are left alone: they would match by
    /// chance.
    func mask(in bytes: UnsafeMutableRawBufferPointer) {
        withBytes { secret in
            guard secret.count >= 8, bytes.count >= secret.count else { return }
            var start = 0
            while let found = ByteSearch.firstIndex(of: secret, in: UnsafeRawBufferPointer(bytes), from: start) {
                for index in found..<(found + secret.count) { bytes[index] = UInt8(ascii: "*") }
                start = found + secret.count
            }
        }
    }
}
