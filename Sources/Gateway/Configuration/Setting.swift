/// One thing that can be set: where it is said, what may be said, what it means, and where it goes.
///
/// The readers accept what these say, and docs/configuration.md prints them (`ConfigurationReference`): neither can know a key that
/// the other does not.
struct Setting<Target>: Sendable {
    /// How a value comes into the target.
    enum Reading: Sendable {
        case scalar(@Sendable (Located<String>, ProblemCollector, inout Target) -> Void)
        case list(@Sendable ([Located<String>], ProblemCollector, inout Target) -> Void)
        /// A reader of its own takes it, because it needs more than its own text; this is what the default is called.
        case own(standard: String?)
    }

    /// The key in its mapping of the document; nil for what cannot be said there.
    var key: String?
    var flag: SettingFlag?
    var variable: String?
    /// What may stand there: `100ms to 1h`.
    var values: String
    var meaning: String
    /// The default as one would write it; nil for none.
    var standard: @Sendable (Target) -> String?
    var reading: Reading

    /// The default as one would write it, as it stands in `target`.
    func standardText(of target: Target?) -> String? {
        if case .own(let standard) = reading { return standard }
        return target.flatMap { standard($0) }
    }

    /// The same setting, also said by a variable, or by a flag and a variable.
    func also(flag: SettingFlag? = nil, variable: String) -> Setting {
        var setting = self
        setting.flag = flag
        setting.variable = variable
        return setting
    }
}

/// A flag of the command line, and where its text stands once it was given.
struct SettingFlag: Sendable {
    var name: String
    var text: @Sendable (ConfigurationOverrides) -> String?
}

extension Setting {
    /// Where a value stands in the target.
    typealias Path<Value> = any WritableKeyPath<Target, Value> & Sendable

    /// A text that `parse` makes a value of.
    /// - Parameter show: the default as text.
    static func value<Value>(
        _ key: String?, _ path: Path<Value>, values: String, _ meaning: String,
        show: @escaping @Sendable (Value) -> String?, parse: @escaping @Sendable (String) throws(ValueFault) -> Value
    ) -> Setting {
        Setting(
            key: key, values: values, meaning: meaning, standard: { show($0[keyPath: path]) },
            reading: .scalar { text, problems, target in
                if let value = problems.parse(text, parse) { target[keyPath: path] = value }
            })
    }

    /// A time, kept in milliseconds.
    static func duration(
        _ key: String, _ path: Path<Int>, _ range: ClosedRange<Int>, _ meaning: String
    ) -> Setting {
        value(
            key, path, values: "\(ValueText.duration(range.lowerBound)) to \(ValueText.duration(range.upperBound))", meaning,
            show: { ValueText.duration($0) }
        ) { (text) throws(ValueFault) in try ValueParsing.duration(text, in: range) }
    }

    /// A size, kept in bytes.
    static func size(
        _ key: String, _ path: Path<Int>, _ range: ClosedRange<Int>, _ meaning: String
    ) -> Setting {
        value(
            key, path, values: "\(ValueText.size(range.lowerBound)) to \(ValueText.size(range.upperBound))", meaning,
            show: { ValueText.size($0) }
        ) { (text) throws(ValueFault) in try ValueParsing.size(text, in: range) }
    }

    static func integer(
        _ key: String, _ path: Path<Int>, _ range: ClosedRange<Int>, _ meaning: String
    ) -> Setting {
        value(key, path, values: "\(range.lowerBound) to \(range.upperBound)", meaning, show: { String($0) }) {
            (text) throws(ValueFault) in try ValueParsing.integer(text, in: range)
        }
    }

    static func port(_ key: String, _ path: Path<UInt16>, _ meaning: String) -> Setting {
        value(key, path, values: "0 to 65535; 0 picks a free one", meaning, show: { String($0) }) {
            (text) throws(ValueFault) in UInt16(try ValueParsing.integer(text, in: 0...65535))
        }
    }

    static func boolean(_ key: String, _ path: Path<Bool>, _ meaning: String) -> Setting {
        value(key, path, values: "`true`, `false`", meaning, show: { String($0) }) {
            (text) throws(ValueFault) in try ValueParsing.boolean(text)
        }
    }

    static func file(_ key: String, _ path: Path<String>, _ meaning: String) -> Setting {
        value(key, path, values: "a path", meaning, show: { $0.isEmpty ? nil : $0 }) {
            (text) throws(ValueFault) in try ValueParsing.filePath(text)
        }
    }

    /// A list of texts, each parsed.
    static func list<Value>(
        _ key: String, _ path: Path<[Value]>, values: String, _ meaning: String,
        parse: @escaping @Sendable (String) throws(ValueFault) -> Value
    ) -> Setting {
        Setting(
            key: key, values: values, meaning: meaning, standard: { _ in nil },
            reading: .list { texts, problems, target in
                target[keyPath: path] = texts.compactMap { problems.parse($0, parse) }
            })
    }

    /// A key that its section's own reader takes.
    static func own(_ key: String, standard: String? = nil, values: String = "", _ meaning: String) -> Setting {
        Setting(key: key, values: values, meaning: meaning, standard: { _ in nil }, reading: .own(standard: standard))
    }
}

/// Reads settings by precedence: flag, environment and `.env`, document, default.
struct SettingReader {
    let overrides: ConfigurationOverrides
    let variables: Variables
    let problems: ProblemCollector

    func read<Target>(_ settings: [Setting<Target>], _ section: YAMLMapping?, into target: inout Target) {
        for setting in settings {
            switch setting.reading {
            case .scalar(let take):
                if let text = text(setting, section) { take(text, problems, &target) }
            case .list(let take):
                if let key = setting.key, let texts = section?.texts(key) { take(texts, problems, &target) }
            case .own: break
            }
        }
    }

    /// What is said for one setting, from the source that counts; nil when nothing is.
    func text<Target>(_ setting: Setting<Target>, _ section: YAMLMapping?) -> Located<String>? {
        if let flag = setting.flag, let text = flag.text(overrides) {
            return Located(value: text, source: .flag, line: nil, field: flag.name)
        }
        if let text = setting.variable.flatMap({ variables[$0] }) { return text }
        return setting.key.flatMap { section?.text($0) }
    }
}

extension YAMLKeys {
    /// The keys of settings, and those that a later version brings.
    init<Target>(_ settings: [Setting<Target>], sections: [String] = [], later: [String] = []) {
        self.init(known: settings.compactMap(\.key) + sections, later: later)
    }
}
