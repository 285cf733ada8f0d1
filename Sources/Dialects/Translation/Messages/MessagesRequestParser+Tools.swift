import Streaming

// Tools, and which of them the model may call.

extension MessagesRequestParser {
    static func tools(_ value: JSONValue?) throws(RequestProblem) -> [ToolDefinition] {
        guard let value else { return [] }
        guard value.isArray else { throw .wrongType(member: "tools", expected: "an array of objects") }
        var tools: [ToolDefinition] = []
        for tool in value.elements {
            guard tool.isObject else { throw .wrongType(member: "tools", expected: "an array of objects") }
            tools.append(try definition(tool))
        }
        return tools
    }

    /// A tool without a type, or of the type `custom`, is the client's own function; any other is Anthropic's, run by it or known to its models.
    private static func definition(_ tool: JSONValue) throws(RequestProblem) -> ToolDefinition {
        let name = JSONText(tool.present("name"))
        var kind = ToolDefinition.Kind.function
        if let type = JSONText(tool.present("type")), !type.equals("custom") {
            kind = .hosted(type: type)
        } else if name == nil {
            throw .missing(member: "tools.name")
        }
        let schema = tool.present("input_schema")
        if let schema, !schema.isObject { throw .wrongType(member: "tools.input_schema", expected: "an object") }
        return ToolDefinition(
            kind: kind, name: name ?? JSONText(""), description: JSONText(tool.present("description")), schema: schema,
            isStrict: tool["strict"]?.bool, cacheControl: tool.present("cache_control"), source: tool)
    }

    static func takeToolChoice(_ choice: JSONValue?, into conversation: inout Conversation) throws(RequestProblem) {
        guard let choice else { return }
        guard choice.isObject, let type = choice["type"] else { throw .wrongType(member: "tool_choice", expected: "an object with a type") }
        switch true {
        case type.equals("auto"): conversation.toolChoice = .auto
        case type.equals("any"): conversation.toolChoice = .required
        case type.equals("none"): conversation.toolChoice = ToolChoice.none
        case type.equals("tool"):
            guard let name = JSONText(choice.present("name")) else { throw .missing(member: "tool_choice.name") }
            conversation.toolChoice = .tool(name: name, namespace: nil)
        default:
            throw .invalid(member: "tool_choice.type", reason: "it must be auto, any, tool or none")
        }
        if let disables = choice["disable_parallel_tool_use"]?.bool { conversation.allowsParallelCalls = !disables }
    }
}
