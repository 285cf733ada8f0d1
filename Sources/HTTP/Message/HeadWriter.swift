/// Writes start lines and fields into a sink, without allocation.
///
/// What the gateway itself puts into a head is checked by precondition; what a peer wrote goes through `peerField`, which leaves
/// out what would break the framing. No field can therefore smuggle a line end into the other side.
public enum HeadWriter {
    /// `METHOD target HTTP/1.1`. The target is ours (configuration and route): no white space, no control characters.
    public static func requestLine(
        _ method: HTTPMethod, target: UnsafeRawBufferPointer, to sink: inout some MessageSink
    ) {
        precondition(method != .other, "a method of ours has a name")
        precondition(isTarget(target), "a target of ours holds no white space and no control character")
        sink.append(method.wireName)
        sink.append(" ")
        sink.append(target)
        sink.append(" HTTP/1.1\r\n")
    }

    /// `METHOD target HTTP/1.1` with the target in two parts, path prefix and rest, so that nobody has to join them.
    public static func requestLine(
        _ method: HTTPMethod, prefix: UnsafeRawBufferPointer, rest: UnsafeRawBufferPointer,
        to sink: inout some MessageSink
    ) {
        precondition(method != .other, "a method of ours has a name")
        precondition(!(prefix.isEmpty && rest.isEmpty), "a target is not empty")
        precondition(prefix.isEmpty || isTarget(prefix), "a target of ours holds no white space and no control character")
        precondition(rest.isEmpty || isTarget(rest), "a target of ours holds no white space and no control character")
        sink.append(method.wireName)
        sink.append(" ")
        sink.append(prefix)
        sink.append(rest)
        sink.append(" HTTP/1.1\r\n")
    }

    /// `HTTP/1.1 status reason`. The version is ours, also towards an HTTP/1.0 client (RFC 9110 section 6.2).
    public static func statusLine(_ status: UInt16, to sink: inout some MessageSink) {
        precondition((100...999).contains(status), "a status has three digits")
        if status == 200 {
            sink.append("HTTP/1.1 200 OK\r\n")
            return
        }
        sink.append("HTTP/1.1 ")
        sink.appendDecimal(UInt64(status))
        sink.append(" ")
        sink.append(StatusReason.phrase(of: status))
        sink.append("\r\n")
    }

    /// A whole field line known at compile time.
    public static func field(_ name: FieldName, _ value: StaticString, to sink: inout some MessageSink) {
        field(name.wireName, value, to: &sink)
    }

    /// A field of ours with a number.
    public static func field(_ name: FieldName, _ value: UInt64, to sink: inout some MessageSink) {
        begin(name.wireName, to: &sink)
        sink.appendDecimal(value)
        sink.append("\r\n")
    }

    /// A field of ours with a computed value, which holds no control character.
    public static func field(
        _ name: FieldName, _ value: UnsafeRawBufferPointer, to sink: inout some MessageSink
    ) {
        field(name.wireName, value, to: &sink)
    }

    /// A field of ours with a name of its own.
    public static func field(_ name: StaticString, _ value: StaticString, to sink: inout some MessageSink) {
        field(name, UnsafeRawBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount), to: &sink)
    }

    /// A field of ours with a name of its own and a computed value, which holds no control character.
    public static func field(
        _ name: StaticString, _ value: UnsafeRawBufferPointer, to sink: inout some MessageSink
    ) {
        precondition(ByteClass.isFieldText(value), "a value of ours holds no control character")
        begin(name, to: &sink)
        sink.append(value)
        sink.append("\r\n")
    }

    /// `Date` (RFC 9110 section 6.6.1).
    public static func field(_ date: HTTPDate, to sink: inout some MessageSink) {
        begin("date", to: &sink)
        date.withBytes { sink.append($0) }
        sink.append("\r\n")
    }

    /// A field whose name or value a peer (or a configuration file) wrote. Writes nothing and returns false when the name is not a
    /// token or the value holds a control character.
    @discardableResult
    public static func peerField(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, to sink: inout some MessageSink
    ) -> Bool {
        guard ByteClass.isToken(name), ByteClass.isFieldText(value) else { return false }
        sink.append(name)
        sink.append(": ")
        sink.append(value)
        sink.append("\r\n")
        return true
    }

    /// The empty line that ends a head.
    public static func end(to sink: inout some MessageSink) {
        sink.append("\r\n")
    }

    private static func begin(_ name: StaticString, to sink: inout some MessageSink) {
        precondition(name.utf8CodeUnitCount > 0, "a field of ours has a name")
        sink.append(name)
        sink.append(": ")
    }

    private static func isTarget(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard !bytes.isEmpty else { return false }
        for byte in bytes where byte <= 0x20 || byte == 0x7f { return false }
        return true
    }
}
