import COpenSSL

/// Why a TLS connection cannot go on. Texts are fixed wording of ours or of OpenSSL: never a byte of the peer, a name or a key.
public enum TLSFailure: Error, Sendable, Equatable {
    /// The trust store, certificate or host name that we were given cannot be used. No byte was exchanged.
    case configuration(String)
    /// The peer's certificate was refused.
    case certificate(CertificateFault)
    /// The peer ended the connection with a fatal alert (RFC 8446 section 6.2); 70 is `protocol_version`, 48 is `unknown_ca`.
    case alert(UInt8)
    /// The client speaks plain HTTP where TLS is spoken.
    case plainHTTP
    /// What came is not TLS, or breaks its rules.
    case protocolViolation(String)
    /// The transport ended without `close_notify`: what was read may be cut short, on purpose even.
    case truncated
    /// OpenSSL could not do its part, for want of memory most likely.
    case unavailable(String)
}

/// Why a certificate was refused.
public enum CertificateFault: Sendable, Equatable {
    case expired
    case notYetValid
    /// Signed by itself and not trusted.
    case selfSigned
    /// No trusted authority signed the chain.
    case unknownAuthority
    /// Valid, but for another name or address.
    case hostMismatch
    case revoked
    /// Any other X509_V_ERR code.
    case other(Int)

    init(verifyResult: Int) {
        switch CInt(clamping: verifyResult) {
        case X509_V_ERR_CERT_HAS_EXPIRED: self = .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: self = .notYetValid
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: self = .selfSigned
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            self = .unknownAuthority
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: self = .hostMismatch
        case X509_V_ERR_CERT_REVOKED: self = .revoked
        default: self = .other(verifyResult)
        }
    }
}

extension CertificateFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .expired: "the certificate has expired"
        case .notYetValid: "the certificate is not valid yet"
        case .selfSigned: "the certificate is self-signed and not trusted"
        case .unknownAuthority: "the certificate is signed by an unknown authority"
        case .hostMismatch: "the certificate is for another host"
        case .revoked: "the certificate is revoked"
        case .other(let code): String(cString: X509_verify_cert_error_string(code))
        }
    }
}

extension TLSFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .configuration(let reason): "TLS configuration: \(reason)"
        case .certificate(let fault): "TLS: \(fault)"
        case .alert(let code): "TLS: the peer refused the connection: \(String(cString: SSL_alert_desc_string_long(CInt(code))))"
        case .plainHTTP: "TLS: the peer speaks plain HTTP"
        case .protocolViolation(let reason): "TLS: \(reason)"
        case .truncated: "TLS: the connection ended without close_notify"
        case .unavailable(let reason): "TLS unavailable: \(reason)"
        }
    }
}

/// OpenSSL's per-thread error queue. Every call that may fail is preceded and followed by `clear`: `SSL_get_error` judges by the
/// queue, and what one connection leaves there would be another's failure.
enum OpenSSLErrors {
    static func clear() { ERR_clear_error() }

    /// Empties the queue. The text is the oldest entry's: the first fault is the cause, the later ones its echo.
    static func drain(or fallback: String) -> String {
        let code = ERR_peek_error()
        defer { ERR_clear_error() }
        guard code != 0, let text = ERR_reason_error_string(code) else { return fallback }
        return String(cString: text)
    }
}
