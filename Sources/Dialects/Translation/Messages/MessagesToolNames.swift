import Streaming

/// Names of calls on their way to an Anthropic client: the tool as the client knows it, an id where the provider gave none.
struct MessagesToolNames {
    private let idStem: String
    private let renamedTools: [String: AnswerPlan.ClientTool]

    init(_ plan: AnswerPlan) {
        idStem = plan.idStem
        renamedTools = plan.renamedTools
    }

    /// The provider's id as it is: it comes back with the result, and its own provider shall know it again.
    func id(_ id: JSONText?, call: Int) -> JSONText {
        if let id, !id.isEmpty { return id }
        return .owned("call_\(idStem)_\(call)")
    }

    func name(_ name: JSONText) -> JSONText {
        guard !renamedTools.isEmpty, let tool = renamedTools[name.string] else { return name }
        return .owned(tool.name)
    }
}
