/// One field line (RFC 9112 section 5), without its line end.
enum FieldLine {
    /// Checks the line, which is not empty, and finds its parts; `offset` is the line's distance from the start of the head. It stays
    /// out of the parser's loop, where the words it compares with would not find registers.
    @inline(never)
    static func parse(_ line: UnsafeRawBufferPointer, at offset: Int) throws(HTTPRefusal) -> FieldTable.Row {
        if ByteClass.isOptionalSpace(line[0]) { throw .foldedField }
        guard let colon = colon(of: line) else { throw .malformedField }
        let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
        let known = FieldName(name)
        // A name that is known is a token.
        if known == .other { try checkToken(name) }
        let value = ByteClass.trimmed(line, from: colon &+ 1)
        guard ByteClass.isFieldText(UnsafeRawBufferPointer(rebasing: line[value])) else { throw .invalidFieldValue }
        return FieldTable.Row(
            name: .init(start: offset, count: colon),
            value: .init(start: offset &+ value.lowerBound, count: value.count), known: known)
    }

    private static func checkToken(_ name: UnsafeRawBufferPointer) throws(HTTPRefusal) {
        if ByteClass.isToken(name) { return }
        if let last = name.last, ByteClass.isOptionalSpace(last) { throw .whitespaceBeforeColon }
        throw .invalidFieldName
    }

    /// The colon that ends the name. It comes within a few words as a rule: `memchr` is made for longer ways.
    @inline(__always)
    private static func colon(of line: UnsafeRawBufferPointer) -> Int? {
        guard let base = line.baseAddress else { return nil }
        var offset = 0
        while offset &+ ByteWord.size <= line.count {
            let index = ByteWord(at: base + offset).firstIndex(of: ByteClass.colon)
            if index < ByteWord.size { return offset &+ index }
            offset &+= ByteWord.size
        }
        return ByteClass.firstIndex(of: ByteClass.colon, in: line, from: offset)
    }
}
