/// CONNECT to a SOCKS 5 proxy (RFC 1928), with user name and password where there are any (RFC 1929).
package struct SOCKS5Machine: TunnelMachine {
    /// What the proxy connects to.
    package enum Destination: Equatable, Sendable {
        /// The proxy looks it up.
        case name(String)
        /// Four or sixteen bytes.
        case address([UInt8])
    }

    private enum State: Equatable {
        case idle
        case method
        case authentication
        case reply
        case ended
    }

    private static let version: UInt8 = 5
    private static let authenticationVersion: UInt8 = 1
    private static let noAuthentication: UInt8 = 0
    private static let userAndPassword: UInt8 = 2
    private static let noneAcceptable: UInt8 = 0xFF
    private static let commandConnect: UInt8 = 1
    private static let typeIPv4: UInt8 = 1
    private static let typeName: UInt8 = 3
    private static let typeIPv6: UInt8 = 4

    private let destination: Destination
    private let port: UInt16
    private let credentials: ProxyCredentials?
    private var state: State = .idle

    package init(_ destination: Destination, port: UInt16, credentials: ProxyCredentials?) {
        self.destination = destination
        self.port = port
        self.credentials = credentials
    }

    /// Offers the methods that we can do: user name and password only when we have them.
    package mutating func start() -> TunnelAction {
        precondition(state == .idle, "a tunnel starts once")
        guard request != nil else { return fail(.unusableDestination) }
        state = .method
        return .send(
            credentials == nil
                ? [Self.version, 1, Self.noAuthentication]
                : [Self.version, 2, Self.noAuthentication, Self.userAndPassword])
    }

    package mutating func receive(_ bytes: UnsafeRawBufferPointer) -> TunnelProgress {
        switch state {
        case .method: receiveMethod(bytes)
        case .authentication: receiveAuthentication(bytes)
        case .reply: receiveReply(bytes)
        case .idle, .ended: preconditionFailure("a reply is read after start, until there is one")
        }
    }

    private mutating func receiveMethod(_ bytes: UnsafeRawBufferPointer) -> TunnelProgress {
        guard let first = bytes.first else { return .more }
        guard first == Self.version else { return failed(.malformedSOCKS) }
        guard bytes.count >= 2 else { return .more }
        switch bytes[1] {
        case Self.noAuthentication: return sendRequest()
        case Self.userAndPassword:
            guard let credentials else { return failed(.malformedSOCKS) }
            state = .authentication
            let user = credentials.user
            let password = credentials.password
            return TunnelProgress(
                consumed: 2,
                action: .send(
                    [Self.authenticationVersion, UInt8(user.count)] + user + [UInt8(password.count)] + password))
        case Self.noneAcceptable: return failed(.noAcceptableMethod)
        default: return failed(.malformedSOCKS)
        }
    }

    private mutating func receiveAuthentication(_ bytes: UnsafeRawBufferPointer) -> TunnelProgress {
        guard let first = bytes.first else { return .more }
        guard first == Self.authenticationVersion else { return failed(.malformedSOCKS) }
        guard bytes.count >= 2 else { return .more }
        return bytes[1] == 0 ? sendRequest() : failed(.credentialsRefused)
    }

    private mutating func sendRequest() -> TunnelProgress {
        guard let request else { return failed(.unusableDestination) }
        state = .reply
        return TunnelProgress(consumed: 2, action: .send(request))
    }

    /// Nil when the destination cannot be said.
    private var request: [UInt8]? {
        var bytes = [Self.version, Self.commandConnect, 0]
        switch destination {
        case .name(let name):
            guard (1...ProxyLimits.socksTextBytesMax).contains(name.utf8.count) else { return nil }
            bytes += [Self.typeName, UInt8(name.utf8.count)] + Array(name.utf8)
        case .address(let address):
            guard address.count == 4 || address.count == 16 else { return nil }
            bytes += [address.count == 4 ? Self.typeIPv4 : Self.typeIPv6] + address
        }
        return bytes + [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)]
    }

    /// Version, reply, a reserved byte, and the address that the proxy connects from, which nobody needs but whose length must be known. A
    /// refusal counts with its second byte: some proxies close right behind it.
    private mutating func receiveReply(_ bytes: UnsafeRawBufferPointer) -> TunnelProgress {
        guard let first = bytes.first else { return .more }
        guard first == Self.version else { return failed(.malformedSOCKS) }
        guard bytes.count >= 2 else { return .more }
        if bytes[1] != 0 { return failed(.socksRefused(SOCKS5Refusal(code: bytes[1]))) }
        guard bytes.count >= 4 else { return .more }
        let addressEnd: Int
        switch bytes[3] {
        case Self.typeIPv4: addressEnd = 4 + 4
        case Self.typeIPv6: addressEnd = 4 + 16
        case Self.typeName:
            guard bytes.count >= 5 else { return .more }
            addressEnd = 5 + Int(bytes[4])
        default: return failed(.malformedSOCKS)
        }
        guard bytes.count >= addressEnd + 2 else { return .more }
        state = .ended
        return TunnelProgress(consumed: addressEnd + 2, action: .established)
    }

    private mutating func fail(_ failure: ProxyFailure) -> TunnelAction {
        state = .ended
        return .failed(failure)
    }

    private mutating func failed(_ failure: ProxyFailure) -> TunnelProgress {
        TunnelProgress(consumed: 0, action: fail(failure))
    }
}

extension TunnelProgress {
    /// Nothing is whole yet: every byte is kept.
    fileprivate static let more = TunnelProgress(consumed: 0, action: .receive)
}
