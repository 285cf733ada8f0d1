import Streaming

// Calls: the name and the arguments.

extension GeminiRequest {
    /// A call's tool as the provider knows it.
    func name(of call: ToolCall, plan: inout AnswerPlan) -> JSONText {
        ToolNames.providerName(call.name, namespace: call.namespace, isCustom: call.isCustom, for: .gemini, plan: &plan)
    }

    /// Arguments as an object. A free text is `input`, and so is what was meant to be an object and is none.
    func writeArguments(of call: ToolCall, to writer: inout JSONWriter) {
        switch call.arguments {
        case .object(let object) where object.isObject:
            writer.json(object.rawBytes)
        case .object(let value):
            writeInput(.plain(value.rawBytes), to: &writer)
        case .text(let text):
            if !call.isCustom {
                guard !text.isBlank else { return writer.json("{}") }
                if writeObject(text, to: &writer) { return }
            }
            writeInput(text, to: &writer)
        }
    }

    private func writeInput(_ text: JSONText, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("input", text)
        writer.endObject()
    }

    /// Writes the object that a text holds; false when it holds none.
    private func writeObject(_ text: JSONText, to writer: inout JSONWriter) -> Bool {
        switch text {
        case .plain(let bytes):
            return writeObject(bytes, to: &writer)
        case .owned(var text):
            return text.withUTF8 { writeObject(UnsafeRawBufferPointer($0), to: &writer) }
        case .escaped(let bytes):
            return withUnsafeTemporaryAllocation(byteCount: max(1, bytes.count), alignment: 1) { room in
                let length = JSONString.decode(bytes, into: room)
                return writeObject(UnsafeRawBufferPointer(rebasing: room[..<length]), to: &writer)
            }
        }
    }

    private func writeObject(_ bytes: UnsafeRawBufferPointer, to writer: inout JSONWriter) -> Bool {
        let isObject = reader.read(bytes) { $0.isObject } ?? false
        if isObject { writer.json(Bytes.trimmed(bytes)) }
        return isObject
    }
}
