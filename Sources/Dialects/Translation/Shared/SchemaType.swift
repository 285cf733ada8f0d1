import Streaming

/// The types that a schema may name, in either spelling.
enum SchemaType {
    case object
    case array
    case string
    case number
    case integer
    case boolean
    case null

    init?(_ value: JSONValue) {
        guard let name = value.stringBytes, name.count <= 8 else { return nil }
        switch String(decoding: name, as: UTF8.self).lowercased() {
        case "object": self = .object
        case "array": self = .array
        case "string": self = .string
        case "number": self = .number
        case "integer": self = .integer
        case "boolean": self = .boolean
        case "null": self = .null
        default: return nil
        }
    }

    var jsonSchemaName: StaticString {
        switch self {
        case .object: "object"
        case .array: "array"
        case .string: "string"
        case .number: "number"
        case .integer: "integer"
        case .boolean: "boolean"
        case .null: "null"
        }
    }

    var openAPIName: StaticString {
        switch self {
        case .object: "OBJECT"
        case .array: "ARRAY"
        case .string: "STRING"
        case .number: "NUMBER"
        case .integer: "INTEGER"
        case .boolean: "BOOLEAN"
        case .null: "NULL"
        }
    }
}
