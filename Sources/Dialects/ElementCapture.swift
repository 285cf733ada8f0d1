import Streaming

/// Reads along a Gemini stream that comes as one JSON array: each element is a response with what is new in it, or an error.
///
/// Of all elements only two are kept, as far as their members are watched: the last one that told usage, and the first that holds an error.
/// The memory does not grow with the array.
struct ElementCapture: ~Copyable {
    private enum Phase {
        case beforeArray
        case beforeFirst
        case beforeElement
        case inElement
        case afterElement
        case afterArray
        case notJSON
    }

    private var phase = Phase.beforeArray
    private var element = JSONMemberCapture(names: Self.names, capturedBytesMax: DialectLimits.answerMemberBytesMax)
    /// The last whole element with `usageMetadata`; empty while there was none.
    private(set) var told = JSONMemberCapture(names: Self.names, capturedBytesMax: DialectLimits.answerMemberBytesMax)
    /// The first whole element with `error`; empty while there was none.
    private(set) var failed = JSONMemberCapture(names: Self.names, capturedBytesMax: DialectLimits.answerMemberBytesMax)
    /// Whole elements without an error.
    private(set) var responses = 0

    private static let names: [StaticString] = ["usageMetadata", "responseId", "modelVersion", "error"]

    /// How the document stands.
    var ending: JSONMemberCapture.Ending {
        switch phase {
        case .beforeArray: .empty
        case .afterArray: .complete
        case .notJSON: .notJSON
        default: .truncated
        }
    }

    /// Reads the next piece of the document.
    mutating func push(_ bytes: UnsafeRawBufferPointer) {
        var position = 0
        while position < bytes.count {
            if phase == .inElement {
                position += element.pushDocument(UnsafeRawBufferPointer(rebasing: bytes[position...]))
                noteElement()
            } else {
                position += step(bytes[position])
            }
        }
    }

    /// Reads a byte between the elements. Returns how many it used: none when it begins an element.
    private mutating func step(_ byte: UInt8) -> Int {
        switch (phase, byte) {
        case (_, UInt8(ascii: " ")), (_, UInt8(ascii: "\t")), (_, UInt8(ascii: "\r")), (_, UInt8(ascii: "\n")): break
        case (.beforeArray, UInt8(ascii: "[")): phase = .beforeFirst
        case (.beforeFirst, UInt8(ascii: "]")), (.afterElement, UInt8(ascii: "]")): phase = .afterArray
        case (.afterElement, UInt8(ascii: ",")): phase = .beforeElement
        case (.beforeFirst, UInt8(ascii: "{")), (.beforeElement, UInt8(ascii: "{")):
            element.reset()
            phase = .inElement
            return 0
        default: phase = .notJSON
        }
        return 1
    }

    private mutating func noteElement() {
        switch element.ending {
        case .complete: phase = .afterElement
        case .notJSON: phase = .notJSON
        case .empty, .truncated: return
        }
        guard phase == .afterElement else { return }
        if element["error"] != nil || element.isOversized("error") {
            if failed.ending == .empty { swap(&element, &failed) }
            return
        }
        responses += 1
        if element["usageMetadata"] != nil { swap(&element, &told) }
    }
}
