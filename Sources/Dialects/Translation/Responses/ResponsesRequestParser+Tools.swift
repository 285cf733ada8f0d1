import Streaming

// `tools`, `tool_choice` and `parallel_tool_calls`.

extension ResponsesRequestParser {
    static func takeTools(_ root: JSONValue, into conversation: inout Conversation) throws(RequestProblem) {
        conversation.allowsParallelCalls = try flag("parallel_tool_calls", of: root)
        if let tools = root.present("tools") {
            guard tools.isArray else { throw .wrongType(member: "tools", expected: "an array") }
            for tool in tools.elements { try take(tool, namespace: nil, into: &conversation.tools) }
        }
        if let choice = root.present("tool_choice") { conversation.toolChoice = try toolChoice(choice) }
    }

    /// One tool, or the tools of a namespace.
    ///
    /// `strict` stays open where the client does not say: it is true in this dialect, but a schema that was not written for it is refused elsewhere, so
    /// that a writer of another dialect takes it for false.
    private static func take(
        _ tool: JSONValue, namespace: JSONText?, into tools: inout [ToolDefinition]
    ) throws(RequestProblem) {
        guard tool.isObject else { throw .wrongType(member: "tools", expected: "an array of objects") }
        guard let type = tool.present("type"), let typeName = JSONText(type) else { throw .missing(member: "tools[].type") }
        switch true {
        case type.equals("function"):
            var definition = ToolDefinition(kind: .function, name: try name(of: tool), namespace: namespace, source: tool)
            definition.description = JSONText(tool.present("description"))
            if let schema = tool.present("parameters") {
                guard schema.isObject else { throw .wrongType(member: "tools[].parameters", expected: "an object") }
                definition.schema = schema
            }
            definition.isStrict = tool.present("strict")?.bool
            tools.append(definition)
        case type.equals("custom"):
            let format = tool.present("format").flatMap { $0.isObject ? $0 : nil }
            var definition = ToolDefinition(kind: .custom(format: format), name: try name(of: tool), namespace: namespace, source: tool)
            definition.description = JSONText(tool.present("description"))
            tools.append(definition)
        case type.equals("namespace") && namespace == nil:
            let group = try name(of: tool)
            guard let nested = tool.present("tools"), nested.isArray else {
                throw .wrongType(member: "tools[].tools", expected: "an array")
            }
            for tool in nested.elements { try take(tool, namespace: group, into: &tools) }
        default:
            tools.append(ToolDefinition(kind: .hosted(type: typeName), name: typeName, namespace: namespace, source: tool))
        }
    }

    private static func name(of tool: JSONValue) throws(RequestProblem) -> JSONText {
        guard let name = tool.present("name") else { throw .missing(member: "tools[].name") }
        guard let text = JSONText(name) else { throw .wrongType(member: "tools[].name", expected: "a string") }
        guard !text.isEmpty else { throw .empty(member: "tools[].name") }
        return text
    }

    /// Nil for a tool that the provider itself runs: another one has it not, and answers as it sees fit.
    private static func toolChoice(_ choice: JSONValue) throws(RequestProblem) -> ToolChoice? {
        if choice.isString {
            switch true {
            case choice.equals("auto"): return .auto
            case choice.equals("none"): return ToolChoice.none
            case choice.equals("required"): return .required
            default: throw .invalid(member: "tool_choice", reason: "it must be 'auto', 'none', 'required' or an object")
            }
        }
        guard choice.isObject, let type = choice.present("type") else {
            throw .wrongType(member: "tool_choice", expected: "a string or an object with a type")
        }
        switch true {
        case type.equals("function"), type.equals("custom"):
            guard let name = JSONText(choice.present("name")) else { throw .missing(member: "tool_choice.name") }
            return .tool(name: name, namespace: JSONText(choice.present("namespace")))
        case type.equals("allowed_tools"):
            guard let tools = choice.present("tools"), tools.isArray else {
                throw .wrongType(member: "tool_choice.tools", expected: "an array")
            }
            let names = tools.elements.compactMap { JSONText($0.present("name")) }
            return names.isEmpty ? nil : .allowed(names: names, isRequired: choice.present("mode")?.equals("required") ?? false)
        default:
            return nil
        }
    }
}
