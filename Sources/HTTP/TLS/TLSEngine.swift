import COpenSSL
import Glibc

/// What a `TLSEngine.read` brought.
public enum TLSReadOutcome: Sendable, Equatable {
    /// So many bytes of plaintext were written to the buffer; there may be more.
    case bytes(Int)
    /// Everything received is read: receive more. Nothing is kept back.
    case wantMore
    /// The peer said `close_notify`: its data is whole.
    case closed
}

/// TLS for one connection, without the connection: ciphertext and plaintext in, plaintext and ciphertext out.
///
/// It belongs to one loop and is not `Sendable`. The driver:
/// 1. calls `startHandshake`;
/// 2. hands over what the socket brought with `receive`, best in slices of `TLSLimits.receiveSliceBytes`, and the socket's end with
///    `receiveEnd`; after each, `read`s until `wantMore` or `closed`;
/// 3. sends what `withPendingOutput` lends, after every call that may have made some (handshake, `read` too: key updates);
/// 4. says `shutdown` at the end of its data, and sends once more.
///
/// The first failure is final: it is thrown again by every later call. An alert for the peer may wait in the pending output.
/// Calls that OpenSSL makes back while one of ours runs never leave this module.
public final class TLSEngine {
    public enum Phase: Sendable, Equatable {
        case idle
        case handshaking
        /// Data may flow. The peer's certificate is verified.
        case established
        case failed
    }

    public private(set) var phase = Phase.idle
    /// Why `phase` is `failed`.
    public private(set) var failure: TLSFailure?
    /// True when this handshake took up an earlier session: no certificate was sent, one round of public-key work was saved.
    public var wasResumed: Bool { phase == .established && SSL_session_reused(ssl) == 1 }
    /// Ciphertext received and not yet decrypted.
    public var undecryptedBytes: Int { inbound.count }
    /// Ciphertext to send.
    public var pendingOutputBytes: Int { outbound.count }
    /// Heap held by the two ciphertext buffers.
    public var bufferCapacityBytes: Int { inbound.capacity + outbound.capacity }

    /// Only this file and the tests touch it.
    let ssl: OpaquePointer
    private let inbound: MemoryBIO
    private let outbound: MemoryBIO
    private let client: (context: TLSClientContext, origin: String)?
    private let server: TLSServerContext?
    private var transportEnded = false
    private var closeSent = false

