import Streaming

extension ChatRequestParser {
    /// `tools`, `tool_choice` and `parallel_tool_calls`, or their forerunners `functions` and `function_call`.
    static func parseTools(_ root: JSONValue, into conversation: inout Conversation) throws(RequestProblem) {
        if let tools = try array(root, "tools") {
            for tool in tools.elements { conversation.tools.append(try definition(tool)) }
        }
        if conversation.tools.isEmpty, let functions = try array(root, "functions") {
            for function in functions.elements { conversation.tools.append(try self.function(function, in: function)) }
        }
        if let choice = root.present("tool_choice") {
            conversation.toolChoice = try toolChoice(choice)
        } else if let choice = root.present("function_call") {
            conversation.toolChoice = try legacyChoice(choice)
        }
        conversation.allowsParallelCalls = try flag(root, "parallel_tool_calls")
    }

    private static func definition(_ tool: JSONValue) throws(RequestProblem) -> ToolDefinition {
        guard tool.isObject else { throw .wrongType(member: "tools", expected: "an array of objects") }
        if let function = tool.present("function"), function.isObject { return try self.function(function, in: tool) }
        guard let type = JSONText(tool.present("type")) else { throw .missing(member: "tools.type") }
        if type.equals("function") { throw .missing(member: "tools.function") }
        guard type.equals("custom"), let custom = tool.present("custom") else {
            return ToolDefinition(kind: .hosted(type: type), name: type, source: tool)
        }
        guard let name = JSONText(custom.present("name")), !name.isEmpty else { throw .missing(member: "tools.custom.name") }
        return ToolDefinition(
            kind: .custom(format: custom.present("format")), name: name, description: JSONText(custom.present("description")),
            cacheControl: cacheControl(tool), source: tool)
    }

    private static func function(_ function: JSONValue, in tool: JSONValue) throws(RequestProblem) -> ToolDefinition {
        guard let name = JSONText(function.present("name")), !name.isEmpty else { throw .missing(member: "tools.function.name") }
        if let schema = function.present("parameters"), !schema.isObject {
            throw .wrongType(member: "tools.function.parameters", expected: "an object")
        }
        return ToolDefinition(
            kind: .function, name: name, description: JSONText(function.present("description")), schema: function.present("parameters"),
            isStrict: function.present("strict")?.bool, cacheControl: cacheControl(tool) ?? cacheControl(function), source: tool)
    }

    private static func toolChoice(_ choice: JSONValue) throws(RequestProblem) -> ToolChoice {
        switch true {
        case choice.equals("auto"): return .auto
        case choice.equals("none"): return .none
        // "any" is Mistral's word.
        case choice.equals("required"), choice.equals("any"): return .required
        default: break
        }
        guard choice.isObject else { throw .invalid(member: "tool_choice", reason: "it must be auto, none, required or an object") }
        if let allowed = choice.present("allowed_tools"), allowed.isObject {
            var names: [JSONText] = []
            for tool in allowed.present("tools")?.elements ?? choice.elements {
                if let name = toolName(tool) { names.append(name) }
            }
            guard !names.isEmpty else { throw .empty(member: "tool_choice.allowed_tools.tools") }
            return .allowed(names: names, isRequired: allowed.present("mode")?.equals("required") ?? false)
        }
        guard let name = toolName(choice) else { throw .missing(member: "tool_choice.function.name") }
        return .tool(name: name, namespace: nil)
    }

    /// The name of a tool that is pointed at: `{type, function: {name}}`, or flat.
    private static func toolName(_ tool: JSONValue) -> JSONText? {
        let inner = tool.present("function") ?? tool.present("custom") ?? tool
        guard let name = JSONText(inner.present("name")), !name.isEmpty else { return nil }
        return name
    }

    private static func legacyChoice(_ choice: JSONValue) throws(RequestProblem) -> ToolChoice {
        if choice.equals("auto") { return .auto }
        if choice.equals("none") { return .none }
        guard let name = JSONText(choice.present("name")), !name.isEmpty else {
            throw .invalid(member: "function_call", reason: "it must be auto, none or an object with a name")
        }
        return .tool(name: name, namespace: nil)
    }

    /// `cache_control` as OpenRouter takes it from Anthropic: an object.
    static func cacheControl(_ part: JSONValue) -> JSONValue? {
        guard let control = part.present("cache_control"), control.isObject else { return nil }
        return control
    }
}
