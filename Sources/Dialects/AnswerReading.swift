import Streaming

extension ObservedAnswer {
    /// Takes `id` and `model` where they are not known yet and not empty (Azure opens with empty ones).
    mutating func takeNames(from object: JSONValue) {
        if responseID == nil { responseID = object.present("id")?.answerName }
        if model == nil { model = object.present("model")?.answerName }
    }
}

extension JSONValue {
    /// A non-empty string of bearable length.
    var answerName: String? {
        guard let text = string(bytesMax: DialectLimits.answerNameBytesMax, cuts: false), !text.isEmpty else { return nil }
        return text
    }
}

extension AnswerFailure {
    /// The failure that a chat chunk (or a whole chat answer) reports, nil when it is none: a top-level `error` (object,
    /// text, list), OpenRouter's error of a choice, vLLM's `object: "error"`. Members named `error` anywhere else are content.
    init?(inChatChunk root: JSONValue) {
        if let error = root.present("error"), error.isNonEmptyString || error.isFilledContainer {
            self.init(of: error, within: root)
            return
        }
        if root["object"]?.equals("error") ?? false {
            self.init(of: root, within: root)
            return
        }
        guard let choices = root.present("choices") else { return nil }
        for choice in choices.elements where choice["finish_reason"]?.equals("error") ?? false {
            guard let error = choice.present("error"), error.isObject else { continue }
            self.init(of: error, within: root)
            return
        }
        return nil
    }

    /// Reads an error in any of its shapes: `{message,type,code,param}`, a bare text (xAI, Ollama), a list, `detail` (FastAPI).
    ///
    /// - Parameters:
    ///   - error: the error itself.
    ///   - root: the object around it, which may hold the code (xAI).
    init(of error: JSONValue, within root: JSONValue) {
        if error.isString {
            self.init(type: nil, code: root.present("code")?.label, message: error.message)
            return
        }
        let error = error.isArray ? error.firstElement ?? error : error
        let inner = error.present("error").flatMap { $0.isObject ? $0 : nil } ?? error
        let code = inner.present("code") ?? inner.present("status_code") ?? inner.present("status")
        let message = inner.present("message") ?? inner.present("detail") ?? inner.present("error")
        self.init(type: inner.present("type")?.label, code: code?.label, message: message?.message)
        retryAfterSeconds = inner.present("details").flatMap(Self.retryDelay)
    }

    /// `retryDelay` of Google's details, such as `37s` or `1.5s`, rounded up.
    private static func retryDelay(_ details: JSONValue) -> Int? {
        for detail in details.elements {
            guard let text = detail.present("retryDelay")?.stringBytes, text.last == UInt8(ascii: "s"),
                let whole = Bytes.digits(text, from: 0)
            else { continue }
            return text.contains(UInt8(ascii: ".")) ? whole + 1 : whole
        }
        return nil
    }

    /// For an error event whose data is no JSON: the text itself.
    init(unreadable data: UnsafeRawBufferPointer) {
        let text = Bytes.trimmed(data).prefix(DialectLimits.failureMessageBytesMax)
        self.init(kind: .upstreamFailed, message: text.isEmpty ? nil : String(decoding: text, as: UTF8.self))
    }
}

extension JSONValue {
    /// A short string, or a number as it is written.
    var label: String? {
        if isNumber { return String(decoding: rawBytes.prefix(32), as: UTF8.self) }
        return string(bytesMax: 128, cuts: true)
    }

    /// A string, or the JSON of anything else, cut to its bound.
    fileprivate var message: String? {
        if isString { return string(bytesMax: DialectLimits.failureMessageBytesMax, cuts: true) }
        return String(decoding: rawBytes.prefix(DialectLimits.failureMessageBytesMax), as: UTF8.self)
    }
}
