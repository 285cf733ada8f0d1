/// Every bound of this module, in one place. Units come last in the names.
public enum StreamingLimits {
    /// The longest event that may span batches before the parser gives up on the stream.
    public static let eventBytesMax = 16 << 20
    /// A scratch buffer larger than this is given back as soon as it is empty, so that an idle stream owns nothing.
    public static let scratchBytesRetainedMax = 4 << 10
    /// What a relay holds before the first content; beyond it the attempt commits.
    public static let heldBytesMax = 64 << 10
    /// How much of an unfinished event a relay holds back because it may have to be hidden.
    public static let hideWindowBytesMax = 16 << 10
    /// How deep arrays and objects may nest.
    public static let jsonDepthMax = 128
    /// How many nodes (values and member names) one document may have: 16 bytes each.
    public static let jsonNodesMax = 1 << 20
    /// A document's length must fit the tape's 32-bit offsets with room to spare.
    public static let jsonBytesMax = 1 << 30
    /// A tape with more room than this gives it back before the next document.
    public static let tapeNodesRetainedMax = 4 << 10
    /// The values that a member capture keeps, all together.
    public static let capturedBytesMax = 16 << 10
    /// The longest member name (as written) that a member capture compares; longer ones match nothing.
    public static let capturedNameBytesMax = 256
}
