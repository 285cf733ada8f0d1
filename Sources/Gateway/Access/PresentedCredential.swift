import HTTP

/// What a request shows to be let in, as a hash: the bytes themselves stay in the head and go nowhere.
package enum PresentedCredential: Sendable, Equatable {
    case none
    /// Longer than any key of ours may be.
    case tooLong
    case hashed(SHA256Digest)

    /// The credential of a request. Clients have different habits; the first of these that is there and not empty counts, alone:
    ///
    /// 1. `Authorization: Bearer …` (RFC 6750 section 2.1); another scheme is meant for a proxy on the way and is passed over,
    /// 2. `x-api-key`, 3. `api-key`, 4. `x-goog-api-key`, 5. where `isQueryRead`, `?key=`.
    ///
    /// A second credential does not help a first that is wrong: who guesses gets one guess a request.
    package init(of request: MessageHead, isQueryRead: Bool) {
        if let field = request.value(of: .authorization), let token = Self.bearerToken(in: field) {
            self.init(token)
            return
        }
        for name in [FieldName.xAPIKey, .apiKey, .xGoogAPIKey] {
            if let key = request.value(of: name), !key.isEmpty {
                self.init(key)
                return
            }
        }
        self = isQueryRead ? Self.queryKey(in: request.query) : .none
    }

    private init(_ bytes: UnsafeRawBufferPointer) {
        self = bytes.count <= AccessLimits.keyBytes.upperBound ? .hashed(SHA256Digest(of: bytes)) : .tooLong
    }

    /// The token behind `Bearer` and spaces; nil for another scheme or none.
    private static func bearerToken(in field: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let scheme: StaticString = "bearer"
        guard field.starts(withIgnoringCase: scheme) else { return nil }
        let rest = field[scheme.utf8CodeUnitCount...]
        let token = rest.drop { $0 == UInt8(ascii: " ") }
        return token.isEmpty || token.startIndex == rest.startIndex ? nil : UnsafeRawBufferPointer(rebasing: token)
    }

    /// The value of `key`, percent-decoded, as Google's clients send it; the first where there are several.
    private static func queryKey(in query: UnsafeRawBufferPointer?) -> PresentedCredential {
        guard let query else { return .none }
        let name: StaticString = "key="
        var start = 0
        while start < query.count {
            let end = query[start...].firstIndex(of: UInt8(ascii: "&")) ?? query.count
            let parameter = UnsafeRawBufferPointer(rebasing: query[start..<end])
            if parameter.starts(with: name), parameter.count > name.utf8CodeUnitCount {
                return decoded(UnsafeRawBufferPointer(rebasing: parameter[name.utf8CodeUnitCount...]))
            }
            start = end + 1
        }
        return .none
    }

    private static func decoded(_ value: UnsafeRawBufferPointer) -> PresentedCredential {
        // Each byte is at most three in the query.
        guard value.count <= 3 * AccessLimits.keyBytes.upperBound else { return .tooLong }
        return withUnsafeTemporaryAllocation(byteCount: value.count, alignment: 1) { buffer in
            let count = PercentCoding.decode(value, into: buffer)
            return PresentedCredential(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
