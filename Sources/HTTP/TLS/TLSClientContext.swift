import COpenSSL
import Glibc
import Locking

/// What client connections share: trust, offered protocols, remembered sessions.
///
/// One for the process is right (one more for each provider with a `ca_file`): trust is loaded once, and a session of one loop
/// resumes on another. Safe to use from every loop: the lock inside is held for the set-up of a connection and for a ticket, never
/// for data. Nothing is loaded before the first use, so that a gateway without TLS upstreams pays neither time nor memory.
public final class TLSClientContext: Sendable {
    public struct Options: Sendable {
        /// Trust what the system trusts. `SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured.
        public var usesSystemTrust = true
        /// Path of a PEM file with more authorities.
        public var authorityFile: String?
        /// More authorities, as PEM.
        public var authorities: [UInt8] = []
        /// Offered by ALPN, the preferred one first.
        public var applicationProtocols = ["http/1.1"]
        /// 0 switches resumption off.
        public var sessionsMax = TLSLimits.clientSessionsMax

        public init() {}
    }

    private struct Loaded: ~Copyable {
        var context: OpaquePointer?

        deinit { SSL_CTX_free(context) }
    }

    private let options: Options
    private let loaded = Locked(Loaded())
    private let sessions: Locked<TLSSessionCache>

    public init(_ options: Options = Options()) {
        self.options = options
        sessions = Locked(TLSSessionCache(max: options.sessionsMax))
    }

    /// Loads trust now, to learn at start rather than at the first call whether `authorityFile` is usable.
    /// - Throws: `TLSFailure.configuration`; the next use tries again.
    public func prepare() throws(TLSFailure) {
        try loaded.withLock { (loaded) throws(TLSFailure) in _ = try context(&loaded) }
    }

    /// Origins with a remembered session.
    public var sessionCount: Int { sessions.withLock { $0.count } }

    /// A new connection object, owned by the caller.
    func makeSSL() throws(TLSFailure) -> OpaquePointer {
        let address = try loaded.withLock { (loaded) throws(TLSFailure) in
            UInt(bitPattern: SSL_new(try context(&loaded)))
        }
        guard let ssl = OpaquePointer(bitPattern: address) else {
            throw .unavailable(OpenSSLErrors.drain(or: "out of memory"))
        }
        return ssl
    }

    /// Offers the remembered session of an origin to a connection. False when there is none.
    func resumeSession(of origin: String, on ssl: OpaquePointer) -> Bool {
        guard let address = sessions.withLock({ $0.session(for: origin) }) else { return false }
        let session = OpaquePointer(bitPattern: address)
        defer { SSL_SESSION_free(session) }
        return SSL_set_session(ssl, session) == 1
    }

    /// Takes over the caller's reference.
    func storeSession(_ session: OpaquePointer, for origin: String) {
        let address = UInt(bitPattern: session)
        sessions.withLock { $0.store(address, for: origin) }
    }

    func forgetSession(of origin: String) {
        sessions.withLock { $0.remove(origin) }
    }

    private func context(_ loaded: inout Loaded) throws(TLSFailure) -> OpaquePointer {
        if let context = loaded.context { return context }
        OpenSSLErrors.clear()
        guard let context = SSL_CTX_new(TLS_client_method()) else {
            throw .unavailable(OpenSSLErrors.drain(or: "no context"))
        }
        do throws(TLSFailure) {
            try TLSContextSettings.apply(to: context)
            try TLSTrust.load(into: context, options)
        } catch {
            SSL_CTX_free(context)
            throw error
        }
        let protocols = ALPNList(options.applicationProtocols).bytes
        SSL_CTX_set_alpn_protos(context, protocols, CUnsignedInt(protocols.count))
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        if options.sessionsMax > 0 {
            // Not in OpenSSL's own cache: that one cannot be asked by origin.
            let mode = SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL
            ekai_ssl_ctx_set_session_cache_mode(context, CLong(mode))
            SSL_CTX_sess_set_new_cb(context) { ssl, session in
                guard let session, let engine = TLSEngine.of(ssl) else { return 0 }
                return engine.keep(session) ? 1 : 0
            }
        } else {
            ekai_ssl_ctx_set_session_cache_mode(context, CLong(SSL_SESS_CACHE_OFF))
        }
        loaded.context = context
        return context
    }
}

/// What client and server contexts have in common.
enum TLSContextSettings {
    static func apply(to context: OpaquePointer) throws(TLSFailure) {
        guard ekai_ssl_ctx_set_min_proto_version(context, TLS1_2_VERSION) == 1 else {
            throw .unavailable(OpenSSLErrors.drain(or: "TLS 1.2 is not available"))
        }
        ekai_ssl_ctx_forbid_renegotiation(context)
        // RELEASE_BUFFERS: an idle connection gives its two record buffers (34 KB) back. PARTIAL_WRITE: one record a call, so that the
        // watermark is seen between records. MOVING_WRITE_BUFFER: plaintext is borrowed, its address may differ next time.
        let mode = SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
        ekai_ssl_ctx_set_mode(context, CLong(mode))
    }
}

/// Protocol names as ALPN carries them: each after a byte of length (RFC 7301 section 3.1).
struct ALPNList {
    var bytes: [UInt8] = []

    init(_ names: [String]) {
        for name in names {
            precondition((1...255).contains(name.utf8.count), "an ALPN name has 1 to 255 bytes")
            bytes.append(UInt8(name.utf8.count))
            bytes.append(contentsOf: name.utf8)
        }
    }
}
