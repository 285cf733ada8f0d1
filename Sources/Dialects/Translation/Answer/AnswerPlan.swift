import Streaming

/// What a request's translation leaves for its answer: how the client wants it, and how to undo what was renamed.
public struct AnswerPlan: Sendable {
    /// The model as the client asked for it; its answer names this one where the provider names none.
    public var model = ""
    /// Whether the client wants its answer streamed.
    public var isStreaming = false
    /// A chat client that wants the usage chunk (`stream_options.include_usage`).
    public var includesUsage = false
    /// A Gemini client that streams without `alt=sse`: a JSON array in place of events.
    public var isJSONArray = false
    /// Whether the client wants to read what the model thought. (Gemini's clients ask for it; the others' tell when they do not.)
    public var showsThinking = true
    /// What minted ids are made from: unique for each request, of letters and digits.
    public var idStem = ""
    /// Unix seconds, for `created`.
    public var createdSeconds = 0
    /// Names that had to be changed for the provider: what it calls the tool, and how the client knows it.
    public var renamedTools: [String: ClientTool] = [:]
    /// Names that tools keep at the provider: none of them may be given to another tool.
    var keptToolNames: Set<String> = []
    /// The tool that stands for structured output where the model has none of its own: its arguments are the answer's text.
    public var outputTool: String?

    public init() {}

    /// A tool as a client knows it.
    public struct ClientTool: Sendable, Equatable {
        public var name: String
        /// The group that a Responses client put it in.
        public var namespace: String?
        /// Takes free text: its arguments are `{"input": "…"}` on the way.
        public var isCustom = false
    }
}
