/// Models whose requests are framed alike, as far as it shows in their counts. The figures are fitted to recorded answers.
enum ModelFamily {
    case claude
    case gemini
    /// OpenAI's open models: their format (Harmony) begins with a system message of its own.
    case harmony
    case other

    init(_ model: String) {
        let name = model.lowercased()
        self = name.contains("claude") ? .claude : name.contains("gemini") ? .gemini : name.contains("gpt-oss") ? .harmony : .other
    }

    /// What stands around the turns.
    func framing(turns: Int) -> Int {
        switch self {
        case .claude: 7 + 2 * max(0, turns - 1)
        case .gemini: 0
        case .harmony: 68 + 4 * turns
        case .other: 3 + 4 * turns
        }
    }

    /// What the provider tells a model that has tools.
    var toolsPreamble: Int {
        switch self {
        case .claude: 480
        case .gemini: 0
        case .harmony, .other: 8
        }
    }

    /// What the provider tells a model whose answer has a schema.
    var formatPreamble: Int { self == .claude ? 120 : 0 }

    /// How much of `SchemaTokens` counts.
    var schemaPercent: Int {
        switch self {
        case .claude: 130
        case .gemini: 70
        case .harmony, .other: 100
        }
    }
}
