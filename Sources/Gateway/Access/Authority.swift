import HTTP

/// Host and port as `Host`, a target or an origin names them (RFC 3986 section 3.2). Borrows its bytes.
struct Authority {
    /// A name, an IPv4 address, or an IPv6 address in its brackets.
    let host: UnsafeRawBufferPointer
    /// Nil where the scheme's own is meant.
    let port: UInt16?

    /// Nil when `bytes` are no authority: the port is not one, or something follows a `]`.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.count
        if bytes.first == UInt8(ascii: "[") {
            guard let bracket = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            end = bracket + 1
        }
        host = UnsafeRawBufferPointer(rebasing: bytes[..<end])
        guard end + 1 < bytes.count else {
            guard end == bytes.count || bytes[end] == UInt8(ascii: ":") else { return nil }
            port = nil
            return
        }
        guard bytes[end] == UInt8(ascii: ":"), bytes.count - end <= 6 else { return nil }
        var number = 0
        for byte in bytes[(end + 1)...] {
            guard (0x30...0x39).contains(byte) else { return nil }
            number = number * 10 + Int(byte - 0x30)
        }
        guard let port = UInt16(exactly: number) else { return nil }
        self.port = port
    }

    /// `localhost` or a loopback address: no foreign page can have these for a name.
    var isLoopback: Bool {
        if host.count == 9, host.starts(withIgnoringCase: "localhost") { return true }
        if host.equals("[::1]") { return true }
        return host.starts(with: "127.") && host.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
    }

    /// An IP address, which nobody can point elsewhere by DNS. Brackets hold nothing else.
    var isIPAddress: Bool {
        if host.first == UInt8(ascii: "[") { return true }
        var numbers = 0
        for part in host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
            guard part.reduce(0, { $0 * 10 + Int($1 - 0x30) }) <= 255 else { return false }
            numbers += 1
        }
        return numbers == 4
    }

    /// True when both name the same host and port, each with the scheme's own port where it names none.
    func isSame(as other: Authority, defaultPort: UInt16) -> Bool {
        host.equals(ignoringCase: other.host) && (port ?? defaultPort) == (other.port ?? defaultPort)
    }
}

extension UnsafeRawBufferPointer {
    /// Equal but for the case of ASCII letters.
    func equals(ignoringCase other: some Collection<UInt8>) -> Bool {
        count == other.count && zip(self, other).allSatisfy { Self.lowered($0) == Self.lowered($1) }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
