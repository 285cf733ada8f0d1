import Streaming

/// How an Anthropic model is brought to answer with JSON.
enum MessagesOutputShape {
    /// The name of the tool that stands for the answer.
    static let toolName: StaticString = "json_output"

    /// Text of any form.
    case free
    /// `output_config.format`.
    case format(JSONValue)
    /// A tool that must be called, whose input is the answer: for models without a format.
    case tool(JSONValue, description: JSONText?)
    /// Instructions, with the schema where there is one: where neither of the two can be had.
    case instructions(JSONValue?)

    /// - Parameter names: of the tools that go along.
    init(_ conversation: Conversation, model: MessagesModel, thinking: MessagesThinking, names: [JSONText]) {
        switch conversation.outputFormat {
        case nil:
            self = .free
        case .json:
            // A format needs a schema that closes its objects; any object at all cannot be said.
            self = .instructions(nil)
        case .schema(let schema, _, let description, _):
            if model.hasOutputFormat, MessagesSchema.canBeClosed(schema) {
                self = .format(schema)
            } else if Self.canForceTool(conversation, model, thinking, names) {
                self = .tool(schema, description: description)
            } else {
                self = .instructions(schema)
            }
        }
    }

    /// Thinking forbids to force a tool, and a choice of the client's own comes first.
    private static func canForceTool(
        _ conversation: Conversation, _ model: MessagesModel, _ thinking: MessagesThinking, _ names: [JSONText]
    ) -> Bool {
        let mayThink = thinking.isOn || (model.thinksByDefault && thinking.mode != .disabled)
        guard !mayThink, !names.contains(where: { $0.equals(toolName) }) else { return false }
        switch conversation.toolChoice {
        case nil, .auto, ToolChoice.none?: return true
        case .required, .tool, .allowed: return false
        }
    }

    /// What is added to the instructions of the system.
    static let jsonInstruction: StaticString = "Answer with one JSON object and nothing else: no prose around it and no code fence."
    static let schemaInstruction: StaticString = """
        Answer with JSON and nothing else: no prose around it and no code fence. It must follow this JSON Schema:

        """
}
