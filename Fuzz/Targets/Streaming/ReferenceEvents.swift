/// Server-sent events once more (WHATWG HTML section 9.2, with the deviations of `SSEParser`), written to be obviously right:
/// it splits the whole text into lines first.
enum ReferenceEvents {
    /// The lines of a text; what follows the last line end is a line too, an empty one perhaps.
    static func lines(_ text: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = 0
        for (index, byte) in text.enumerated() where byte == 0x0A || byte == 0x0D {
            let isSecondHalf = byte == 0x0A && index > 0 && text[index - 1] == 0x0D
            if !isSecondHalf { lines.append(Array(text[start..<index])) }
            start = index + 1
        }
        lines.append(Array(text[start...]))
        return lines
    }

    static func parse(_ text: [UInt8]) -> [RelayedEvent] {
        var lines = lines(text)
        // A byte order mark alone makes the first line none that is blank, since its bytes have to belong to a block.
        let startsWithMark = lines[0].starts(with: [0xEF, 0xBB, 0xBF])
        if startsWithMark { lines[0].removeFirst(3) }
        var events: [RelayedEvent] = []
        var block: [[UInt8]] = []
        for (index, line) in lines.enumerated() {
            let isBlank = line.isEmpty && !(index == 0 && startsWithMark)
            let isLast = index == lines.count - 1
            if !isBlank { block.append(line) }
            if isLast ? !block.isEmpty : isBlank {
                events.append(event(block))
                block = []
            }
        }
        // A blank CRLF line of which only the CR came has not ended yet; with nothing before it there is no event to hand out.
        let lastLines = lines.suffix(3)
        if lines.count >= 3, text.suffix(3) == [0x0D, 0x0A, 0x0D], lastLines.dropLast().allSatisfy(\.isEmpty),
            !(startsWithMark && lines.count == 3) {
            events.removeLast()
        }
        return events
    }

    private static func event(_ block: [[UInt8]]) -> RelayedEvent {
        var name: [UInt8] = []
        var data: [[UInt8]] = []
        var isBareJSON = false
        for line in block {
            let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
            let field = String(decoding: line[..<colon], as: UTF8.self)
            var value = Array(line[min(colon + 1, line.endIndex)...])
            if value.first == 0x20 { value.removeFirst() }
            switch (field, line.first) {
            case ("data", _): data.append(value)
            case ("event", _): name = value
            case (_, UInt8(ascii: "{")), (_, UInt8(ascii: "[")):
                if data.isEmpty { isBareJSON = true }
                if isBareJSON { data.append(line) }
            case (_, UInt8(ascii: ":")), (_, UInt8(ascii: "d")), (_, UInt8(ascii: "e")), (_, nil): break
            default: if isBareJSON { data.append(line) }
            }
        }
        return RelayedEvent(name: name, data: Array(data.joined(separator: [0x0A])), hasData: !data.isEmpty)
    }
}
