/// The Host field and what a host may look like (RFC 9112 section 3.2, RFC 3986 section 3.2.2).
enum RequestHost {
    /// HTTP/1.1 asks for exactly one valid Host; HTTP/1.0 may do without, but not with two.
    static func check(_ head: MessageHead) throws(HTTPRefusal) {
        switch head.count(of: .host) {
        case 0:
            if head.version == .http11 { throw .missingHost }
        case 1:
            guard let host = head.value(of: .host), isAuthority(host) else { throw .invalidHost }
        default: throw .duplicateHost
        }
    }

    /// `host [":" port]`. An empty host is grammatical (RFC 9110 section 7.2). User information is not part of it: `@` is refused.
    static func isAuthority(_ bytes: UnsafeRawBufferPointer, portRequired: Bool = false) -> Bool {
        var end = 0
        if bytes.first == UInt8(ascii: "[") {
            guard let bracket = ByteClass.firstIndex(of: UInt8(ascii: "]"), in: bytes), bracket > 2 else { return false }
            for byte in bytes[1..<bracket]
            where ByteClass.hexValue(byte) == nil && byte != ByteClass.colon && byte != UInt8(ascii: ".") { return false }
            end = bracket + 1
        } else {
            while end < bytes.count, bytes[end] != ByteClass.colon {
                if bytes[end] == UInt8(ascii: "%") {
                    guard end + 2 < bytes.count, ByteClass.hexValue(bytes[end + 1]) != nil,
                        ByteClass.hexValue(bytes[end + 2]) != nil
                    else { return false }
                    end += 3
                } else {
                    guard ByteClass.isRegisteredName(bytes[end]) else { return false }
                    end += 1
                }
            }
            if portRequired, end == 0 { return false }
        }
        guard end < bytes.count else { return !portRequired }
        guard bytes[end] == ByteClass.colon else { return false }
        return isPort(UnsafeRawBufferPointer(rebasing: bytes[(end + 1)...]), required: portRequired)
    }

    /// Decimal, at most 65535; the grammar lets it be empty where it is not required.
    private static func isPort(_ digits: UnsafeRawBufferPointer, required: Bool) -> Bool {
        guard digits.count <= 5 else { return false }
        if required, digits.isEmpty { return false }
        var port = 0
        for digit in digits {
            guard ByteClass.isDigit(digit) else { return false }
            port = port * 10 + Int(digit &- 0x30)
        }
        return port <= 65_535
    }
}
