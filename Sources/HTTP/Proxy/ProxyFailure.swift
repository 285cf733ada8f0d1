import Reactor

/// Why an outbound proxy made no tunnel. The provider received nothing. Holds no address and no credentials.
public enum ProxyFailure: Error, Equatable, Sendable {
    /// No connection to the proxy came about.
    case connect(ConnectFailure)
    /// The proxy ended the connection before its reply was whole.
    case closed
    /// 407: it wants credentials, or other ones.
    case authenticationRequired
    /// Any other status that is not 2xx.
    case refused(status: UInt16)
    /// The reply to CONNECT is not HTTP.
    case malformed(HTTPRefusal)
    /// It takes none of the authentication methods offered (RFC 1928 section 3).
    case noAcceptableMethod
    /// It refused user name and password (RFC 1929 section 2).
    case credentialsRefused
    case socksRefused(SOCKS5Refusal)
    /// A reply is not SOCKS 5.
    case malformedSOCKS
    /// The origin's host cannot be said in the proxy's protocol.
    case unusableDestination

    /// The status of an HTTP proxy's refusal.
    public var status: UInt16? {
        switch self {
        case .authenticationRequired: 407
        case .refused(let status): status
        default: nil
        }
    }
}

extension ProxyFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .connect(let failure): "proxy: \(failure)"
        case .closed: "proxy: closed before its reply was whole"
        case .authenticationRequired: "proxy: 407, credentials required"
        case .refused(let status): "proxy: refused with status \(status)"
        case .malformed(let reason): "proxy: \(reason.message)"
        case .noAcceptableMethod: "proxy: no acceptable authentication method"
        case .credentialsRefused: "proxy: user name or password refused"
        case .socksRefused(let refusal): "proxy: \(refusal)"
        case .malformedSOCKS: "proxy: the reply is not SOCKS 5"
        case .unusableDestination: "proxy: the provider's host cannot be asked for"
        }
    }
}

/// A reply code of SOCKS 5 other than success (RFC 1928 section 6).
public enum SOCKS5Refusal: Equatable, Sendable {
    case generalFailure
    case notAllowed
    case networkUnreachable
    case hostUnreachable
    case connectionRefused
    case timeToLiveExpired
    case commandNotSupported
    case addressTypeNotSupported
    case unassigned(UInt8)

    init(code: UInt8) {
        switch code {
        case 1: self = .generalFailure
        case 2: self = .notAllowed
        case 3: self = .networkUnreachable
        case 4: self = .hostUnreachable
        case 5: self = .connectionRefused
        case 6: self = .timeToLiveExpired
        case 7: self = .commandNotSupported
        case 8: self = .addressTypeNotSupported
        default: self = .unassigned(code)
        }
    }

    /// True when another address of the same origin may fare better.
    var concernsAddress: Bool {
        switch self {
        case .networkUnreachable, .hostUnreachable, .connectionRefused, .timeToLiveExpired, .addressTypeNotSupported: true
        case .generalFailure, .notAllowed, .commandNotSupported, .unassigned: false
        }
    }
}

extension SOCKS5Refusal: CustomStringConvertible {
    public var description: String {
        switch self {
        case .generalFailure: "general failure"
        case .notAllowed: "not allowed by its rules"
        case .networkUnreachable: "network unreachable"
        case .hostUnreachable: "host unreachable"
        case .connectionRefused: "connection refused"
        case .timeToLiveExpired: "time to live expired"
        case .commandNotSupported: "command not supported"
        case .addressTypeNotSupported: "address type not supported"
        case .unassigned(let code): "unassigned reply \(code)"
        }
    }
}
