import Streaming

/// Makes the text of a JSON object of arguments that come in pieces, each with its place: `{"jsonPath": "$.items[0].name", "stringValue": "Ap",
/// "willContinue": true}` (Vertex, `streamFunctionCallArguments`).
///
/// Pieces come in the order of the document. What the text so far has open is kept as the path of the last piece; the next one closes what it is not in.
struct GeminiPartialArguments {
    private enum Step: Equatable {
        case member(String)
        case element(Int)
    }

    /// The place of the last value; every step but the last is an open object or array.
    private var path: [Step] = []
    private var hasBegun = false
    private var isStringOpen = false

    /// The text that a piece adds.
    mutating func take(_ piece: JSONValue) -> String {
        guard let place = piece.present("jsonPath")?.string.flatMap(Self.steps), !place.isEmpty else { return "" }
        let goesOn = piece.present("willContinue")?.bool ?? false
        var text = ""
        let isSame = hasBegun && place == path
        if !isSame {
            closeString(&text)
            move(to: place, &text)
        } else if !isStringOpen {
            // The value is there already.
            return ""
        }
        if let value = piece.present("stringValue"), let bytes = value.stringBytes {
            if !isStringOpen { text += "\"" }
            isStringOpen = true
            text += String(decoding: bytes, as: UTF8.self)
        } else if !isStringOpen {
            let value = piece.present("numberValue") ?? piece.present("boolValue")
            text += value.map { String(decoding: $0.rawBytes, as: UTF8.self) } ?? "null"
        }
        if !goesOn { closeString(&text) }
        return text
    }

    /// The text that ends the object; empty when there never was a piece.
    mutating func finish() -> String {
        guard hasBegun else { return "" }
        var text = ""
        closeString(&text)
        for step in path.reversed() { text += Self.closing(step) }
        hasBegun = false
        return text
    }

    private mutating func closeString(_ text: inout String) {
        if isStringOpen { text += "\"" }
        isStringOpen = false
    }

    private mutating func move(to place: [Step], _ text: inout String) {
        var common = 0
        if hasBegun {
            while common < min(path.count, place.count) - 1, path[common] == place[common] { common += 1 }
            // The step at which the paths part: what the old one opened below it is closed.
            for step in path[(common + 1)...].reversed() { text += Self.closing(step) }
            text += ","
        } else {
            text += Self.opening(place[0])
        }
        hasBegun = true
        for (offset, step) in place[common...].enumerated() {
            if offset > 0 { text += Self.opening(step) }
            guard case .member(let name) = step else { continue }
            var written: [UInt8] = []
            JSONString.append(name, to: &written)
            text += String(decoding: written, as: UTF8.self) + ":"
        }
        path = place
    }

    private static func opening(_ step: Step) -> String {
        if case .member = step { "{" } else { "[" }
    }

    private static func closing(_ step: Step) -> String {
        if case .member = step { "}" } else { "]" }
    }

    /// `$.a.b[0]['c d']` as steps; nil for what is no such path, or too deep, or begins with no member.
    private static func steps(_ path: String) -> [Step]? {
        var rest = path[...]
        guard rest.popFirst() == "$" else { return nil }
        var steps: [Step] = []
        while let mark = rest.popFirst() {
            guard steps.count < DialectLimits.partialArgumentsDepthMax else { return nil }
            switch mark {
            case ".":
                let name = rest.prefix { $0 != "." && $0 != "[" }
                guard !name.isEmpty else { return nil }
                rest = rest.dropFirst(name.count)
                steps.append(.member(String(name)))
            case "[":
                guard let end = rest.firstIndex(of: "]") else { return nil }
                let inside = rest[..<end]
                rest = rest[rest.index(after: end)...]
                if let number = Int(inside) {
                    steps.append(.element(number))
                } else {
                    steps.append(.member(String(inside.filter { $0 != "'" && $0 != "\"" })))
                }
            default:
                return nil
            }
        }
        guard case .member? = steps.first else { return nil }
        return steps
    }
}
