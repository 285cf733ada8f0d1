/// The request formats that a provider accepts.
public struct WireDialects: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// OpenAI chat completions.
    public static let chat = WireDialects(rawValue: 1)
    /// OpenAI Responses.
    public static let responses = WireDialects(rawValue: 2)
    /// Anthropic Messages.
    public static let messages = WireDialects(rawValue: 4)
    /// Gemini generateContent.
    public static let gemini = WireDialects(rawValue: 8)
}
