extension Dialect {
    /// The dialect in which a provider is asked, out of those that it speaks: the client's own, else the one that carries most of it. Nil when the
    /// provider speaks none.
    ///
    /// Who speaks Gemini's dialect beside OpenAI's chat is Google, whose chat surface says less than its own. Some of OpenAI's models exist behind
    /// Responses only, which their names tell; every other model is asked through chat, which all of the provider's models take.
    ///
    /// - Parameters:
    ///   - speaks: whether the provider speaks a dialect.
    ///   - model: the model's name at the provider.
    public func spoken(to model: String, where speaks: (Dialect) -> Bool) -> Dialect? {
        if speaks(self) { return self }
        let order: [Dialect]
        switch self {
        case .chat: order = [.responses, .messages, .gemini]
        case .responses: order = [.gemini, .chat, .messages]
        case .messages: order = [.gemini, .chat, .responses]
        case .gemini: order = [.chat, .messages, .responses]
        }
        if speaks(.responses), Self.isBehindResponsesOnly(model) { return .responses }
        return order.first(where: speaks)
    }

    private static func isBehindResponsesOnly(_ model: String) -> Bool {
        let name = model.split(separator: "/").last.map { $0.lowercased() } ?? ""
        if name.hasPrefix("codex") || name.hasPrefix("computer-use") { return true }
        let isSeriesO = name.first == "o" && name.dropFirst().first?.isNumber == true
        guard name.hasPrefix("gpt-") || isSeriesO else { return false }
        return name.contains("codex") || name.contains("deep-research") || name.hasSuffix("-pro") || name.contains("-pro-20")
    }
}
