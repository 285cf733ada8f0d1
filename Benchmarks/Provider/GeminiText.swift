/// Gemini: each event is a whole response with the usage so far, lines end with CRLF, and the last one has the finish reason.
struct GeminiText: AnswerText {
    private let model: String

    init(model: String) { self.model = model }

    func opening(includesUsage: Bool) -> String { "" }

    func token(includesUsage: Bool) -> [TokenTemplate.Piece] {
        [
            .text(#"data: {"candidates":[{"content":{"parts":[{"text":""#), .token,
            .text(#""}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":\#(AnswerFigures.inputTokens),"candidatesTokenCount":"#),
            .index(plus: 1), .text(#","totalTokenCount":"#), .index(plus: 1 + AnswerFigures.inputTokens),
            .text("},\(tail)}\r\n\r\n"),
        ]
    }

    func closing(tokens: Int, text: String, includesUsage: Bool) -> String {
        "data: \(whole(tokens: tokens, text: ""))\r\n\r\n"
    }

    func whole(tokens: Int, text: String) -> String {
        #"{"candidates":[{"content":{"parts":[{"text":"\#(text)"}],"role":"model"},"finishReason":"STOP","index":0}],"#
            + #""usageMetadata":{"promptTokenCount":\#(AnswerFigures.inputTokens),"candidatesTokenCount":\#(tokens),"#
            + #""totalTokenCount":\#(AnswerFigures.inputTokens + tokens)},\#(tail)}"#
    }

    private var tail: String { #""modelVersion":"\#(model)","responseId":"bench""# }
}
