/// The fields of one block while its lines are read: slices of wherever the lines lie.
struct SSEFields {
    private var name = UnsafeRawBufferPointer(start: nil, count: 0)
    private var data = UnsafeRawBufferPointer(start: nil, count: 0)
    private var hasData = false
    private var isBareJSON = false

    var event: SSEEvent { SSEEvent(name: name, data: data, hasData: hasData) }

    /// Reads one line without its end. `joined` holds the data once there are several lines of it.
    mutating func take(_ line: UnsafeRawBufferPointer, isStartOfStream: Bool, joined: inout ByteStore) {
        var line = line
        if isStartOfStream, line.count >= 3, line[0] == 0xEF, line[1] == 0xBB, line[2] == 0xBF {
            line = line.part(3, line.count)
        }
        guard let first = line.first else { return }
        switch first {
        case UInt8(ascii: "d"):
            if let value = Self.value(of: "data", in: line) { append(value, to: &joined) }
        case UInt8(ascii: "e"):
            if let value = Self.value(of: "event", in: line) { name = value }
        case Ascii.openBrace, Ascii.openBracket:
            isBareJSON = isBareJSON || !hasData
            if isBareJSON { append(line, to: &joined) }
        case Ascii.colon:
            break
        default:
            if isBareJSON { append(line, to: &joined) }
        }
    }

    private mutating func append(_ value: UnsafeRawBufferPointer, to joined: inout ByteStore) {
        guard hasData else {
            data = value
            hasData = true
            return
        }
        if joined.isEmpty {
            // A first line without bytes leaves the store empty too: then this runs once more with nothing to lose.
            joined.append(data)
        }
        joined.append(Ascii.lineFeed)
        joined.append(value)
        data = joined.bytes
    }

    /// The value of the field when the line is that field's: behind the colon and one optional space, or empty without a colon.
    @inline(__always)
    private static func value(of field: StaticString, in line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let name = field.borrowedBytes
        guard line.count >= name.count, ByteScan.equal(line.part(0, name.count), name) else { return nil }
        if line.count == name.count { return line.part(line.count, line.count) }
        guard line[name.count] == Ascii.colon else { return nil }
        var start = name.count + 1
        if start < line.count, line[start] == Ascii.space { start += 1 }
        return line.part(start, line.count)
    }
}
