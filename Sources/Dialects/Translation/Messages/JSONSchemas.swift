import Streaming

/// Holds the schemas of a Gemini client, written anew as JSON Schema: what Anthropic takes of a schema is decided and written in that form only.
final class JSONSchemas {
    private var text = JSONWriter()
    private let tape = JSONTape()

    /// Puts JSON Schema in the place of every schema in Gemini's subset of OpenAPI.
    ///
    /// What is put there lives as long as this object, and until the next call.
    func replaceOpenAPI(in conversation: inout Conversation) {
        var output: JSONValue?
        if conversation.hasOpenAPIOutputSchema, case .schema(let schema, _, _, _) = conversation.outputFormat { output = schema }
        let places = conversation.tools.indices.filter { conversation.tools[$0].isOpenAPISchema && conversation.tools[$0].schema != nil }
        guard output != nil || !places.isEmpty else { return }
        text.removeAll()
        text.beginArray()
        for place in places {
            if let schema = conversation.tools[place].schema { SchemaWriter.write(schema, isOpenAPI: true, to: &text) }
        }
        if let output { SchemaWriter.write(output, isOpenAPI: true, to: &text) }
        text.endArray()
        guard let root = try? tape.parse(text.bytes) else { return }
        var written = root.elements
        for place in places {
            conversation.tools[place].schema = written.next()
            conversation.tools[place].isOpenAPISchema = false
        }
        if output != nil, let schema = written.next(), case .schema(_, let name, let description, let strict) = conversation.outputFormat {
            conversation.outputFormat = .schema(schema, name: name, description: description, strict: strict)
            conversation.hasOpenAPIOutputSchema = false
        }
    }
}
