/// Reads along while one JSON document passes in pieces and keeps the values of a few top-level members.
///
/// For answers that are not streamed: they go on to the client as they come, whatever their size, and afterwards `usage`, `model`, `id` and `error`
/// are known. White space before the document is read over (OpenRouter pads with it to keep the connection alive). This is no validator:
/// it follows strings and nesting, says whether the document was whole, and leaves the captured values to `JSONTape`.
/// A member that stands twice counts with its last value. Nothing is allocated per push once the buffer has grown to what it keeps.
public struct JSONMemberCapture: ~Copyable {
    /// How the document stands: final when the body has ended.
    public enum Ending: Sendable, Equatable {
        /// Nothing but white space.
        case empty
        /// The document is whole.
        case complete
        /// The document has begun and is not closed.
        case truncated
        /// What came is no JSON object or array, or has something behind its end.
        case notJSON
    }

    private enum Phase {
        case beforeDocument
        case beforeName
        case inName
        case beforeColon
        case beforeValue
        case inValue
        case afterValue
        case inArrayDocument
        case afterDocument
        case notJSON
    }

    private struct Captured {
        let name: StaticString
        var start = 0
        var end = -1
        var isOversized = false
    }

    private var phase = Phase.beforeDocument
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var captured: [Captured]
    private var current: Int?
    private var values = ByteStore()
    private var name = ByteStore()
    private var nameIsEscaped = false
    private let capturedBytesMax: Int

    /// - Parameters:
    ///   - names: the top-level members to keep.
    ///   - capturedBytesMax: the bound for all kept values together; one that does not fit is dropped and `isOversized`.
    public init(names: [StaticString], capturedBytesMax: Int = StreamingLimits.capturedBytesMax) {
        captured = names.map { Captured(name: $0) }
        self.capturedBytesMax = capturedBytesMax
    }

    /// How the document stands after everything pushed so far.
    public var ending: Ending {
        switch phase {
        case .beforeDocument: .empty
        case .afterDocument: .complete
        case .notJSON: .notJSON
        default: .truncated
        }
    }

    /// The value of a member as it was written, or nil when it did not come, is not whole or did not fit. Valid until the next push.
    public subscript(_ name: StaticString) -> UnsafeRawBufferPointer? {
        guard let index = index(of: name), captured[index].end >= 0 else { return nil }
        return values.bytes.part(captured[index].start, captured[index].end)
    }

    /// True when a member came and was dropped because the kept values would have outgrown their bound.
    public func isOversized(_ name: StaticString) -> Bool {
        index(of: name).map { captured[$0].isOversized } ?? false
    }

    private func index(of name: StaticString) -> Int? {
        for index in captured.indices where captured[index].name.utf8CodeUnitCount == name.utf8CodeUnitCount {
            if ByteScan.equal(captured[index].name.borrowedBytes, name.borrowedBytes) { return index }
        }
        return nil
    }

    /// Reads the next piece of the document.
    public mutating func push(_ bytes: UnsafeRawBufferPointer) {
        var position = pushDocument(bytes)
        while position < bytes.count, phase == .afterDocument {
            if step(bytes[position]) { position += 1 }
        }
    }

    /// Reads the next piece up to the end of the document, for one within another. Returns how many bytes belong to it: all of them, unless
    /// it is whole. What is no JSON belongs to it to the end of the piece.
    public mutating func pushDocument(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var position = 0
        while position < bytes.count, phase != .afterDocument {
            switch phase {
            case .inValue, .inArrayDocument:
                position = walkValue(base, from: position, to: bytes.count)
            case .inName:
                position = walkName(base, from: position, to: bytes.count)
            case .notJSON:
                return bytes.count
            default:
                let byte = base.load(fromByteOffset: position, as: UInt8.self)
                // The first byte of a value is the walk's to read.
                if step(byte) { position += 1 }
            }
        }
        return position
    }

    /// Forgets the document, and keeps the memory for the next one.
    public mutating func reset() {
        phase = .beforeDocument
        depth = 0
        isInString = false
        isEscaped = false
        current = nil
        for index in captured.indices { captured[index] = Captured(name: captured[index].name) }
        values.truncate(to: 0)
        name.truncate(to: 0)
    }

