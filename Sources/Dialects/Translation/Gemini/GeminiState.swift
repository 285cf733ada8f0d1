import Streaming

// Gemini carries opaque state as `thoughtSignature`, which is base64 of bytes. A state of another origin travels there as base64 of its marked text.

extension ProviderState {
    /// The base64 of the mark: six bytes are eight digits, whatever follows.
    private static let encodedMark: StaticString = "ZWthaTE6"

    /// The value that stands for a signature where a call has none (a history that another model made): Google's own word for "do not check".
    static let geminiBypass: StaticString = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="

    /// From a part's `thoughtSignature`; nil when it is absent or empty.
    init?(geminiPart part: JSONValue) {
        guard let signature = part.present("thoughtSignature", "thought_signature"), let bytes = signature.stringBytes, !bytes.isEmpty else { return nil }
        guard bytes.hasPrefix(Self.encodedMark), let marked = Base64.decoded(bytes) else {
            self.init(.gemini, .escaped(bytes))
            return
        }
        let state = marked.withUnsafeBytes { bytes in
            let state = ProviderState(carried: .escaped(bytes), in: .gemini)
            return ProviderState(state.origin, id: state.id.map(Self.owned), Self.owned(state.value))
        }
        self = state
    }

    /// What was decoded is no part of a document: it is kept by the text itself.
    private static func owned(_ text: JSONText) -> JSONText {
        guard case .escaped(let bytes) = text else { return text }
        return .owned(String(decoding: bytes, as: UTF8.self))
    }

    /// The value of `thoughtSignature` that carries this state.
    var geminiSignature: JSONText {
        guard origin != .gemini else { return value }
        let marked = "\(Self.mark)\(origin.letter):\(id?.string ?? ""):\(value.string)"
        return .owned(Base64.encoded(marked.utf8))
    }
}

extension JSONValue {
    /// A member by either of the two spellings that Gemini's JSON allows, unless it is null.
    func present(_ camel: StaticString, _ snake: StaticString) -> JSONValue? {
        present(camel) ?? present(snake)
    }
}
