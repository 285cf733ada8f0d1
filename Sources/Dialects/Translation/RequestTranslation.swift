import Streaming

/// Reads a client's request of one dialect.
protocol RequestParser {
    /// - Parameter root: an object.
    static func parse(_ root: JSONValue) throws(RequestProblem) -> Conversation
}

/// Writes a request of one dialect for a provider.
protocol RequestWriter {
    /// - Parameters:
    ///   - plan: what the answer's way back needs is noted in it.
    ///   - reader: a tape of its own, to read what stands inside of strings (arguments).
    static func write(
        _ conversation: Conversation, for target: TranslationTarget, plan: inout AnswerPlan, reader: JSONReader, to writer: inout JSONWriter
    ) throws(RequestProblem)
}

/// A client's request in the provider's dialect.
public struct RequestTranslation: ~Copyable {
    private var writer = JSONWriter()
    /// What the answer's way back needs.
    public private(set) var plan: AnswerPlan

    /// The provider's body; valid as long as this value is.
    public var body: UnsafeRawBufferPointer { writer.bytes }

    /// - Parameters:
    ///   - body: the client's body, an object.
    ///   - dialect: the client's.
    ///   - plan: with the client's model, ids and time set; what the body says is filled in here.
    ///   - tape: holds the client's body for the time of the call.
    ///   - isCounted: only its tokens shall be counted; what concerns an answer alone may be missing.
    public init(
        _ body: UnsafeRawBufferPointer, dialect: Dialect, target: TranslationTarget, plan: AnswerPlan, tape: JSONTape, reader: JSONReader,
        isCounted: Bool = false
    ) throws(RequestProblem) {
        self.plan = plan
        let root = try tape.object(body)
        var conversation: Conversation
        switch dialect {
        case .chat: conversation = try ChatRequestParser.parse(root)
        case .responses: conversation = try ResponsesRequestParser.parse(root)
        case .messages: conversation = try MessagesRequestParser.parse(root, isCounted: isCounted)
        case .gemini: conversation = try GeminiRequestParser.parse(root)
        }
        conversation.isStreaming = plan.isStreaming
        conversation.joinTurns()
        self.plan.showsThinking = conversation.reasoning.isShown ?? true
        writer.reserve(body.count + 1_024)
        switch target.dialect {
        case .chat: try ChatRequestWriter.write(conversation, for: target, plan: &self.plan, reader: reader, to: &writer)
        case .responses: try ResponsesRequestWriter.write(conversation, for: target, plan: &self.plan, reader: reader, to: &writer)
        case .messages: try MessagesRequestWriter.write(conversation, for: target, plan: &self.plan, reader: reader, to: &writer)
        case .gemini: try GeminiRequestWriter.write(conversation, for: target, plan: &self.plan, reader: reader, to: &writer)
        }
    }
}