    /// Reads one byte between names and values. False when the byte begins a value and is not used up.
    private mutating func step(_ byte: UInt8) -> Bool {
        if Ascii.isJSONWhitespace(byte) { return true }
        switch (phase, byte) {
        case (.beforeDocument, Ascii.openBrace):
            phase = .beforeName
        case (.beforeDocument, Ascii.openBracket):
            phase = .inArrayDocument
            depth = 1
        case (.beforeName, Ascii.quote):
            phase = .inName
            name.truncate(to: 0)
            nameIsEscaped = false
        case (.beforeName, Ascii.closeBrace), (.afterValue, Ascii.closeBrace):
            phase = .afterDocument
        case (.beforeColon, Ascii.colon):
            phase = .beforeValue
        case (.beforeValue, _):
            beginValue()
            return false
        case (.afterValue, Ascii.comma):
            phase = .beforeName
        default:
            phase = .notJSON
        }
        return true
    }

    private mutating func walkName(_ base: UnsafeRawPointer, from: Int, to: Int) -> Int {
        var position = from
        while position < to {
            if isEscaped {
                isEscaped = false
                keepName(base, position, position + 1)
                position += 1
                continue
            }
            let stop = ByteScan.stringStop(in: base, from: position, to: to, stopAtNonASCII: false)
            keepName(base, position, stop)
            guard stop < to else { return to }
            position = stop + 1
            if base.load(fromByteOffset: stop, as: UInt8.self) == Ascii.quote {
                phase = .beforeColon
                return position
            }
            if base.load(fromByteOffset: stop, as: UInt8.self) == Ascii.backslash {
                isEscaped = true
                nameIsEscaped = true
            }
            keepName(base, stop, position)
        }
        return position
    }

    /// Keeps one byte more than the bound at most, so that a longer name is seen as longer and matches nothing.
    private mutating func keepName(_ base: UnsafeRawPointer, _ from: Int, _ to: Int) {
        let room = StreamingLimits.capturedNameBytesMax + 1 - name.count
        name.append(UnsafeRawBufferPointer(start: base + from, count: min(to - from, max(room, 0))))
    }

    private mutating func beginValue() {
        phase = .inValue
        depth = 0
        current = indexOfName()
        guard let current else { return }
        captured[current].start = values.count
        captured[current].end = -1
        captured[current].isOversized = false
    }

    /// The watched member whose name came last. Most names differ in length already.
    private func indexOfName() -> Int? {
        guard name.count <= StreamingLimits.capturedNameBytesMax else { return nil }
        for index in captured.indices where nameIsEscaped || captured[index].name.utf8CodeUnitCount == name.count {
            if JSONString.equals(name.bytes, isEscaped: nameIsEscaped, captured[index].name.borrowedBytes) { return index }
        }
        return nil
    }

    /// Walks a member's value (or a document that is an array) and keeps its bytes when it is watched. A scalar ends at the byte behind it.
    private mutating func walkValue(_ base: UnsafeRawPointer, from: Int, to: Int) -> Int {
        var position = from
        // Kept apart while walking: bytes are many, and the fields lie in memory.
        var depth = depth
        defer { self.depth = depth }
        while position < to {
            if isEscaped {
                isEscaped = false
                position += 1
                continue
            }
            if isInString {
                position = ByteScan.stringStop(in: base, from: position, to: to, stopAtNonASCII: false)
                guard position < to else { break }
                let byte = base.load(fromByteOffset: position, as: UInt8.self)
                position += 1
                if byte == Ascii.backslash { isEscaped = true }
                if byte == Ascii.quote {
                    isInString = false
                    if depth == 0 { return endValue(base, from, position) }
                }
                continue
            }
            let byte = base.load(fromByteOffset: position, as: UInt8.self)
            switch byte {
            case Ascii.quote:
                isInString = true
            case Ascii.openBrace, Ascii.openBracket:
                depth += 1
            case Ascii.closeBrace, Ascii.closeBracket:
                if depth == 0 { return endValue(base, from, position) }
                depth -= 1
                if depth == 0 { return endValue(base, from, position + 1) }
            case Ascii.comma where depth == 0:
                return endValue(base, from, position)
            case _ where depth == 0 && Ascii.isJSONWhitespace(byte):
                return endValue(base, from, position)
            default:
                break
            }
            position += 1
        }
        keepValue(base, from, to)
        return to
    }

    private mutating func endValue(_ base: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int {
        keepValue(base, from, end)
        phase = phase == .inArrayDocument ? .afterDocument : .afterValue
        if let current, !captured[current].isOversized { captured[current].end = values.count }
        current = nil
        return end
    }

    private mutating func keepValue(_ base: UnsafeRawPointer, _ from: Int, _ to: Int) {
        guard let current, !captured[current].isOversized else { return }
        guard to - from <= capturedBytesMax - values.count else {
            captured[current].isOversized = true
            values.truncate(to: captured[current].start)
            return
        }
        values.append(UnsafeRawBufferPointer(start: base + from, count: to - from))
    }
}
