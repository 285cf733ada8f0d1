import Gateway
import HTTP

/// What a request's head shows to be let in: exactly one credential, the first that counts, and never a byte more or less of it. And the
/// field names that an answer to a preflight may repeat.
enum CredentialCheck {
    static func head(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        var parser = HTTP1HeadParser()
        let head = MessageHead()
        guard case .head = parser.parse(bytes, into: head, as: .request) else { return }
        let summary = HeadSummary(head)
        for isQueryRead in [false, true] {
            let expected = reference(summary, isQueryRead).map(Array.init)
            let found = PresentedCredential(of: head, isQueryRead: isQueryRead)
            try requireEqual(found, credential(expected), "another credential than \(expected?.shown ?? "none")")
        }
        for value in summary.values("access-control-request-headers") { try checkNames(value) }
    }

    private static func credential(_ bytes: [UInt8]?) -> PresentedCredential {
        guard let bytes else { return .none }
        return bytes.count > 512 ? .tooLong : .hashed(bytes.withUnsafeBytes { SHA256Digest(of: $0) })
    }

    private static func reference(_ head: HeadSummary, _ isQueryRead: Bool) -> [UInt8]? {
        if let field = head.values("authorization").first, Array(field.prefix(6)).lowercasedText == "bearer" {
            let rest = field.dropFirst(6)
            let token = rest.drop { $0 == 0x20 }
            if !token.isEmpty, token.count < rest.count { return Array(token) }
        }
        for name in ["x-api-key", "api-key", "x-goog-api-key"] {
            if let key = head.values(name).first, !key.isEmpty { return key }
        }
        guard isQueryRead, let query = head.query else { return nil }
        let parameters = query.split(separator: UInt8(ascii: "&"))
        guard let key = parameters.first(where: { $0.starts(with: "key=".utf8) && $0.count > 4 })?.dropFirst(4) else { return nil }
        return key.count > 3 * 512 ? Array(key) : ReferenceQuery.decoded(Array(key))
    }

    private static func checkNames(_ value: [UInt8]) throws(FuzzViolation) {
        let found = value.withUnsafeBytes { CrossOrigin.fieldNames(in: $0) }
        let isToken = { (byte: UInt8) in
            (0x21...0x7E).contains(byte) && !"\"(),/:;<=>?@[\\]{}".utf8.contains(byte)
        }
        let names = value.split(separator: UInt8(ascii: ",")).map { element in
            let start = element.drop { $0 == 0x20 || $0 == 0x09 }
            return Array(start.reversed().drop { $0 == 0x20 || $0 == 0x09 }.reversed())
        }
        let tokens = names.filter { !$0.isEmpty && $0.allSatisfy(isToken) }
        let whole = Array(tokens.joined(separator: Array(", ".utf8)))
        try require(found.count <= 2_048, "more names than there is room for")
        if whole.count + 2 <= 2_048 {
            try requireEqual(found.shown, whole.shown, "other names than were asked for")
        } else {
            try require(whole.starts(with: found), "other names than were asked for: \(found.shown)")
        }
    }
}

extension HeadSummary {
    /// The values of all lines of a field, whose name is given in lower case.
    func values(_ name: String) -> [[UInt8]] { fields.filter { $0.name.lowercasedText == name }.map(\.value) }
}
