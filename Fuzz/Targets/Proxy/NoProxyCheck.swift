import HTTP

/// NO_PROXY, against a second reading that looks at each entry for each question.
enum NoProxyCheck {
    static func list(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        let list = NoProxyList(parsing: text)
        let reference = ReferenceNoProxy(text)
        try requireEqual(list.ignoredCount, reference.ignoredCount, "the two readings do not agree on what is an entry")
        let hosts = fixedHosts + reference.entries.prefix(entriesMax).flatMap(\.candidates)
        let ports = Set([443] + reference.entries.prefix(entriesMax).compactMap(\.port))
        for host in hosts {
            for port in ports {
                let isExcepted = reference.contains(host, port)
                try require(list.contains(host: host, port: port) == isExcepted, "\(host):\(port) must be \(isExcepted ? "" : "not ")excepted")
            }
        }
    }

    /// Entries whose own hosts are asked for: more cost more than they find.
    private static let entriesMax = 12
    private static let fixedHosts = [
        "api.example.com", "localhost", "127.0.0.1", "10.1.2.3", "::1", "fd00::1", "::ffff:10.1.2.3", "1", "a.b.", ".", "",
    ]
}

/// The entries of NO_PROXY as `NoProxyList` documents them, in the plainest words.
struct ReferenceNoProxy {
    enum Pattern {
        case name(String)
        case block(bytes: [UInt8], prefix: Int)
    }

    struct Entry {
        var pattern: Pattern
        var port: UInt16?
    }

    var entries: [Entry] = []
    var exceptsAll = false
    var ignoredCount = 0

    init(_ text: String) {
        for word in text.lowercased().split(whereSeparator: { $0.isWhitespace || $0 == "," }).map(String.init) {
            let entry = Entry(word)
            if word == "*" {
                exceptsAll = true
            } else if let entry, entries.count < ProxyLimits.noProxyEntriesMax {
                entries.append(entry)
            } else {
                ignoredCount += 1
            }
        }
    }

    func contains(_ host: String, _ port: UInt16) -> Bool {
        exceptsAll || entries.contains { $0.fits(host, port) }
    }
}

extension ReferenceNoProxy.Entry {
    init?(_ word: String) {
        if word.contains("/") {
            let digits = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)[1]
            let isMapped = ReferenceAddress.parse(String(word.prefix { $0 != "/" })).map(ReferenceAddress.isMapped) ?? false
            // A block that is wider than the mapped addresses, yet named by one of them, says nothing that could be meant.
            guard digits.utf8.count <= 3, let block = ReferenceAddress.block(word), !isMapped || block.bytes.count == 4 else { return nil }
            pattern = .block(bytes: block.bytes, prefix: block.prefix)
            return
        }
        var host = word
        if ReferenceAddress.parse(word) == nil {
            let isBracketed = word.hasPrefix("[")
            let end = word.firstIndex(of: isBracketed ? "]" : ":") ?? (isBracketed ? word.startIndex : word.endIndex)
            host = String(word[..<end])
            var tail = word[end...]
            if isBracketed {
                guard tail.first == "]", ReferenceAddress.parse(String(host.dropFirst())) != nil else { return nil }
                host.removeFirst()
                tail.removeFirst()
            }
            if !tail.isEmpty {
                guard tail.first == ":", ReferenceAddress.isDecimal(tail.dropFirst()), tail.utf8.count <= 6,
                    let number = UInt16(tail.dropFirst()), number > 0
                else { return nil }
                port = number
            }
        }
        if let bytes = ReferenceAddress.unmapped(host) {
            pattern = .block(bytes: bytes, prefix: bytes.count * 8)
            return
        }
        if host.hasPrefix("*.") { host.removeFirst() }
        if host.hasPrefix(".") { host.removeFirst() }
        if host.hasSuffix(".") { host.removeLast() }
        let isName = host.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-._".utf8.contains($0) }
        guard isName, !host.isEmpty else { return nil }
        pattern = .name(host)
    }

    func fits(_ host: String, _ port: UInt16) -> Bool {
        if let own = self.port, own != port { return false }
        let address = ReferenceAddress.parse(host)
        switch pattern {
        case .block(let bytes, let prefix): return address.map { ReferenceAddress.contains((bytes, prefix), $0) } ?? false
        case .name(let name):
            var host = host.lowercased()
            if host.hasPrefix(".") { host.removeFirst() }
            if host.hasSuffix(".") { host.removeLast() }
            return address == nil && (host == name || host.hasSuffix("." + name))
        }
    }

    /// Hosts at the edges of the entry, inside and outside.
    var candidates: [String] {
        switch pattern {
        case .name(let name): return [name, "www." + name, "x" + name, name + ".", name.uppercased(), String(name.dropFirst()), name + ".x"]
        case .block(let bytes, let prefix):
            let edges = [prefix - 1, prefix].filter { (0..<bytes.count * 8).contains($0) }
            let all = [bytes] + edges.map { edge in
                var other = bytes
                other[edge / 8] ^= 0x80 >> UInt8(edge % 8)
                return other
            }
            return all.flatMap { [ReferenceAddress.text($0)] + ($0.count == 4 ? ["::ffff:" + ReferenceAddress.text($0)] : []) }
        }
    }
}
