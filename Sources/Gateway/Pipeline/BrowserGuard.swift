import HTTP

/// Keeps web pages of other origins away from a gateway that needs no key: a browser on the same machine would carry their requests
/// to loopback (cross-site requests, DNS rebinding).
enum BrowserGuard {
    enum Verdict: Equatable {
        case allowed
        /// `Host` names neither this machine nor an address: the page's own name was pointed here.
        case foreignHost
        /// The request comes from a page of another origin.
        case foreignOrigin
    }

    static func judge(_ request: MessageHead) -> Verdict {
        if let authority = request.authority, !authority.isEmpty, !isLocal(host(of: authority)) { return .foreignHost }
        guard let origin = request.value(of: .origin) else { return .allowed }
        for scheme: StaticString in ["http://", "https://"] where origin.starts(withIgnoringCase: scheme) {
            let authority = UnsafeRawBufferPointer(rebasing: origin[scheme.utf8CodeUnitCount...])
            if isLocal(host(of: authority)) { return .allowed }
        }
        return .foreignOrigin
    }

    /// The host without its port; an IPv6 literal keeps its brackets.
    private static func host(of authority: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        if authority.first == UInt8(ascii: "["), let end = authority.firstIndex(of: UInt8(ascii: "]")) {
            let isWhole = end + 1 == authority.count || authority[end + 1] == UInt8(ascii: ":")
            return isWhole ? UnsafeRawBufferPointer(rebasing: authority[...end]) : authority
        }
        guard let colon = authority.firstIndex(of: UInt8(ascii: ":")) else { return authority }
        return UnsafeRawBufferPointer(rebasing: authority[..<colon])
    }

    /// `localhost`, or a loopback address, which no foreign page can have for a name.
    private static func isLocal(_ host: UnsafeRawBufferPointer) -> Bool {
        if host.count == 9, host.starts(withIgnoringCase: "localhost") { return true }
        if host.equals("[::1]") { return true }
        guard host.starts(with: "127.") else { return false }
        return host.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
    }
}
