import Streaming

/// Writes a request for Gemini's `generateContent`. The model and whether it streams stand in the path, not in the body.
enum GeminiRequestWriter: RequestWriter {
    static func write(
        _ conversation: Conversation, for target: TranslationTarget, plan: inout AnswerPlan, reader: JSONReader, to writer: inout JSONWriter
    ) throws(RequestProblem) {
        let request = GeminiRequest(conversation, target: target, reader: reader)
        try request.write(plan: &plan, to: &writer)
    }
}
