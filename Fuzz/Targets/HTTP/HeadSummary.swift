import HTTP

/// Everything that a head says, copied out of it.
struct HeadSummary: Equatable {
    struct Field: Equatable {
        var known: FieldName
        var name: [UInt8]
        var value: [UInt8]
    }

    var version: HTTPVersion
    var method: [UInt8]
    var target: [UInt8]
    var form: MessageHead.TargetForm
    var path: [UInt8]
    var query: [UInt8]?
    var authority: [UInt8]?
    var status: UInt16
    var reason: [UInt8]
    var fields: [Field] = []
    var isKeepAlive: Bool
    /// Of a request's body; nil when it is refused.
    var framing: MessageFraming?

    init(_ head: MessageHead) {
        version = head.version
        method = head.methodBytes.array
        target = head.target.array
        form = head.targetForm
        path = head.path.array
        query = head.query?.array
        authority = head.authority?.array
        status = head.status
        reason = head.reason.array
        isKeepAlive = head.isKeepAlive
        framing = head.kind == .request ? try? MessageFraming.ofRequest(head) : try? MessageFraming.ofResponse(head, to: .get)
        head.forEachField { fields.append(Field(known: $0.name, name: $0.nameBytes.array, value: $0.value.array)) }
    }

    /// What holds for every head that is taken.
    func check(within bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        for field in fields {
            try requireEqual(field.known, Self.known(field.name), "the field \(field.name.shown) is taken for another")
            try require(!field.name.isEmpty && field.name.allSatisfy(Self.isToken), "a field name is no token: \(field.name.shown)")
            try require(field.value.allSatisfy(Self.isText), "a field value holds a control character: \(field.value.shown)")
            let ends = [field.value.first, field.value.last]
            try require(!ends.contains(0x20) && !ends.contains(0x09), "white space stands around a value: \(field.value.shown)")
        }
        try require(target.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "the target holds an impossible character: \(target.shown)")
        try checkFraming()
        if status == 0, form == .origin {
            try requireEqual(path + (query.map { [UInt8(ascii: "?")] + $0 } ?? []), target, "path and query are not the target")
        }
    }

    /// RFC 9112 section 6.3, said once more in other words.
    private func checkFraming() throws(FuzzViolation) {
        let lengths = fields.filter { Self.lowered($0.name) == "content-length" }.map { String(decoding: $0.value, as: UTF8.self) }
        let codings = fields.filter { Self.lowered($0.name) == "transfer-encoding" }.map { Self.lowered($0.value) }
        switch framing {
        case .chunked:
            try require(lengths.isEmpty && codings == ["chunked"] && version == .http11, "chunked, and something else is said too")
        case .length(let count):
            try require(codings.isEmpty && lengths.count == 1 && UInt64(lengths[0]) == count, "a length that was not said")
        case .untilClose:
            try require(status != 0 && codings.isEmpty && lengths.isEmpty, "a body until close, although its end is said")
        case .some(.none):
            let isBodiless = status == 0 || status < 200 || status == 204 || status == 304
            try require(isBodiless && (status != 0 || (codings.isEmpty && lengths.isEmpty)), "no body, although one is announced")
        case nil:
            try require(!(codings.isEmpty && lengths.isEmpty), "refused for its framing, of which it says nothing")
        }
    }

    /// The head as it would be written, spare white space left out.
    func rewritten(_ kind: MessageHead.Kind) -> [UInt8] {
        let version = version == .http11 ? "HTTP/1.1" : "HTTP/1.0"
        var text: [UInt8] = []
        switch kind {
        case .request: text += method + Array(" ".utf8) + target + Array(" \(version)\r\n".utf8)
        case .response: text += Array("\(version) \(status) ".utf8) + reason + Array("\r\n".utf8)
        }
        for field in fields { text += field.name + Array(":".utf8) + field.value + Array("\r\n".utf8) }
        return text + Array("\r\n".utf8)
    }

    private static let names: [String: FieldName] = {
        let known = FieldName.allCases.filter { $0 != .other }
        return Dictionary(uniqueKeysWithValues: known.map { ($0.wireName.description, $0) })
    }()

    private static func known(_ name: [UInt8]) -> FieldName { names[lowered(name)] ?? .other }

    private static func lowered(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }, as: UTF8.self)
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }

    private static func isText(_ byte: UInt8) -> Bool { byte == 0x09 || (byte >= 0x20 && byte != 0x7F) }
}
