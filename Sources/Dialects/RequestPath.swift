/// What the path of a Gemini request says: the other dialects' bodies say it.
public struct RequestPath: Sendable, Equatable {
    /// The model, decoded, as the client named it.
    public var model: String
    /// Whether the answer shall come piece by piece.
    public var isStreaming: Bool

    public init(model: String, isStreaming: Bool) {
        self.model = model
        self.isStreaming = isStreaming
    }
}
