import Streaming

/// Writes `tools`, `tool_choice` and `parallel_tool_calls`. Tools that a provider runs itself are left out: another one has others.
struct ChatToolWriting {
    private let conversation: Conversation
    private let accent: ChatAccent
    private let tools: [ToolDefinition]

    init(_ conversation: Conversation, _ accent: ChatAccent) {
        self.conversation = conversation
        self.accent = accent
        var tools = conversation.tools.filter { tool in
            if case .hosted = tool.kind { false } else { true }
        }
        switch conversation.toolChoice {
        case .allowed(let names, _) where !accent.takesAllowedTools:
            let allowed = Set(names.map(\.string))
            tools = tools.filter { allowed.contains($0.name.string) }
        case .some(.none) where !accent.takesForcedTools(conversation.reasoning):
            tools = []
        default:
            break
        }
        self.tools = tools
    }

    func write(to writer: inout JSONWriter, plan: inout AnswerPlan) {
        guard !tools.isEmpty else { return }
        writer.name("tools")
        writer.beginArray()
        for tool in tools { write(tool, to: &writer, plan: &plan) }
        writer.endArray()
        if let choice = conversation.toolChoice { write(choice, to: &writer, plan: &plan) }
        if let allows = conversation.allowsParallelCalls, accent.takesParallelToolCalls { writer.member("parallel_tool_calls", allows) }
    }

    private func write(_ tool: ToolDefinition, to writer: inout JSONWriter, plan: inout AnswerPlan) {
        writer.beginObject()
        writer.member("type", "function")
        writer.name("function")
        writer.beginObject()
        writer.member("name", name(tool, &plan))
        if case .custom(let format) = tool.kind {
            writer.describe(tool.description, format, rule: "must follow")
            writer.name("parameters")
            writer.json("{\"type\":\"object\",\"properties\":{\"input\":{\"type\":\"string\"}},\"required\":[\"input\"]}")
        } else {
            if let description = tool.description { writer.member("description", description) }
            writer.name("parameters")
            if let schema = tool.schema {
                SchemaWriter.write(schema, isOpenAPI: tool.isOpenAPISchema, to: &writer)
            } else {
                writer.json("{\"type\":\"object\",\"properties\":{}}")
            }
            if let isStrict = tool.isStrict, isStrict || accent.takesStrictFalse { writer.member("strict", isStrict) }
        }
        writer.endObject()
        if accent.takesCacheControl { writer.member("cache_control", tool.cacheControl) }
        writer.endObject()
    }

    private func write(_ choice: ToolChoice, to writer: inout JSONWriter, plan: inout AnswerPlan) {
        let isForced = accent.takesForcedTools(conversation.reasoning)
        switch choice {
        case .auto:
            writer.member("tool_choice", "auto")
        case .none:
            writer.member("tool_choice", "none")
        case .required:
            writer.member("tool_choice", isForced ? "required" : "auto")
        case .tool(let name, let namespace):
            guard isForced, let tool = definition(name, namespace) else {
                writer.member("tool_choice", "auto")
                return
            }
            writer.name("tool_choice")
            writeReference(tool, to: &writer, plan: &plan)
        case .allowed(let names, let isRequired):
            guard accent.takesAllowedTools else {
                writer.member("tool_choice", isRequired && isForced ? "required" : "auto")
                return
            }
            writer.name("tool_choice")
            writer.beginObject()
            writer.member("type", "allowed_tools")
            writer.name("allowed_tools")
            writer.beginObject()
            writer.member("mode", isRequired ? "required" : "auto")
            writer.name("tools")
            writer.beginArray()
            let byName = Dictionary(tools.map { ($0.name.string, $0) }, uniquingKeysWith: { first, _ in first })
            for name in names {
                if let tool = byName[name.string] { writeReference(tool, to: &writer, plan: &plan) }
            }
            writer.endArray()
            writer.endObject()
            writer.endObject()
        }
    }

    private func writeReference(_ tool: ToolDefinition, to writer: inout JSONWriter, plan: inout AnswerPlan) {
        writer.beginObject()
        writer.member("type", "function")
        writer.name("function")
        writer.beginObject()
        writer.member("name", name(tool, &plan))
        writer.endObject()
        writer.endObject()
    }

    /// The one tool that a choice points at. A hosted one, or one that is not there, cannot be pointed at.
    private func definition(_ name: JSONText, _ namespace: JSONText?) -> ToolDefinition? {
        let name = name.string
        let namespace = namespace?.string
        return tools.first { $0.name.string == name && (namespace == nil || $0.namespace?.string == namespace) }
    }

    private func name(_ tool: ToolDefinition, _ plan: inout AnswerPlan) -> JSONText {
        var isCustom = false
        if case .custom = tool.kind { isCustom = true }
        return ToolNames.providerName(tool.name, namespace: tool.namespace, isCustom: isCustom, for: .chat, plan: &plan)
    }
}
