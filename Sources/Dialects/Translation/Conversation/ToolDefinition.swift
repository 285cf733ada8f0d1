import Streaming

/// A tool that the model may call.
struct ToolDefinition {
    enum Kind {
        /// Called with a JSON object that follows `schema`.
        case function
        /// Called with free text (OpenAI `custom`); the format is the client's object, a grammar mostly.
        case custom(format: JSONValue?)
        /// Run by the provider itself (`web_search`, `code_execution` …): only its own dialect knows it. `type` as the client names it.
        case hosted(type: JSONText)
    }

    var kind: Kind
    /// As the client names it.
    var name: JSONText
    /// The group that a Responses client put the tool in; it is part of the tool's identity.
    var namespace: JSONText?
    var description: JSONText?
    /// JSON Schema of the arguments; nil for a tool without any.
    var schema: JSONValue?
    /// Whether `schema` is Gemini's subset of OpenAPI (`"type": "STRING"`, `nullable`) in place of JSON Schema: `SchemaWriter` writes both.
    var isOpenAPISchema = false
    /// Whether arguments must follow the schema to the letter; nil when the client does not say.
    var isStrict: Bool?
    var cacheControl: JSONValue?
    /// The tool as the client wrote it, for the target that speaks the same dialect about it.
    var source: JSONValue
}

/// Which tools the model may or must call.
enum ToolChoice {
    case auto
    case none
    /// Any, but one of them.
    case required
    /// This one.
    case tool(name: JSONText, namespace: JSONText?)
    /// Some of them; must one be called?
    case allowed(names: [JSONText], isRequired: Bool)
}
