import Gateway
import Reactor

/// Addresses of clients and ranges of them, against a reading without the system's help that compares bit by bit.
enum AddressCheck {
    /// Lines of `X-Forwarded-For`, as many as there are lines in the input.
    static func forwardedFor(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        let lines = bytes.array.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) }
        let peers = [
            SocketAddress(literal: "10.1.2.3", port: 1), SocketAddress(literal: "::ffff:10.1.2.3", port: 1),
            SocketAddress(literal: "192.0.2.9", port: 1), SocketAddress(path: "/run/ekai.sock"), nil,
        ]
        for networks in [[], ["10.0.0.0/8", "fd00::/8"], ["0.0.0.0/0", "::/0"]] {
            for peer in peers {
                let found = try address(peer, lines, networks)
                let expected = ReferenceHops(networks).client(peer, lines)
                try requireEqual(found.description, expected.text, "the two readings do not agree on the client")
                let joined = Array(lines.joined(separator: [UInt8(ascii: ",")]))
                try requireEqual(try address(peer, [joined], networks), found, "one line is another list than several")
                // What a client writes itself stands in front.
                if !expected.isTrusted {
                    let forged = try address(peer, [Array("203.0.113.66".utf8)] + lines, networks)
                    try requireEqual(forged, found, "a client that nobody vouches for names itself")
                }
            }
        }
    }

    private static func address(
        _ peer: SocketAddress?, _ lines: [[UInt8]], _ networks: [String]
    ) throws(FuzzViolation) -> ClientAddress {
        var trusted = networks.isEmpty ? [] : [TrustedProxy.unix]
        for text in networks {
            guard let network = try? IPNetwork(parsing: text) else { throw FuzzViolation("\(text) is refused") }
            trusted.append(.network(network))
        }
        let all = Array(lines.joined())
        return all.withUnsafeBytes { bytes in
            var start = 0
            let views = lines.map { line in
                defer { start += line.count }
                return UnsafeRawBufferPointer(rebasing: bytes[start..<start + line.count])
            }
            return ClientAddress(peer: peer, forwardedFor: views, trusted: trusted)
        }
    }

    /// A range in the first line, and addresses in the others.
    static func network(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for line in lines {
            let expected = ReferenceAddress.parse(line).map(address)
            try requireEqual(IPAddress(line), expected, "the two readings do not agree on an address")
            if let expected { try requireEqual(IPAddress(expected.description), expected, "as it prints, it is another address") }
        }
        let network = try? IPNetwork(parsing: lines[0])
        guard let network, let block = ReferenceAddress.block(lines[0]) else {
            return try require(network == nil && ReferenceAddress.block(lines[0]) == nil, "one of two readings refuses the range")
        }
        try requireEqual(network.prefixBits, block.prefix, "another range")
        try require(network.contains(network.address), "a range without its first address")
        let again = try? IPNetwork(parsing: "\(network.address)/\(network.prefixBits)")
        try requireEqual(again, network, "as it prints, it is another range")
        var candidates = lines.compactMap(ReferenceAddress.parse) + [block.bytes]
        for edge in [block.prefix - 1, block.prefix] where block.bytes.indices.contains(edge >> 3) {
            var other = block.bytes
            other[edge >> 3] ^= 0x80 >> UInt8(edge & 7)
            candidates.append(other)
        }
        for candidate in candidates {
            let isInside = ReferenceAddress.contains(block, candidate)
            try require(
                network.contains(address(candidate)) == isInside, "\(ReferenceAddress.text(candidate)) must be \(isInside ? "in" : "out")side")
        }
    }

    private static func address(_ bytes: [UInt8]) -> IPAddress { bytes.count == 4 ? .v4(bytes) : .v6(bytes) }
}

/// The walk over `X-Forwarded-For`, on one list of all hops.
private struct ReferenceHops {
    private let networks: [(bytes: [UInt8], prefix: Int)]

    init(_ networks: [String]) { self.networks = networks.compactMap(ReferenceAddress.block) }

    func client(_ peer: SocketAddress?, _ lines: [[UInt8]]) -> (text: String, isTrusted: Bool) {
        var address: [UInt8]? = peer.flatMap { $0.family == .unix ? nil : ReferenceAddress.unmapped(Array($0.ipBytes)) }
        var isTrusted = address.map(self.isTrusted) ?? (peer != nil && !networks.isEmpty)
        let hops = lines.flatMap { $0.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) }
        for hop in hops.reversed().prefix(32) {
            guard isTrusted, let next = Self.address(Array(hop)) else { break }
            address = next
            isTrusted = self.isTrusted(next)
        }
        let text = address.map { ($0.count == 4 ? IPAddress.v4($0) : .v6($0)).description }
        return (text ?? (peer == nil ? "unknown" : "unix"), isTrusted)
    }

    private func isTrusted(_ address: [UInt8]) -> Bool { networks.contains { ReferenceAddress.contains($0, address) } }

    /// An address, of IPv6 also in brackets, behind IPv4 or brackets also a port; spaces and tabs around it.
    private static func address(_ entry: [UInt8]) -> [UInt8]? {
        guard entry.count <= 64, let first = entry.firstIndex(where: { $0 != 0x20 && $0 != 0x09 }),
            let last = entry.lastIndex(where: { $0 != 0x20 && $0 != 0x09 })
        else { return nil }
        let text = String(decoding: entry[first...last], as: UTF8.self)
        if let whole = ReferenceAddress.unmapped(text) { return whole }
        let isBracketed = text.hasPrefix("[")
        guard let end = text.lastIndex(of: isBracketed ? "]" : ":") else { return nil }
        let host = isBracketed ? text[..<end].dropFirst() : text[..<end]
        let port = isBracketed ? text[text.index(after: end)...] : text[end...]
        guard let bytes = ReferenceAddress.parse(String(host)), bytes.count == (isBracketed ? 16 : 4) else { return nil }
        if isBracketed, port.isEmpty { return ReferenceAddress.unmapped(bytes) }
        guard port.first == ":", ReferenceAddress.isDecimal(port.dropFirst()), UInt16(port.dropFirst()) != nil else { return nil }
        return ReferenceAddress.unmapped(bytes)
    }
}
