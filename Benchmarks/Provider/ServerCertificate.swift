import ArgumentParser
import Foundation
import HTTP

/// A server's certificate and key, as PEM.
struct ServerCertificate {
    let certificate: Data
    let privateKey: Data

    /// Reads both from files.
    /// - Throws: what reading a file throws.
    init(certificateFile: String, keyFile: String) throws {
        certificate = try Data(contentsOf: URL(fileURLWithPath: certificateFile))
        privateKey = try Data(contentsOf: URL(fileURLWithPath: keyFile))
    }

    /// Makes one for localhost and 127.0.0.1, signed by itself, with openssl(1). The key is nowhere but in memory afterwards.
    /// - Throws: `ValidationError` when there is no openssl, or it fails.
    static func selfSigned() throws -> ServerCertificate {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ekai-provider-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        let (certificate, key) = (folder.appendingPathComponent("certificate.pem"), folder.appendingPathComponent("key.pem"))
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        openssl.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key.path, "-out",
            certificate.path,
        ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        guard openssl.terminationStatus == 0 else {
            throw ValidationError("openssl could not make a certificate: give one with --tls-cert and --tls-key")
        }
        return try ServerCertificate(certificateFile: certificate.path, keyFile: key.path)
    }

    /// - Throws: `TLSFailure.configuration` when either text is unusable.
    func context() throws(TLSFailure) -> TLSServerContext {
        try TLSServerContext(certificateChain: Array(certificate), privateKey: Array(privateKey))
    }
}
