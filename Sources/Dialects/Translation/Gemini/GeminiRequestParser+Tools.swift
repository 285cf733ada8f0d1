import Streaming

// Tools and the choice among them.

extension GeminiRequestParser {
    static func readTools(_ root: JSONValue, into conversation: inout Conversation) throws(RequestProblem) {
        if let tools = root.present("tools") {
            // Some clients write one tool in place of the list.
            guard tools.isArray || tools.isObject else { throw .wrongType(member: "tools", expected: "an array") }
            for tool in tools.isArray ? tools.elements.map({ $0 }) : [tools] {
                guard tool.isObject else { throw .wrongType(member: "tools", expected: "an array of objects") }
                try readTool(tool, into: &conversation.tools)
            }
        }
        guard let config = root.present("toolConfig", "tool_config") else { return }
        guard config.isObject else { throw .wrongType(member: "toolConfig", expected: "an object") }
        guard let calling = config.present("functionCallingConfig", "function_calling_config") else { return }
        guard calling.isObject else { throw .wrongType(member: "toolConfig.functionCallingConfig", expected: "an object") }
        conversation.toolChoice = try choice(calling)
    }

    /// A tool is a list of functions; anything else in it is run by Google itself.
    private static func readTool(_ tool: JSONValue, into tools: inout [ToolDefinition]) throws(RequestProblem) {
        for member in tool.members where !member.value.isNull {
            guard member.name.equals("functionDeclarations") || member.name.equals("function_declarations") else {
                guard let type = JSONText(member.name) else { continue }
                tools.append(ToolDefinition(kind: .hosted(type: type), name: type, source: tool))
                continue
            }
            let declarations = member.value
            guard declarations.isArray || declarations.isObject else {
                throw .wrongType(member: "tools.functionDeclarations", expected: "an array")
            }
            for declaration in declarations.isArray ? declarations.elements.map({ $0 }) : [declarations] {
                tools.append(try function(declaration))
            }
        }
    }

    private static func function(_ declaration: JSONValue) throws(RequestProblem) -> ToolDefinition {
        guard declaration.isObject else { throw .wrongType(member: "tools.functionDeclarations", expected: "an array of objects") }
        guard let name = JSONText(declaration.present("name")), !name.isEmpty else { throw .missing(member: "tools.functionDeclarations.name") }
        var tool = ToolDefinition(kind: .function, name: name, source: declaration)
        if let text = JSONText(declaration.present("description")), !text.isEmpty { tool.description = text }
        if let schema = declaration.present("parametersJsonSchema", "parameters_json_schema") {
            guard schema.isObject else { throw .wrongType(member: "tools.functionDeclarations.parametersJsonSchema", expected: "an object") }
            tool.schema = schema
        } else if let schema = declaration.present("parameters") {
            guard schema.isObject else { throw .wrongType(member: "tools.functionDeclarations.parameters", expected: "an object") }
            tool.schema = schema
            tool.isOpenAPISchema = true
        }
        return tool
    }

    private static func choice(_ calling: JSONValue) throws(RequestProblem) -> ToolChoice? {
        var names: [JSONText] = []
        if let list = calling.present("allowedFunctionNames", "allowed_function_names") {
            guard list.isArray else { throw .wrongType(member: "toolConfig.functionCallingConfig.allowedFunctionNames", expected: "an array") }
            for element in list.elements {
                guard let name = JSONText(element) else {
                    throw .wrongType(member: "toolConfig.functionCallingConfig.allowedFunctionNames", expected: "an array of strings")
                }
                names.append(name)
            }
        }
        guard let mode = calling.present("mode") else { return nil }
        guard let word = mode.string else { throw .wrongType(member: "toolConfig.functionCallingConfig.mode", expected: "a string") }
        switch word.uppercased() {
        case "AUTO":
            return .auto
        case "NONE":
            return ToolChoice.none
        case "ANY":
            if names.count == 1 { return .tool(name: names[0], namespace: nil) }
            return names.isEmpty ? .required : .allowed(names: names, isRequired: true)
        case "VALIDATED":
            return names.isEmpty ? .auto : .allowed(names: names, isRequired: false)
        case "MODE_UNSPECIFIED", "":
            return nil
        default:
            throw .invalid(member: "toolConfig.functionCallingConfig.mode", reason: "it is AUTO, NONE, ANY or VALIDATED")
        }
    }
}
