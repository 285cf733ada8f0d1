import Streaming

/// Judges how many tokens tools and schemas make. Providers do not show them to the model as JSON but in a form of their own with less
/// punctuation, so that names and descriptions count, and not the braces around them.
struct SchemaTokens {
    private(set) var tokens = 0

    /// What stands around the name of a property.
    private static let propertyTokens = 4
    /// Members whose names are the schema's own words and cost nothing beside their values.
    private static let frames: [StaticString] = [
        "properties", "function", "parameters", "input_schema", "functionDeclarations", "function_declarations", "schema", "json_schema", "name",
        "description", "parametersJsonSchema", "format", "items",
    ]
    private static let silent: [StaticString] = ["strict", "additionalProperties", "cache_control", "$schema", "required"]

    mutating func take(_ value: JSONValue) {
        switch value.kind {
        case .string: if let text = JSONText(value) { tokens += TextTokens.count(text) }
        case .array: for element in value.elements { take(element) }
        case .object: for member in value.members { take(member) }
        default: break
        }
    }

    private mutating func take(_ member: JSONMember) {
        if Self.silent.contains(where: { member.name.equals($0) }) { return }
        if member.name.equals("type"), member.value.isString {
            tokens += 1
            return
        }
        if !Self.frames.contains(where: { member.name.equals($0) }), let name = JSONText(member.name) {
            tokens += TextTokens.count(name) + Self.propertyTokens
        }
        take(member.value)
    }
}
