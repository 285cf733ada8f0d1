import HTTP
import Testing

@testable import Gateway

@Suite struct PresentedCredentialTests {
    private func hashed(_ text: String) -> PresentedCredential {
        withBytes(text) { .hashed(SHA256Digest(of: $0)) }
    }

    private func credential(_ fields: String, target: String = "/v1/models/m:generateContent", isQueryRead: Bool = false) -> PresentedCredential {
        let head = fields.isEmpty ? head("POST \(target) HTTP/1.1") : head("POST \(target) HTTP/1.1", fields)
        return PresentedCredential(of: head, isQueryRead: isQueryRead)
    }

    @Test(arguments: [
        "Authorization: Bearer key-1", "authorization: bearer key-1", "AUTHORIZATION:BEARER   key-1  ", "X-Api-Key: key-1", "api-key:key-1",
        "x-goog-api-key: key-1", "Authorization: Basic dTpw\r\nx-api-key: key-1", "Authorization: Bearer\r\nx-api-key: key-1",
        "Authorization: Bearer \r\napi-key: key-1", "x-api-key:\r\napi-key: key-1", "Authorization: Bearerkey-2\r\nx-api-key: key-1",
    ]) func isFoundWhereClientsPutIt(_ fields: String) {
        #expect(credential(fields) == hashed("key-1"))
    }

    @Test(arguments: ["", "Authorization: Basic key-1", "Authorization: key-1", "Authorization: Bearer", "x-api-key:", "Cookie: key=key-1"])
    func isNoneWhereThereIsNone(_ fields: String) {
        #expect(credential(fields) == .none)
    }

    @Test func theFirstCountsAlone() {
        let all = ["Authorization: Bearer key-1", "x-api-key: key-2", "api-key: key-3", "x-goog-api-key: key-4"]
        for first in all.indices {
            let fields = all[first...].reversed().joined(separator: "\r\n")
            #expect(credential(fields, target: "/?key=key-5", isQueryRead: true) == hashed("key-\(first + 1)"))
        }
        #expect(credential("", target: "/?key=key-5", isQueryRead: true) == hashed("key-5"))
        #expect(credential("x-api-key: key-1\r\nx-api-key: key-2") == hashed("key-1"))
    }

    @Test func keepsTheCaseAndAllCharactersOfAKey() {
        #expect(credential("Authorization: Bearer Key-1") != hashed("key-1"))
        #expect(credential("Authorization: Bearer a b=,;") == hashed("a b=,;"))
    }

    @Test(arguments: [
        ("key=key-1", "key-1"), ("alt=sse&key=key-1", "key-1"), ("key=&key=key-1", "key-1"), ("key=k%65y%2D1&x", "key-1"),
        ("key=a&key=b", "a"), ("&&key=key%", "key%"), ("key=a+b", "a+b"),
    ]) func isReadFromTheQueryWhereTheRouteSaysSo(_ query: String, _ key: String) {
        #expect(credential("", target: "/v1beta/models?\(query)", isQueryRead: true) == hashed(key))
        #expect(credential("", target: "/v1beta/models?\(query)") == .none)
    }

    @Test(arguments: ["", "?", "?key", "?key=", "?KEY=a", "?akey=a", "?a=key=b"]) func queriesWithoutAKeyHaveNone(_ query: String) {
        #expect(credential("", target: "/v1beta/models\(query)", isQueryRead: true) == .none)
    }

    @Test func longOnesAreNotEvenHashed() {
        let longest = String(repeating: "k", count: AccessLimits.keyBytes.upperBound)
        #expect(credential("x-api-key: \(longest)") == hashed(longest))
        #expect(credential("x-api-key: \(longest)k") == .tooLong)
        #expect(credential("", target: "/?key=\(longest)k", isQueryRead: true) == .tooLong)
        let escaped = String(repeating: "%6b", count: AccessLimits.keyBytes.upperBound)
        #expect(credential("", target: "/?key=\(escaped)", isQueryRead: true) == hashed(longest))
        #expect(credential("", target: "/?key=\(escaped)kkk", isQueryRead: true) == .tooLong)
    }
}
