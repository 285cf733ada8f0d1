import Glibc

/// A range of IP addresses: `10.0.0.0/8`, `fd00::/8`, or a single one.
package struct IPNetwork: Sendable, Hashable {
    /// Its first address.
    package let address: IPAddress
    /// How many leading bits its addresses share.
    package let prefixBits: Int

    /// An address, or one with `/` and the number of bits that count. Bits beyond these are taken for zero.
    package init(parsing text: String) throws(ValueFault) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else {
            throw ValueFault("must be an IP address or a range such as 10.0.0.0/8 or fd00::/8")
        }
        let bits = address.bytes.count * 8
        let prefix = try parts.count == 2 ? ValueParsing.integer(String(parts[1]), in: 0...bits) : bits
        let unmapped = address.unmapped
        // A range of IPv4 addresses written as IPv6 ones is one of IPv4 addresses.
        let isMapped = unmapped != address && prefix >= 96
        self.address = (isMapped ? unmapped : address).masked(isMapped ? prefix - 96 : prefix)
        prefixBits = isMapped ? prefix - 96 : prefix
    }

    /// Whether `other` lies in the range.
    package func contains(_ other: IPAddress) -> Bool {
        let other = other.unmapped
        return other.bytes.count == address.bytes.count && other.masked(prefixBits) == address
    }
}

extension IPAddress {
    /// 4 or 16 bytes in network order.
    var bytes: [UInt8] {
        switch self {
        case .v4(let bytes), .v6(let bytes): bytes
        }
    }

    /// The IPv4 address that an IPv4-mapped IPv6 address stands for (RFC 4291 section 2.5.5.2), else the address itself.
    var unmapped: IPAddress {
        guard case .v6(let bytes) = self, bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255] else { return self }
        return .v4(Array(bytes.suffix(4)))
    }

    /// Zeros behind the first `bits`.
    fileprivate func masked(_ bits: Int) -> IPAddress {
        let masked = bytes.enumerated().map { index, byte in
            let kept = min(max(bits - index * 8, 0), 8)
            return byte & UInt8(truncatingIfNeeded: 0xFF00 >> kept)
        }
        return switch self {
        case .v4: .v4(masked)
        case .v6: .v6(masked)
        }
    }
}

extension IPAddress: CustomStringConvertible {
    /// As RFC 5952 writes it, without brackets.
    package var description: String {
        let bytes = bytes
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        _ = bytes.withUnsafeBytes { source in
            inet_ntop(source.count == 4 ? AF_INET : AF_INET6, source.baseAddress, &text, socklen_t(text.count))
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Whose word about the addresses of others is believed.
package enum TrustedProxy: Sendable, Hashable {
    case network(IPNetwork)
    /// Whoever may connect to the UNIX socket.
    case unix

    /// An entry of `server.trusted_proxies`: an address, a range, or `unix`.
    package init(parsing text: String) throws(ValueFault) {
        self = text == "unix" ? .unix : .network(try IPNetwork(parsing: text))
    }
}
