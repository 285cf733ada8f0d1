import COpenSSL
import Glibc

/// Why TLS failed; the text is what OpenSSL says.
struct ClientTLSFailure: Error, CustomStringConvertible {
    let description: String

    /// Takes OpenSSL's oldest error of this thread, and forgets the others.
    init(or fallback: String) {
        let code = ERR_get_error()
        ERR_clear_error()
        description = code == 0 ? fallback : ERR_reason_error_string(code).map { String(cString: $0) } ?? fallback
    }
}

/// What the load generator's TLS connections share. Not the gateway's `TLSClientContext`: that one has, on purpose, no way to trust
/// everybody. Sessions are not resumed: each connection is that of a new client.
final class ClientTLSContext: Sendable {
    enum Trust: Sendable, Equatable {
        /// What the system trusts.
        case system
        /// The authorities of a PEM file.
        case authorities(file: String)
        /// Anybody, for a server under test with a certificate of its own making.
        case everybody
    }

    // Written once in `init`; OpenSSL counts references itself.
    nonisolated(unsafe) private let context: OpaquePointer
    private let host: String
    private let isVerifying: Bool

    /// - Parameter host: the name or address, without brackets, that certificates must be for.
    init(_ trust: Trust, host: String) throws(ClientTLSFailure) {
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw ClientTLSFailure(or: "no TLS context") }
        self.context = context
        self.host = host
        isVerifying = trust != .everybody
        _ = ekai_ssl_ctx_set_min_proto_version(context, TLS1_2_VERSION)
        _ = ekai_ssl_ctx_set_mode(context, CLong(SSL_MODE_RELEASE_BUFFERS))
        _ = ekai_ssl_ctx_set_session_cache_mode(context, CLong(SSL_SESS_CACHE_OFF))
        let protocols = [UInt8(8)] + Array("http/1.1".utf8)
        SSL_CTX_set_alpn_protos(context, protocols, CUnsignedInt(protocols.count))
        SSL_CTX_set_verify(context, isVerifying ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nil)
        switch trust {
        case .everybody: break
        case .system:
            guard SSL_CTX_set_default_verify_paths(context) == 1 else { throw ClientTLSFailure(or: "no system authorities") }
        case .authorities(let file):
            guard SSL_CTX_load_verify_file(context, file) == 1 else {
                throw ClientTLSFailure(or: "no authorities in `\(file)`")
            }
        }
    }

    deinit { SSL_CTX_free(context) }

    /// A connection object that expects the host's certificate. Owned by the caller.
    fileprivate func makeSSL() throws(ClientTLSFailure) -> OpaquePointer {
        guard let ssl = SSL_new(context) else { throw ClientTLSFailure(or: "out of memory") }
        let isAddress = host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." }
        if !isAddress { _ = ekai_ssl_set_host_name(ssl, host) }
        if isVerifying {
            let result = isAddress ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) : SSL_set1_host(ssl, host)
            guard result == 1 else {
                SSL_free(ssl)
                throw ClientTLSFailure(or: "`\(host)` cannot be verified")
            }
        }
        SSL_set_connect_state(ssl)
        return ssl
    }
}

/// TLS of one connection, between two memory buffers. Loop-confined.
final class ClientTLSSession {
    enum ReadOutcome {
        case bytes(Int)
        /// Everything received is read.
        case wantMore
        /// The peer said close_notify.
        case closed
    }

    private let ssl: OpaquePointer
    // Owned by `ssl`.
    private let inbound: OpaquePointer
    private let outbound: OpaquePointer
    /// True when the handshake is done and the certificate verified.
    private(set) var isEstablished = false

    init(_ context: ClientTLSContext) throws(ClientTLSFailure) {
        ssl = try context.makeSSL()
        guard let inbound = BIO_new(BIO_s_mem()), let outbound = BIO_new(BIO_s_mem()) else {
            SSL_free(ssl)
            throw ClientTLSFailure(or: "out of memory")
        }
        self.inbound = inbound
        self.outbound = outbound
        SSL_set_bio(ssl, inbound, outbound)
    }

    deinit { SSL_free(ssl) }

    /// Takes ciphertext; copied.
    func receive(_ ciphertext: UnsafeRawBufferPointer) throws(ClientTLSFailure) {
        guard ciphertext.count > 0 else { return }
        guard BIO_write(inbound, ciphertext.baseAddress, CInt(ciphertext.count)) == CInt(ciphertext.count) else {
            throw ClientTLSFailure(or: "out of memory")
        }
    }

    /// Moves the handshake on. What is to be sent lies in the pending output, also after a failure.
    func continueHandshake() throws(ClientTLSFailure) {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 {
            isEstablished = true
            return
        }
        let error = SSL_get_error(ssl, result)
        guard error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE else {
            let verified = SSL_get_verify_result(ssl)
            let reason = X509_verify_cert_error_string(verified).map { String(cString: $0) } ?? ""
            throw ClientTLSFailure(or: verified == X509_V_OK ? "handshake failed" : reason)
        }
    }

    /// Decrypts into `buffer`, at most a record a call.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ClientTLSFailure) -> ReadOutcome {
        ERR_clear_error()
        let count = SSL_read(ssl, buffer.baseAddress, CInt(clamping: buffer.count))
        if count > 0 { return .bytes(Int(count)) }
        switch SSL_get_error(ssl, count) {
        case SSL_ERROR_ZERO_RETURN: return .closed
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wantMore
        default: throw ClientTLSFailure(or: "broken record")
        }
    }

    /// Encrypts all of `plaintext` into the pending output.
    func write(_ plaintext: UnsafeRawBufferPointer) throws(ClientTLSFailure) {
        guard plaintext.count > 0 else { return }
        ERR_clear_error()
        guard SSL_write(ssl, plaintext.baseAddress, CInt(clamping: plaintext.count)) == CInt(clamping: plaintext.count) else {
            throw ClientTLSFailure(or: "cannot encrypt")
        }
    }

    /// Hands out the pending output in pieces of `buffer`'s size.
    func takePending(through buffer: UnsafeMutableRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        while true {
            let count = BIO_read(outbound, buffer.baseAddress, CInt(clamping: buffer.count))
            guard count > 0 else { return }
            body(UnsafeRawBufferPointer(rebasing: buffer[..<Int(count)]))
        }
    }
}
