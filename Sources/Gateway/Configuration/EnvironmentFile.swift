/// A `.env` file: `NAME=value` a line.
///
/// - `export NAME=value` is the same, spaces around `=` are allowed.
/// - An unquoted value ends at ` #`; outer spaces are dropped.
/// - `'…'` is literal. In `"…"`, `\n`, `\r`, `\t`, `\"`, `\\` and `\$` are escapes. A quoted value ends on its line.
/// - Nothing is expanded. The last of several lines with one name counts.
struct EnvironmentFile {
    private(set) var values: [String: Located<String>] = [:]
    private(set) var problems: [ConfigurationProblem] = []

    init(text: String, path: String) {
        let body = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
        // A Character "\r\n" is a line end as well.
        for (index, line) in body.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let place = Located(value: "", source: .environmentFile(path), line: index + 1, field: "")
            do throws(ValueFault) {
                guard let (name, value) = try Self.assignment(in: line) else { continue }
                values[name] = Located(value: value, source: place.source, line: place.line, field: name)
            } catch {
                problems.append(place.problem(error.message))
            }
        }
    }

    private static func assignment(in line: Substring) throws(ValueFault) -> (String, String)? {
        var rest = trimmed(line)
        guard let first = rest.first, first != "#" else { return nil }
        if rest.hasPrefix("export"), let next = rest.dropFirst(6).first, next.isWhitespace {
            rest = trimmed(rest.dropFirst(6))
        }
        guard let equals = rest.firstIndex(of: "=") else { throw ValueFault("is not NAME=value") }
        let name = trimmed(rest[..<equals])
        guard let initial = name.utf8.first, !(0x30...0x39).contains(initial), name.utf8.allSatisfy(isNameByte) else {
            throw ValueFault("the name before `=` must be of letters, digits and `_`")
        }
        let value = trimmed(rest[rest.index(after: equals)...])
        switch value.first {
        case "'": return (String(name), try quoted(value, by: "'", escapes: false))
        case "\"": return (String(name), try quoted(value, by: "\"", escapes: true))
        default: return (String(name), unquoted(value))
        }
    }

    private static func quoted(_ text: Substring, by quote: Character, escapes: Bool) throws(ValueFault) -> String {
        var value = ""
        var rest = text.dropFirst()
        while let character = rest.popFirst() {
            if character == quote {
                let tail = trimmed(rest)
                guard tail.isEmpty || tail.hasPrefix("#") else { throw ValueFault("has something after the closing quote") }
                return value
            }
            guard escapes, character == "\\", let escaped = rest.popFirst() else {
                value.append(character)
                continue
            }
            switch escaped {
            case "n": value.append("\n")
            case "r": value.append("\r")
            case "t": value.append("\t")
            case "\"", "\\", "$": value.append(escaped)
            default: value += "\\\(escaped)"
            }
        }
        throw ValueFault("the quote is not closed on its line")
    }

    private static func unquoted(_ text: Substring) -> String {
        var previous: Character = " "
        let end = text.indices.first { index in
            defer { previous = text[index] }
            return text[index] == "#" && previous.isWhitespace
        }
        return String(trimmed(text[..<(end ?? text.endIndex)]))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return start[start.endIndex...] }
        return start[...last]
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
    }
}
