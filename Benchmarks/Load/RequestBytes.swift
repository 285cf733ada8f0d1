import Foundation

/// Bytes at a fixed address, borrowed by every request that sends them.
final class RequestBytes: Sendable {
    // Written once in `init`, read only afterwards.
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

    init(_ text: String) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
        copy.copyBytes(from: text.utf8)
        bytes = UnsafeRawBufferPointer(copy)
    }

    deinit { bytes.deallocate() }
}

extension WireFormat {
    /// A request's body, of `bodyBytes` bytes where that is enough for one.
    func requestBody(model: String, isStreaming: Bool, bodyBytes: Int) -> String {
        let name = Self.jsonString(model)
        let (head, end) =
            switch self {
            case .chat: (#"{"model":\#(name),"stream":\#(isStreaming),"messages":[{"role":"user","content":""#, #""}]}"#)
            case .responses: (#"{"model":\#(name),"stream":\#(isStreaming),"input":""#, #""}"#)
            case .messages:
                (
                    #"{"model":\#(name),"stream":\#(isStreaming),"max_tokens":4096,"messages":[{"role":"user","content":""#,
                    #""}]}"#
                )
            case .gemini: (#"{"contents":[{"role":"user","parts":[{"text":""#, #""}]}]}"#)
            }
        let sentence = "Tell me a story. "
        let wanted = max(sentence.utf8.count, bodyBytes - head.utf8.count - end.utf8.count)
        return head + String(repeating: sentence, count: wanted / sentence.utf8.count + 1).prefix(wanted) + end
    }

    /// The fields that a client of this API sends, each with its line end; framing and `Host` excepted.
    func requestFields(apiKey: String?) -> String {
        var fields = "content-type: application/json\r\n"
        if self == .messages { fields += "anthropic-version: 2023-06-01\r\n" }
        guard let apiKey else { return fields }
        switch self {
        case .chat, .responses: return fields + "authorization: Bearer \(apiKey)\r\n"
        case .messages: return fields + "x-api-key: \(apiKey)\r\n"
        case .gemini: return fields + "x-goog-api-key: \(apiKey)\r\n"
        }
    }

    private static func jsonString(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? #""""#
    }
}
