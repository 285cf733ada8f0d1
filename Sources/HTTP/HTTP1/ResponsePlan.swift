/// How a response will be framed, decided before its head is written.
public struct ResponsePlan: Equatable, Sendable {
    /// `none` also for an answer that has a length but no body, such as the answer to HEAD.
    public var framing: MessageFraming
    /// The value of `Content-Length`, when there is one to send.
    public var contentLength: UInt64?
    /// What is said, if anything, about the connection.
    public var connection: ConnectionOption

    public enum ConnectionOption: Sendable {
        /// The version's own default holds: HTTP/1.1 keeps the connection.
        case unsaid
        case close
        /// HTTP/1.0 clients need to be told.
        case keepAlive
    }

    /// True when bytes of a body follow the head.
    public var hasBody: Bool { framing != .none }

    /// Whether another request may follow on the connection.
    public var isKeepAlive: Bool { connection != .close }

    /// Writes `Content-Length` or `Transfer-Encoding`, and `Connection`. No other code writes these three.
    public func writeFields(to sink: inout some MessageSink) {
        if let contentLength { HeadWriter.field(.contentLength, contentLength, to: &sink) }
        if framing == .chunked { HeadWriter.field(.transferEncoding, "chunked", to: &sink) }
        switch connection {
        case .unsaid: break
        case .close: HeadWriter.field(.connection, "close", to: &sink)
        case .keepAlive: HeadWriter.field(.connection, "keep-alive", to: &sink)
        }
    }
}

/// How a request to an upstream is framed, decided before its head is written.
public struct RequestPlan: Equatable, Sendable {
    public var framing: MessageFraming
    /// The value of `Content-Length`, when there is one to send.
    public var contentLength: UInt64?

    /// Writes `Content-Length` or `Transfer-Encoding`. No other code writes these two.
    public func writeFields(to sink: inout some MessageSink) {
        if let contentLength { HeadWriter.field(.contentLength, contentLength, to: &sink) }
        if framing == .chunked { HeadWriter.field(.transferEncoding, "chunked", to: &sink) }
    }
}
