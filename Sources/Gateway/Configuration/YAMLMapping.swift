import Yams

/// The keys of one mapping.
struct YAMLKeys {
    /// Honoured.
    var known: [String]
    /// Named by the contract, brought by a later version: refused, because a setting without effect is worse than an error.
    var later: [String] = []
}

/// What reading a YAML document needs all along.
struct YAMLReader {
    var path: String
    var variables: Variables
    var problems: ProblemCollector

    /// The document as a mapping; nil when it is empty, or wrong, which is then a problem.
    func root(of text: String, keys: YAMLKeys) -> YAMLMapping? {
        guard Self.aliases(in: text) <= Self.aliasesMax else {
            add("has more than \(Self.aliasesMax) aliases", line: nil, field: "")
            return nil
        }
        do {
            guard let node = try Yams.compose(yaml: text), !node.isNothing else { return nil }
            return YAMLMapping(node, field: "", keys: keys, reader: self)
        } catch {
            report(error)
            return nil
        }
    }

    /// Aliases of aliases multiply: a short file could keep the parser busy for ever.
    static let aliasesMax = 16

    /// How many words look like an alias (YAML 1.2 section 7.1), some that are none among them.
    private static func aliases(in text: String) -> Int {
        var count = 0
        var previous = UInt8(ascii: "\n")
        for byte in text.utf8 {
            if previous == UInt8(ascii: "*"), byte != UInt8(ascii: "\""), byte > 0x20, byte != UInt8(ascii: "*") { count += 1 }
            previous = byte
        }
        return count
    }

    func add(_ message: String, line: Int?, field: String) {
        problems.add(ConfigurationProblem(source: .document(path), line: line, field: field, message: message))
    }

    /// Yams' own texts quote the line, which may hold a key.
    private func report(_ error: any Error) {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            add("is not YAML: \(problem)", line: mark.line, field: "")
        case YamlError.duplicatedKeysInMapping(let duplicates, let context):
            let keys = duplicates.sorted().map { "`\($0)`" }.joined(separator: ", ")
            add("the key \(keys) stands twice", line: context.mark.line, field: "")
        default:
            add("is not YAML that can be read", line: nil, field: "")
        }
    }

    /// `${NAME}` becomes the variable's value, `$${` is a plain `${`. Nil and a problem when a variable is not set.
    func expand(_ text: String, line: Int?, field: String) -> String? {
        guard text.contains("${") else { return text }
        var result = ""
        var rest = text[...]
        while let character = rest.first {
            if rest.hasPrefix("$${") {
                result += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                guard let end = rest.firstIndex(of: "}") else {
                    add("`${` is not closed", line: line, field: field)
                    return nil
                }
                let name = String(rest[rest.index(rest.startIndex, offsetBy: 2)..<end])
                guard let value = variables[name] else {
                    // Not a name, but perhaps a key in the place of one.
                    let isName = name.utf8.count <= 64 && name.utf8.allSatisfy {
                        (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
                    }
                    add(isName ? "the variable `\(name)` is not set" : "what stands in `${…}` is no variable's name", line: line, field: field)
                    return nil
                }
                result += value.value
                rest = rest[rest.index(after: end)...]
            } else {
                result.append(character)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}

/// A mapping whose keys are checked once, and whose values are read by name. Whatever does not fit becomes a problem at its line.
struct YAMLMapping {
    let field: String
    let line: Int?
    let isEmpty: Bool
    private let reader: YAMLReader
    private var entries: [(key: String, line: Int?, node: Node)] = []

    /// - Parameter keys: nil where the user chooses them.
    init?(_ node: Node, field: String, keys: YAMLKeys?, reader: YAMLReader) {
        guard case .mapping(let mapping) = node else {
            reader.add("must be a mapping of keys to values", line: node.mark?.line, field: field)
            return nil
        }
        self.field = field
        self.reader = reader
        line = node.mark?.line
        isEmpty = mapping.isEmpty
        for (keyNode, value) in mapping {
            guard case .scalar(let scalar) = keyNode else {
                reader.add("has a key that is not a text", line: keyNode.mark?.line, field: field)
                continue
            }
            let key = scalar.string
            guard let keys, !keys.known.contains(key) else {
                entries.append((key, scalar.mark?.line, value))
                continue
            }
            // A text that can be no key of ours may be a key of another kind.
            let isName = key.utf8.count <= 24 && key.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
            reader.add(
                isName ? Self.objection(to: key, keys) : "has a key that is none of \(keys.known.joined(separator: ", "))",
                line: scalar.mark?.line, field: isName ? path(key) : field)
        }
    }

    private static func objection(to key: String, _ keys: YAMLKeys) -> String {
        if keys.later.contains(key) { return "is not supported by this version" }
        guard let nearest = NearestName.of(key, among: keys.known) else {
            return "is not a known key; known are \(keys.known.joined(separator: ", "))"
        }
        return "is not a known key; did you mean `\(nearest)`?"
    }

    func has(_ key: String) -> Bool { node(key) != nil }

    /// A scalar, expanded. Nil when it is not there, or wrong.
    func text(_ key: String) -> Located<String>? {
        node(key).flatMap { text($0, field: path(key)) }
    }

    /// A list of scalars. Nil when it is not there, or not a list.
    func texts(_ key: String) -> [Located<String>]? {
        guard let items = sequence(key) else { return nil }
        return items.enumerated().compactMap { text($1, field: "\(path(key))[\($0)]") }
    }

    func mapping(_ key: String, keys: YAMLKeys?) -> YAMLMapping? {
        guard let node = node(key), !node.isNothing else { return nil }
        return YAMLMapping(node, field: path(key), keys: keys, reader: reader)
    }

    /// A list of mappings.
    func mappings(_ key: String, keys: YAMLKeys) -> [YAMLMapping] {
        (sequence(key) ?? []).enumerated()
            .compactMap { YAMLMapping($1, field: "\(path(key))[\($0)]", keys: keys, reader: reader) }
    }

    /// All entries as scalars, in order.
    var texts: [(key: String, value: Located<String>)] {
        entries.compactMap { entry in text(entry.node, field: path(entry.key)).map { (entry.key, $0) } }
    }

    func problem(_ message: String, _ key: String? = nil) {
        let entry = entries.first { $0.key == key }
        reader.add(message, line: entry?.line ?? line, field: key.map(path) ?? field)
    }

    private func path(_ key: String) -> String { field.isEmpty ? key : "\(field).\(key)" }

    private func node(_ key: String) -> Node? { entries.first { $0.key == key }?.node }

    private func sequence(_ key: String) -> [Node]? {
        guard let node = node(key), !node.isNothing else { return nil }
        guard case .sequence(let sequence) = node else {
            reader.add("must be a list", line: node.mark?.line, field: path(key))
            return nil
        }
        return Array(sequence)
    }

    private func text(_ node: Node, field: String) -> Located<String>? {
        let line = node.mark?.line
        guard case .scalar(let scalar) = node else {
            reader.add("must be a single value", line: line, field: field)
            return nil
        }
        guard !node.isNothing else {
            reader.add("has no value", line: line, field: field)
            return nil
        }
        return reader.expand(scalar.string, line: line, field: field)
            .map { Located(value: $0, source: .document(reader.path), line: line, field: field) }
    }
}

extension Node {
    /// YAML's null: `~`, `null`, or nothing at all (YAML 1.2 section 10.3.2).
    fileprivate var isNothing: Bool {
        guard case .scalar(let scalar) = self, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}
