import COpenSSL

/// What the server connections of one certificate share. Complete after `init` and never changed: safe to use from every loop.
///
/// Sessions are resumed by tickets alone, so that the server remembers nothing.
public final class TLSServerContext: Sendable {
    // Sendable in fact: OpenSSL counts its references atomically, and nothing is set on it after `init`.
    nonisolated(unsafe) private let context: OpaquePointer
    private let protocols: [UInt8]

    /// - Parameters:
    ///   - certificateChain: PEM, the server's own certificate first.
    ///   - privateKey: PEM, unencrypted.
    ///   - applicationProtocols: for ALPN, the preferred one first. A client that offers others only is refused (RFC 7301 section 3.2).
    /// - Throws: `TLSFailure.configuration` when either text is unusable or the key is another certificate's.
    public init(
        certificateChain: [UInt8], privateKey: [UInt8], applicationProtocols: [String] = ["http/1.1"]
    ) throws(TLSFailure) {
        OpenSSLErrors.clear()
        guard let context = SSL_CTX_new(TLS_server_method()) else {
            throw .unavailable(OpenSSLErrors.drain(or: "no context"))
        }
        do throws(TLSFailure) {
            try TLSContextSettings.apply(to: context)
            try Self.use(certificateChain, privateKey, in: context)
        } catch {
            SSL_CTX_free(context)
            throw error
        }
        ekai_ssl_ctx_set_session_cache_mode(context, CLong(SSL_SESS_CACHE_OFF))
        self.context = context
        protocols = ALPNList(applicationProtocols).bytes
        SSL_CTX_set_alpn_select_cb(
            context,
            { _, selected, selectedCount, offered, offeredCount, context in
                guard let selected, let selectedCount, let offered, let context else { return SSL_TLSEXT_ERR_ALERT_FATAL }
                let server = Unmanaged<TLSServerContext>.fromOpaque(context).takeUnretainedValue()
                let offer = UnsafeBufferPointer(start: offered, count: Int(offeredCount))
                guard let choice = server.choose(from: offer) else { return SSL_TLSEXT_ERR_ALERT_FATAL }
                selected.pointee = choice.baseAddress
                selectedCount.pointee = UInt8(choice.count)
                return SSL_TLSEXT_ERR_OK
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    deinit { SSL_CTX_free(context) }

    /// A new connection object, owned by the caller, who also keeps this context alive.
    func makeSSL() throws(TLSFailure) -> OpaquePointer {
        guard let ssl = SSL_new(context) else { throw .unavailable(OpenSSLErrors.drain(or: "out of memory")) }
        return ssl
    }

    /// The first of our protocols that the client offers, as a part of the offer, which lives as long as OpenSSL needs the choice.
    private func choose(from offer: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
        var ours = protocols[...]
        while let count = ours.first {
            let name = ours.dropFirst().prefix(Int(count))
            var theirs = offer[...]
            while let length = theirs.first, theirs.count > Int(length) {
                let candidate = theirs.dropFirst().prefix(Int(length))
                if candidate.elementsEqual(name) { return UnsafeBufferPointer(rebasing: candidate) }
                theirs = theirs.dropFirst(1 + Int(length))
            }
            ours = ours.dropFirst(1 + Int(count))
        }
        return nil
    }

    private static func use(_ chain: [UInt8], _ key: [UInt8], in context: OpaquePointer) throws(TLSFailure) {
        let certificates = try PEM.certificates(in: chain)
        SSL_CTX_use_certificate(context, certificates[0])
        X509_free(certificates[0])
        for certificate in certificates.dropFirst() where ekai_ssl_ctx_add0_chain_cert(context, certificate) != 1 {
            X509_free(certificate)
        }
        // Of PKCS #8, or of the older form (RFC 1421 section 4.6.1.1).
        if String(decoding: key, as: UTF8.self).contains("ENCRYPTED") { throw .configuration("the private key is encrypted: give it without a passphrase") }
        let privateKey = key.withUnsafeBytes { bytes -> OpaquePointer? in
            guard let bio = BIO_new_mem_buf(bytes.baseAddress, CInt(clamping: bytes.count)) else { return nil }
            defer { BIO_free(bio) }
            // An encrypted key is refused: without this callback OpenSSL would ask the terminal for the passphrase.
            return PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil)
        }
        guard let privateKey else {
            throw .configuration("cannot read the private key: \(OpenSSLErrors.drain(or: "not a PEM key"))")
        }
        defer { EVP_PKEY_free(privateKey) }
        guard SSL_CTX_use_PrivateKey(context, privateKey) == 1, SSL_CTX_check_private_key(context) == 1 else {
            throw .configuration("certificate and private key do not fit: \(OpenSSLErrors.drain(or: "unknown reason"))")
        }
        OpenSSLErrors.clear()
    }
}
