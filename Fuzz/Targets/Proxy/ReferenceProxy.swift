import HTTP

/// A proxy's address, taken apart by splitting at the first or last of each delimiter.
struct ReferenceProxy {
    let server: ProxyServer
    /// The address with every byte of its credentials percent-encoded.
    let rewritten: String

    /// Nil when the text is no address of a proxy.
    init?(_ text: String) {
        guard text.utf8.count <= ProxyLimits.addressBytesMax, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        var scheme = "http"
        var rest = text[...]
        if let mark = text.firstRange(of: "://") {
            scheme = text[..<mark.lowerBound].lowercased()
            rest = text[mark.upperBound...]
        }
        guard let scheme = ProxyServer.Scheme(rawValue: scheme) else { return nil }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard !rest.contains(where: { "/?#".contains($0) }) else { return nil }
        var userInfo = ""
        var credentials: ProxyCredentials?
        if let at = rest.lastIndex(of: "@") {
            let words = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let user = Self.decoded(words[0]), let password = words.count > 1 ? Self.decoded(words[1]) : [], user + password != [],
                let fitting = ProxyCredentials(user: user, password: password, for: scheme)
            else { return nil }
            credentials = fitting
            userInfo = "\(Self.encoded(user)):\(Self.encoded(password))@"
            rest = rest[rest.index(after: at)...]
        }
        guard let place = Self.place(rest, defaultPort: scheme == .http ? 8_080 : 1_080) else { return nil }
        server = ProxyServer(scheme: scheme, host: place.host, port: place.port, credentials: credentials)
        rewritten = "\(scheme)://\(userInfo)\(place.host.contains(":") ? "[\(place.host)]" : place.host):\(place.port)"
    }

    private static func place(_ text: Substring, defaultPort: UInt16) -> (host: String, port: UInt16)? {
        let isBracketed = text.hasPrefix("[")
        let end = text.firstIndex(of: isBracketed ? "]" : ":") ?? text.endIndex
        var host = text[..<end].lowercased()
        var tail = text[end...]
        if isBracketed {
            guard tail.hasPrefix("]"), ReferenceAddress.parse(String(host.dropFirst()))?.count == 16 else { return nil }
            host = String(host.dropFirst())
            tail = tail.dropFirst()
        } else {
            let isName = host.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-._".utf8.contains($0) }
            guard isName, (1...253).contains(host.utf8.count) else { return nil }
        }
        if tail.isEmpty { return (host, defaultPort) }
        let digits = tail.dropFirst()
        guard tail.hasPrefix(":"), ReferenceAddress.isDecimal(digits), digits.utf8.count <= 5, let port = UInt16(digits), port > 0 else { return nil }
        return (host, port)
    }

    /// Nil when a `%` has no two digits behind it.
    private static func decoded(_ text: Substring) -> [UInt8]? {
        let pieces = text.split(separator: "%", omittingEmptySubsequences: false)
        var bytes = Array(pieces[0].utf8)
        for piece in pieces.dropFirst() {
            let digits = piece.prefix(2).compactMap(\.hexDigitValue)
            guard digits.count == 2 else { return nil }
            bytes += [UInt8(digits[0] * 16 + digits[1])] + Array(piece.dropFirst(2).utf8)
        }
        return bytes
    }

    private static func encoded(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return bytes.map { "%\(digits[Int($0 / 16)])\(digits[Int($0 % 16)])" }.joined()
    }
}
