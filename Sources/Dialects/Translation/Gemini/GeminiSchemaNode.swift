import Streaming

/// One schema of the subset.
struct GeminiSchemaNode {
    var type: SchemaType?
    var isNullable = false
    var description: JSONText?
    /// Values that the subset's `enum` (texts only) cannot hold; they go into the description.
    var describedValues: [JSONValue] = []
    var values: [JSONText] = []
    var format: StaticString?
    /// Members that are the same in both: bounds, `pattern`, `title`.
    var bounds: [(name: StaticString, value: JSONValue)] = []
    /// A bound that had to be computed.
    var minimum: Int64?
    var maximum: Int64?
    var properties: [(name: JSONText, node: GeminiSchemaNode)] = []
    var required: [JSONText] = []
    /// None or one.
    var items: [GeminiSchemaNode] = []
    /// Alternatives; they stand alone.
    var anyOf: [GeminiSchemaNode] = []

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        if !anyOf.isEmpty {
            writer.name("anyOf")
            Self.write(anyOf, to: &writer)
        } else {
            writeMembers(to: &writer)
        }
        writer.endObject()
    }

    private func writeMembers(to writer: inout JSONWriter) {
        if let type { writer.member("type", type.openAPIName) }
        if let format { writer.member("format", format) }
        writeDescription(to: &writer)
        if isNullable { writer.member("nullable", true) }
        Self.write("enum", values, to: &writer)
        for bound in bounds { writer.member(bound.name, bound.value) }
        if let minimum { writer.member("minimum", Int(minimum)) }
        if let maximum { writer.member("maximum", Int(maximum)) }
        if let items = items.first {
            writer.name("items")
            items.write(to: &writer)
        }
        guard !properties.isEmpty else { return }
        writer.name("properties")
        writer.beginObject()
        for property in properties {
            switch property.name {
            case .escaped(let bytes), .plain(let bytes): writer.name(escaped: bytes)
            case .owned(var text): text.withUTF8 { writer.name(escaped: UnsafeRawBufferPointer($0)) }
            }
            property.node.write(to: &writer)
        }
        writer.endObject()
        Self.write("required", required, to: &writer)
    }

    private func writeDescription(to writer: inout JSONWriter) {
        guard description != nil || !describedValues.isEmpty else { return }
        writer.name("description")
        writer.beginString()
        if let description { writer.appendToString(description) }
        if !describedValues.isEmpty {
            writer.appendToString(description == nil ? "One of: " : " One of: ")
            for (place, value) in describedValues.enumerated() {
                if place > 0 { writer.appendToString(", ") }
                writer.appendToString(utf8: value.rawBytes)
            }
        }
        writer.endString()
    }

    private static func write(_ name: StaticString, _ texts: [JSONText], to writer: inout JSONWriter) {
        guard !texts.isEmpty else { return }
        writer.name(name)
        writer.beginArray()
        for text in texts { writer.string(text) }
        writer.endArray()
    }

    private static func write(_ nodes: [GeminiSchemaNode], to writer: inout JSONWriter) {
        writer.beginArray()
        for node in nodes { node.write(to: &writer) }
        writer.endArray()
    }
}