    /// The client's side of a connection to `host` (a name, or an IP address without brackets), whose certificate must be for it.
    /// Sessions are remembered by host and port.
    public init(client context: TLSClientContext, host: String, port: UInt16) throws(TLSFailure) {
        (ssl, inbound, outbound) = try Self.assemble(try context.makeSSL())
        client = (context, "\(host):\(port)")
        server = nil
        // From here on deinit frees what was made.
        try expect(host)
        SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque())
        SSL_set_connect_state(ssl)
    }

    /// The server's side of a connection.
    public init(server context: TLSServerContext) throws(TLSFailure) {
        (ssl, inbound, outbound) = try Self.assemble(try context.makeSSL())
        client = nil
        server = context
        SSL_set_accept_state(ssl)
    }

    deinit {
        if phase == .established {
            // A connection that is dropped without close_notify would make OpenSSL void its session, tickets in the cache included.
            SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN)
        }
        SSL_free(ssl)
    }

    /// The protocol that ALPN settled on (`http/1.1`), or nil when the peer does not know ALPN.
    public var negotiatedProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var count: CUnsignedInt = 0
        SSL_get0_alpn_selected(ssl, &name, &count)
        guard let name, count > 0 else { return nil }
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    /// `TLSv1.3`, `TLSv1.2`: for logs.
    public var protocolVersion: String { String(cString: SSL_get_version(ssl)) }

    /// Begins; a client's first message is in the pending output then. Once.
    public func startHandshake() throws(TLSFailure) {
        precondition(phase == .idle, "a handshake starts once")
        if let client { _ = client.context.resumeSession(of: client.origin, on: ssl) }
        phase = .handshaking
        try advanceHandshake()
    }

    /// Takes ciphertext from the transport, copied before it returns. Drives the handshake while there is one, which is where the CPU goes.
    public func receive(_ ciphertext: UnsafeRawBufferPointer) throws(TLSFailure) {
        try rethrow()
        guard inbound.count + ciphertext.count <= TLSLimits.undecryptedBytesMax else {
            throw fail(.unavailable("too much undecrypted data"))
        }
        guard inbound.append(ciphertext) else { throw fail(.unavailable("out of memory")) }
        if phase == .handshaking { try advanceHandshake() }
    }

    /// The transport brings no more. What was received can still be read; then comes `closed`, or the failure `truncated`.
    public func receiveEnd() throws(TLSFailure) {
        try rethrow()
        transportEnded = true
        if phase != .established { throw fail(.truncated) }
    }

    /// Decrypts into `buffer`, which must not be empty: at most one record (16 KiB) a call.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(TLSFailure) -> TLSReadOutcome {
        precondition(!buffer.isEmpty, "reading into nothing")
        try rethrow()
        guard phase == .established else { return .wantMore }
        OpenSSLErrors.clear()
        let count = SSL_read(ssl, buffer.baseAddress, CInt(clamping: buffer.count))
        guard pendingOutputBytes <= TLSLimits.pendingOutputBytesHardMax else {
            throw fail(.protocolViolation("the peer asks for more than it reads"))
        }
        if count > 0 { return .bytes(Int(count)) }
        switch SSL_get_error(ssl, count) {
        case SSL_ERROR_ZERO_RETURN:
            inbound.trim(above: TLSLimits.bufferBytesKeptIdle)
            return .closed
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
            if transportEnded { throw fail(.truncated) }
            inbound.trim(above: TLSLimits.bufferBytesKept)
            return .wantMore
        default:
            throw fail(diagnose())
        }
    }

    /// Encrypts as much as the pending output may hold (`TLSLimits.pendingOutputBytesMax`) and returns how many bytes that was: less
    /// than given, 0 even, when output waits, before the handshake is done and after `shutdown`. Each call ends a record: gather first.
    public func write(_ plaintext: UnsafeRawBufferPointer) throws(TLSFailure) -> Int {
        try rethrow()
        guard phase == .established, !closeSent else { return 0 }
        var written = 0
        while written < plaintext.count, pendingOutputBytes < TLSLimits.pendingOutputBytesMax {
            let slice = UnsafeRawBufferPointer(rebasing: plaintext[written...].prefix(TLSLimits.recordBytesMax))
            OpenSSLErrors.clear()
            let count = SSL_write(ssl, slice.baseAddress, CInt(slice.count))
            guard count > 0 else {
                let error = SSL_get_error(ssl, count)
                if error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE { break }
                throw fail(diagnose())
            }
            written += Int(count)
        }
        return written
    }

    /// Lends the ciphertext to send and drops as much of it as `send` says it took. Not called when there is none. `send` must not
    /// call this engine; the bytes are valid inside it only. Works after a failure too: an alert may wait.
    /// - Returns: what `send` returned, 0 when there was nothing.
    @discardableResult
    public func withPendingOutput(_ send: (UnsafeRawBufferPointer) -> Int) -> Int {
        let count = outbound.withBytes(send)
        if count > 0 { outbound.trim(above: TLSLimits.bufferBytesKept) }
        return count
    }

    /// Says `close_notify`: no more plaintext is written. Reading goes on (RFC 8446 section 6.1). Does nothing before the handshake is
    /// done, after a failure, and the second time.
    public func shutdown() {
        guard phase == .established, !closeSent else { return }
        closeSent = true
        OpenSSLErrors.clear()
        SSL_shutdown(ssl)
        OpenSSLErrors.clear()
    }

    /// Frees the empty buffers of a connection that goes quiet: pooled, or waiting for a slow answer.
    public func releaseIdleMemory() {
        inbound.trim(above: TLSLimits.bufferBytesKeptIdle)
        outbound.trim(above: TLSLimits.bufferBytesKeptIdle)
    }

    // MARK: - Called by the client context, from inside OpenSSL

    static func of(_ ssl: OpaquePointer?) -> TLSEngine? {
        SSL_get_ex_data(ssl, 0).map { Unmanaged<TLSEngine>.fromOpaque($0).takeUnretainedValue() }
    }

    /// A session came (TLS 1.3: after the handshake, in a ticket). True takes over the reference.
    func keep(_ session: OpaquePointer) -> Bool {
        guard let client, SSL_SESSION_is_resumable(session) == 1 else { return false }
        client.context.storeSession(session, for: client.origin)
        return true
    }

    // MARK: - The handshake

    private func advanceHandshake() throws(TLSFailure) {
        OpenSSLErrors.clear()
        let result = SSL_do_handshake(ssl)
        if result == 1 {
            phase = .established
            inbound.trim(above: TLSLimits.bufferBytesKeptIdle)
            return
        }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: inbound.trim(above: TLSLimits.bufferBytesKept)
        default: throw fail(diagnose())
        }
    }

    /// Makes the certificate's name a condition, and names the host in the handshake (SNI, RFC 6066 section 3: never an address).
    private func expect(_ host: String) throws(TLSFailure) {
        let name = host.hasSuffix(".") ? String(host.dropLast()) : host
        // Visible ASCII: a NUL would cut the name that is checked.
        guard (1...TLSLimits.hostNameBytesMax).contains(name.utf8.count), name.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .configuration("not a host name") }
        var address = in6_addr()
        let addressBytes =
            inet_pton(AF_INET, name, &address) == 1 ? 4 : inet_pton(AF_INET6, name, &address) == 1 ? 16 : 0
        let parameters = SSL_get0_param(ssl)
        let isSet: Bool
        if addressBytes > 0 {
            isSet = withUnsafeBytes(of: &address) {
                X509_VERIFY_PARAM_set1_ip(parameters, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), addressBytes) == 1
            }
        } else {
            SSL_set_hostflags(ssl, CUnsignedInt(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
            isSet = SSL_set1_host(ssl, name) == 1 && ekai_ssl_set_host_name(ssl, name) == 1
        }
        guard isSet else { throw .configuration("not a host name: \(OpenSSLErrors.drain(or: "refused"))") }
    }

    /// A connection object with its two memory BIOs, which it owns. Frees `ssl` when it throws.
    private static func assemble(_ ssl: OpaquePointer) throws(TLSFailure) -> (OpaquePointer, MemoryBIO, MemoryBIO) {
        guard let inbound = MemoryBIO() else {
            SSL_free(ssl)
            throw .unavailable("out of memory")
        }
        guard let outbound = MemoryBIO() else {
            BIO_free(inbound.pointer)
            SSL_free(ssl)
            throw .unavailable("out of memory")
        }
        SSL_set_bio(ssl, inbound.pointer, outbound.pointer)
        return (ssl, inbound, outbound)
    }

    // MARK: - Failure

    private func rethrow() throws(TLSFailure) {
        if let failure { throw failure }
    }

    private func fail(_ failure: TLSFailure) -> TLSFailure {
        if phase == .handshaking, let client { client.context.forgetSession(of: client.origin) }
        phase = .failed
        self.failure = failure
        return failure
    }

    /// Names the failure that OpenSSL has just reported, and empties its queue.
    private func diagnose() -> TLSFailure {
        let code = ERR_peek_error()
        let reason = ERR_GET_REASON(code)
        let isFromTLS = ERR_GET_LIB(code) == ERR_LIB_SSL
        let text = OpenSSLErrors.drain(or: "the connection broke")
        if isFromTLS, reason == SSL_R_CERTIFICATE_VERIFY_FAILED {
            return .certificate(CertificateFault(verifyResult: SSL_get_verify_result(ssl)))
        }
        if isFromTLS, reason == SSL_R_HTTP_REQUEST { return .plainHTTP }
        // SSL_AD_REASON_OFFSET: alerts from the peer are reasons from 1000 on.
        if isFromTLS, let alert = UInt8(exactly: reason - 1000) { return .alert(alert) }
        return .protocolViolation(text)
    }
}
