/// What the `Connection` and `Expect` fields say.
extension MessageHead {
    /// Whether the sender wants the connection to outlive this exchange (RFC 9112 section 9.3): on HTTP/1.1 unless it said `close`, on
    /// HTTP/1.0 only if it said `keep-alive`.
    public var isKeepAlive: Bool {
        if hasConnectionOption("close") { return false }
        return version == .http11 || hasConnectionOption("keep-alive")
    }

    /// Whether a `Connection` field lists `option`, given in lower case (RFC 9110 section 7.6.1).
    public func hasConnectionOption(_ option: StaticString) -> Bool {
        hasConnectionElement { ByteClass.equals($0, ignoringCase: option) }
    }

    /// Whether a `Connection` field lists the name of `field`, which must then not be forwarded (RFC 9110 section 7.6.1). It says
    /// nothing about fields that the gateway adds itself: those are not the peer's to strip.
    public func isNominatedByConnection(_ field: Field) -> Bool {
        hasConnectionElement { ByteClass.equals($0, ignoringCase: field.nameBytes) }
    }

    private func hasConnectionElement(_ matches: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        var next = fields.firstIndex(of: .connection)
        while let index = next {
            if listContains(bytes(fields[index].value), matches) { return true }
            next = fields.firstIndex(of: .connection, from: index + 1)
        }
        return false
    }

    /// What a request expects before it sends its content (RFC 9110 section 10.1.1).
    enum Expectation {
        case none
        case continue100
        case unknown
    }

    var expectation: Expectation {
        guard version == .http11 else { return .none }  // from an HTTP/1.0 client it is ignored
        switch count(of: .expect) {
        case 0: return .none
        case 1:
            guard let value = value(of: .expect) else { return .unknown }
            return ByteClass.equals(value, ignoringCase: "100-continue") ? .continue100 : .unknown
        default: return .unknown
        }
    }

    /// Walks a comma-separated list (RFC 9110 section 5.6.1), empty elements left out, until `matches` says yes.
    private func listContains(_ list: UnsafeRawBufferPointer, _ matches: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        var start = 0
        while start < list.count {
            let end = ByteClass.firstIndex(of: UInt8(ascii: ","), in: list, from: start) ?? list.count
            let element = ByteClass.trimmed(UnsafeRawBufferPointer(rebasing: list[start..<end]))
            if !element.isEmpty, matches(element) { return true }
            start = end + 1
        }
        return false
    }
}
