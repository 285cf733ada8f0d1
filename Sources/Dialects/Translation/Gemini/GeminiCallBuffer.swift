import Streaming

/// Calls that wait until their arguments are whole: Gemini's answers hold them as objects.
struct GeminiCallBuffer {
    private struct Call {
        var number: Int
        var id: String?
        var name: String
        var signature: String?
        /// As the inside of a JSON string, so that a character which two pieces share is whole again once they are joined.
        var arguments: [UInt8] = []
        var isWhole = false
        var isTooLong = false
    }

    private let renamed: [String: AnswerPlan.ClientTool]
    private var calls: [Call] = []
    private var bytes = 0
    /// True once a call was left out for its length.
    private(set) var hasLost = false

    init(_ plan: AnswerPlan) {
        renamed = plan.renamedTools
    }

    var isEmpty: Bool { calls.isEmpty }

    mutating func begin(_ number: Int, id: JSONText?, name: JSONText, signature: String?) {
        guard calls.count < DialectLimits.bufferedCallsMax else {
            hasLost = true
            return
        }
        let name = name.string
        calls.append(Call(number: number, id: id?.string, name: renamed[name]?.name ?? name, signature: signature))
    }

    mutating func append(_ number: Int, _ text: JSONText) {
        guard let place = calls.firstIndex(where: { $0.number == number }), !calls[place].isTooLong else { return }
        guard text.byteCount <= DialectLimits.bufferedCallBytesMax - bytes else {
            bytes -= calls[place].arguments.count
            calls[place].arguments = []
            calls[place].isTooLong = true
            return
        }
        let before = calls[place].arguments.count
        switch text {
        case .escaped(let bytes): calls[place].arguments.append(bytes)
        case .plain(let bytes): JSONString.appendEscaped(utf8: bytes, to: &calls[place].arguments)
        case .owned(var text):
            text.withUTF8 { JSONString.appendEscaped(utf8: UnsafeRawBufferPointer($0), to: &calls[place].arguments) }
        }
        bytes += calls[place].arguments.count - before
    }

    mutating func end(_ number: Int) {
        guard let place = calls.firstIndex(where: { $0.number == number }) else { return }
        calls[place].isWhole = true
    }

    /// Whether a call can be written: the first one is whole.
    var hasWhole: Bool { calls.first?.isWhole ?? false }

    /// Writes the parts of all calls, or of those from the first on that are whole, and forgets them.
    mutating func write(all: Bool, to writer: inout JSONWriter) {
        while let call = calls.first, all || call.isWhole {
            calls.removeFirst()
            bytes -= call.arguments.count
            if call.isTooLong {
                hasLost = true
            } else {
                write(call, to: &writer)
            }
        }
    }

    private func write(_ call: Call, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("functionCall")
        writer.beginObject()
        if let id = call.id { writer.member("id", .owned(id)) }
        writer.member("name", .owned(call.name))
        writer.name("args")
        writeArguments(call.arguments, to: &writer)
        writer.endObject()
        if let signature = call.signature { writer.member("thoughtSignature", .owned(signature)) }
        writer.endObject()
    }

    /// The arguments as an object; what is none, as nothing at all, becomes an empty one.
    private func writeArguments(_ escaped: [UInt8], to writer: inout JSONWriter) {
        guard !escaped.isEmpty else { return writer.json("{}") }
        // Its own for each call: kept, its tape would hold megabytes for as long as the stream lasts.
        let reader = JSONReader()
        let decoded = escaped.withUnsafeBytes { JSONString.decoded($0) }
        var text = decoded
        text.withUTF8 { text in
            let bytes = Bytes.trimmed(UnsafeRawBufferPointer(text))
            if reader.read(bytes, { $0.isObject }) ?? false { writer.json(bytes) } else { writer.json("{}") }
        }
    }
}
