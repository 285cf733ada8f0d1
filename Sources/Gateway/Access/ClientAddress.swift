import Reactor

/// Where a request comes from, for the log. It grants nothing.
package enum ClientAddress: Sendable, Hashable {
    case ip(IPAddress)
    /// A UNIX socket of this machine.
    case unix
    /// The connection is gone.
    case unknown

    /// The address at the other end of a connection.
    init(peer: SocketAddress?) {
        guard let peer else {
            self = .unknown
            return
        }
        switch peer.family {
        case .ipv4: self = .ip(.v4(peer.ipBytes))
        case .ipv6: self = .ip(IPAddress.v6(peer.ipBytes).unmapped)
        case .unix: self = .unix
        }
    }

    /// The client's address behind the proxies that are trusted: each of them appends to `X-Forwarded-For` whom it talks to, so that the
    /// list is read from its end, for as long as the one who wrote the entry is trusted. What a client itself wrote stands further in
    /// front and is never reached, unless all hops are trusted.
    /// - Parameter forwardedFor: the values of the field's lines, in their order. An entry that is no address ends the walk.
    package init(peer: SocketAddress?, forwardedFor lines: [UnsafeRawBufferPointer], trusted: [TrustedProxy]) {
        self.init(peer: peer)
        guard !trusted.isEmpty else { return }
        var hops = 0
        for line in lines.reversed() {
            for entry in line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).reversed() {
                guard hops < AccessLimits.forwardedHopsMax, isTrusted(trusted),
                    let hop = Self.address(in: UnsafeRawBufferPointer(rebasing: entry))
                else { return }
                self = .ip(hop)
                hops += 1
            }
        }
    }

    private func isTrusted(_ trusted: [TrustedProxy]) -> Bool {
        trusted.contains { proxy in
            switch (self, proxy) {
            case (.ip(let address), .network(let network)): network.contains(address)
            case (.unix, .unix): true
            default: false
            }
        }
    }

    /// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`; nil for all else, `unknown` and names of
    /// RFC 7239 among it.
    private static func address(in entry: UnsafeRawBufferPointer) -> IPAddress? {
        // The longest address in brackets, a port, and some white space.
        guard entry.count <= 64 else { return nil }
        var text = Substring(entry.text)
        // OWS of RFC 9110 section 5.6.3.
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]"), isPort(text[text.index(after: end)...]),
                case .v6 = IPAddress(String(text[..<end].dropFirst()))
            else { return nil }
            return IPAddress(String(text[..<end].dropFirst()))?.unmapped
        }
        if let whole = IPAddress(String(text)) { return whole.unmapped }
        guard let colon = text.firstIndex(of: ":"), isPort(text[colon...]), case .v4 = IPAddress(String(text[..<colon])) else {
            return nil
        }
        return IPAddress(String(text[..<colon]))
    }

    /// Nothing, or `:` and a port.
    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || text.first == ":" && text.dropFirst().utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt16(text.dropFirst()) != nil
    }
}

extension ClientAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .ip(let address): address.description
        case .unix: "unix"
        case .unknown: "unknown"
        }
    }
}
