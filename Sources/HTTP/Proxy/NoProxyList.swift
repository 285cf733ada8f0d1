import Reactor

/// The hosts that NO_PROXY excepts, parsed once.
///
/// Entries stand between commas or white space, in any case of letters: `*` for every host; a name, with or without a leading dot (or `*.`),
/// for itself and everything below it; an IP address; a network such as `10.0.0.0/8` or `fd00::/8`. Names and addresses may be
/// followed by `:port`, IPv6 addresses then in brackets. A name never matches an address and an address never a name: nothing is looked up.
public struct NoProxyList: Sendable, Hashable {
    private enum Pattern: Hashable {
        /// Lower case, without dots at its ends.
        case name(String)
        case network(address: [UInt8], bits: Int)
    }

    private struct Entry: Hashable {
        var pattern: Pattern
        /// Nil: every port.
        var port: UInt16?
    }

    private var exceptsAll = false
    private var entries: [Entry] = []
    /// Entries that could not be understood, and those beyond `ProxyLimits.noProxyEntriesMax`: worth a notice, not an error, because
    /// the variable belongs to every program of the machine.
    public private(set) var ignoredCount = 0

    /// Excepts nothing.
    public init() {}

    public init(parsing text: String) {
        for word in text.lowercased().split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            if word == "*" {
                exceptsAll = true
            } else if entries.count < ProxyLimits.noProxyEntriesMax, let entry = Self.entry(String(word)) {
                entries.append(entry)
            } else {
                ignoredCount += 1
            }
        }
    }

    /// True when connections to `host`, a name or an address without brackets, are made without a proxy.
    public func contains(host: String, port: UInt16) -> Bool {
        if exceptsAll { return true }
        guard !entries.isEmpty else { return false }
        let address = Self.address(host)
        let name = Self.trimmed(host.lowercased())
        return entries.contains { entry in
            guard entry.port == nil || entry.port == port else { return false }
            switch entry.pattern {
            case .name(let pattern):
                return address == nil && (name == pattern || name.hasSuffix("." + pattern))
            case .network(let network, let bits):
                return address.map { Self.isWithin($0, network, bits) } ?? false
            }
        }
    }

    // MARK: Entries

    private static func entry(_ word: String) -> Entry? {
        if let slash = word.firstIndex(of: "/") {
            return network(String(word[..<slash]), bits: word[word.index(after: slash)...])
        }
        if word.hasPrefix("[") { return bracketed(word) }
        // An IPv6 address without brackets has colons, and no port.
        if let address = address(word) { return Entry(pattern: .network(address: address, bits: address.count * 8)) }
        var host = word
        var port: UInt16?
        if let colon = word.firstIndex(of: ":") {
            port = HostName.port(word[word.index(after: colon)...].utf8)
            guard port != nil else { return nil }
            host = String(word[..<colon])
        }
        if let address = address(host) {
            return Entry(pattern: .network(address: address, bits: address.count * 8), port: port)
        }
        if host.hasPrefix("*.") { host.removeFirst() }
        let name = trimmed(host)
        guard !name.isEmpty, name.utf8.allSatisfy({ HostName.isByte($0) }) else { return nil }
        return Entry(pattern: .name(name), port: port)
    }

    /// `[::1]` or `[::1]:443`.
    private static func bracketed(_ word: String) -> Entry? {
        guard let end = word.firstIndex(of: "]"),
            let address = address(String(word[word.index(after: word.startIndex)..<end]))
        else { return nil }
        let pattern = Pattern.network(address: address, bits: address.count * 8)
        let tail = word[word.index(after: end)...]
        if tail.isEmpty { return Entry(pattern: pattern) }
        guard tail.hasPrefix(":"), let port = HostName.port(tail.dropFirst().utf8) else { return nil }
        return Entry(pattern: pattern, port: port)
    }

    /// `10.0.0.0/8` (RFC 4632), `fd00::/8` (RFC 4291 section 2.3).
    private static func network(_ text: String, bits digits: Substring) -> Entry? {
        guard let literal = SocketAddress(literal: text, port: 0), let address = address(text),
            (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ ByteClass.isDigit($0) }), var bits = Int(digits),
            bits <= literal.ipBytes.count * 8
        else { return nil }
        // An IPv4 address in IPv6 clothes: only a network inside that block is one of IPv4.
        let mappedBits = (literal.ipBytes.count - address.count) * 8
        guard bits >= mappedBits else { return nil }
        bits -= mappedBits
        return Entry(pattern: .network(address: address, bits: bits))
    }

    // MARK: Matching

    /// The bytes of an IP address; of IPv4, also where it is mapped into IPv6 (RFC 4291 section 2.5.5.2).
    private static func address(_ text: String) -> [UInt8]? {
        guard let bytes = SocketAddress(literal: text, port: 0)?.ipBytes else { return nil }
        let isMapped = bytes.count == 16 && bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255])
        return isMapped ? Array(bytes[12...]) : bytes
    }

    private static func isWithin(_ address: [UInt8], _ network: [UInt8], _ bits: Int) -> Bool {
        guard address.count == network.count else { return false }
        let whole = bits / 8
        guard address[..<whole].elementsEqual(network[..<whole]) else { return false }
        guard bits % 8 > 0 else { return true }
        return (address[whole] ^ network[whole]) >> UInt8(8 - bits % 8) == 0
    }

    /// Without dots at its ends: a leading one is NO_PROXY's, a final one the name service's.
    private static func trimmed(_ name: String) -> String {
        var name = name[...]
        if name.hasPrefix(".") { name.removeFirst() }
        if name.hasSuffix(".") { name.removeLast() }
        return String(name)
    }
}
