import Gateway

/// `Host` and `Origin` as anybody may send them: none passes for the gateway's own or for an allowed one that is not, byte for byte, such.
enum BrowserCheck {
    private static let setups: [ReferenceBrowsers] = [
        ReferenceBrowsers(hasKeys: false),
        ReferenceBrowsers(hasKeys: false, hosts: ["gw.example"], origins: ["*"]),
        ReferenceBrowsers(hasKeys: true, hosts: ["gw.example", "[fd00::1]"], origins: ["https://app.example.com", "http://localhost:5173"]),
        ReferenceBrowsers(hasKeys: true, origins: ["*"]),
    ]

    private static let hosts = [nil, "", "gw.example", "gw.example:8080", "127.0.0.1:8080", "[::1]", "LOCALHOST:80", "other.example"]

    static func host(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        for setup in setups {
            let guarding = BrowserGuard(setup.configuration)
            for (rule, addresses) in [(BrowserGuard.HostRule.loopback, false), (.addresses, true)] {
                let isKnown = bytes.isEmpty || ReferencePlace(bytes.array).map { setup.isOwn($0, addresses: addresses) } ?? false
                try require(guarding.knows(bytes, rule) == isKnown, "the host \(bytes.array.shown) must \(isKnown ? "" : "not ")be known")
            }
            try require(guarding.knows(bytes, .any) && guarding.knows(nil, .loopback), "a host is refused where none counts")
        }
    }

    static func origin(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        for setup in setups {
            let guarding = BrowserGuard(setup.configuration)
            for host in hosts {
                let authority = host.map { Array($0.utf8) }
                let found =
                    authority?.withUnsafeBytes { guarding.origin(bytes, calling: $0) } ?? guarding.origin(bytes, calling: nil)
                try requireEqual(found, setup.origin(bytes.array, authority), "a page of \(bytes.array.shown) at \(host ?? "no host")")
                let isListed = setup.origins.contains(bytes.array.lowercasedText) || setup.origins == ["*"] && setup.hasKeys
                try require(found != .allowed || isListed, "an unknown origin is allowed")
                try require(found != .local || !setup.hasKeys, "a local page is let in although there are keys")
            }
        }
    }
}

/// What the access rules of docs/decisions/0017 say about names and pages.
struct ReferenceBrowsers {
    var hasKeys: Bool
    var hosts: [String] = []
    var origins: [String] = []

    var configuration: AccessConfiguration {
        var configuration = AccessConfiguration()
        if hasKeys { configuration.adminKey = Secret("0123456789abcdef") }
        configuration.hosts = hosts
        configuration.corsOrigins = origins
        return configuration
    }

    func isOwn(_ place: ReferencePlace, addresses: Bool) -> Bool {
        let isLoopback = place.host == "localhost" || place.host == "[::1]" || (place.host.hasPrefix("127.") && place.isNumeric)
        let isAddress = place.host.hasPrefix("[") || ReferenceAddress.parse(place.withoutLeadingZeros) != nil
        return isLoopback || hosts.contains(place.host) || (addresses && isAddress)
    }

    func origin(_ origin: [UInt8], _ authority: [UInt8]?) -> BrowserGuard.Origin {
        let text = origin.lowercasedText
        let scheme = ["http://", "https://"].first { text.hasPrefix($0) }
        let page = scheme.flatMap { ReferencePlace(Array(origin.dropFirst($0.utf8.count))) }.flatMap { $0.host.isEmpty ? nil : $0 }
        let port = scheme == "https://" ? 443 : 80
        if let page, let own = authority.flatMap({ ReferencePlace($0) }), page.host == own.host,
            (page.port ?? port) == (own.port ?? port), isOwn(own, addresses: true)
        {
            return .own
        }
        if text != "*", origins.contains(text) { return .allowed }
        if hasKeys, origins.contains("*"), origin.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) { return .allowed }
        guard !hasKeys, let page else { return .foreign }
        return ReferenceBrowsers(hasKeys: false).isOwn(page, addresses: false) ? .local : .foreign
    }
}

/// A host in lower case and a port.
struct ReferencePlace {
    var host: String
    var port: Int?

    init?(_ bytes: [UInt8]) {
        let isBracketed = bytes.first == UInt8(ascii: "[")
        let mark = bytes.firstIndex(of: isBracketed ? UInt8(ascii: "]") : UInt8(ascii: ":"))
        if isBracketed, mark == nil { return nil }
        let end = mark.map { isBracketed ? $0 + 1 : $0 } ?? bytes.count
        host = Array(bytes[..<end]).lowercasedText
        let tail = bytes[end...]
        if tail.isEmpty { return }
        let digits = String(decoding: tail.dropFirst(), as: UTF8.self)
        guard tail.first == UInt8(ascii: ":"), digits.utf8.count <= 5 else { return nil }
        if digits.isEmpty { return }
        guard ReferenceAddress.isDecimal(digits), let number = UInt16(digits) else { return nil }
        port = Int(number)
    }

    /// Digits and dots: no top-level domain is a number.
    var isNumeric: Bool { host.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") } }

    /// `Host` may write a number with up to three digits.
    var withoutLeadingZeros: String {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ $0.utf8.count <= 3 && ReferenceAddress.isDecimal($0) }) else { return "" }
        return parts.map { "\(Int($0) ?? 0)" }.joined(separator: ".")
    }
}

extension [UInt8] {
    /// ASCII letters in lower case; each other byte by itself, whatever it encodes.
    var lowercasedText: String {
        String(String.UnicodeScalarView(map { UnicodeScalar((0x41...0x5A).contains($0) ? $0 + 0x20 : $0) }))
    }
}
