import Testing

@testable import HTTP

@Suite struct SHA256DigestTests {
    private func digest(_ bytes: [UInt8]) -> SHA256Digest { bytes.withUnsafeBytes { SHA256Digest(of: $0) } }

    /// FIPS 180-4's examples.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    ]) func hashes(_ text: String, _ expected: String) {
        #expect(digest(Array(text.utf8)).description == expected)
    }

    @Test func equalsOnlyItself() {
        let key = Array("0123456789abcdef".utf8)
        #expect(digest(key) == digest(key))
        for index in key.indices {
            var other = key
            other[index] ^= 1
            #expect(digest(other) != digest(key))
        }
        #expect(digest(Array(key.dropLast())) != digest(key))
    }
}
