/// The names that one configured provider serves, looked up in every spelling.
struct NameIndex: Sendable {
    /// How sure a match is; the lower, the surer.
    enum Level: Int, Comparable, Sendable {
        /// The very id.
        case exact
        /// The same name written in another way.
        case spelling
        /// The name carries a date, `-latest` or `-preview` that the provider's id lacks.
        case requestIsDated
        /// The provider's id carries one that the name lacks.
        case entryIsDated

        static func < (one: Level, other: Level) -> Bool { one.rawValue < other.rawValue }
    }

    struct Match: Sendable {
        var level: Level
        var id: String
    }

    private var exact: Set<String> = []
    private var spellings: [String: String] = [:]
    private var undated: [String: String] = [:]

    /// - Parameter ids: in order; where two ids share a spelling the first keeps it.
    init(ids: some Sequence<String>) {
        for id in ids where exact.insert(id).inserted {
            add(id, under: CanonicalName.key(id))
            // OpenRouter's `openai/gpt-4o` is also found as `gpt-4o`.
            if let slash = id.lastIndex(of: "/") { add(id, under: CanonicalName.key(id[id.index(after: slash)...])) }
        }
    }

    func match(_ name: Spelling) -> Match? {
        if exact.contains(name.text) { return Match(level: .exact, id: name.text) }
        if let id = spellings[name.key] { return Match(level: .spelling, id: id) }
        for key in name.undatedKeys {
            if let id = spellings[key] { return Match(level: .requestIsDated, id: id) }
        }
        guard name.undatedKeys.isEmpty, let id = undated[name.key] else { return nil }
        return Match(level: .entryIsDated, id: id)
    }

    private mutating func add(_ id: String, under key: String) {
        if spellings[key] == nil { spellings[key] = id }
        let stripped = CanonicalName.stripped(key)
        guard stripped != key else { return }
        // Of several dated ids the newest stands for the name, and `-latest` before any date.
        if let other = undated[stripped], other.hasSuffix("-latest") || (other > id && !id.hasSuffix("-latest")) { return }
        undated[stripped] = id
    }
}

/// A name that is looked for, its keys made once for all providers.
struct Spelling: Sendable {
    var text: String
    var key: String
    /// The key without its last date or `-latest`, without the one before that, and so on.
    var undatedKeys: [String]

    init(_ text: String) {
        self.text = text
        key = CanonicalName.key(text)
        undatedKeys = Array(sequence(first: key, next: CanonicalName.withoutSuffix).dropFirst())
    }
}
