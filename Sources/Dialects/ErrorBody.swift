import Streaming

/// A gateway error in the client's dialect: as a JSON body before the head is committed, as the stream's last events after.
public struct ErrorBody: Sendable, Equatable {
    public var dialect: Dialect
    public var kind: ErrorKind
    /// A safe sentence for the client: no keys, no internal paths.
    public var message: String
    /// The request member at fault, for OpenAI's dialects.
    public var param: String?
    /// Our id of the request, for Anthropic's bodies.
    public var requestID: String?

    public init(dialect: Dialect, kind: ErrorKind, message: String, param: String? = nil, requestID: String? = nil) {
        self.dialect = dialect
        self.kind = kind
        self.message = message
        self.param = param
        self.requestID = requestID
    }

    /// The status to answer with.
    public var status: Int { kind.status(in: dialect) }

    /// The whole body of an error answer.
    public func json() -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(256 + message.utf8.count)
        appendBody(to: &body)
        return body
    }

    /// The events that end a stream whose head already said 200; never an end mark of success.
    ///
    /// - Parameter position: where a Responses stream stands; the other dialects have no use for it.
    public func streamEnding(at position: ResponsesPosition = ResponsesPosition()) -> [UInt8] {
        var text: [UInt8] = []
        switch dialect {
        case .chat, .gemini:
            text.append(literal: "data: ")
            appendBody(to: &text)
            text.append(literal: "\n\n")
        case .messages:
            text.append(literal: "event: error\ndata: ")
            appendBody(to: &text)
            text.append(literal: "\n\n")
        case .responses:
            appendResponsesEnding(to: &text, at: position)
        }
        return text
    }

    /// The same for a Gemini stream that is one JSON array of which the client has elements already: the error is its last one.
    public func arrayEnding() -> [UInt8] {
        var text: [UInt8] = []
        text.append(literal: ",\r\n")
        appendBody(to: &text)
        text.append(literal: "]")
        return text
    }

    private func appendBody(to text: inout [UInt8]) {
        if dialect == .messages {
            text.append(literal: "{\"type\":\"error\",\"error\":{\"type\":")
            text.append(name: kind.type(in: dialect))
            text.append(literal: ",\"message\":")
            // Anthropic's errors have no code; where the code matters to people it stands in front of the sentence.
            text.append(json: kind == .providerAuthFailed ? "provider_auth_failed: \(message)" : message)
            text.append(literal: "},\"request_id\":")
            text.append(json: requestID)
            text.append(literal: "}")
        } else if dialect == .gemini {
            text.append(literal: "{\"error\":{\"code\":")
            text.append(text: String(status))
            text.append(literal: ",\"message\":")
            // As with Anthropic: what the code of OpenAI's errors says stands in front of the sentence.
            text.append(json: kind == .providerAuthFailed ? "provider_auth_failed: \(message)" : message)
            text.append(literal: ",\"status\":")
            text.append(name: kind.type(in: dialect))
            text.append(literal: ",\"details\":[]}}")
        } else {
            text.append(literal: "{\"error\":")
            appendErrorObject(to: &text)
            text.append(literal: "}")
        }
    }

    private func appendErrorObject(to text: inout [UInt8]) {
        text.append(literal: "{\"message\":")
        text.append(json: message)
        text.append(literal: ",\"type\":")
        text.append(name: kind.type(in: dialect))
        text.append(literal: ",\"param\":")
        text.append(json: param)
        text.append(literal: ",\"code\":")
        text.append(name: kind.code)
        text.append(literal: "}")
    }

    /// `error` as it is documented (members at the top) and as OpenAI really sends it (an `error` object: the openai SDK
    /// raises on that one), then `response.failed`, which Codex waits for.
    private func appendResponsesEnding(to text: inout [UInt8], at position: ResponsesPosition) {
        let next = position.lastSequenceNumber.map { min(max($0, 0), Int.max - 2) + 1 } ?? 0
        let code = kind.code ?? kind.type(in: .responses)
        text.append(literal: "event: error\ndata: {\"type\":\"error\",\"sequence_number\":")
        text.append(text: String(next))
        text.append(literal: ",\"code\":")
        text.append(name: code)
        text.append(literal: ",\"message\":")
        text.append(json: message)
        text.append(literal: ",\"param\":")
        text.append(json: param)
        text.append(literal: ",\"error\":")
        appendErrorObject(to: &text)
        text.append(literal: "}\n\nevent: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":")
        text.append(text: String(next + 1))
        text.append(literal: ",\"response\":{\"id\":")
        text.append(json: position.responseID ?? "resp_" + (requestID ?? "failed"))
        text.append(literal: ",\"object\":\"response\",\"created_at\":")
        text.append(text: String(position.createdAt ?? 0))
        text.append(literal: ",\"status\":\"failed\",\"background\":false,\"error\":{\"code\":")
        text.append(name: code)
        text.append(literal: ",\"message\":")
        text.append(json: message)
        text.append(literal: "},\"incomplete_details\":null,\"instructions\":null,\"max_output_tokens\":null,\"model\":")
        text.append(json: position.model ?? "")
        text.append(literal: ",\"output\":[],\"parallel_tool_calls\":true,\"previous_response_id\":null,\"tool_choice\":\"auto\"")
        text.append(literal: ",\"tools\":[],\"usage\":null,\"metadata\":{}}}\n\n")
    }
}

extension [UInt8] {
    /// A JSON string, or null.
    fileprivate mutating func append(json text: String?) {
        if let text { JSONString.append(text, to: &self) } else { append(literal: "null") }
    }

    /// One of our own names, which need no escapes, as a JSON string, or null.
    fileprivate mutating func append(name: StaticString?) {
        guard let name else { return append(literal: "null") }
        append(literal: "\"")
        append(literal: name)
        append(literal: "\"")
    }
}

/// Where a Responses stream stands, so that events of the gateway's own can follow on.
public struct ResponsesPosition: Sendable, Equatable {
    /// The greatest `sequence_number` seen; nil before the first event.
    public var lastSequenceNumber: Int?
    public var responseID: String?
    public var model: String?
    /// `created_at` of the response, Unix seconds.
    public var createdAt: Int?

    public init(lastSequenceNumber: Int? = nil, responseID: String? = nil, model: String? = nil, createdAt: Int? = nil) {
        self.lastSequenceNumber = lastSequenceNumber
        self.responseID = responseID
        self.model = model
        self.createdAt = createdAt
    }
}
