import Streaming

// Tools, and which of them the model may call.

extension MessagesRequest {
    mutating func writeTools(to writer: inout JSONWriter) {
        var output: (schema: JSONValue, description: JSONText?)?
        if case .tool(let schema, let description) = shape { output = (schema, description) }
        guard !tools.definitions.isEmpty || !tools.pastNames.isEmpty || output != nil else { return }
        writer.name("tools")
        writer.beginArray()
        var strictTools = 0
        for (tool, name) in zip(tools.definitions, tools.names) { write(tool, name: name, strictTools: &strictTools, to: &writer) }
        for name in tools.pastNames { writePlain(name, to: &writer) }
        if let output {
            writer.beginObject()
            writer.member("name", MessagesOutputShape.toolName)
            writer.member("description", output.description ?? JSONText("Gives the answer. Call it once, with the whole answer."))
            writer.name("input_schema")
            MessagesSchema.writeInput(output.schema, to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writeToolChoice(isOutputForced: output != nil, to: &writer)
    }

    private mutating func write(_ tool: ToolDefinition, name: JSONText, strictTools: inout Int, to writer: inout JSONWriter) {
        switch tool.kind {
        case .hosted:
            return writer.json(tool.source.rawBytes)
        case .custom(let format):
            writer.beginObject()
            writer.member("name", name)
            writeDescription(tool.description, format: format, to: &writer)
            writer.name("input_schema")
            writer.json("{\"type\":\"object\",\"properties\":{\"input\":{\"type\":\"string\"}},\"required\":[\"input\"]}")
        case .function:
            writer.beginObject()
            writer.member("name", name)
            if let description = tool.description, !description.isEmpty { writer.member("description", description) }
            let isStrict = isStrict(tool) && strictTools < DialectLimits.strictToolsMax
            writer.name("input_schema")
            if isStrict, let schema = tool.schema {
                strictTools += 1
                MessagesSchema.writeClosed(schema, to: &writer)
                writer.member("strict", true)
            } else {
                MessagesSchema.writeInput(tool.schema, to: &writer)
            }
        }
        writer.member("cache_control", marks.next(tool.cacheControl))
        writer.endObject()
    }

    /// Strict only where the client asks for it and the schema can be kept to the letter.
    private func isStrict(_ tool: ToolDefinition) -> Bool {
        guard tool.isStrict == true, model.hasOutputFormat, let schema = tool.schema else { return false }
        return schema["type"]?.equals("object") ?? false && MessagesSchema.canBeClosed(schema)
    }

    /// A description, with the grammar that the text must follow.
    private func writeDescription(_ description: JSONText?, format: JSONValue?, to writer: inout JSONWriter) {
        let grammar = JSONText(format?.present("definition")) ?? JSONText(format?.present("grammar")?.present("definition"))
        guard description != nil || grammar != nil else { return }
        writer.name("description")
        writer.beginString()
        if let description { writer.appendToString(description) }
        if let grammar {
            writer.appendToString(JSONText("\n\nThe input follows this grammar:\n"))
            writer.appendToString(grammar)
        }
        writer.endString()
    }

    private func writePlain(_ name: JSONText, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.name("input_schema")
        MessagesSchema.writeInput(nil, to: &writer)
        writer.endObject()
    }

    // MARK: Choice

    /// Thinking takes no forced choice: it becomes `auto`. One call at a time needs a choice to say so.
    private mutating func writeToolChoice(isOutputForced: Bool, to writer: inout JSONWriter) {
        if isOutputForced {
            let isAlone = tools.definitions.isEmpty || conversation.toolChoice.isNone
            return writeChoice(isAlone ? "tool" : "any", name: isAlone ? JSONText(MessagesOutputShape.toolName) : nil, isSingle: true, to: &writer)
        }
        if tools.definitions.isEmpty { return writeChoice("none", name: nil, isSingle: false, to: &writer) }
        let isSingle = conversation.allowsParallelCalls == false
        switch conversation.toolChoice {
        case nil:
            if isSingle { writeChoice("auto", name: nil, isSingle: true, to: &writer) }
        case .auto:
            writeChoice("auto", name: nil, isSingle: isSingle, to: &writer)
        case ToolChoice.none?:
            writeChoice("none", name: nil, isSingle: false, to: &writer)
        case .required:
            writeChoice(thinking.isOn ? "auto" : "any", name: nil, isSingle: isSingle, to: &writer)
        case .allowed(_, let isRequired):
            writeChoice(thinking.isOn || !isRequired ? "auto" : "any", name: nil, isSingle: isSingle, to: &writer)
        case .tool(let name, let namespace):
            guard !thinking.isOn, let forced = providerName(name, namespace) else {
                return writeChoice("auto", name: nil, isSingle: isSingle, to: &writer)
            }
            writeChoice("tool", name: forced, isSingle: isSingle, to: &writer)
        }
    }

    private func writeChoice(_ type: StaticString, name: JSONText?, isSingle: Bool, to writer: inout JSONWriter) {
        writer.name("tool_choice")
        writer.beginObject()
        writer.member("type", type)
        if let name { writer.member("name", name) }
        if isSingle { writer.member("disable_parallel_tool_use", true) }
        writer.endObject()
    }

    /// What a tool that goes along is called at the provider.
    private func providerName(_ name: JSONText, _ namespace: JSONText?) -> JSONText? {
        let wanted = (name.string, namespace?.string)
        for (tool, provided) in zip(tools.definitions, tools.names) where tool.name.string == wanted.0 && tool.namespace?.string == wanted.1 {
            return provided
        }
        return nil
    }
}

extension ToolChoice? {
    fileprivate var isNone: Bool { if case ToolChoice.none? = self { true } else { false } }
}
