import Streaming

/// Reads a Gemini answer: events that are whole responses with what is new in them, one response, or a list of them (a stream without `alt=sse`).
///
/// Gemini has no end mark: the answer is whole when its body ended and a finish reason, or the reason why the prompt was blocked, had come. Only the
/// first candidate counts. What Google's own tools did on the way (`executableCode`, `toolCall`, grounding) and pictures (`inlineData`) have no place
/// in the other dialects and are passed over, with their signatures.
struct GeminiAnswerParser: AnswerParser {
    private let idStem: String
    private var isOpened = false
    private var calls = 0
    /// The call whose arguments come in pieces.
    private var partial: GeminiPartialArguments?
    /// The last finish reason that was told: Gemini may say more behind it.
    private var finish: StopReason?

    init(_ plan: AnswerPlan) {
        idStem = plan.idStem
    }

    mutating func read(_ event: SSEEvent, _ reader: JSONReader, into sink: inout AnswerOutput) {
        let isNamedError = event.name.equals("error")
        let isRead: Void? = reader.read(event.data) { root in take(root, isNamedError, into: &sink) }
        if isRead == nil, isNamedError { sink.take(.failure(AnswerFailure(unreadable: event.data))) }
    }

    mutating func streamEnded(into sink: inout AnswerOutput) {
        endPartialCall(into: &sink)
        guard let finish else { return }
        sink.take(.finish(finish == .complete && calls > 0 ? .toolCalls : finish, stopText: nil))
        sink.take(.end)
    }

    mutating func readWhole(_ root: JSONValue, into sink: inout AnswerOutput) {
        take(root, false, into: &sink)
        streamEnded(into: &sink)
    }

    private mutating func take(_ root: JSONValue, _ isNamedError: Bool, into sink: inout AnswerOutput) {
        guard root.isArray else { return takeResponse(root, isNamedError, into: &sink) }
        for element in root.elements { takeResponse(element, isNamedError, into: &sink) }
    }

    private mutating func takeResponse(_ response: JSONValue, _ isNamedError: Bool, into sink: inout AnswerOutput) {
        if let error = response.present("error"), error.isNonEmptyString || error.isFilledContainer {
            sink.take(.failure(AnswerFailure(of: error, within: response)))
            return
        }
        if isNamedError {
            sink.take(.failure(AnswerFailure(of: response, within: response)))
            return
        }
        guard response.isObject else { return }
        let candidates = response.present("candidates")
        if !isOpened {
            isOpened = true
            sink.take(.opened(id: JSONText(response.present("responseId")), model: JSONText(response.present("modelVersion"))))
        }
        if let usage = response.present("usageMetadata"), Self.hasCounts(usage) {
            sink.take(.usage(TokenUsage(gemini: usage)))
        }
        if let candidate = candidates?.elements.first(where: Self.isFirst) {
            takeCandidate(candidate, into: &sink)
        } else if response.present("promptFeedback")?.present("blockReason") != nil {
            finish = .filtered
        }
    }

    /// Vertex opens with a `usageMetadata` that has no counts yet.
    private static func hasCounts(_ usage: JSONValue) -> Bool {
        usage.present("promptTokenCount") != nil || usage.present("candidatesTokenCount") != nil || usage.present("totalTokenCount") != nil
    }

    private static func isFirst(_ candidate: JSONValue) -> Bool {
        candidate.isObject && (candidate.present("index")?.count ?? 0) == 0
    }

    private mutating func takeCandidate(_ candidate: JSONValue, into sink: inout AnswerOutput) {
        if let parts = candidate.present("content")?.present("parts") {
            for part in parts.elements where part.isObject { takePart(part, into: &sink) }
        }
        if let reason = candidate.present("finishReason"), let stop = Self.stop(reason) { finish = stop }
    }

    private static func stop(_ reason: JSONValue) -> StopReason? {
        guard let word = reason.stringBytes else { return nil }
        switch true {
        case word.equals("STOP"):
            return .complete
        case word.equals("MAX_TOKENS"):
            return .outputLimit
        case word.equals("FINISH_REASON_UNSPECIFIED"), word.isEmpty:
            return nil
        case word.equals("SAFETY"), word.equals("RECITATION"), word.equals("BLOCKLIST"), word.equals("PROHIBITED_CONTENT"), word.equals("SPII"),
            word.equals("LANGUAGE"), word.equals("MODEL_ARMOR"), word.hasPrefix("IMAGE_SAFETY"), word.hasPrefix("IMAGE_PROHIBITED"),
            word.hasPrefix("IMAGE_RECITATION"):
            return .filtered
        default:
            return .broken
        }
    }

    // MARK: Parts

    private mutating func takePart(_ part: JSONValue, into sink: inout AnswerOutput) {
        if let call = part.present("functionCall"), call.isObject {
            return takeCall(call, part, into: &sink)
        }
        guard let text = JSONText(part["text"]) else { return }
        let signature = JSONText(part.present("thoughtSignature")).flatMap { $0.isEmpty ? nil : $0 }
        if !text.isEmpty || signature != nil { endPartialCall(into: &sink) }
        if part.present("thought")?.bool ?? false {
            if !text.isEmpty { sink.take(.thinking(text)) }
            if let signature { sink.take(.signature(ProviderState(.gemini, signature))) }
        } else {
            if let signature { sink.take(.signature(ProviderState(.gemini, signature))) }
            if !text.isEmpty { sink.take(.text(text)) }
        }
    }

    private mutating func takeCall(_ value: JSONValue, _ part: JSONValue, into sink: inout AnswerOutput) {
        let goesOn = value.present("willContinue")?.bool ?? false
        if let name = JSONText(value.present("name")), !name.isEmpty {
            endPartialCall(into: &sink)
            if let signature = JSONText(part.present("thoughtSignature")), !signature.isEmpty {
                sink.take(.signature(ProviderState(.gemini, signature)))
            }
            let call = calls
            calls += 1
            let id = JSONText(value.present("id")).flatMap { $0.isEmpty ? nil : $0 } ?? .owned("call_\(idStem)_\(call)")
            sink.take(.toolCall(call: call, id: id, name: name))
            if let arguments = value.present("args"), arguments.isObject, !arguments.isEmptyContainer {
                sink.take(.toolArguments(call: call, .plain(arguments.rawBytes)))
            }
            if goesOn || value.present("partialArgs") != nil {
                partial = GeminiPartialArguments()
            } else {
                return sink.take(.toolCallEnded(call: call))
            }
        }
        guard partial != nil else { return }
        for piece in value.present("partialArgs")?.elements.map({ $0 }) ?? [] {
            guard let text = partial?.take(piece), !text.isEmpty else { continue }
            sink.take(.toolArguments(call: calls - 1, .owned(text)))
        }
        if !goesOn { endPartialCall(into: &sink) }
    }

    /// Closes what the pieces of the open call left open. One without any pieces has no arguments.
    private mutating func endPartialCall(into sink: inout AnswerOutput) {
        guard var open = partial else { return }
        partial = nil
        let rest = open.finish()
        if !rest.isEmpty { sink.take(.toolArguments(call: calls - 1, .owned(rest))) }
        sink.take(.toolCallEnded(call: calls - 1))
    }
}
