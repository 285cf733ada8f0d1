/// What a tape accepts.
public struct JSONOptions: Sendable, Equatable {
    /// How deep arrays and objects may nest.
    public var depthMax: Int
    /// How many nodes a document may have. A member of an object has two: its name and its value.
    public var nodesMax: Int
    /// Half of a surrogate pair, written as an escape, is refused by default: it has no UTF-8, the providers refuse it too, and a client
    /// learns it here with an offset. Set when reading a provider's stream, which may cut a pair in two: it then decodes to U+FFFD.
    public var acceptsLoneSurrogates: Bool

    public init(
        depthMax: Int = StreamingLimits.jsonDepthMax,
        nodesMax: Int = StreamingLimits.jsonNodesMax,
        acceptsLoneSurrogates: Bool = false
    ) {
        self.depthMax = depthMax
        self.nodesMax = nodesMax
        self.acceptsLoneSurrogates = acceptsLoneSurrogates
    }
}
