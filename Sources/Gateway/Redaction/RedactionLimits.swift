/// Bounds of what counts as a secret in somebody else's text. Sizes are bytes of the secret itself.
enum RedactionLimits {
    /// Shorter secrets are left alone: they would match by chance.
    static let secretBytesMin = 8
    /// Part of a key that is masked when it stands alone: this much, or half of the key where that is more.
    static let partBytesMin = 12
    /// Header values (or words of them) shorter than this are taken for words, not for credentials.
    static let headerBytesMin = 16
    /// Bits of a matcher's filter, as a power of two: 8 KiB for a few keys, 128 KiB for hundreds.
    static let filterBits = 16...20
}
