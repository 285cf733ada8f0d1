import Streaming

/// Writes the schema of a tool's arguments or of an answer as JSON Schema, whichever way the client wrote it.
///
/// Gemini's clients write a subset of OpenAPI 3.0: types in capitals, `nullable`, `propertyOrdering`, counts as strings. All others write JSON Schema,
/// which is passed as it stands.
enum SchemaWriter {
    static func write(_ schema: JSONValue, isOpenAPI: Bool, to writer: inout JSONWriter) {
        guard isOpenAPI, schema.isObject else { return writer.json(schema.rawBytes) }
        let isNullable = schema.present("nullable")?.bool ?? false
        writer.beginObject()
        for member in schema.members {
            write(member, isNullable: isNullable, to: &writer)
        }
        writer.endObject()
    }

    private static func write(_ member: JSONMember, isNullable: Bool, to writer: inout JSONWriter) {
        guard let name = member.name.stringBytes, !member.value.isNull else { return }
        let value = member.value
        switch true {
        case name.equals("nullable"), name.equals("propertyOrdering"), name.equals("property_ordering"), name.equals("example"):
            return
        case name.equals("type"):
            return writeType(value, isNullable: isNullable, to: &writer)
        case name.equals("format"):
            // `enum` is a format in OpenAPI only.
            if !value.equals("enum") { writer.member("format", value) }
        case name.equals("enum"):
            writer.name("enum")
            writeList(value, null: isNullable, to: &writer) { element, writer in writer.json(element.rawBytes) }
        case name.equals("anyOf"), name.equals("any_of"):
            writer.name("anyOf")
            writeList(value, nullSchema: isNullable, to: &writer) { element, writer in write(element, isOpenAPI: true, to: &writer) }
        case name.equals("items"):
            writer.name("items")
            write(value, isOpenAPI: true, to: &writer)
        case name.equals("properties"):
            guard value.isObject else { return }
            writer.name("properties")
            writer.beginObject()
            for property in value.members {
                guard let name = property.name.stringBytes else { continue }
                writer.name(escaped: name)
                write(property.value, isOpenAPI: true, to: &writer)
            }
            writer.endObject()
        default:
            writer.name(escaped: camelCased(name))
            writeCount(value, isCount: isCount(name), to: &writer)
        }
    }

    private static func writeType(_ type: JSONValue, isNullable: Bool, to writer: inout JSONWriter) {
        guard let name = SchemaType(type) else {
            // A list of types, or something of the future; `TYPE_UNSPECIFIED` says nothing.
            if !type.equals("TYPE_UNSPECIFIED") { writer.member("type", type) }
            return
        }
        writer.name("type")
        guard isNullable, name != .null else { return writer.string(name.jsonSchemaName) }
        writer.beginArray()
        writer.string(name.jsonSchemaName)
        writer.string("null")
        writer.endArray()
    }

    private static func writeList(
        _ list: JSONValue, null: Bool = false, nullSchema: Bool = false, to writer: inout JSONWriter,
        _ write: (JSONValue, inout JSONWriter) -> Void
    ) {
        writer.beginArray()
        for element in list.elements { write(element, &writer) }
        if null, !list.elements.contains(where: \.isNull) { writer.null() }
        if nullSchema { writer.json("{\"type\":\"null\"}") }
        writer.endArray()
    }

    /// Counts are 64-bit in Google's schemas, which its JSON may write as strings.
    private static func writeCount(_ value: JSONValue, isCount: Bool, to writer: inout JSONWriter) {
        guard isCount, let digits = value.stringBytes, !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return writer.json(value.rawBytes)
        }
        writer.json(digits)
    }

    private static func isCount(_ name: UnsafeRawBufferPointer) -> Bool {
        name.hasPrefix("min") || name.hasPrefix("max")
    }

    private static let countNames: [(snake: StaticString, camel: StaticString)] = [
        ("min_items", "minItems"), ("max_items", "maxItems"), ("min_length", "minLength"), ("max_length", "maxLength"),
        ("min_properties", "minProperties"), ("max_properties", "maxProperties"),
    ]

    private static func camelCased(_ name: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard name.contains(UInt8(ascii: "_")), let known = countNames.first(where: { name.equals($0.snake) }) else { return name }
        return UnsafeRawBufferPointer(start: known.camel.utf8Start, count: known.camel.utf8CodeUnitCount)
    }
}
