import COpenSSL
import Glibc

/// Which authorities a client context trusts.
enum TLSTrust {
    static func load(into context: OpaquePointer, _ options: TLSClientContext.Options) throws(TLSFailure) {
        if options.usesSystemTrust { try loadSystem(into: context) }
        if let file = options.authorityFile {
            guard SSL_CTX_load_verify_file(context, file) == 1 else {
                throw .configuration("cannot read the authority file: \(OpenSSLErrors.drain(or: "no certificate in it"))")
            }
        }
        if !options.authorities.isEmpty { try add(options.authorities, to: context) }
        if options.authorityFile != nil || !options.authorities.isEmpty {
            // A company's intermediate authority alone is enough to trust what it signed.
            X509_STORE_set_flags(SSL_CTX_get_cert_store(context), UInt(X509_V_FLAG_PARTIAL_CHAIN))
        }
    }

    /// A directory of hashed names is read one authority at a time, when a chain asks for it: nothing at start, where the bundle of
    /// 140 costs 50 to 65 ms and 0.9 MB.
    private static func loadSystem(into context: OpaquePointer) throws(TLSFailure) {
        let isOverridden = [X509_get_default_cert_file_env(), X509_get_default_cert_dir_env()]
            .contains { $0.flatMap { getenv($0) } != nil }
        let result =
            if !isOverridden, let directory = X509_get_default_cert_dir(), hasHashedNames(directory) {
                SSL_CTX_set_default_verify_dir(context)
            } else {
                SSL_CTX_set_default_verify_paths(context)
            }
        guard result == 1 else {
            throw .configuration("cannot load the system's authorities: \(OpenSSLErrors.drain(or: "unknown reason"))")
        }
        OpenSSLErrors.clear()
    }

    /// True when a name such as `5ed36f99.0` is there, as `openssl rehash` makes them.
    private static func hasHashedNames(_ path: UnsafePointer<CChar>) -> Bool {
        guard let directory = opendir(path) else { return false }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let isHashed = withUnsafeBytes(of: &entry.pointee.d_name) { name in
                name[8] == UInt8(ascii: ".") && name[9] == UInt8(ascii: "0") && name[10] == 0
                    && name[..<8].allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
            }
            if isHashed { return true }
        }
        return false
    }

    private static func add(_ pem: [UInt8], to context: OpaquePointer) throws(TLSFailure) {
        let certificates = try PEM.certificates(in: pem)
        for certificate in certificates {
            X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate)
            X509_free(certificate)
        }
        OpenSSLErrors.clear()
    }
}

/// PEM texts as OpenSSL objects.
enum PEM {
    /// At least one certificate; the caller frees them.
    static func certificates(in pem: [UInt8]) throws(TLSFailure) -> [OpaquePointer] {
        var certificates: [OpaquePointer] = []
        pem.withUnsafeBytes { bytes in
            // The BIO reads the array in place: it must not outlive this closure.
            guard let bio = BIO_new_mem_buf(bytes.baseAddress, CInt(clamping: bytes.count)) else { return }
            while let certificate = PEM_read_bio_X509(bio, nil, nil, nil) { certificates.append(certificate) }
            BIO_free(bio)
        }
        OpenSSLErrors.clear()
        guard !certificates.isEmpty else { throw .configuration("no certificate in the PEM text") }
        return certificates
    }
}
