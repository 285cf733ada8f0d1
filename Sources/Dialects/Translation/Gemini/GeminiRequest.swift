import Streaming

/// One request on its way to Gemini: what its parts need to know of each other.
struct GeminiRequest {
    let conversation: Conversation
    let target: TranslationTarget
    let model: GeminiModel
    let reader: JSONReader

    init(_ conversation: Conversation, target: TranslationTarget, reader: JSONReader) {
        self.conversation = conversation
        self.target = target
        self.reader = reader
        model = GeminiModel(target.model)
    }

    /// Tools that the client runs; those that a provider runs itself are another provider's.
    var functions: [ToolDefinition] {
        conversation.tools.filter {
            if case .hosted = $0.kind { false } else { true }
        }
    }

    /// Whether the schema of the answer goes into the instructions, because the model cannot be held to one while it has tools.
    var describesFormat: Bool {
        conversation.outputFormat != nil && !model.takesSchemaWithTools && !functions.isEmpty
    }

    func write(plan: inout AnswerPlan, to writer: inout JSONWriter) throws(RequestProblem) {
        guard conversation.sampling.candidateCount ?? 1 == 1 else {
            throw .notTranslatable(member: "n", reason: "one answer at a time is translated")
        }
        writer.beginObject()
        let contents = GeminiContents(self)
        contents.writeSystem(to: &writer)
        try contents.write(plan: &plan, to: &writer)
        writeTools(plan: &plan, to: &writer)
        try writeOptions(to: &writer)
        writer.endObject()
    }
}
