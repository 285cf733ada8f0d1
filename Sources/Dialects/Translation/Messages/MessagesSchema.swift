import Streaming

/// Schemas of tools and answers as Anthropic takes them.
enum MessagesSchema {
    /// Writes the schema of a tool's input: an object's, without alternatives at the top. Gemini's types in capitals become JSON Schema's.
    static func writeInput(_ schema: JSONValue?, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "object")
        var hasProperties = false
        if let schema, schema.isObject {
            for member in schema.members {
                guard let name = member.name.stringBytes else { continue }
                if name.equals("type") || name.equals("nullable") || name.equals("anyOf") || name.equals("oneOf") || name.equals("allOf") {
                    continue
                }
                if name.equals("properties") { hasProperties = true }
                write(member, isClosed: false, to: &writer)
            }
        }
        if !hasProperties {
            writer.name("properties")
            writer.json("{}")
        }
        writer.endObject()
    }

    /// Writes a schema that is followed to the letter: objects are closed, and what such a schema cannot say is left out.
    static func writeClosed(_ schema: JSONValue, to writer: inout JSONWriter) {
        write(schema, isClosed: true, to: &writer)
    }

    /// Whether closing the schema keeps its meaning: an object of any members, or one that is not described, cannot be had to the letter.
    static func canBeClosed(_ schema: JSONValue) -> Bool {
        guard schema.isObject else { return false }
        if let additional = schema.present("additionalProperties"), additional.bool != false { return false }
        if schema.present("patternProperties") != nil { return false }
        let isObject = schema["type"].map { SchemaTypeName.isObject($0) } ?? false
        if isObject, schema.present("properties") == nil { return false }
        for member in schema.members {
            guard let name = member.name.stringBytes else { continue }
            switch place(of: name) {
            case .schema: if member.value.isObject, !canBeClosed(member.value) { return false }
            case .schemas: for element in member.value.elements where !canBeClosed(element) { return false }
            case .namedSchemas: for property in member.value.members where !canBeClosed(property.value) { return false }
            case .value: break
            }
        }
        return true
    }

    // MARK: Writing

    private enum Place {
        case schema, schemas, namedSchemas, value
    }

    /// What stands in a member of that name.
    private static func place(of name: UnsafeRawBufferPointer) -> Place {
        switch true {
        case name.equals("properties"), name.equals("$defs"), name.equals("definitions"), name.equals("patternProperties"): .namedSchemas
        case name.equals("anyOf"), name.equals("oneOf"), name.equals("allOf"), name.equals("prefixItems"): .schemas
        case name.equals("items"), name.equals("not"), name.equals("additionalProperties"): .schema
        default: .value
        }
    }

    private static func write(_ schema: JSONValue, isClosed: Bool, to writer: inout JSONWriter) {
        guard schema.isObject else { return writer.json(schema.rawBytes) }
        let isNullable = schema["nullable"]?.bool ?? false
        var isObject = false
        writer.beginObject()
        for member in schema.members {
            guard let name = member.name.stringBytes else { continue }
            if name.equals("type") {
                isObject = SchemaTypeName.isObject(member.value)
                writer.name("type")
                SchemaTypeName.write(member.value, isNullable: isNullable, to: &writer)
            } else if !name.equals("nullable") {
                write(member, isClosed: isClosed, to: &writer)
            }
        }
        if isClosed, isObject {
            writer.member("additionalProperties", false)
        }
        writer.endObject()
    }

    private static func write(_ member: JSONMember, isClosed: Bool, to writer: inout JSONWriter) {
        guard let name = member.name.stringBytes else { return }
        if isClosed, !isKept(name, member.value) { return }
        if isClosed, name.equals("oneOf") { writer.name("anyOf") } else { writer.name(escaped: name) }
        let value = member.value
        switch place(of: name) {
        case .schema:
            write(value, isClosed: isClosed, to: &writer)
        case .schemas where value.isArray:
            writer.beginArray()
            for element in value.elements { write(element, isClosed: isClosed, to: &writer) }
            writer.endArray()
        case .namedSchemas where value.isObject:
            writer.beginObject()
            for property in value.members {
                guard let name = property.name.stringBytes else { continue }
                writer.name(escaped: name)
                write(property.value, isClosed: isClosed, to: &writer)
            }
            writer.endObject()
        default:
            writer.json(value.rawBytes)
        }
    }

    /// What a schema that is followed to the letter may say. (Bounds of numbers and lengths it may not.)
    private static func isKept(_ name: UnsafeRawBufferPointer, _ value: JSONValue) -> Bool {
        switch true {
        case name.equals("properties"), name.equals("required"), name.equals("items"), name.equals("enum"), name.equals("const"),
            name.equals("description"), name.equals("title"), name.equals("anyOf"), name.equals("oneOf"), name.equals("allOf"),
            name.equals("$defs"), name.equals("definitions"), name.equals("$ref"):
            true
        case name.equals("format"):
            formats.contains { value.equals($0) }
        case name.equals("minItems"):
            value.count.map { $0 <= 1 } ?? false
        default:
            false
        }
    }

    private static let formats: [StaticString] = [
        "date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid",
    ]
}

/// The name of a type in a schema: Gemini's are in capitals.
private enum SchemaTypeName {
    static func isObject(_ type: JSONValue) -> Bool {
        type.equals("object") || type.equals("OBJECT") || type.elements.contains { isObject($0) }
    }

    static func write(_ type: JSONValue, isNullable: Bool, to writer: inout JSONWriter) {
        guard let name = lowercased(type) else { return writer.json(type.rawBytes) }
        guard isNullable else { return writer.string(name) }
        writer.beginArray()
        writer.string(name)
        writer.string("null")
        writer.endArray()
    }

    private static func lowercased(_ type: JSONValue) -> StaticString? {
        switch true {
        case type.equals("OBJECT"), type.equals("object"): "object"
        case type.equals("ARRAY"), type.equals("array"): "array"
        case type.equals("STRING"), type.equals("string"): "string"
        case type.equals("NUMBER"), type.equals("number"): "number"
        case type.equals("INTEGER"), type.equals("integer"): "integer"
        case type.equals("BOOLEAN"), type.equals("boolean"): "boolean"
        case type.equals("NULL"), type.equals("null"): "null"
        default: nil
        }
    }
}
