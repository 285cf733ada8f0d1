import HTTP

/// RFC 1928 and RFC 1929 from a client's side, over everything that the proxy will ever send.
struct ReferenceSOCKS {
    private let hasCredentials: Bool
    private let greeting: [UInt8]
    private let request: [UInt8]
    /// Of the user `us` with the password `p`.
    private static let login: [UInt8] = [1, 2, 0x75, 0x73, 1, 0x70]

    init(_ destination: SOCKS5Machine.Destination, port: UInt16, hasCredentials: Bool) {
        self.hasCredentials = hasCredentials
        greeting = hasCredentials ? [5, 2, 0, 2] : [5, 1, 0]
        let place: [UInt8] =
            switch destination {
            case .name(let name): [3, UInt8(name.utf8.count)] + Array(name.utf8)
            case .address(let bytes): [bytes.count == 4 ? 1 : 4] + bytes
            }
        request = [5, 1, 0] + place + [UInt8(port / 256), UInt8(port % 256)]
    }

    func run(_ bytes: [UInt8]) -> TunnelRun {
        var run = TunnelRun(sent: [greeting], end: .receive, rest: bytes)
        guard let method = pair(&run, version: 5) else { return run }
        switch method {
        case 0: break
        case 2 where hasCredentials:
            take(&run, 2)
            run.sent.append(Self.login)
            guard let status = pair(&run, version: 1) else { return run }
            guard status == 0 else { return ended(run, .credentialsRefused) }
        case 255: return ended(run, .noAcceptableMethod)
        default: return ended(run, .malformedSOCKS)
        }
        take(&run, 2)
        run.sent.append(request)
        guard let reply = pair(&run, version: 5) else { return run }
        guard reply == 0 else { return ended(run, .socksRefused(Self.refusals[reply] ?? .unassigned(reply))) }
        guard run.rest.count > 3 else { return run }
        var length = 0
        switch run.rest[3] {
        case 1: length = 10
        case 4: length = 22
        case 3:
            guard run.rest.count > 4 else { return run }
            length = 7 + Int(run.rest[4])
        default: return ended(run, .malformedSOCKS)
        }
        guard run.rest.count >= length else { return run }
        take(&run, length)
        run.end = .established
        return run
    }

    /// The byte behind the version; nil when it has not come, or the version is another, which ends the run.
    private func pair(_ run: inout TunnelRun, version: UInt8) -> UInt8? {
        if let first = run.rest.first, first != version { run.end = .failed(.malformedSOCKS) }
        return run.end == .receive && run.rest.count > 1 ? run.rest[1] : nil
    }

    private func take(_ run: inout TunnelRun, _ count: Int) { run.rest = Array(run.rest.dropFirst(count)) }

    private func ended(_ run: TunnelRun, _ failure: ProxyFailure) -> TunnelRun {
        var run = run
        run.end = .failed(failure)
        return run
    }

    private static let refusals: [UInt8: SOCKS5Refusal] = [
        1: .generalFailure, 2: .notAllowed, 3: .networkUnreachable, 4: .hostUnreachable, 5: .connectionRefused, 6: .timeToLiveExpired,
        7: .commandNotSupported, 8: .addressTypeNotSupported,
    ]
}
