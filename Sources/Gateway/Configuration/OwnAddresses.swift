import Glibc

/// Whether an address leads back to this gateway. What does not show here (a name that resolves to this machine, a proxy that leads back)
/// shows at run time by `Via`.
struct OwnAddresses {
    static let fault = "is this gateway itself: its requests would go round and round"

    private let listen: [ListenAddress]
    private let ports: Set<UInt16>
    /// Addresses of this machine, which a wildcard listens on.
    private let interfaces: Set<String>

    /// - Parameters:
    ///   - ports: those in force; nil: those of the configuration.
    ///   - interfaces: addresses of this machine's interfaces.
    init(_ server: ServerConfiguration, ports: [UInt16]? = nil, interfaces: Set<String> = []) {
        listen = server.listen
        let configured = [server.isPlain ? server.port : 0, server.tls?.port ?? 0]
        self.ports = Set((ports ?? configured).filter { $0 != 0 })
        self.interfaces = interfaces
    }

    func contains(_ url: BaseURL) -> Bool {
        guard ports.contains(url.port) else { return false }
        return listen.contains { address in
            switch address {
            case .ipv4(let literal): reaches(url.host, literal, wildcard: "0.0.0.0")
            case .ipv6(let literal): reaches(url.host, literal, wildcard: "::")
            case .unix: false
            }
        }
    }

    /// Whether a connection to `host` arrives at a listener on `literal`. A connection to the wildcard goes to loopback.
    private func reaches(_ host: String, _ literal: String, wildcard: String) -> Bool {
        if host == literal { return true }
        let isLoopback = host == "localhost" || host == "0.0.0.0" || host == "::" || IPAddress(host)?.isLoopback == true
        if literal == wildcard { return isLoopback || interfaces.contains(host) }
        // 127.0.0.2 is another address than 127.0.0.1; a name or a wildcard is any of them.
        guard IPAddress(literal)?.isLoopback == true else { return false }
        return host == "localhost" || host == "0.0.0.0" || host == "::"
    }

    /// The addresses of this machine's interfaces, and its name.
    static func ofThisMachine() -> Set<String> {
        var found: Set<String> = []
        var name = [CChar](repeating: 0, count: 256)
        if gethostname(&name, name.count - 1) == 0 {
            found.insert(String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).lowercased())
        }
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return found }
        defer { freeifaddrs(list) }
        var next = list
        while let entry = next {
            next = entry.pointee.ifa_next
            guard let address = entry.pointee.ifa_addr else { continue }
            let family = Int32(address.pointee.sa_family)
            let size = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
            guard family == AF_INET || family == AF_INET6 else { continue }
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            guard getnameinfo(address, socklen_t(size), &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else { continue }
            let literal = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            found.insert(String(literal.prefix { $0 != "%" }))
        }
        return found
    }
}
