import Streaming

/// Names of tools as providers take them.
///
/// OpenAI's dialects take `[A-Za-z0-9_-]{1,64}`, Anthropic's the same up to 128, Gemini's must begin with a letter or `_` and may hold dots and colons.
enum ToolNames {
    /// The name under which a tool goes to the provider: the client's own where that is legal, else one made of it, always the same for the same tool.
    ///
    /// What the answer's way back needs is noted in `plan.renamedTools`: a changed name, a group, a tool of free text.
    ///
    /// - Parameters:
    ///   - namespace: the group of a Responses client's tool: `<namespace>__<name>`.
    ///   - isCustom: takes free text, and goes out as a function of one text.
    static func providerName(
        _ name: JSONText, namespace: JSONText?, isCustom: Bool, for dialect: Dialect, plan: inout AnswerPlan
    ) -> JSONText {
        if namespace == nil, !isCustom, isLegal(name, for: dialect), keeps(name.string, &plan) { return name }
        let clientTool = AnswerPlan.ClientTool(name: name.string, namespace: namespace?.string, isCustom: isCustom)
        let full = clientTool.namespace.map { $0 + "__" + clientTool.name } ?? clientTool.name
        var candidate = legalized(full, for: dialect)
        // Another tool may have got this name already; a few turns of the hash find a free one.
        var salt = 0
        while isTaken(candidate, byOtherThan: clientTool, plan), salt < DialectLimits.toolNameAttemptsMax {
            salt += 1
            candidate = hashed(full, salt: salt, for: dialect)
        }
        plan.renamedTools[candidate] = clientTool
        return .owned(candidate)
    }

    /// Whether a provider of the dialect takes the name as it is.
    static func isLegal(_ name: JSONText, for dialect: Dialect) -> Bool {
        switch name {
        case .escaped(let bytes), .plain(let bytes): isLegal(bytes, for: dialect)
        case .owned(let text): isLegal(text.utf8, for: dialect)
        }
    }

    /// Keeps a name that is legal by itself for its tool; false when another tool was given it before.
    private static func keeps(_ name: String, _ plan: inout AnswerPlan) -> Bool {
        if let taken = plan.renamedTools[name], taken != AnswerPlan.ClientTool(name: name) { return false }
        plan.keptToolNames.insert(name)
        return true
    }

    private static func isTaken(_ name: String, byOtherThan tool: AnswerPlan.ClientTool, _ plan: AnswerPlan) -> Bool {
        if let taken = plan.renamedTools[name] { return taken != tool }
        return plan.keptToolNames.contains(name)
    }

    private static func isLegal(_ name: some Collection<UInt8>, for dialect: Dialect) -> Bool {
        guard let first = name.first, name.count <= bytesMax(dialect) else { return false }
        if dialect == .gemini, !isLetter(first), first != UInt8(ascii: "_") { return false }
        return name.allSatisfy { isTaken($0, dialect) }
    }

    private static func bytesMax(_ dialect: Dialect) -> Int { dialect == .messages ? 128 : 64 }

    private static func isLetter(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
    }

    private static func isTaken(_ byte: UInt8, _ dialect: Dialect) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        case UInt8(ascii: "."), UInt8(ascii: ":"): dialect == .gemini
        default: isLetter(byte)
        }
    }

    private static func legalized(_ name: String, for dialect: Dialect) -> String {
        isLegal(name.utf8, for: dialect) ? name : hashed(name, salt: 0, for: dialect)
    }

    /// The name with `_` for what is not taken, cut, and a hash of all of it behind, so that two names stay two.
    private static func hashed(_ name: String, salt: Int, for dialect: Dialect) -> String {
        let suffixBytes = 9
        var legal: [UInt8] = []
        if dialect == .gemini, let first = name.utf8.first, !isLetter(first) { legal.append(UInt8(ascii: "_")) }
        for scalar in name.unicodeScalars where legal.count < bytesMax(dialect) - suffixBytes {
            let byte = UInt8(exactly: scalar.value) ?? 0
            legal.append(isTaken(byte, dialect) ? byte : UInt8(ascii: "_"))
        }
        legal.append(UInt8(ascii: "_"))
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ UInt64(salt)) &* 0x0000_0100_0000_01B3
        for shift in stride(from: 60, through: 32, by: -4) {
            let digit = UInt8(truncatingIfNeeded: hash >> UInt64(shift) & 0xF)
            legal.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
        return String(decoding: legal, as: UTF8.self)
    }
}
