import COpenSSL

/// A certificate authority that lives in a test: keys and certificates are made on the spot, so that none stands in the repository.
final class TestAuthority {
    struct Identity {
        var certificateChain: [UInt8]
        var privateKey: [UInt8]
    }

    private let key: OpaquePointer
    private let certificate: OpaquePointer
    private static let daySeconds = 86_400

    init(name: String = "Test Authority") throws {
        key = try Self.makeKey()
        certificate = try Self.build(subject: name, key: key, days: -1...30, alternativeNames: nil, issuer: nil)
    }

    deinit {
        X509_free(certificate)
        EVP_PKEY_free(key)
    }

    /// What a client trusts.
    var pem: [UInt8] { Self.pem { PEM_write_bio_X509($0, certificate) } }

    /// A server's identity signed by this authority.
    /// - Parameters:
    ///   - alternativeNames: as OpenSSL writes them: `DNS:localhost,IP:127.0.0.1`.
    ///   - days: validity, counted from now.
    func issue(_ alternativeNames: String, days: ClosedRange<Int> = -1...30) throws -> Identity {
        try Self.identity(alternativeNames, days: days, issuer: (certificate, key))
    }

    /// An identity that nobody vouches for.
    static func selfSigned(_ alternativeNames: String) throws -> Identity {
        try identity(alternativeNames, days: -1...30, issuer: nil)
    }

    private static func identity(
        _ names: String, days: ClosedRange<Int>, issuer: (OpaquePointer, OpaquePointer)?
    ) throws -> Identity {
        let key = try makeKey()
        defer { EVP_PKEY_free(key) }
        let certificate = try build(subject: "server", key: key, days: days, alternativeNames: names, issuer: issuer)
        defer { X509_free(certificate) }
        return Identity(
            certificateChain: pem { PEM_write_bio_X509($0, certificate) },
            privateKey: pem { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) }
        )
    }

    private static func makeKey() throws -> OpaquePointer {
        guard let key = ekai_ec_key_generate("P-256") else { throw OpenSSLRefused() }
        return key
    }

    private static func build(
        subject: String, key: OpaquePointer, days: ClosedRange<Int>, alternativeNames: String?,
        issuer: (certificate: OpaquePointer, key: OpaquePointer)?
    ) throws -> OpaquePointer {
        guard let certificate = X509_new() else { throw OpenSSLRefused() }
        X509_set_version(certificate, 2)
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), CLong.random(in: 1...CLong(Int32.max)))
        X509_gmtime_adj(X509_getm_notBefore(certificate), days.lowerBound * daySeconds)
        X509_gmtime_adj(X509_getm_notAfter(certificate), days.upperBound * daySeconds)
        let name = X509_get_subject_name(certificate)
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_FLAG | 1, Array(subject.utf8), CInt(subject.utf8.count), -1, 0)
        X509_set_issuer_name(certificate, X509_get_subject_name(issuer?.certificate ?? certificate))
        X509_set_pubkey(certificate, key)
        if let alternativeNames {
            try add(NID_subject_alt_name, alternativeNames, to: certificate, issuer: issuer?.certificate)
        } else {
            try add(NID_basic_constraints, "critical,CA:TRUE", to: certificate, issuer: nil)
        }
        guard X509_sign(certificate, issuer?.key ?? key, EVP_sha256()) > 0 else { throw OpenSSLRefused() }
        return certificate
    }

    private static func add(
        _ identifier: CInt, _ value: String, to certificate: OpaquePointer, issuer: OpaquePointer?
    ) throws {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer ?? certificate, certificate, nil, nil, 0)
        guard let part = X509V3_EXT_conf_nid(nil, &context, identifier, value) else { throw OpenSSLRefused() }
        defer { X509_EXTENSION_free(part) }
        guard X509_add_ext(certificate, part, -1) == 1 else { throw OpenSSLRefused() }
    }

    private static func pem(_ write: (OpaquePointer?) -> CInt) -> [UInt8] {
        let bio = BIO_new(BIO_s_mem())
        defer { BIO_free(bio) }
        _ = write(bio)
        var data: UnsafeMutablePointer<CChar>?
        let count = ekai_bio_get_mem_data(bio, &data)
        return [UInt8](UnsafeRawBufferPointer(start: data, count: count))
    }
}

struct OpenSSLRefused: Error {}
