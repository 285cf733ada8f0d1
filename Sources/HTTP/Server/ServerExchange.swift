import Reactor

/// Where the fields of an answer's head go, whichever the version of HTTP. Framing fields are not the handler's to write.
public protocol FieldWriter {
    /// A field of ours: the value holds no control character.
    mutating func add(_ name: FieldName, _ value: UnsafeRawBufferPointer)
    /// A field of ours with a number.
    mutating func add(_ name: FieldName, _ value: UInt64)
    /// A field that a peer wrote; left out when its name or value could break the head.
    mutating func add(peerName: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer)
}

extension FieldWriter {
    /// A field of ours with constant text.
    public mutating func add(_ name: FieldName, _ value: StaticString) {
        add(name, UnsafeRawBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
    }

    /// A field of ours with computed text.
    public mutating func add(_ name: FieldName, _ value: String) {
        var value = value
        value.withUTF8 { add(name, UnsafeRawBufferPointer($0)) }
    }

}

/// A field of an answer that is decided before anyone knows what the answer will be.
public struct CommonField: Sendable, Equatable {
    public var name: FieldName
    /// Without control characters.
    public var value: [UInt8]

    public init(_ name: FieldName, _ value: [UInt8]) {
        self.name = name
        self.value = value
    }
}

/// Why a request's body could not be read.
public enum BodyFailure: Error, Equatable, Sendable {
    /// The client's bytes were refused; answer with this status, the connection closes after that.
    case refused(HTTPRefusal)
    /// It took too long: 408.
    case timedOut
    /// Too many bodies are in memory: 503 with `Retry-After`.
    case overloaded
    /// The client went away; nobody waits for an answer.
    case clientGone
    /// The server is stopping.
    case stopping
}

/// One request and its answer, as a handler sees them, whichever the version of HTTP. Loop-confined.
///
/// An answer is `sendHead`, any number of `send`, `finish`; each queues and returns at once. A handler that sends much
/// minds `isAboveHighWatermark` and waits in `drained`.
public protocol ServerExchange: AnyObject {
    var loop: EventLoop { get }
    /// Where this exchange's task sleeps; the upstream side of the exchange uses it too.
    var wakeup: Wakeup { get }
    /// Sets `.timer` on `wakeup`. Whoever waits sets it first.
    var timer: LoopTimer { get }
    /// The request's head; valid until `finish`.
    var request: MessageHead { get }
    /// The address at the other end of the connection, which may be a proxy's; nil once it is gone.
    var peerAddress: SocketAddress? { get }
    /// Fields that the head of the answer carries, whoever gives it. Forgotten once it is sent.
    var commonFields: [CommonField] { get set }
    /// When the head was whole, monotonic nanoseconds.
    var receivedNanoseconds: Int64 { get }
    /// True once the client closed, reset, or half-closed its connection.
    var isClientGone: Bool { get }
    var isHeadSent: Bool { get }
    var isFinished: Bool { get }
    /// True when the client takes its answer slower than it comes: wait in `drained` before sending more.
    var isAboveHighWatermark: Bool { get }

    /// Gives the memory of the request's head back: the handler looks at it no more. For an answer that takes long.
    func releaseRequest()
    /// Reads the whole body.
    func readBody() async throws(BodyFailure) -> RequestBody
    /// Queues the head of the answer; `fields` adds what is not framing. Once.
    func sendHead(_ status: UInt16, body: OutgoingBody, _ fields: (inout any FieldWriter) -> Void)
    /// Queues a copy of a piece of the answer's body.
    func send(_ bytes: UnsafeRawBufferPointer)
    /// Waits until little of the answer is queued. False when the client is gone, or took too little for too long.
    func drained() async -> Bool
    /// Ends the answer.
    func finish()
}

extension ServerExchange {
    /// A whole answer with a body in memory.
    public func answer(
        _ status: UInt16, contentType: StaticString, _ body: some Collection<UInt8>,
        _ fields: (inout any FieldWriter) -> Void = { _ in }
    ) {
        sendHead(status, body: .length(UInt64(body.count))) { writer in
            writer.add(.contentType, contentType)
            fields(&writer)
        }
        let isContiguous: Void? = body.withContiguousStorageIfAvailable { send(UnsafeRawBufferPointer($0)) }
        if isContiguous == nil { Array(body).withUnsafeBytes { send($0) } }
        finish()
    }
}
