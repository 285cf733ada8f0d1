import Streaming

/// Tells which call a piece of `tool_calls` belongs to.
///
/// By the book a call has an index, and its id and name come with its first piece. Providers leave out the index, begin at 1, use one index for
/// several whole calls, give the id or the name again with each piece, or send the name after the id.
struct ChatCallReading {
    private struct Call {
        var index: Int?
        /// Hash of the id; nil while there is none.
        var idHash: UInt64?
        /// The number under which it was told; nil while its name has not come.
        var number: Int?
        /// What came before the name.
        var heldID: String?
        var heldArguments: [UInt8] = []

        var heldBytes: Int { (heldID?.utf8.count ?? 0) + heldArguments.count }

        /// The list of pieces that it was last in.
        var list = 0
        /// Whether the arguments so far may be whole.
        var mayBeWhole = false
    }

    private var calls: [Call] = []
    private var lists = 0
    /// What all calls hold together, in bytes.
    private var heldBytes = 0
    /// How many calls were told.
    private(set) var count = 0

    /// Takes the `tool_calls` of a delta, or of a whole message: there each element is a call.
    mutating func take(_ list: JSONValue, isWhole: Bool, into sink: inout AnswerOutput) {
        lists += 1
        for element in list.elements {
            guard let function = element.present("function"), function.isObject else { continue }
            let piece = Piece(
                index: element.present("index")?.count, id: Self.text(element.present("id")), name: Self.text(function.present("name")),
                arguments: function.present("arguments"))
            take(piece, signature: ChatReasoningReading.thoughtSignature(element), isNew: isWhole, into: &sink)
        }
    }

    /// Takes the one call of the old form.
    mutating func take(legacy function: JSONValue, into sink: inout AnswerOutput) {
        lists += 1
        let name = calls.isEmpty ? Self.text(function.present("name")) : nil
        let piece = Piece(index: 0, id: nil, name: name, arguments: function.present("arguments"))
        take(piece, signature: nil, isNew: false, into: &sink)
    }

    private struct Piece {
        var index: Int?
        var id: JSONText?
        var name: JSONText?
        var arguments: JSONValue?
    }

    private mutating func take(_ piece: Piece, signature: ProviderState?, isNew: Bool, into sink: inout AnswerOutput) {
        let idHash = piece.id.map(Self.hash)
        let place: Int
        if !isNew, let found = find(piece, idHash) {
            place = found
        } else {
            guard calls.count < DialectLimits.chatToolCallsMax else {
                return sink.take(.failure(AnswerFailure(kind: .upstreamFailed, message: "the answer calls too many tools")))
            }
            place = calls.count
            calls.append(Call(index: piece.index, idHash: idHash))
        }
        calls[place].list = lists
        if calls[place].idHash == nil { calls[place].idHash = idHash }
        if let signature { sink.take(.signature(signature)) }
        if calls[place].number == nil, !begin(place, piece, into: &sink) { return }
        pass(piece.arguments, of: place, into: &sink)
    }

    /// Tells the call once its name is there; until then what came is held. Returns whether it is told.
    private mutating func begin(_ place: Int, _ piece: Piece, into sink: inout AnswerOutput) -> Bool {
        guard let name = piece.name else {
            hold(piece, of: place, into: &sink)
            return false
        }
        heldBytes -= calls[place].heldBytes
        calls[place].number = count
        sink.take(.toolCall(call: count, id: piece.id ?? calls[place].heldID.map { .owned($0) }, name: name))
        count += 1
        calls[place].heldID = nil
        if !calls[place].heldArguments.isEmpty {
            let held = calls[place].heldArguments
            calls[place].heldArguments = []
            held.withUnsafeBytes { sink.take(.toolArguments(call: count - 1, .escaped($0))) }
        }
        return true
    }

    /// Keeps what came without a name. All calls share one bound.
    private mutating func hold(_ piece: Piece, of place: Int, into sink: inout AnswerOutput) {
        heldBytes -= calls[place].heldBytes
        defer { heldBytes += calls[place].heldBytes }
        let arguments = piece.arguments?.stringBytes
        let idBytes = piece.id?.byteCount ?? calls[place].heldID?.utf8.count ?? 0
        let bytes = idBytes + calls[place].heldArguments.count + (arguments?.count ?? 0)
        guard heldBytes + bytes <= DialectLimits.chatHeldCallBytesMax else {
            return sink.take(.failure(AnswerFailure(kind: .upstreamFailed, message: "a call of a tool has no name")))
        }
        if let id = piece.id { calls[place].heldID = id.string }
        if let arguments { calls[place].heldArguments.append(contentsOf: arguments) }
    }

    private mutating func pass(_ arguments: JSONValue?, of place: Int, into sink: inout AnswerOutput) {
        guard let number = calls[place].number, let arguments else { return }
        if let bytes = arguments.stringBytes {
            guard !bytes.isEmpty else { return }
            calls[place].mayBeWhole = bytes.last == UInt8(ascii: "}")
            sink.take(.toolArguments(call: number, .escaped(bytes)))
        } else if arguments.isObject {
            calls[place].mayBeWhole = true
            sink.take(.toolArguments(call: number, .plain(arguments.rawBytes)))
        }
    }

    private func find(_ piece: Piece, _ idHash: UInt64?) -> Int? {
        guard !calls.isEmpty else { return nil }
        if let index = piece.index, let place = calls.lastIndex(where: { $0.index == index }) {
            return isAnother(piece, idHash, than: calls[place]) ? nil : place
        }
        if piece.index == nil, let idHash, let place = calls.lastIndex(where: { $0.idHash == idHash }) { return place }
        // Nothing but arguments: they go on where the last ones were.
        if piece.id == nil, piece.name == nil { return calls.count - 1 }
        if piece.index == nil, piece.id == nil, let last = calls.last, last.number == nil { return calls.count - 1 }
        return nil
    }

    /// Whether a piece that names its tool begins another call at an index that was used before.
    private func isAnother(_ piece: Piece, _ idHash: UInt64?, than call: Call) -> Bool {
        guard piece.name != nil, call.number != nil else { return false }
        if let idHash, let known = call.idHash { return idHash != known }
        return call.list == lists || call.mayBeWhole
    }

    /// FNV-1a of the id as it stands.
    private static func hash(_ id: JSONText) -> UInt64 {
        guard case .escaped(let bytes) = id else { return 0 }
        return bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    private static func text(_ value: JSONValue?) -> JSONText? {
        guard let bytes = value?.stringBytes, !bytes.isEmpty else { return nil }
        return .escaped(bytes)
    }
}
