/// One field line (RFC 9112 section 5), without its line end.
enum FieldLine {
    /// Checks the line and adds it to the table of `head`; `offset` is the line's distance from the start of the head.
    static func parse(_ line: UnsafeRawBufferPointer, at offset: Int, into head: MessageHead) throws(HTTPRefusal) {
        if ByteClass.isOptionalSpace(line[0]) { throw .foldedField }
        guard let colon = ByteClass.firstIndex(of: ByteClass.colon, in: line) else { throw .malformedField }
        let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
        guard ByteClass.isToken(name) else {
            if let last = name.last, ByteClass.isOptionalSpace(last) { throw .whitespaceBeforeColon }
            throw .invalidFieldName
        }
        var start = colon + 1
        var end = line.count
        while start < end, ByteClass.isOptionalSpace(line[start]) { start += 1 }
        while end > start, ByteClass.isOptionalSpace(line[end - 1]) { end -= 1 }
        guard ByteClass.isFieldText(UnsafeRawBufferPointer(rebasing: line[start..<end])) else { throw .invalidFieldValue }
        head.entries.append(
            MessageHead.Entry(
                name: .init(start: offset, count: colon),
                value: .init(start: offset + start, count: end - start),
                known: FieldName(name)))
    }
}
