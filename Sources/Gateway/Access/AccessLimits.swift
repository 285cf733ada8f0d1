/// The bounds of deciding who may do what.
enum AccessLimits {
    /// A key's length in bytes. Sixteen random ones cannot be guessed; more than the upper bound is not even hashed.
    static let keyBytes = 16...512
    /// Hops of `X-Forwarded-For` that are looked at.
    static let forwardedHopsMax = 32
    /// What an answer to a preflight lists of the fields that a page wants to send.
    static let allowHeadersBytesMax = 2_048
    /// How long a browser may keep an answer to a preflight: ten minutes, so that a changed configuration is soon felt.
    static let preflightSeconds: StaticString = "600"
}
