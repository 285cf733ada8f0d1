import Streaming

/// The tools that go to Anthropic, under names that it takes.
struct MessagesTools {
    let definitions: [ToolDefinition]
    /// What they are called there; as many as definitions.
    let names: [JSONText]
    /// Tools that are only called in the history: Anthropic wants to know every tool that a conversation speaks of.
    let pastNames: [JSONText]

    /// Tools that another provider runs are left out, and so are those that the client does not allow this time.
    init(_ conversation: Conversation, model: MessagesModel, turns: [ConversationTurn], plan: inout AnswerPlan) {
        var definitions: [ToolDefinition] = []
        var names: [JSONText] = []
        for tool in conversation.tools where Self.isTaken(tool, conversation.toolChoice) {
            definitions.append(tool)
            if case .hosted = tool.kind {
                names.append(tool.name)
            } else {
                names.append(
                    ToolNames.providerName(tool.name, namespace: tool.namespace, isCustom: tool.isCustom, for: .messages, plan: &plan))
            }
        }
        var past: [String] = []
        if definitions.isEmpty {
            var seen: Set<String> = []
            for turn in turns {
                for part in turn.parts {
                    guard case .toolCall(let call) = part.content else { continue }
                    let name = ToolNames.providerName(call.name, namespace: call.namespace, isCustom: call.isCustom, for: .messages, plan: &plan)
                    if seen.insert(name.string).inserted { past.append(name.string) }
                }
            }
        }
        self.definitions = definitions
        self.names = names
        pastNames = past.map { .owned($0) }
    }

    private static func isTaken(_ tool: ToolDefinition, _ choice: ToolChoice?) -> Bool {
        if case .hosted(let type) = tool.kind { return isAnthropics(type) }
        guard case .allowed(let names, _) = choice else { return true }
        let name = tool.name.string
        return names.contains { $0.string == name }
    }

    /// Types of Anthropic's own tools end with a date: `web_search_20250305`.
    private static func isAnthropics(_ type: JSONText) -> Bool {
        let tail = type.string.utf8.suffix(9)
        return tail.count == 9 && tail.first == UInt8(ascii: "_") && tail.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    }
}

extension ToolDefinition {
    fileprivate var isCustom: Bool { if case .custom = kind { true } else { false } }
}

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
