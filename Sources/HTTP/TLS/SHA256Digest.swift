import COpenSSL

/// A SHA-256 hash (FIPS 180-4): what is kept and compared in place of a secret, so that neither its length nor its bytes show in the time
/// that a comparison takes.
public struct SHA256Digest: Sendable {
    /// 32 bytes.
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// Fetched once: OpenSSL 3 would otherwise look the algorithm up for each hash, under a lock that all loops share. Never written
    /// after that, and OpenSSL lets threads share a fetched algorithm.
    nonisolated(unsafe) private static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)

    /// The hash of `bytes`.
    public init(of bytes: UnsafeRawBufferPointer) {
        let isDone = withUnsafeMutableBytes(of: &words) { hash in
            EVP_Digest(
                bytes.baseAddress, bytes.count, hash.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, Self.algorithm, nil)
        }
        precondition(isDone == 1, "OpenSSL hashes, or is not fit to run with")
    }
}

extension SHA256Digest: Equatable {
    /// Equal or not, in a time that does not depend on where they differ.
    public static func == (left: SHA256Digest, right: SHA256Digest) -> Bool {
        withUnsafeBytes(of: left.words) { left in
            withUnsafeBytes(of: right.words) { right in CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0 }
        }
    }
}

extension SHA256Digest: CustomStringConvertible {
    /// 64 hexadecimal digits.
    public var description: String {
        withUnsafeBytes(of: words) { hash in
            let digits = Array("0123456789abcdef".utf8)
            return String(decoding: hash.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
        }
    }
}
