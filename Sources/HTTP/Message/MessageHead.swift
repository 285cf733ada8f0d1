import Glibc

/// The head of one HTTP/1 message: an offset table over its own copy of the bytes that came.
///
/// One instance serves every message of a connection: storage is kept from message to message, so that a head costs no allocation
/// once the first one of its size has come. It never leaves its event loop.
///
/// Pointers that accessors return point into the head's storage. They are valid until the next message is parsed into it, until
/// `release()`, and only while the head itself is alive (a stored property of the connection keeps it so).
public final class MessageHead {
    /// Which kind of start line the head has.
    public enum Kind: UInt8, Sendable {
        case request
        case response
    }

    /// The four forms of a request target (RFC 9112 section 3.2).
    public enum TargetForm: UInt8, Sendable {
        case origin
        case absolute
        case authority
        case asterisk
    }

    /// One field line; the pointers live as long as those of the head.
    public struct Field {
        public var name: FieldName
        /// The name as the peer wrote it.
        public var nameBytes: UnsafeRawBufferPointer
        /// The value without white space around it.
        public var value: UnsafeRawBufferPointer
    }

    public var kind: Kind { start.kind }
    public var version: HTTPVersion { start.version }
    /// `other` in a response.
    public var method: HTTPMethod { start.method }
    public var targetForm: TargetForm { start.targetForm }
    /// 0 in a request.
    public var status: UInt16 { start.status }

    /// A part of the head by offset from its first byte: 32 bits, since heads are small by limit.
    struct Slice {
        var start: UInt32 = 0
        var count: UInt32 = 0

        init() {}
        init(start: Int, count: Int) {
            self.start = UInt32(truncatingIfNeeded: start)
            self.count = UInt32(truncatingIfNeeded: count)
        }
    }

    /// What the start line says.
    struct Start {
        var kind: Kind
        var version: HTTPVersion = .http11
        var method: HTTPMethod = .other
        var targetForm: TargetForm = .origin
        var status: UInt16 = 0
        var hasQuery = false
        var methodSlice = Slice()
        var targetSlice = Slice()
        var pathSlice = Slice()
        var querySlice = Slice()
        var authoritySlice = Slice()
        var reasonSlice = Slice()
    }

    var start = Start(kind: .request)
    var fields = FieldTable()

    private var storage: UnsafeMutableRawPointer?
    private var capacity = 0
    private var count = 0

    public init() {}

    deinit {
        fields.deallocate()
        free(storage)
    }

    /// Gives the memory back; the head is empty afterwards and can be used again. For a connection that idles, or streams an
    /// answer to a request whose head nobody looks at any more.
    public func release() {
        reset(.request)
        fields.deallocate()
        fields = FieldTable()
        free(storage)
        storage = nil
        capacity = 0
    }

    /// Gives the memory back if it is more than an ordinary head needs: an idle connection keeps no exceptional one.
    func releaseIfLarge() {
        if capacity > MessageHead.storageKeptMax || fields.capacity > FieldTable.ordinaryCapacity { release() }
    }

    // MARK: Start line

    /// The method of a request, byte for byte.
    public var methodBytes: UnsafeRawBufferPointer { bytes(start.methodSlice) }

    /// The target of a request as it came.
    public var target: UnsafeRawBufferPointer { bytes(start.targetSlice) }

    /// The path of the target, still percent-encoded: `/` when an absolute target has none, `*` in asterisk form, empty in
    /// authority form.
    public var path: UnsafeRawBufferPointer {
        if start.targetForm == .absolute, start.pathSlice.count == 0, start.targetSlice.count > 0 {
            let slash: StaticString = "/"
            return UnsafeRawBufferPointer(start: slash.utf8Start, count: 1)
        }
        return bytes(start.pathSlice)
    }

    /// What follows the first `?` of the target, still percent-encoded; nil without a `?`.
    public var query: UnsafeRawBufferPointer? { start.hasQuery ? bytes(start.querySlice) : nil }

    /// The host and port that the request is for: the target's when it names one, else `Host` (RFC 9112 section 3.2.2); nil when
    /// neither does, as HTTP/1.0 allows.
    public var authority: UnsafeRawBufferPointer? {
        start.authoritySlice.count > 0 ? bytes(start.authoritySlice) : value(of: .host)
    }

    /// The reason phrase of a response; clients ignore it (RFC 9112 section 4).
    public var reason: UnsafeRawBufferPointer { bytes(start.reasonSlice) }

    // MARK: Fields

    /// How many field lines there are.
    public var fieldCount: Int { fields.count }

    /// The field line at `index`, in the order of the wire.
    public func field(at index: Int) -> Field {
        let row = fields[index]
        return Field(name: row.known, nameBytes: bytes(row.name), value: bytes(row.value))
    }

    /// Calls `body` with every field line in the order of the wire; the pointers are valid for the call.
    public func forEachField<Failure: Error>(_ body: (Field) throws(Failure) -> Void) throws(Failure) {
        for index in 0..<fields.count { try body(field(at: index)) }
    }

    /// The value of the first field line with this name.
    public func value(of name: FieldName) -> UnsafeRawBufferPointer? {
        let fields = fields
        guard let index = fields.firstIndex(of: name) else { return nil }
        return bytes(fields[index].value)
    }

    /// The value of the first field line whose name is `name`, given in lower case: for names that are not in `FieldName`.
    public func value(ofOther name: StaticString) -> UnsafeRawBufferPointer? {
        for index in 0..<fields.count {
            let row = fields[index]
            if ByteClass.equals(bytes(row.name), ignoringCase: name) { return bytes(row.value) }
        }
        return nil
    }

    /// How many field lines have this name.
    public func count(of name: FieldName) -> Int { fields.count(of: name) }

    // MARK: Filling, for the parser

    /// Forgets the message, keeps the memory.
    func reset(_ kind: Kind) {
        start = Start(kind: kind)
        fields = fields.emptied()
        count = 0
    }

    /// Copies the whole head; every slice counts from its first byte.
    func store(_ head: UnsafeRawBufferPointer) {
        if head.count > capacity || storage == nil {
            free(storage)
            capacity = max(MessageHead.storageStep, head.count.roundedUp(to: MessageHead.storageStep))
            storage = malloc(capacity)
            precondition(storage != nil, "out of memory")
        }
        if let storage, let source = head.baseAddress { memcpy(storage, source, head.count) }
        count = head.count
    }

    /// The bytes of `slice`; none while the head is not whole.
    func bytes(_ slice: Slice) -> UnsafeRawBufferPointer {
        let start = Int(slice.start)
        let length = Int(slice.count)
        guard let storage, start + length <= count else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: storage + start, count: length)
    }

    private static let storageStep = 512
    private static let storageKeptMax = 2_048
}

extension Int {
    fileprivate func roundedUp(to step: Int) -> Int { (self + step - 1) / step * step }
}
