import HTTP

/// The fields by which a browser lets a page of another origin read an answer (Fetch standard section 3.2), for origins that the
/// configuration lists. Credentials of the browser (cookies) are not among it: the gateway knows none.
package enum CrossOrigin {
    /// What an answer of the gateway carries that a page may want to see, besides what it always sees.
    private static let exposed: StaticString =
        "x-request-id, request-id, x-ekai-provider, x-ekai-model, x-ekai-attempts, x-ekai-overhead-us, x-ekai-upstream-request-id, retry-after, retry-after-ms, x-should-retry"

    /// For every answer to a page of `origin`: the origin itself, never `*`, and a word to caches that others get another answer.
    static func commonFields(for origin: UnsafeRawBufferPointer) -> [CommonField] {
        [
            CommonField(.accessControlAllowOrigin, Array(origin)), CommonField(.vary, Array("Origin".utf8)),
            CommonField(.accessControlExposeHeaders, Array(exposed.description.utf8)),
        ]
    }

    /// For the answer to a preflight.
    /// - Parameters:
    ///   - methods: those of the path, as `Allow` would list them.
    ///   - requested: `Access-Control-Request-Headers`: allowed as they are, since no field of a request means more than its
    ///     credential does. What is no field name is left out.
    static func addPreflightFields(
        methods: String, requested: UnsafeRawBufferPointer?, to fields: inout any FieldWriter
    ) {
        fields.add(.accessControlAllowMethods, methods)
        fields.add(.accessControlMaxAge, AccessLimits.preflightSeconds)
        guard let requested else { return }
        let names = fieldNames(in: requested)
        if !names.isEmpty { names.withUnsafeBytes { fields.add(.accessControlAllowHeaders, $0) } }
    }

    /// The field names of a comma-separated list, joined again; as many as the limit has room for.
    package static func fieldNames(in list: UnsafeRawBufferPointer) -> [UInt8] {
        var names: [UInt8] = []
        for element in list.split(separator: UInt8(ascii: ",")) {
            let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
            guard let last = element.lastIndex(where: { !isSpace($0) }) else { continue }
            let name = element[...last].drop(while: isSpace)
            guard name.allSatisfy(isTokenByte) else { continue }
            guard names.count + name.count + 2 <= AccessLimits.allowHeadersBytesMax else { break }
            if !names.isEmpty { names.append(contentsOf: [UInt8(ascii: ","), 0x20]) }
            names.append(contentsOf: name)
        }
        return names
    }

    /// tchar (RFC 9110 section 5.6.2).
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
