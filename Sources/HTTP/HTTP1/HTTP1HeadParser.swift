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

    /// How far the head has come. Offsets count from the first unread byte.
    private struct Progress {
        var headStart = 0
        var lineStart = 0
        var searched = 0
        var startLineEnd = 0
        var hasStartLine = false
        var hasPartialHead = false
        var emptyLines: UInt8 = 0
    }

    private let limits: HTTP1Limits
    private var progress = Progress()

    public init(limits: HTTP1Limits = HTTP1Limits()) {
        self.limits = limits
    }

    /// True once a part of a head was seen: a close now cuts a message off, a close before is a clean one.
    public var hasPartialHead: Bool { progress.hasPartialHead }

    /// Parses as far as the bytes go. `head` is being filled meanwhile and must be the same one until the outcome is not `needMore`.
    public mutating func parse(
        _ bytes: UnsafeRawBufferPointer, into head: MessageHead, as kind: MessageHead.Kind
    ) -> Outcome {
        precondition(bytes.count >= progress.searched, "the unread bytes of the call before come again")
        if progress.searched == 0 { head.reset(kind) }
        if kind == .request, !progress.hasStartLine, progress.headStart == 0, let outcome = matchPreface(bytes) {
            progress.hasPartialHead = true
            return outcome
        }
        do throws(HTTPRefusal) {
            if !progress.hasStartLine {
                guard try parseStartLine(bytes, into: head, as: kind) else { return .needMore }
            }
            guard let end = try parseFields(bytes, into: head) else { return .needMore }
            head.store(UnsafeRawBufferPointer(rebasing: bytes[progress.headStart..<end]))
            progress = Progress()
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
        let headStart = progress.headStart
        if progress.hasStartLine {
            head.fields = head.fields.emptied()
            head.store(UnsafeRawBufferPointer(rebasing: bytes[headStart..<progress.startLineEnd]))
        } else if head.kind == .request, headStart < bytes.count {
            keepPath(of: UnsafeRawBufferPointer(rebasing: bytes[headStart...]), in: head)
        }
        progress = Progress()
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
        head.start.pathSlice = .init(start: space + 1, count: path.count)
    }

    /// Skips empty lines and does the start line; false when more bytes are needed.
    private mutating func parseStartLine(
        _ bytes: UnsafeRawBufferPointer, into head: MessageHead, as kind: MessageHead.Kind
    ) throws(HTTPRefusal) -> Bool {
        while true {
            let lineStart = progress.lineStart
            if kind == .request, lineStart < bytes.count { try checkFirstByte(bytes[lineStart]) }
            let lineFeed = ByteClass.firstIndex(of: ByteClass.lineFeed, in: bytes, from: progress.searched)
            let end = lineFeed.map { $0 + 1 } ?? bytes.count
            if kind == .request, end - lineStart > requestLineBytesMax { throw .targetTooLong }
            guard let lineFeed else {
                try waitForMore(bytes)
                return false
            }
            let line = try line(bytes, from: lineStart, to: lineFeed)
            progress.searched = end
            progress.lineStart = end
            if line.isEmpty {
                try skipEmptyLine(kind: kind)
                continue
            }
            var start = head.start
            defer { head.start = start }
            try StartLine.parse(line, into: &start, limits: limits)
            progress.hasStartLine = true
            progress.startLineEnd = end
            return true
        }
    }

    /// Does the field lines that are whole; the offset after the empty line that ends the head, or nil when more bytes are needed.
    private mutating func parseFields(_ bytes: UnsafeRawBufferPointer, into head: MessageHead) throws(HTTPRefusal) -> Int? {
        var lineStart = progress.lineStart
        var searched = progress.searched
        var fields = head.fields
        defer { head.fields = fields }
        while let lineFeed = ByteClass.firstIndex(of: ByteClass.lineFeed, in: bytes, from: searched) {
            let line = try line(bytes, from: lineStart, to: lineFeed)
            if line.isEmpty { return lineFeed + 1 }
            guard fields.count < limits.fieldCountMax else { throw .tooManyFields }
            fields.append(try FieldLine.parse(line, at: lineStart &- progress.headStart))
            lineStart = lineFeed &+ 1
            searched = lineStart
        }
        progress.lineStart = lineStart
        try waitForMore(bytes)
        return nil
    }

    /// The line that the line feed at `end` ends, without its CR LF.
    @inline(__always)
    private func line(
        _ bytes: UnsafeRawBufferPointer, from start: Int, to end: Int
    ) throws(HTTPRefusal) -> UnsafeRawBufferPointer {
        try checkHeadSize(upTo: end + 1)
        guard end > start, bytes[end - 1] == ByteClass.carriageReturn else { throw .bareLineEnd }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<(end - 1)])
    }

    /// What came of an unfinished line is held to the size of a head like whole lines, so that both are refused alike.
    private mutating func waitForMore(_ bytes: UnsafeRawBufferPointer) throws(HTTPRefusal) {
        progress.searched = bytes.count
        progress.hasPartialHead = bytes.count > progress.headStart
        try checkHeadSize(upTo: bytes.count)
    }

    private func checkHeadSize(upTo end: Int) throws(HTTPRefusal) {
        if end - progress.headStart > limits.headBytesMax { throw .headTooLarge }
    }

    /// The longest request line; what came of an unfinished one counts too.
    private var requestLineBytesMax: Int {
        limits.targetBytesMax + HTTP1Limits.methodBytesMax + " ".utf8.count + " HTTP/1.1\r\n".utf8.count
    }

    /// A request line begins with a token or follows empty lines. Saying so at the first byte spares a TLS client on a plain port, or
    /// anything else in binary, the wait for a line end.
    private func checkFirstByte(_ byte: UInt8) throws(HTTPRefusal) {
        if !ByteClass.isToken(byte), byte != ByteClass.carriageReturn, byte != ByteClass.lineFeed { throw .invalidMethod }
    }

    private mutating func skipEmptyLine(kind: MessageHead.Kind) throws(HTTPRefusal) {
        guard kind == .request else { throw .malformedStatusLine }
        guard Int(progress.emptyLines) < limits.leadingEmptyLinesMax else { throw .malformedRequestLine }
        progress.emptyLines += 1
        progress.headStart = progress.lineStart
    }

    private func matchPreface(_ bytes: UnsafeRawBufferPointer) -> Outcome? {
        let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        guard !bytes.isEmpty else { return nil }
        let length = min(bytes.count, preface.utf8CodeUnitCount)
        for index in 0..<length where bytes[index] != preface.utf8Start[index] { return nil }
        return length == preface.utf8CodeUnitCount ? .http2Preface : .needMore
    }
}
