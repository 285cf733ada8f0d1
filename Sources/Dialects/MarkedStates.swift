import Glibc
import Streaming

/// States of other providers in a request that goes on in its own dialect (docs/decisions/0022).
///
/// A client that was served by another provider in an earlier turn sends that one's signatures back, marked. Nobody but the gateway understands the mark:
/// the provider would refuse the request. So the thinking that they belong to is left out.
enum MarkedStates {
    /// What stands for an assistant's turn that was nothing but another model's thinking.
    private static let placeholder: StaticString = #"{"type":"text","text":"(Thinking.)"}"#

    /// Replacements for the lists that hold such states; none, after one quick look, for nearly every request.
    ///
    /// - Parameter tape: is free for use during the call.
    static func edits(in body: UnsafeRawBufferPointer, dialect: Dialect, tape: JSONTape) -> [(range: Range<Int>, json: [UInt8])] {
        guard isThere(in: body, dialect), let root = try? tape.parse(body) else { return [] }
        var edits: [(range: Range<Int>, json: [UInt8])] = []
        func edit(_ list: JSONValue?, filler: StaticString? = nil, _ isKept: (JSONValue) -> Bool) {
            guard let list, list.isArray, !list.elements.allSatisfy(isKept) else { return }
            var writer = JSONWriter()
            writer.beginArray()
            var isEmpty = true
            for element in list.elements where isKept(element) {
                writer.json(element.rawBytes)
                isEmpty = false
            }
            if isEmpty, let filler { writer.json(filler) }
            writer.endArray()
            edits.append((list.range, Array(writer.bytes)))
        }
        switch dialect {
        case .messages:
            for message in root.list("messages") {
                edit(message.present("content"), filler: placeholder) { !isMarked($0.present("signature")) && !isMarked($0.present("data")) }
            }
        case .responses:
            edit(root.present("input")) { !isMarked($0.present("encrypted_content")) }
        case .chat:
            for message in root.list("messages") {
                edit(message.present("reasoning_details")) { !isMarked($0.present("signature")) && !isMarked($0.present("data")) }
            }
        case .gemini:
            for content in root.list("contents") { edits += geminiEdits(content) }
        }
        return edits
    }

    /// Thoughts go; from other parts only the signature does.
    private static func geminiEdits(_ content: JSONValue) -> [(range: Range<Int>, json: [UInt8])] {
        var edits: [(range: Range<Int>, json: [UInt8])] = []
        guard let parts = content.present("parts"), parts.isArray else { return [] }
        guard parts.elements.contains(where: { isMarked(signature(of: $0)) }) else { return [] }
        var writer = JSONWriter()
        writer.beginArray()
        var isEmpty = true
        for part in parts.elements {
            let isForeign = isMarked(signature(of: part))
            if isForeign, part.present("thought")?.bool == true { continue }
            isEmpty = false
            guard isForeign else {
                writer.json(part.rawBytes)
                continue
            }
            writer.beginObject()
            for member in part.members where !member.name.equals("thoughtSignature") && !member.name.equals("thought_signature") {
                if let name = member.name.stringBytes { writer.name(escaped: name) }
                writer.json(member.value.rawBytes)
            }
            writer.endObject()
        }
        if isEmpty { writer.json(#"{"text":"(Thinking.)"}"#) }
        writer.endArray()
        edits.append((parts.range, Array(writer.bytes)))
        return edits
    }

    private static func signature(of part: JSONValue) -> JSONValue? {
        part.present("thoughtSignature") ?? part.present("thought_signature")
    }

    private static func isMarked(_ value: JSONValue?) -> Bool {
        guard let bytes = value?.stringBytes else { return false }
        return bytes.hasPrefix(mark) || bytes.hasPrefix(encodedMark)
    }

    private static let mark: StaticString = "ekai1:"
    /// The mark in base64, as Gemini's clients carry it.
    private static let encodedMark: StaticString = "ZWthaTE6"

    /// Whether the mark stands anywhere: looks at the places of one rare letter of it.
    private static func isThere(in body: UnsafeRawBufferPointer, _ dialect: Dialect) -> Bool {
        let needle = dialect == .gemini ? encodedMark : mark
        // `k` of `ekai1:`, `W` of `ZWthaTE6`: both stand second.
        let letter = Int32(needle.utf8Start[1])
        guard let base = body.baseAddress, body.count > needle.utf8CodeUnitCount else { return false }
        var at = 1
        while at < body.count, let found = memchr(base + at, letter, body.count - at) {
            let offset = UnsafeRawPointer(found) - base
            if UnsafeRawBufferPointer(rebasing: body[(offset - 1)...]).hasPrefix(needle) { return true }
            at = offset + 1
        }
        return false
    }
}

extension JSONValue {
    /// The elements of a member that is a list; none for anything else.
    fileprivate func list(_ name: StaticString) -> JSONElements {
        // Of a value that is no array there are no elements: the object itself will do.
        (present(name) ?? self).elements
    }
}
