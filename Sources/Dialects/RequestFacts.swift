import Streaming

/// The few facts of a client's body that the gateway acts on. Everything else in it is between client and provider.
public struct RequestFacts: Sendable, Equatable {
    /// What a chat request says about usage in its stream, and where: enough to change it with one splice.
    public enum UsageOption: Sendable, Equatable {
        /// No `stream_options` (or not a streamed chat request).
        case absent
        /// `stream_options: null`, at this range.
        case null(Range<Int>)
        /// An object without `include_usage`; the range is the object's.
        case unset(Range<Int>, isEmptyObject: Bool)
        /// `include_usage: false` or `null`, at this range.
        case off(Range<Int>)
        /// The client wants the usage chunk.
        case on
    }

    public let dialect: Dialect
    /// The model, decoded: 1 to `DialectLimits.modelNameBytesMax` bytes.
    public private(set) var model = ""
    /// Where the model's value stands in the body, quotes included; empty where the body does not name it (Gemini).
    public private(set) var modelRange = 0..<0
    /// Whether the answer shall be streamed.
    public private(set) var isStreaming = false
    /// Where the value of `stream` stands, when it is there.
    public private(set) var streamRange: Range<Int>?
    public private(set) var usageOption = UsageOption.absent
    /// The client's bound for the answer, where it gave one that is a count.
    public private(set) var maxOutputTokens: Int?
    /// `prompt_cache_key`: requests that share it should meet the same provider.
    public private(set) var sessionHint: String?
    /// `metadata.user_id` (Anthropic), `safety_identifier` or `user` (OpenAI).
    public private(set) var userHint: String?
    /// `previous_response_id` (Responses): the answer hangs on state that one provider keeps.
    public private(set) var previousResponseID: String?

    /// Reads a body. The ranges are offsets into these bytes.
    ///
    /// - Parameters:
    ///   - path: what a Gemini request says in its path; without it, such a request has no model.
    ///   - tape: reused from request to request.
    public init(
        _ body: UnsafeRawBufferPointer, dialect: Dialect, path: RequestPath? = nil, tape: JSONTape
    ) throws(RequestProblem) {
        self.dialect = dialect
        let root = try tape.object(body)
        guard dialect != .gemini else {
            try takeGemini(root, path)
            return
        }
        let members = try Members(root, dialect: dialect)
        try takeModel(members.model)
        try takeStream(members.stream)
        if dialect == .chat { try takeStreamOptions(members.streamOptions) }
        maxOutputTokens = members.maxOutputTokens?.count
        sessionHint = members.promptCacheKey?.hint
        userHint = dialect == .messages ? members.metadata?.present("user_id")?.hint : members.user?.hint
        previousResponseID = members.previousResponseID?.hint
    }

    /// Model and streaming stand in the path. A body that counts tokens may wrap the request and name the model once more, as `models/…`.
    private mutating func takeGemini(_ root: JSONValue, _ path: RequestPath?) throws(RequestProblem) {
        guard let path else { throw .missing(member: "model") }
        guard !path.model.isEmpty else { throw .empty(member: "model") }
        guard path.model.utf8.count <= DialectLimits.modelNameBytesMax else {
            throw .tooLong(member: "model", bytesMax: DialectLimits.modelNameBytesMax)
        }
        model = path.model
        isStreaming = path.isStreaming
        let wrapped = root.present("generateContentRequest") ?? root.present("generate_content_request")
        let request = wrapped ?? root
        guard request.isObject else { throw .wrongType(member: "generateContentRequest", expected: "an object") }
        guard request.count(of: "contents") <= 1 else { throw .repeated(member: "contents") }
        guard let contents = request.present("contents") else { throw .missing(member: "contents") }
        guard contents.isArray || contents.isObject else { throw .wrongType(member: "contents", expected: "an array") }
        if let name = wrapped?.present("model"), name.stringBytes != nil { modelRange = name.range }
        let settings = request.present("generationConfig") ?? request.present("generation_config")
        maxOutputTokens = (settings?.present("maxOutputTokens") ?? settings?.present("max_output_tokens"))?.count
    }

