/// Parses the head of a request or response (RFC 9112 sections 2 to 5), strictly: a message that two implementations could read in
/// two ways is refused.
///
/// The driver calls `parse` with *all* bytes that it holds and has not consumed, again whenever more came; the parser remembers
/// which lines it has done and how far it has searched, so that no byte is looked at twice. After `head` or `refused` it starts anew.
public struct HTTP1HeadParser: Sendable {
    public enum Outcome: Equatable, Sendable {
        /// The head is not whole. The driver keeps every byte and calls again with more.
        case needMore
        /// The head is whole and in the `MessageHead`; it took this many bytes from the start, the rest is body or the next message.
        case head(consumed: Int)
        /// The bytes are not an acceptable head.
        case refused(HTTPRefusal)
        /// The client speaks HTTP/2 with prior knowledge (RFC 9113 section 3.4). Nothing is consumed: the preface belongs to HTTP/2.
        case http2Preface
    }

    private let limits: HTTP1Limits
    private var headStart = 0
    private var lineStart = 0
    private var searched = 0
    private var startLineEnd = 0
    private var hasStartLine = false
    private var emptyLines: UInt8 = 0

    public init(limits: HTTP1Limits = HTTP1Limits()) {
        self.limits = limits
    }

    /// True once a part of a head was seen: a close now cuts a message off, a close before is a clean one.
    public private(set) var hasPartialHead = false

    /// Parses as far as the bytes go. `head` is being filled meanwhile and must be the same one until the outcome is not `needMore`.
    public mutating func parse(
        _ bytes: UnsafeRawBufferPointer, into head: MessageHead, as kind: MessageHead.Kind
    ) -> Outcome {
        precondition(bytes.count >= searched, "the unread bytes of the call before come again")
        if searched == 0 { head.reset(kind) }
        if kind == .request, !hasStartLine, headStart == 0, let outcome = matchPreface(bytes) {
            hasPartialHead = true
            return outcome
        }
        do throws(HTTPRefusal) {
            guard let end = try parseLines(bytes, into: head) else { return .needMore }
            head.store(UnsafeRawBufferPointer(rebasing: bytes[headStart..<end]))
            self = HTTP1HeadParser(limits: limits)
            if kind == .request { try RequestHost.check(head) }
            return .head(consumed: end)
        } catch {
            giveUp(bytes, into: head)
            return .refused(error)
        }
    }

    /// Starts anew after a head that will not be whole. Leaves in `head` what is known of it: its start line, when that came, or the
    /// beginning of the path; either tells whose words a refusal has to use. Its fields are dropped.
    /// - Parameter bytes: all unread bytes, as in `parse`.
    public mutating func giveUp(_ bytes: UnsafeRawBufferPointer, into head: MessageHead) {
        if hasStartLine {
            head.entries.removeAll(keepingCapacity: true)
            head.store(UnsafeRawBufferPointer(rebasing: bytes[headStart..<startLineEnd]))
        } else if head.kind == .request, headStart < bytes.count {
            keepPath(of: UnsafeRawBufferPointer(rebasing: bytes[headStart...]), in: head)
        }
        self = HTTP1HeadParser(limits: limits)
    }

    /// The path of a request line that did not come to its end, as far as it is needed to know the endpoint.
    private func keepPath(of line: UnsafeRawBufferPointer, in head: MessageHead) {
        head.reset(.request)
        let beginning = UnsafeRawBufferPointer(rebasing: line.prefix(HTTP1Limits.methodBytesMax + 1 + HTTP1Limits.pathBytesKept))
        guard let space = ByteClass.firstIndex(of: ByteClass.space, in: beginning), space + 1 < beginning.count,
            beginning[space + 1] == UInt8(ascii: "/")
        else { return }
        let isPathByte = { (byte: UInt8) in byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#") }
        let path = beginning[(space + 1)...].prefix(HTTP1Limits.pathBytesKept).prefix(while: isPathByte)
        head.store(UnsafeRawBufferPointer(rebasing: beginning[..<path.endIndex]))
        head.pathSlice = .init(start: space + 1, count: path.count)
    }

    /// Does the lines that are whole; the offset after the empty line that ends the head, or nil when more bytes are needed.
    private mutating func parseLines(_ bytes: UnsafeRawBufferPointer, into head: MessageHead) throws(HTTPRefusal) -> Int? {
        while true {
            if !hasStartLine, head.kind == .request, lineStart < bytes.count {
                try checkFirstByte(bytes[lineStart])
            }
            guard let lineFeed = ByteClass.firstIndex(of: ByteClass.lineFeed, in: bytes, from: searched) else {
                searched = bytes.count
                hasPartialHead = bytes.count > headStart
                try checkSize(upTo: bytes.count, kind: head.kind)
                return nil
            }
            let next = lineFeed + 1
            try checkSize(upTo: next, kind: head.kind)
            guard lineFeed > lineStart, bytes[lineFeed - 1] == ByteClass.carriageReturn else { throw .bareLineEnd }
            let line = UnsafeRawBufferPointer(rebasing: bytes[lineStart..<(lineFeed - 1)])
            let offset = lineStart - headStart
            searched = next
            lineStart = next
            if line.isEmpty {
                if hasStartLine { return next }
                try skipEmptyLine(kind: head.kind)
            } else if hasStartLine {
                guard head.entries.count < limits.fieldCountMax else { throw .tooManyFields }
                try FieldLine.parse(line, at: offset, into: head)
            } else {
                try StartLine.parse(line, into: head, limits: limits)
                hasStartLine = true
                startLineEnd = next
            }
        }
    }

    /// A request line begins with a token or follows empty lines. Saying so at the first byte spares a TLS client on a plain port, or
    /// anything else in binary, the wait for a line end.
    private func checkFirstByte(_ byte: UInt8) throws(HTTPRefusal) {
        if !ByteClass.isToken(byte), byte != ByteClass.carriageReturn, byte != ByteClass.lineFeed { throw .invalidMethod }
    }

    private mutating func skipEmptyLine(kind: MessageHead.Kind) throws(HTTPRefusal) {
        guard kind == .request else { throw .malformedStatusLine }
        guard Int(emptyLines) < limits.leadingEmptyLinesMax else { throw .malformedRequestLine }
        emptyLines += 1
        headStart = lineStart
    }

    /// Applied to what came of an unfinished line as well as to whole lines, so that both are refused alike.
    private func checkSize(upTo end: Int, kind: MessageHead.Kind) throws(HTTPRefusal) {
        if kind == .request, !hasStartLine {
            let lineMax = limits.targetBytesMax + HTTP1Limits.methodBytesMax + " ".utf8.count + " HTTP/1.1\r\n".utf8.count
            if end - lineStart > lineMax { throw .targetTooLong }
        }
        if end - headStart > limits.headBytesMax { throw .headTooLarge }
    }

    private func matchPreface(_ bytes: UnsafeRawBufferPointer) -> Outcome? {
        let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        guard !bytes.isEmpty else { return nil }
        let length = min(bytes.count, preface.utf8CodeUnitCount)
        for index in 0..<length where bytes[index] != preface.utf8Start[index] { return nil }
        return length == preface.utf8CodeUnitCount ? .http2Preface : .needMore
    }
}
