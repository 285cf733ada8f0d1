import Streaming

/// Finds the free text of a custom tool in the arguments that stand for it (`{"input": "…"}`), as they come, piece by piece.
///
/// The text leaves as it stands escaped in the arguments, so that only escapes which are cut in two are held back. Arguments that are nothing of the
/// kind are themselves the text: what a model wrote is never lost.
struct CustomToolInput {
    private enum State {
        /// Within `{"input":"`; the number of its tokens' bytes that were met.
        case opening(Int)
        case text
        /// Behind the text's closing quote.
        case closed
        /// No such object: all of it is text.
        case bare
    }

    private static let opening: StaticString = "{\"input\":\""
    /// White space may stand at these places of `opening`.
    private static let spaced: Set<Int> = [0, 1, 8, 9]
    private static let openingBytesMax = 64

    private var state = State.opening(0)
    /// An opening that may turn out to be none, or an escape that is not whole.
    private var held: [UInt8] = []

    /// Appends to `text` what of a piece belongs to it, escaped.
    mutating func take(_ piece: JSONText, into text: inout [UInt8]) {
        switch piece {
        case .plain(let bytes): take(bytes, into: &text)
        case .owned(var string): string.withUTF8 { take(UnsafeRawBufferPointer($0), into: &text) }
        case .escaped(let bytes):
            withUnsafeTemporaryAllocation(byteCount: bytes.count, alignment: 1) { room in
                let count = JSONString.decode(bytes, into: room)
                take(UnsafeRawBufferPointer(rebasing: room[..<count]), into: &text)
            }
        }
    }

    /// The arguments are complete: an opening that leads nowhere is text.
    mutating func finish(into text: inout [UInt8]) {
        if case .opening = state { becomeBare(into: &text) }
        held = []
        state = .closed
    }

    /// - Parameter bytes: a piece of the arguments' JSON.
    private mutating func take(_ bytes: UnsafeRawBufferPointer, into text: inout [UInt8]) {
        var position = 0
        while position < bytes.count {
            switch state {
            case .opening(let met):
                open(bytes[position], met, into: &text)
                position += 1
            case .text:
                if held.isEmpty {
                    let end = Self.plainEnd(bytes, from: position)
                    if end > position { text.append(UnsafeRawBufferPointer(rebasing: bytes[position..<end])) }
                    position = end
                    if position < bytes.count {
                        meet(bytes[position], into: &text)
                        position += 1
                    }
                } else if continueEscape(bytes[position], into: &text) {
                    position += 1
                }
            case .closed:
                return
            case .bare:
                JSONString.appendEscaped(utf8: UnsafeRawBufferPointer(rebasing: bytes[position...]), to: &text)
                return
            }
        }
    }

    /// Where the bytes that need no care end: at a quote, a backslash or a control character.
    private static func plainEnd(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var end = start
        while end < bytes.count, bytes[end] >= 0x20, bytes[end] != UInt8(ascii: "\""), bytes[end] != UInt8(ascii: "\\") { end += 1 }
        return end
    }

    private mutating func open(_ byte: UInt8, _ met: Int, into text: inout [UInt8]) {
        held.append(byte)
        if byte == Self.opening.utf8Start[met] {
            guard met + 1 < Self.opening.utf8CodeUnitCount else {
                held = []
                state = .text
                return
            }
            state = .opening(met + 1)
        } else if !Bytes.isSpace(byte) || !Self.spaced.contains(met) || held.count > Self.openingBytesMax {
            becomeBare(into: &text)
        }
    }

    private mutating func becomeBare(into text: inout [UInt8]) {
        held.withUnsafeBytes { JSONString.appendEscaped(utf8: $0, to: &text) }
        held = []
        state = .bare
    }

    /// A byte of the text that is not plain.
    private mutating func meet(_ byte: UInt8, into text: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): state = .closed
        case UInt8(ascii: "\\"): held.append(byte)
        default: withUnsafeBytes(of: byte) { JSONString.appendEscaped(utf8: $0, to: &text) }
        }
    }

    /// Adds to the escape that is held; false when the byte is none of it, and stands for itself.
    private mutating func continueEscape(_ byte: UInt8, into text: inout [UInt8]) -> Bool {
        switch held.count {
        case 1, 7:
            if byte == UInt8(ascii: "u") {
                held.append(byte)
                return true
            }
            if held.count == 7 {
                // Half of a pair, and another escape behind it.
                text.append(contentsOf: held[..<6])
                held.removeFirst(6)
                return false
            }
            let known: StaticString = "\"\\/bfnrt"
            // A backslash that escapes nothing is one of the text.
            if !UnsafeRawBufferPointer(start: known.utf8Start, count: known.utf8CodeUnitCount).contains(byte) {
                text.append(UInt8(ascii: "\\"))
            }
            text.append(UInt8(ascii: "\\"))
            held = []
            if byte < 0x20 || byte >= 0x80 { return false }
            text.append(byte)
            return true
        case 6:
            // Half of a surrogate pair waits for the other.
            if byte == UInt8(ascii: "\\") {
                held.append(byte)
                return true
            }
            text.append(contentsOf: held)
            held = []
            return false
        default:
            guard byte.isHexDigit else {
                // The half that is whole stays, the rest is no escape.
                let whole = held.count > 6 ? 6 : 0
                text.append(contentsOf: held[..<whole])
                text.append(UInt8(ascii: "\\"))
                text.append(contentsOf: held[whole...])
                held = []
                return false
            }
            held.append(byte)
            if held.count == 12 || (held.count == 6 && !holdsFirstHalf) {
                text.append(contentsOf: held)
                held = []
            }
            return true
        }
    }

    /// Whether a first half of a surrogate pair is held: `\uD8…` to `\uDB…`.
    private var holdsFirstHalf: Bool {
        guard held.count == 6, held[2] | 0x20 == UInt8(ascii: "d") else { return false }
        switch held[3] | 0x20 {
        case UInt8(ascii: "8") | 0x20, UInt8(ascii: "9") | 0x20, UInt8(ascii: "a"), UInt8(ascii: "b"): return true
        default: return false
        }
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): true
        default: false
        }
    }
}