    private mutating func takeModel(_ value: JSONValue?) throws(RequestProblem) {
        guard let value, !value.isNull else { throw .missing(member: "model") }
        guard let bytes = value.stringBytes else { throw .wrongType(member: "model", expected: "a string") }
        guard !bytes.isEmpty else { throw .empty(member: "model") }
        // An escape takes at most six bytes for one: a name that is longer than that as written is too long for certain.
        let limit = DialectLimits.modelNameBytesMax
        guard bytes.count <= limit * 6, let name = value.string, name.utf8.count <= limit else {
            throw .tooLong(member: "model", bytesMax: limit)
        }
        model = name
        modelRange = value.range
    }

    private mutating func takeStream(_ value: JSONValue?) throws(RequestProblem) {
        guard let value else { return }
        streamRange = value.range
        if value.isNull { return }
        guard let flag = value.bool else { throw .wrongType(member: "stream", expected: "a boolean") }
        isStreaming = flag
    }

    private mutating func takeStreamOptions(_ value: JSONValue?) throws(RequestProblem) {
        guard let value else { return }
        guard !value.isNull else {
            if isStreaming { usageOption = .null(value.range) }
            return
        }
        guard value.isObject else { throw .wrongType(member: "stream_options", expected: "an object") }
        guard isStreaming else { throw .streamOptionsWithoutStream }
        guard value.count(of: "include_usage") <= 1 else { throw .repeated(member: "stream_options.include_usage") }
        guard let includeUsage = value["include_usage"] else {
            usageOption = .unset(value.range, isEmptyObject: value.isEmptyContainer)
            return
        }
        switch includeUsage.kind {
        case .true: usageOption = .on
        case .false, .null: usageOption = .off(includeUsage.range)
        default: throw .wrongType(member: "stream_options.include_usage", expected: "a boolean")
        }
    }
}

extension RequestFacts {
    /// The members that matter, found in one pass. Those that decide something may stand only once: a gateway that reads
    /// one of two models and a provider that reads the other would not agree on what was asked.
    private struct Members {
        var model: JSONValue?
        var stream: JSONValue?
        var streamOptions: JSONValue?
        var maxOutputTokens: JSONValue?
        var promptCacheKey: JSONValue?
        var user: JSONValue?
        var metadata: JSONValue?
        var previousResponseID: JSONValue?

        init(_ root: JSONValue, dialect: Dialect) throws(RequestProblem) {
            for member in root.members {
                let value = member.value
                switch true {
                case member.name.equals("model"):
                    guard model == nil else { throw .repeated(member: "model") }
                    model = value
                case member.name.equals("stream"):
                    guard stream == nil else { throw .repeated(member: "stream") }
                    stream = value
                case member.name.equals("stream_options"):
                    guard streamOptions == nil else { throw .repeated(member: "stream_options") }
                    streamOptions = value
                case member.name.equals("max_completion_tokens") && dialect == .chat,
                    member.name.equals("max_output_tokens") && dialect == .responses:
                    if !value.isNull { maxOutputTokens = value }
                case member.name.equals("max_tokens") && dialect != .responses:
                    maxOutputTokens = maxOutputTokens ?? value
                case member.name.equals("prompt_cache_key"): promptCacheKey = value
                case member.name.equals("metadata"): metadata = value
                case member.name.equals("safety_identifier"): user = value
                case member.name.equals("user"): user = user ?? value
                case member.name.equals("previous_response_id") && dialect == .responses: previousResponseID = value
                default: break
                }
            }
        }
    }
}

extension JSONValue {
    fileprivate var hint: String? {
        guard let text = string(bytesMax: DialectLimits.hintBytesMax, cuts: true), !text.isEmpty else { return nil }
        return text
    }
}
