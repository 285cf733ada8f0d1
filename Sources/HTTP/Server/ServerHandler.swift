/// What a server does with its requests. One instance serves every connection of a loop. Loop-confined.
public protocol ServerHandler: AnyObject {
    /// Answers one request. Called on the connection's task, one request of a connection at a time.
    ///
    /// When it returns without having answered, the connection answers 500 and closes; when it returns in the middle of
    /// an answer, the connection is reset, so that the client cannot take a part for the whole.
    func handle(_ exchange: any ServerExchange) async

    /// What the server answers by itself: to a request that could not be parsed, or took too long. `head` is what was understood of it,
    /// possibly nothing. Called once for each such answer.
    func refusal(status: UInt16, message: StaticString, head: MessageHead?) -> ServerRefusal
}

/// An answer that a server gives by itself, in the words of its handler.
public struct ServerRefusal {
    public var contentType: StaticString
    public var body: [UInt8]
    /// Fields beside the framing and the content type; of ours, without control characters.
    public var fields: [(name: FieldName, value: String)]

    public init(contentType: StaticString, body: [UInt8], fields: [(name: FieldName, value: String)] = []) {
        self.contentType = contentType
        self.body = body
        self.fields = fields
    }
}
