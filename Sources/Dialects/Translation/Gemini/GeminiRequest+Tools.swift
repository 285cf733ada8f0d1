import Streaming

// Tools and the choice among them.

extension GeminiRequest {
    func writeTools(plan: inout AnswerPlan, to writer: inout JSONWriter) {
        let functions = functions
        guard !functions.isEmpty else { return }
        writer.name("tools")
        writer.beginArray()
        writer.beginObject()
        writer.name("functionDeclarations")
        writer.beginArray()
        for tool in functions { write(tool, plan: &plan, to: &writer) }
        writer.endArray()
        writer.endObject()
        writer.endArray()
        if let choice = conversation.toolChoice { write(choice, among: functions, plan: &plan, to: &writer) }
    }

    private func write(_ tool: ToolDefinition, plan: inout AnswerPlan, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name(of: tool, plan: &plan))
        if case .custom(let format) = tool.kind {
            writer.describe(tool.description, format, rule: "follows")
            writer.name(model.takesJSONSchema ? "parametersJsonSchema" : "parameters")
            // Types in small letters are taken by both.
            writer.json("{\"type\":\"object\",\"properties\":{\"input\":{\"type\":\"string\"}},\"required\":[\"input\"]}")
        } else {
            if let description = tool.description { writer.member("description", description) }
            if let schema = tool.schema, schema.isObject { writeParameters(schema, of: tool, to: &writer) }
        }
        writer.endObject()
    }

    private func name(of tool: ToolDefinition, plan: inout AnswerPlan) -> JSONText {
        let isCustom = if case .custom = tool.kind { true } else { false }
        return ToolNames.providerName(tool.name, namespace: tool.namespace, isCustom: isCustom, for: .gemini, plan: &plan)
    }

    private func writeParameters(_ schema: JSONValue, of tool: ToolDefinition, to writer: inout JSONWriter) {
        guard model.takesJSONSchema else {
            guard let parameters = GeminiSchema(schema) else { return }
            writer.name("parameters")
            return parameters.write(to: &writer)
        }
        writer.name("parametersJsonSchema")
        writeSchema(schema, isOpenAPI: tool.isOpenAPISchema, to: &writer)
    }

    /// JSON Schema as it came, without the name of its draft.
    func writeSchema(_ schema: JSONValue, isOpenAPI: Bool, to writer: inout JSONWriter) {
        guard !isOpenAPI, schema["$schema"] != nil else { return SchemaWriter.write(schema, isOpenAPI: isOpenAPI, to: &writer) }
        writer.beginObject()
        for member in schema.members where !member.name.equals("$schema") {
            guard let name = member.name.stringBytes else { continue }
            writer.name(escaped: name)
            writer.json(member.value.rawBytes)
        }
        writer.endObject()
    }

    private func write(
        _ choice: ToolChoice, among functions: [ToolDefinition], plan: inout AnswerPlan, to writer: inout JSONWriter
    ) {
        var mode: StaticString = "AUTO"
        var names: [JSONText] = []
        switch choice {
        case .auto: break
        case .none: mode = "NONE"
        case .required: mode = "ANY"
        case .tool(let name, let namespace):
            mode = "ANY"
            let wanted = (name.string, namespace?.string)
            let tool = functions.first { $0.name.string == wanted.0 && (wanted.1 == nil || $0.namespace?.string == wanted.1) }
            names = [declaredName(name, namespace, tool, plan: &plan)]
        case .allowed(let allowed, let isRequired):
            // Gemini takes names with these two modes only.
            mode = isRequired ? "ANY" : "VALIDATED"
            let tools = Dictionary(functions.map { ($0.name.string, $0) }) { first, _ in first }
            names = allowed.map { declaredName($0, nil, tools[$0.string], plan: &plan) }
        }
        writer.name("toolConfig")
        writer.beginObject()
        writer.name("functionCallingConfig")
        writer.beginObject()
        writer.member("mode", mode)
        if !names.isEmpty {
            writer.name("allowedFunctionNames")
            writer.beginArray()
            for name in names { writer.string(name) }
            writer.endArray()
        }
        writer.endObject()
        writer.endObject()
    }

    /// The name under which the tool that a choice means was declared.
    private func declaredName(_ name: JSONText, _ namespace: JSONText?, _ tool: ToolDefinition?, plan: inout AnswerPlan) -> JSONText {
        if let tool { return self.name(of: tool, plan: &plan) }
        return ToolNames.providerName(name, namespace: namespace, isCustom: false, for: .gemini, plan: &plan)
    }
}
