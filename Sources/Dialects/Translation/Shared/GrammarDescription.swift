import Streaming

extension JSONWriter {
    /// The member `description` of a tool that takes free text, where no grammar can be enforced: the model is told of it. Nothing when there is nothing to
    /// tell.
    ///
    /// - Parameters:
    ///   - format: the custom tool's, which OpenAI's two dialects nest differently.
    ///   - rule: what the input does: `follows`, `must follow`.
    mutating func describe(_ description: JSONText?, _ format: JSONValue?, rule: StaticString) {
        let grammar = format?.present("grammar") ?? format
        let definition = JSONText(grammar?.present("definition"))
        guard description != nil || definition != nil else { return }
        name("description")
        beginString()
        if let description { appendToString(description) }
        if let definition {
            if description != nil { appendToString("\n\n") }
            appendToString("The input ")
            appendToString(JSONText(rule))
            appendToString(" this grammar")
            if let syntax = JSONText(grammar?.present("syntax")) {
                appendToString(" (")
                appendToString(syntax)
                appendToString(")")
            }
            appendToString(":\n")
            appendToString(definition)
        }
        endString()
    }
}
