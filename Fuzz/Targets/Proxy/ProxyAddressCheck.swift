import HTTP

/// A proxy's address as an operator writes it: refused without a word of it, or taken for exactly what it says.
enum ProxyAddressCheck {
    static func parse(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        let setting = Result { () throws(ProxyAddressFault) in try ProxySetting(parsing: text) }
        let reference = ReferenceProxy(text)
        let isNone = ["none", "direct"].contains(text.lowercased())
        switch parsed(text) {
        case .failure(let fault):
            try require(reference == nil, "refused, although it is an address")
            let told = Array(fault.description.utf8)
            let isQuoted = told.indices.contains { told[$0...].starts(with: text.utf8) }
            try require(text.utf8.count < 32 || !isQuoted, "a message quotes the address")
            try requireEqual(setting, isNone ? .success(.direct) : .failure(fault), "as a setting it is another thing")
        case .success(let server):
            try requireEqual(server, reference?.server, "the two readings do not agree on the address")
            try requireEqual(setting, isNone ? .success(.direct) : .success(.server(server)), "as a setting it is another thing")
            try check(server)
            guard let again = reference?.rewritten, again.utf8.count <= ProxyLimits.addressBytesMax else { return }
            try requireEqual(parsed(again), .success(server), "written anew it is another server")
        }
    }

    private static func parsed(_ text: String) -> Result<ProxyServer, ProxyAddressFault> {
        Result { () throws(ProxyAddressFault) in try ProxyServer(parsing: text) }
    }

    private static func check(_ server: ProxyServer) throws(FuzzViolation) {
        let bare = ProxyServer(scheme: server.scheme, host: server.host, port: server.port)
        try requireEqual(parsed("\(server)"), .success(bare), "as it prints, it is another server")
        if server.credentials != nil { try requireNothingSaid(server) }
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
}
