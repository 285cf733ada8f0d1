/// What a server does with its requests. One instance serves every connection of a loop. Loop-confined.
public protocol ServerHandler: AnyObject {
    /// Answers one request. Called on the connection's task, one request of a connection at a time.
    ///
    /// When it returns without having answered, the connection answers 500 and closes; when it returns in the middle of
    /// an answer, the connection is reset, so that the client cannot take a part for the whole.
    func handle(_ exchange: any ServerExchange) async

    /// The body and content type of an answer that the server itself gives: to a request that could not be parsed, or
    /// took too long. `head` is what was understood of it, possibly nothing.
    func refusalBody(status: UInt16, message: StaticString, head: MessageHead?) -> (body: [UInt8], contentType: StaticString)
}
