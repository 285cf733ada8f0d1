import Streaming

/// A JSON Schema in the subset of OpenAPI 3.0 that Gemini's `parameters` and `responseSchema` take.
///
/// What the subset lacks is put in its words where that can be (`$ref`, `allOf`, `const`, `oneOf`, lists of types, exclusive bounds) and left out where it
/// only narrows (`additionalProperties`, `not`, `pattern` of names, defaults). A property that the subset cannot say at all, as an object without
/// properties or a schema that holds itself, is left out with its name in `required`.
struct GeminiSchema {
    private let root: GeminiSchemaNode

    /// Nil when nothing is left that Gemini would take: a function without parameters, say.
    init?(_ schema: JSONValue) {
        var reading = GeminiSchemaReading(root: schema)
        guard let node = reading.node(schema) else { return nil }
        root = node
    }

    func write(to writer: inout JSONWriter) { root.write(to: &writer) }
}
