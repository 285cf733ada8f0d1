import Streaming

// `tools` and what goes only with them. Groups of tools are written flat, each tool with its group in its name.

extension ResponsesRequestWriter {
    static func writeTools(_ conversation: Conversation, plan: inout AnswerPlan, to writer: inout JSONWriter) {
        let tools = conversation.tools.filter { if case .hosted = $0.kind { false } else { true } }
        guard !tools.isEmpty else { return }
        writer.name("tools")
        writer.beginArray()
        for tool in tools { write(tool, plan: &plan, to: &writer) }
        writer.endArray()
        if let choice = conversation.toolChoice { write(choice, tools, plan: &plan, to: &writer) }
        if let isAllowed = conversation.allowsParallelCalls { writer.member("parallel_tool_calls", isAllowed) }
    }

    private static func write(_ tool: ToolDefinition, plan: inout AnswerPlan, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", tool.isCustom ? "custom" : "function")
        writer.member("name", tool.providerName(&plan))
        if let description = tool.description { writer.member("description", description) }
        if case .custom(let format) = tool.kind {
            if let format { write(format: format, to: &writer) }
        } else {
            writer.name("parameters")
            if let schema = tool.schema {
                SchemaWriter.write(schema, isOpenAPI: tool.isOpenAPISchema, to: &writer)
            } else {
                writer.json(#"{"type":"object","properties":{}}"#)
            }
            if let isStrict = tool.isStrict {
                writer.member("strict", isStrict)
            } else if !tool.isFromResponses {
                // Open means true here, and that asks more of a schema than other dialects do.
                writer.member("strict", false)
            }
        }
        writer.endObject()
    }

    /// Chat puts a grammar into an object of its own.
    private static func write(format: JSONValue, to writer: inout JSONWriter) {
        guard let grammar = format.present("grammar"), grammar.isObject else { return writer.member("format", format) }
        writer.name("format")
        writer.beginObject()
        writer.member("type", "grammar")
        writer.member("syntax", grammar.present("syntax"))
        writer.member("definition", grammar.present("definition"))
        writer.endObject()
    }

    private static func write(_ choice: ToolChoice, _ tools: [ToolDefinition], plan: inout AnswerPlan, to writer: inout JSONWriter) {
        switch choice {
        case .auto: writer.member("tool_choice", "auto")
        case .none: writer.member("tool_choice", "none")
        case .required: writer.member("tool_choice", "required")
        case .tool(let name, let namespace):
            // A choice of a tool that is not there would be refused.
            guard let tool = tools.first(where: { $0.isNamed(name, in: namespace) }) else { return }
            writer.name("tool_choice")
            write(reference: tool, plan: &plan, to: &writer)
        case .allowed(let names, let isRequired):
            let names = Set(names.map(\.string))
            let allowed = tools.filter { names.contains($0.name.string) }
            guard !allowed.isEmpty else { return }
            writer.name("tool_choice")
            writer.beginObject()
            writer.member("type", "allowed_tools")
            writer.member("mode", isRequired ? "required" : "auto")
            writer.name("tools")
            writer.beginArray()
            for tool in allowed { write(reference: tool, plan: &plan, to: &writer) }
            writer.endArray()
            writer.endObject()
        }
    }

    private static func write(reference tool: ToolDefinition, plan: inout AnswerPlan, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", tool.isCustom ? "custom" : "function")
        writer.member("name", tool.providerName(&plan))
        writer.endObject()
    }
}

extension ToolDefinition {
    fileprivate var isCustom: Bool { if case .custom = kind { true } else { false } }

    /// Whether the client wrote it in this dialect: a function with its name beside its type.
    fileprivate var isFromResponses: Bool { source["type"]?.equals("function") ?? false && source["name"] != nil }

    fileprivate func providerName(_ plan: inout AnswerPlan) -> JSONText {
        ToolNames.providerName(name, namespace: namespace, isCustom: isCustom, for: .responses, plan: &plan)
    }

    /// - Parameter group: nil for any.
    fileprivate func isNamed(_ text: JSONText, in group: JSONText?) -> Bool {
        name.string == text.string && (group == nil || namespace?.string == group?.string)
    }
}
