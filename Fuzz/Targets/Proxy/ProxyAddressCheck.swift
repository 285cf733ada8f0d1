import HTTP

/// A proxy's address as an operator writes it: refused without a word of it, or taken for exactly what it says.
enum ProxyAddressCheck {
    static func parse(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        let setting = Result { () throws(ProxyAddressFault) in try ProxySetting(parsing: text) }
        let isNone = ["none", "direct"].contains(text.lowercased())
        switch parsed(text) {
        case .failure(let fault):
            let told = Array(fault.description.utf8)
            let isQuoted = told.indices.contains { told[$0...].starts(with: text.utf8) }
            try require(text.utf8.count < 32 || !isQuoted, "a message quotes the address")
            try requireEqual(setting, isNone ? .success(.direct) : .failure(fault), "as a setting it is another thing")
        case .success(let server):
            try requireEqual(setting, isNone ? .success(.direct) : .success(.server(server)), "as a setting it is another thing")
            try check(server, text)
        }
    }

    private static func parsed(_ text: String) -> Result<ProxyServer, ProxyAddressFault> {
        Result { () throws(ProxyAddressFault) in try ProxyServer(parsing: text) }
    }

    private static func check(_ server: ProxyServer, _ text: String) throws(FuzzViolation) {
        try require(text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "a byte that no address has")
        try require(server.port > 0 && !server.host.isEmpty, "an address that is none: \(server)")
        try require(!server.host.contains(where: { $0.isUppercase || "@/?#[]%".contains($0) }), "an impossible host: \(server)")
        let isLiteral = server.host.contains(":")
        try require(!isLiteral || ReferenceAddress.parse(server.host)?.count == 16, "an impossible address: \(server)")

        let parts = Parts(text)
        try requireEqual(server.scheme.rawValue, parts.scheme, "another scheme")
        let expected = parts.credentials.flatMap { ProxyCredentials(user: $0.user, password: $0.password, for: server.scheme) }
        try requireEqual(server.credentials, expected, "other credentials")
        try require((expected == nil) == (parts.credentials == nil), "credentials that its protocol cannot carry are taken")

        // Written anew, once without credentials and once with every byte of them encoded.
        let bare = ProxyServer(scheme: server.scheme, host: server.host, port: server.port)
        try requireEqual(parsed("\(server)"), .success(bare), "as it prints, it is another server")
        if let credentials = parts.credentials {
            let userInfo = "\(encoded(credentials.user)):\(encoded(credentials.password))@"
            let again = "\(server)".replacing("://", with: "://\(userInfo)", maxReplacements: 1)
            if again.utf8.count <= ProxyLimits.addressBytesMax {
                try requireEqual(parsed(again), .success(server), "written anew it is another server")
            }
            try requireNothingSaid(server)
        }
    }

    /// However a server is printed, its credentials make no difference.
    private static func requireNothingSaid(_ server: ProxyServer) throws(FuzzViolation) {
        let other = ProxyServer(
            scheme: server.scheme, host: server.host, port: server.port,
            credentials: ProxyCredentials(user: [0x75], password: [0x70], for: server.scheme))
        var (told, toldOfOther) = ("", "")
        dump(server, to: &told)
        dump(other, to: &toldOfOther)
        try require(told == toldOfOther && "\(server)" == "\(other)", "a server tells its credentials")
        try require(String(reflecting: server) == String(reflecting: other), "a server tells its credentials to a debugger")
    }

    private static func encoded(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return bytes.map { "%\(digits[Int($0 / 16)])\(digits[Int($0 % 16)])" }.joined()
    }

    /// The parts of an address that was taken, by the first and last of each delimiter.
    private struct Parts {
        var scheme = "http"
        var credentials: (user: [UInt8], password: [UInt8])?

        init(_ text: String) {
            var rest = text[...]
            if let mark = text.firstRange(of: "://") {
                scheme = text[..<mark.lowerBound].lowercased()
                rest = text[mark.upperBound...]
            }
            guard let at = rest.lastIndex(of: "@") else { return }
            let words = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            credentials = (Self.decoded(words[0]), words.count > 1 ? Self.decoded(words[1]) : [])
        }

        private static func decoded(_ text: Substring) -> [UInt8] {
            let pieces = text.split(separator: "%", omittingEmptySubsequences: false)
            return pieces.dropFirst().reduce(into: Array(pieces[0].utf8)) { bytes, piece in
                bytes += [UInt8(piece.prefix(2), radix: 16) ?? 0] + Array(piece.dropFirst(2).utf8)
            }
        }
    }
}
