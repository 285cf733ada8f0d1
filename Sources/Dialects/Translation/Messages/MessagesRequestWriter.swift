import Streaming

/// Writes a request for Anthropic's Messages API.
enum MessagesRequestWriter: RequestWriter {
    static func write(
        _ conversation: Conversation, for target: TranslationTarget, plan: inout AnswerPlan, reader: JSONReader, to writer: inout JSONWriter
    ) throws(RequestProblem) {
        if let count = conversation.sampling.candidateCount, count > 1 {
            throw .notTranslatable(member: "n", reason: "Anthropic's models give one answer")
        }
        let schemas = JSONSchemas()
        defer { withExtendedLifetime(schemas) {} }
        var conversation = conversation
        schemas.replaceOpenAPI(in: &conversation)
        var request = MessagesRequest(conversation, target: target, plan: plan, reader: reader)
        guard !request.turns.isEmpty else { throw .empty(member: "messages") }
        writer.beginObject()
        writer.name("model")
        writer.string(target.model)
        writer.member("max_tokens", request.thinking.maxTokens)
        if conversation.isStreaming { writer.member("stream", true) }
        request.writeOptions(to: &writer)
        request.writeTools(to: &writer)
        request.writeSystem(to: &writer)
        try request.writeMessages(to: &writer)
        writer.endObject()
        plan = request.plan
    }
}
