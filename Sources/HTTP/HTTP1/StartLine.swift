/// Request lines and status lines (RFC 9112 sections 3 and 4). Offsets count from the start of the line, which is the head's.
enum StartLine {
    /// Checks the line, of the kind that `head` has already, and fills `head` as far as the line is understood.
    static func parse(
        _ line: UnsafeRawBufferPointer, into head: inout MessageHead.Start, limits: HTTP1Limits
    ) throws(HTTPRefusal) {
        switch head.kind {
        case .request: try parseRequest(line, into: &head, limits: limits)
        case .response: try parseStatus(line, into: &head)
        }
    }

    private static func parseRequest(
        _ line: UnsafeRawBufferPointer, into head: inout MessageHead.Start, limits: HTTP1Limits
    ) throws(HTTPRefusal) {
        guard let first = ByteClass.firstIndex(of: ByteClass.space, in: line) else {
            throw ByteClass.isToken(line) ? .malformedRequestLine : .invalidMethod
        }
        let method = UnsafeRawBufferPointer(rebasing: line[..<first])
        guard ByteClass.isToken(method), method.count <= HTTP1Limits.methodBytesMax else { throw .invalidMethod }
        let last = lastSpace(of: line)
        guard last > first else { throw .malformedRequestLine }
        head.version = try version(UnsafeRawBufferPointer(rebasing: line[(last + 1)...]), else: .malformedRequestLine)
        head.method = HTTPMethod(method)
        head.methodSlice = .init(start: 0, count: first)
        let target = UnsafeRawBufferPointer(rebasing: line[(first + 1)..<last])
        guard target.count <= limits.targetBytesMax else { throw .targetTooLong }
        head.targetSlice = .init(start: first + 1, count: target.count)
        try parseTarget(target, at: first + 1, into: &head)
    }

    /// Where the last space of a line that has one is; the version behind it is short.
    private static func lastSpace(of line: UnsafeRawBufferPointer) -> Int {
        var index = line.count - 1
        while index > 0, line[index] != ByteClass.space { index -= 1 }
        return index
    }

    /// Tells the four forms apart (RFC 9112 section 3.2) and finds path, query and authority.
    private static func parseTarget(
        _ target: UnsafeRawBufferPointer, at offset: Int, into head: inout MessageHead.Start
    ) throws(HTTPRefusal) {
        guard !target.isEmpty else { throw .invalidTarget }
        guard ByteClass.isVisible(target, without: UInt8(ascii: "#")) else { throw .invalidTarget }
        if head.method == .connect {
            guard RequestHost.isAuthority(target, portRequired: true) else { throw .invalidTarget }
            head.targetForm = .authority
            head.authoritySlice = .init(start: offset, count: target.count)
            return
        }
        if target[0] == UInt8(ascii: "/") {
            head.targetForm = .origin
            splitPath(target, from: 0, at: offset, into: &head)
            return
        }
        if ByteClass.equals(target, "*") {
            guard head.method == .options else { throw .invalidTarget }
            head.targetForm = .asterisk
            head.pathSlice = .init(start: offset, count: 1)
            return
        }
        let schemeCount = schemeCount(of: target)
        guard schemeCount > 0 else { throw .invalidTarget }
        var end = schemeCount
        while end < target.count, target[end] != UInt8(ascii: "/"), target[end] != UInt8(ascii: "?") { end += 1 }
        let authority = UnsafeRawBufferPointer(rebasing: target[schemeCount..<end])
        guard !authority.isEmpty, authority[0] != ByteClass.colon, RequestHost.isAuthority(authority) else {
            throw .invalidTarget
        }
        head.targetForm = .absolute
        head.authoritySlice = .init(start: offset + schemeCount, count: authority.count)
        splitPath(target, from: end, at: offset, into: &head)
    }

    private static func schemeCount(of target: UnsafeRawBufferPointer) -> Int {
        if hasPrefix(target, "http://") { return "http://".utf8.count }
        if hasPrefix(target, "https://") { return "https://".utf8.count }
        return 0
    }

    private static func hasPrefix(_ target: UnsafeRawBufferPointer, _ scheme: StaticString) -> Bool {
        let count = scheme.utf8CodeUnitCount
        guard target.count >= count else { return false }
        return ByteClass.equals(UnsafeRawBufferPointer(rebasing: target[..<count]), ignoringCase: scheme)
    }

    private static func splitPath(_ target: UnsafeRawBufferPointer, from start: Int, at offset: Int, into head: inout MessageHead.Start) {
        guard let mark = ByteClass.firstIndex(of: UInt8(ascii: "?"), in: target, from: start) else {
            head.pathSlice = .init(start: offset + start, count: target.count - start)
            return
        }
        head.pathSlice = .init(start: offset + start, count: mark - start)
        head.querySlice = .init(start: offset + mark + 1, count: target.count - mark - 1)
        head.hasQuery = true
    }

    /// `HTTP/1.x 200 reason`. A missing space before an absent reason is tolerated, as RFC 9112 section 4 lets clients do.
    private static func parseStatus(_ line: UnsafeRawBufferPointer, into head: inout MessageHead.Start) throws(HTTPRefusal) {
        let versionCount = "HTTP/1.1".utf8.count
        guard line.count >= versionCount else { throw .malformedStatusLine }
        head.version = try version(UnsafeRawBufferPointer(rebasing: line[..<versionCount]), else: .malformedStatusLine)
        guard line.count >= versionCount + 4, line[versionCount] == ByteClass.space else { throw .malformedStatusLine }
        var status: UInt16 = 0
        for digit in line[(versionCount + 1)..<(versionCount + 4)] {
            guard ByteClass.isDigit(digit) else { throw .malformedStatusLine }
            status = status * 10 + UInt16(digit &- 0x30)
        }
        guard status >= 100 else { throw .malformedStatusLine }
        head.status = status
        let reasonStart = versionCount + 5
        guard line.count >= reasonStart else { return }
        guard line[reasonStart - 1] == ByteClass.space else { throw .malformedStatusLine }
        guard ByteClass.isFieldText(UnsafeRawBufferPointer(rebasing: line[reasonStart...])) else { throw .malformedStatusLine }
        head.reasonSlice = .init(start: reasonStart, count: line.count - reasonStart)
    }

    /// Exactly `HTTP/1.0` or `HTTP/1.1`; any other digits are a version that is not spoken here, anything else is no version.
    private static func version(
        _ bytes: UnsafeRawBufferPointer, else malformed: HTTPRefusal
    ) throws(HTTPRefusal) -> HTTPVersion {
        if ByteClass.equals(bytes, "HTTP/1.1") { return .http11 }
        if ByteClass.equals(bytes, "HTTP/1.0") { return .http10 }
        guard bytes.count == 8, ByteClass.equals(UnsafeRawBufferPointer(rebasing: bytes[..<5]), "HTTP/"),
            ByteClass.isDigit(bytes[5]), bytes[6] == UInt8(ascii: "."), ByteClass.isDigit(bytes[7])
        else { throw malformed }
        throw .unsupportedVersion
    }
}
