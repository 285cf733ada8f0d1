import Streaming

/// What a provider hides in an answer and wants back unchanged: signatures of thinking, encrypted reasoning, thought signatures. It is the
/// provider's own: another one refuses it, or is told what is none of its business. So it knows where it comes from.
///
/// A dialect has room for states of its own provider only. Where a client of another dialect has to carry one, it is written with a mark in front,
/// by which it is recognised when the client sends it back:
///
///     ekai1:<origin>:<id>:<value>
///
/// origin: `m` Messages signature, `x` Messages redacted data, `r` Responses encrypted content, `g` Gemini thought signature, `c` chat (opaque
/// `reasoning_details`). id: the item's id where there is one (Responses). A state without the mark belongs to the client's own dialect.
struct ProviderState {
    enum Origin {
        /// `signature` of a thinking block (Anthropic).
        case messages
        /// `data` of a redacted thinking block (Anthropic).
        case messagesRedacted
        /// `encrypted_content` of a reasoning item (OpenAI Responses).
        case responses
        /// `thoughtSignature` (Gemini), base64.
        case gemini
        /// One element of `reasoning_details` (OpenRouter): a JSON object as text.
        case chat

        /// The letter of the mark.
        var letter: StaticString {
            switch self {
            case .messages: "m"
            case .messagesRedacted: "x"
            case .responses: "r"
            case .gemini: "g"
            case .chat: "c"
            }
        }

        init?(letter: UInt8) {
            switch letter {
            case UInt8(ascii: "m"): self = .messages
            case UInt8(ascii: "x"): self = .messagesRedacted
            case UInt8(ascii: "r"): self = .responses
            case UInt8(ascii: "g"): self = .gemini
            case UInt8(ascii: "c"): self = .chat
            default: return nil
            }
        }

        /// The dialect whose providers understand the state.
        var dialect: Dialect {
            switch self {
            case .messages, .messagesRedacted: .messages
            case .responses: .responses
            case .gemini: .gemini
            case .chat: .chat
            }
        }
    }

    var origin: Origin
    /// The item's id, where the provider gave one (`rs_…`).
    var id: JSONText?
    var value: JSONText

    init(_ origin: Origin, id: JSONText? = nil, _ value: JSONText) {
        self.origin = origin
        self.id = id
        self.value = value
    }

    static let mark: StaticString = "ekai1:"

    /// From where a client keeps it: a marked state is whose it says, any other the client's own dialect's.
    init(carried text: JSONText, in own: Origin, id: JSONText? = nil) {
        guard case .escaped(let bytes) = text, bytes.hasPrefix(Self.mark), bytes.count > 8,
            bytes[7] == UInt8(ascii: ":"), let origin = Origin(letter: bytes[6]),
            let colon = bytes[8...].firstIndex(of: UInt8(ascii: ":"))
        else {
            self.init(own, id: id, text)
            return
        }
        let id = UnsafeRawBufferPointer(rebasing: bytes[8..<colon])
        self.init(
            origin, id: id.isEmpty ? nil : .escaped(id), .escaped(UnsafeRawBufferPointer(rebasing: bytes[(colon + 1)...])))
    }

    /// Writes the mark and the value as a piece of the open string. (A state of the reader's own dialect is written without: `value`.)
    func appendMarked(to writer: inout JSONWriter) {
        writer.appendToString(JSONText(Self.mark))
        writer.appendToString(JSONText(origin.letter))
        writer.appendToString(JSONText(":"))
        if let id { writer.appendToString(id) }
        writer.appendToString(JSONText(":"))
        writer.appendToString(value)
    }
}
