import Reactor

/// CONNECT to an HTTP proxy (RFC 9110 section 9.3.6, RFC 9112 section 3.2.3).
package struct ConnectTunnelMachine: TunnelMachine, ~Copyable {
    private enum State: Equatable {
        case idle
        case reply
        case ended
    }

    private let authority: String
    private let credentials: ProxyCredentials?
    private var parser: HTTP1HeadParser
    private let head = MessageHead()
    private var state: State = .idle
    private var interimReplies = 0

    /// - Parameters:
    ///   - host: the origin's, a name or an IP address without brackets.
    ///   - port: the origin's, written even where it is the scheme's own.
    package init(host: String, port: UInt16, credentials: ProxyCredentials?) {
        authority = "\(host.contains(":") ? "[\(host)]" : host):\(port)"
        self.credentials = credentials
        var limits = HTTP1Limits()
        limits.headBytesMax = ProxyLimits.replyHeadBytesMax
        parser = HTTP1HeadParser(limits: limits)
    }

    package mutating func start() -> TunnelAction {
        precondition(state == .idle, "a tunnel starts once")
        var text = authority
        let request = text.withUTF8 { bytes -> [UInt8]? in
            let authority = UnsafeRawBufferPointer(bytes)
            guard RequestHost.isAuthority(authority, portRequired: true) else { return nil }
            return makeRequest(authority)
        }
        guard let request else { return fail(.unusableDestination) }
        state = .reply
        return .send(request)
    }

    private func makeRequest(_ authority: UnsafeRawBufferPointer) -> [UInt8] {
        var sink = ByteSink()
        HeadWriter.requestLine(.connect, target: authority, to: &sink)
        HeadWriter.field(.host, authority, to: &sink)
        if let credentials {
            // RFC 7617 section 2.
            let token = Array("Basic ".utf8) + Base64.encoded(credentials.user + [ByteClass.colon] + credentials.password)
            token.withUnsafeBytes { HeadWriter.field(.proxyAuthorization, $0, to: &sink) }
        }
        HeadWriter.end(to: &sink)
        return sink.bytes
    }

    package mutating func receive(_ bytes: UnsafeRawBufferPointer) -> TunnelProgress {
        precondition(state == .reply, "a reply is read after start, until there is one")
        var consumed = 0
        while true {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[consumed...])
            switch parser.parse(rest, into: head, as: .response) {
            case .needMore: return TunnelProgress(consumed: consumed, action: .receive)
            case .head(let count): consumed += count
            case .refused(let reason): return TunnelProgress(consumed: consumed, action: fail(.malformed(reason)))
            case .http2Preface: preconditionFailure("a response has no preface")
            }
            if let action = judge(head.status) { return TunnelProgress(consumed: consumed, action: action) }
        }
    }

    /// Nil for an interim reply. Content-Length and Transfer-Encoding of a 2xx mean nothing: what follows its head is the tunnel.
    private mutating func judge(_ status: UInt16) -> TunnelAction? {
        switch status {
        case 101: return fail(.malformed(.upgradeNotRequested))
        case 100...199:
            interimReplies += 1
            return interimReplies > ProxyLimits.interimRepliesMax ? fail(.malformed(.tooManyInterimResponses)) : nil
        case 200...299:
            state = .ended
            return .established
        case 407: return fail(.authenticationRequired)
        default: return fail(.refused(status: status))
        }
    }

    private mutating func fail(_ failure: ProxyFailure) -> TunnelAction {
        state = .ended
        return .failed(failure)
    }
}

/// Bytes of a head that is sent once.
private struct ByteSink: MessageSink {
    var bytes: [UInt8] = []

    mutating func append(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }
}
