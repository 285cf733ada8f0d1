import Streaming

/// One request on its way to Anthropic: what was decided about it, and how far its cache marks are.
struct MessagesRequest {
    let conversation: Conversation
    let target: TranslationTarget
    let model: MessagesModel
    let thinking: MessagesThinking
    let turns: [ConversationTurn]
    let tools: MessagesTools
    let shape: MessagesOutputShape
    let reader: JSONReader
    var plan: AnswerPlan
    var marks: CacheMarks

    init(_ conversation: Conversation, target: TranslationTarget, plan: AnswerPlan, reader: JSONReader) {
        self.conversation = conversation
        self.target = target
        self.reader = reader
        self.plan = plan
        model = MessagesModel(target.model)
        thinking = MessagesThinking(conversation, target: target, model: model)
        turns = MessagesTurns(conversation, target: target, model: model, thinking: thinking).turns
        tools = MessagesTools(conversation, model: model, turns: turns, plan: &self.plan)
        shape = MessagesOutputShape(conversation, model: model, thinking: thinking, names: tools.names)
        if case .tool = shape { self.plan.outputTool = MessagesOutputShape.toolName.description }
        marks = CacheMarks(tools: tools.definitions, system: conversation.system, turns: turns)
    }

    // MARK: Options

    func writeOptions(to writer: inout JSONWriter) {
        writeThinking(to: &writer)
        writeOutputConfig(to: &writer)
        writeSampling(to: &writer)
        let stop = conversation.stop.filter { !$0.isBlank }
        if !stop.isEmpty {
            writer.name("stop_sequences")
            writer.beginArray()
            for text in stop { writer.string(text) }
            writer.endArray()
        }
        if let user = conversation.user, !user.isBlank, user.byteCount <= DialectLimits.messagesUserBytesMax {
            writer.name("metadata")
            writer.beginObject()
            writer.member("user_id", user)
            writer.endObject()
        }
        if let tier = conversation.serviceTier {
            // The names that both sides have; what OpenAI calls default is what Anthropic gives without priority.
            if tier.equals("auto") { writer.member("service_tier", "auto") }
            if tier.equals("default") || tier.equals("standard_only") { writer.member("service_tier", "standard_only") }
        }
    }

    private func writeThinking(to writer: inout JSONWriter) {
        guard thinking.mode != .unsaid else { return }
        writer.name("thinking")
        writer.beginObject()
        switch thinking.mode {
        case .unsaid:
            break
        case .disabled:
            writer.member("type", "disabled")
        case .adaptive:
            writer.member("type", "adaptive")
        case .budget(let tokens):
            writer.member("type", "enabled")
            writer.member("budget_tokens", tokens)
        }
        if let display = thinking.display { writer.member("display", display) }
        writer.endObject()
    }

    private func writeOutputConfig(to writer: inout JSONWriter) {
        var format: JSONValue?
        if case .format(let schema) = shape { format = schema }
        guard thinking.effort != nil || format != nil else { return }
        writer.name("output_config")
        writer.beginObject()
        if let effort = thinking.effort { writer.member("effort", effort) }
        if let format {
            writer.name("format")
            writer.beginObject()
            writer.member("type", "json_schema")
            writer.name("schema")
            MessagesSchema.writeClosed(format, to: &writer)
            writer.endObject()
        }
        writer.endObject()
    }

    /// Thinking takes none of these, and the newest models none at all.
    private func writeSampling(to writer: inout JSONWriter) {
        guard !thinking.isOn, !model.refusesSampling else { return }
        let sampling = conversation.sampling
        if let temperature = sampling.temperature, temperature.isNumber {
            writer.name("temperature")
            if temperature.isAboveOne {
                writer.integer(1)
            } else if temperature.decimal?.isNegative ?? false {
                writer.integer(0)
            } else {
                writer.json(temperature.rawBytes)
            }
        }
        if let topP = sampling.topP, topP.isNumber, sampling.temperature == nil || !model.takesOneOfTemperatureAndTopP {
            writer.member("top_p", topP)
        }
        if let topK = sampling.topK?.count { writer.member("top_k", topK) }
    }

    // MARK: System

    mutating func writeSystem(to writer: inout JSONWriter) {
        let parts = conversation.system.filter { part in
            if case .text(let text) = part.content { !text.isBlank } else { false }
        }
        var isInstructed = false
        if case .instructions = shape { isInstructed = true }
        guard !parts.isEmpty || isInstructed else { return }
        writer.name("system")
        if parts.count == 1, !isInstructed, parts[0].cacheControl == nil, case .text(let text) = parts[0].content {
            return writer.string(text)
        }
        writer.beginArray()
        for part in parts {
            guard case .text(let text) = part.content else { continue }
            writeText(text, mark: part.cacheControl, to: &writer)
        }
        if case .instructions(let schema) = shape {
            writer.beginObject()
            writer.member("type", "text")
            writer.name("text")
            writer.beginString()
            if let schema {
                writer.appendToString(JSONText(MessagesOutputShape.schemaInstruction))
                writer.appendToString(.plain(schema.rawBytes))
            } else {
                writer.appendToString(JSONText(MessagesOutputShape.jsonInstruction))
            }
            writer.endString()
            writer.endObject()
        }
        writer.endArray()
    }

    mutating func writeText(_ text: JSONText, mark: JSONValue?, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "text")
        writer.member("text", text)
        writer.member("cache_control", marks.next(mark))
        writer.endObject()
    }
}

extension JSONValue {
    /// Whether a number is greater than 1.
    fileprivate var isAboveOne: Bool {
        guard let decimal, !decimal.isNegative, decimal.significand > 0 else { return false }
        if decimal.exponent >= 0 { return decimal.significand > 1 || decimal.exponent > 0 }
        // 64 bits hold less than 20 digits.
        guard decimal.exponent > -20 else { return false }
        var one: UInt64 = 1
        for _ in 0..<(-decimal.exponent) { one *= 10 }
        return decimal.significand > one
    }
}
