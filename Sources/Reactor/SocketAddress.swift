import CLinux
import Glibc

/// Where a socket is bound or connected: IPv4, IPv6 or a path.
public struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    public enum Family: Sendable { case ipv4, ipv6, unix }

    public let family: Family
    /// The `sockaddr` of the family, byte for byte.
    private let bytes: [UInt8]

    /// Copies a `sockaddr` of a known family; nil for any other.
    public init?(_ address: UnsafePointer<sockaddr>, count: Int) {
        switch Int32(address.pointee.sa_family) {
        case AF_INET: family = .ipv4
        case AF_INET6: family = .ipv6
        case AF_UNIX: family = .unix
        default: return nil
        }
        bytes = [UInt8](UnsafeRawBufferPointer(start: address, count: count))
    }

    /// Parses a literal such as `127.0.0.1` or `::1`; nil when it is not one.
    public init?(literal: String, port: UInt16) {
        // C would read no further than to the first NUL.
        guard !literal.utf8.contains(0) else { return nil }
        var v4 = sockaddr_in()
        var v6 = sockaddr_in6()
        if inet_pton(AF_INET, literal, &v4.sin_addr) == 1 {
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            family = .ipv4
            bytes = withUnsafeBytes(of: &v4) { [UInt8]($0) }
        } else if inet_pton(AF_INET6, literal, &v6.sin6_addr) == 1 {
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = port.bigEndian
            family = .ipv6
            bytes = withUnsafeBytes(of: &v6) { [UInt8]($0) }
        } else {
            return nil
        }
    }

    /// A UNIX domain socket; nil when the path is empty or longer than the kernel takes (107 bytes).
    public init?(path: String) {
        var address = sockaddr_un()
        let utf8 = Array(path.utf8)
        guard !utf8.isEmpty, utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: utf8) }
        family = .unix
        bytes = withUnsafeBytes(of: &address) { [UInt8]($0) }
    }

    /// The same address with another port.
    public func with(port: UInt16) -> SocketAddress {
        var copy = bytes
        if family != .unix { withUnsafeBytes(of: port.bigEndian) { copy.replaceSubrange(2..<4, with: $0) } }
        return SocketAddress(family: family, bytes: copy)
    }

    private init(family: Family, bytes: [UInt8]) {
        self.family = family
        self.bytes = bytes
    }

    /// The port; 0 for a path.
    public var port: UInt16 { family == .unix ? 0 : UInt16(bytes[2]) << 8 | UInt16(bytes[3]) }

    /// The IP address in network order, 4 or 16 bytes; none for a path.
    public var ipBytes: [UInt8] {
        switch family {
        case .ipv4: Array(bytes[4..<8])
        case .ipv6: Array(bytes[8..<24])
        case .unix: []
        }
    }

    /// The path of a UNIX domain socket.
    public var path: String? {
        guard family == .unix else { return nil }
        return String(decoding: bytes[2...].prefix { $0 != 0 }, as: UTF8.self)
    }

    /// True for 127.0.0.0/8, ::1 and paths: what only this machine can reach.
    public var isLoopback: Bool {
        switch family {
        case .ipv4: bytes[4] == 127
        case .ipv6: bytes[8..<23].allSatisfy { $0 == 0 } && bytes[23] == 1
        case .unix: true
        }
    }

    /// `127.0.0.1:80`, `[::1]:80` or the path.
    public var description: String {
        if let path { return path }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        _ = bytes.withUnsafeBytes {
            inet_ntop(
                family == .ipv4 ? AF_INET : AF_INET6, $0.baseAddress! + (family == .ipv4 ? 4 : 8), &text,
                socklen_t(text.count))
        }
        let host = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return family == .ipv4 ? "\(host):\(port)" : "[\(host)]:\(port)"
    }

    var domain: Int32 {
        switch family {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        bytes.withUnsafeBytes { body($0.assumingMemoryBound(to: sockaddr.self).baseAddress!, socklen_t($0.count)) }
    }
}
