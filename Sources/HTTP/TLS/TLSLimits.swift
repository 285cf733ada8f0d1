/// Every bound of the TLS part in one place.
public enum TLSLimits {
    /// Ciphertext that may wait in an engine before `write` takes no more plaintext: four full records. One record may cross the line.
    public static let pendingOutputBytesMax = 64 * 1024
    /// Ciphertext that may wait in an engine in all. Only a peer that makes us answer (key updates) without reading gets there; its
    /// connection fails.
    public static let pendingOutputBytesHardMax = 128 * 1024
    /// Ciphertext that may wait undecrypted. A driver reads until `wantMore` between two receives, so that only a defect gets there.
    public static let undecryptedBytesMax = 1024 * 1024
    /// How much ciphertext to hand over in one `receive` for the least memory: such a buffer is kept, a larger one is freed when empty.
    public static let receiveSliceBytes = 16 * 1024
    /// An empty buffer above this capacity is freed at once. OpenSSL grows buffers by a third over need: 16 KiB become 21.4 KiB.
    static let bufferBytesKept = 24 * 1024
    /// An empty buffer above this capacity is freed at the end of the handshake and by `releaseIdleMemory`.
    static let bufferBytesKeptIdle = 1024
    /// Plaintext of one TLS record (RFC 8446 section 5.1).
    static let recordBytesMax = 16 * 1024
    /// An emptied buffer of plaintext above this capacity is freed after the flush of its turn.
    static let stagedBytesKept = 4 * 1024
    /// Connections of one loop that may be in their handshake with a client. Beyond it the oldest gives way when it has had
    /// `handshakeGraceNanoseconds`, else the new one is closed.
    public static let serverHandshakesMax = 1_024
    /// What a client's handshake may take before another one may push it out.
    public static let handshakeGraceNanoseconds: Int64 = 2_000_000_000
    /// Steps of clients' handshakes that a loop makes in a turn: the expensive one costs about 1.6 ms of CPU.
    public static let handshakeStepsPerTurnMax = 8
    /// Origins whose session a client context remembers. A session holds the peer's certificate chain: 5 to 10 KB.
    public static let clientSessionsMax = 64
    /// Handshakes with one origin that a loop drives at a time: each costs about 1.6 ms of CPU.
    public static let handshakesInProgressMax = 16
    /// Connections of one loop that may wait for their handshake.
    public static let handshakesWaitingMax = 4096
    /// A host name (RFC 1035 section 2.3.4).
    static let hostNameBytesMax = 253
}
