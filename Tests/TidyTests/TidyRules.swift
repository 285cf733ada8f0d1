/// The habits of the house as functions of a file's text, so that each can be shown a bad sample too. They read lines, not syntax:
/// cheap, and good enough for code that is formatted alike.
enum TidyRules {
    static let fileLinesMax = 420
    static let functionLinesMax = 80

    /// What each module may import: the arrows of docs/architecture.md section 1.
    static let imports: [String: Set<String>] = [
        "CLinux": [], "COpenSSL": [], "CCatalogue": [],
        "Locking": ["Glibc"],
        "Reactor": ["Locking", "CLinux", "DequeModule", "Glibc", "Synchronization"],
        "HTTP": ["Locking", "Reactor", "CLinux", "COpenSSL", "Glibc", "Synchronization"],
        "Streaming": ["Glibc", "Synchronization"],
        "Dialects": ["Streaming", "Glibc", "Synchronization"],
        "Routing": ["CCatalogue", "Glibc", "Synchronization"],
        "Store": ["Locking", "GRDB", "GRDBSQLite", "Foundation", "Dispatch", "Glibc", "Synchronization"],
        "Gateway": [
            "HTTP", "Streaming", "Dialects", "Routing", "Store", "Locking", "Reactor", "CLinux", "Logging", "Yams", "Foundation", "Dispatch",
            "Glibc", "Synchronization",
        ],
        "Server": ["Gateway", "Store", "ArgumentParser", "Foundation", "Dispatch", "Glibc", "Synchronization"],
    ]

    /// Modules that bytes flow through: no tasks of their own making, no sleeping.
    static let dataPath: Set<String> = ["Reactor", "HTTP", "Streaming", "Dialects", "Gateway"]

    /// Where the compiler's proof of isolation is replaced by a reason, which stands beside each.
    static let uncheckedSendableFiles: Set<String> = [
        "Reactor/EventLoop.swift",  // an executor is shared by nature; what is not synchronised is checked to be on its loop
        "Reactor/LoopBound.swift",  // checks its loop at run time
        "Locking/Locked.swift",  // its value is reached under its lock only
        "Reactor/Resolver.swift",  // a completion that is made, called and released on its loop alone
        "Reactor/Thread.swift",  // holds a pthread_t, which is a number
    ]

    /// Types whose name and members say all there is to say.
    static let selfExplaining: Set<String> = ["ServerConfiguration", "ServerLimits", "LogFormat"]

    // MARK: Rules

    /// Modules imported by `text` that `module` may not import.
    static func forbiddenImports(_ text: String, module: String) -> [String] {
        let allowed = imports[module] ?? []
        return lines(text).compactMap { line -> String? in
            var words = line.split(whereSeparator: { $0 == " " || $0 == "." })
            while let first = words.first, first.hasPrefix("@") || first == "public" || first == "package" || first == "internal" {
                words.removeFirst()
            }
            guard words.count >= 2, words[0] == "import" else { return nil }
            let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "let", "var", "typealias"]
            let name = String(kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1])
            return allowed.contains(name) ? nil : name
        }
    }

    /// True when the file is too long.
    static func isTooLong(_ text: String) -> Bool { lines(text).count > fileLinesMax }

    /// The first lines of functions that are too long.
    static func longFunctions(_ text: String) -> [String] {
        var found: [String] = []
        var open: [(line: String, start: Int, depth: Int)] = []
        var depth = 0
        var isPending: (line: String, start: Int)?
        for (number, line) in lines(text).map({ code($0) }).enumerated() {
            if isFunction(line) { isPending = (line, number) }
            for character in line {
                if character == "{" {
                    if let pending = isPending { open.append((pending.line, pending.start, depth)) }
                    isPending = nil
                    depth += 1
                } else if character == "}" {
                    depth -= 1
                    guard let last = open.last, last.depth == depth else { continue }
                    open.removeLast()
                    if number - last.start + 1 > functionLinesMax { found.append(last.line.trimmed) }
                }
            }
        }
        return found
    }

    private static func isFunction(_ line: String) -> Bool {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "(" || $0 == "<" || $0 == "?" })
        return words.contains("func") || words.contains("init") && !line.contains(".init") && !line.contains("= init")
            || words.first == "deinit"
    }

    /// Lines that hold one of the words that nothing here may hold.
    static func banned(_ text: String, module: String) -> [String] {
        var words = ["try!", "TODO", "FIXME"]
        if dataPath.contains(module) {
            words += ["Task {", "Task(", "Task.detached", "AsyncStream", "Task.sleep", "withTaskGroup"]
        }
        return lines(text).filter { line in
            guard !line.contains("tidy:allow") else { return false }
            let isNote = line.trimmed.hasPrefix("//")
            return words.contains { word in
                line.contains(word) && (!isNote || word == "TODO" || word == "FIXME") && !isPartOfWord(word, line)
            }
        }.map(\.trimmed)
    }

    /// `UpstreamTask(` is no `Task(`.
    private static func isPartOfWord(_ word: String, _ line: String) -> Bool {
        guard let range = line.firstRange(of: word), range.lowerBound > line.startIndex else { return false }
        let before = line[line.index(before: range.lowerBound)]
        return before.isLetter || before.isNumber || before == "_"
    }

    /// True when the compiler's check is switched off here.
    static func hasUncheckedSendable(_ text: String) -> Bool {
        lines(text).contains { code($0).contains("@unchecked Sendable") }
    }

    /// Types and functions that other modules see, without a word about what they mean. Members that a protocol explains, operators
    /// and initialisers without arguments need none.
    static func undocumentedTypes(_ text: String) -> [String] {
        let all = lines(text)
        return all.indices.compactMap { index in
            let words = all[index].split(separator: " ")
            guard all[index].first != " ", words.first == "public" || words.first == "package",
                words.contains(where: { ["struct", "class", "enum", "protocol", "actor"].contains($0) })
            else { return nil }
            let names = all[index].split(whereSeparator: { !$0.isLetter && !$0.isNumber }).map(String.init)
            guard selfExplaining.isDisjoint(with: names) else { return nil }
            var above = index - 1
            while above >= 0, all[above].hasPrefix("@") { above -= 1 }
            return above >= 0 && all[above].trimmed.hasPrefix("///") ? nil : all[index]
        }
    }

    /// Dependencies of a manifest whose version may change by itself.
    static func floatingDependencies(_ manifest: String) -> [String] {
        lines(manifest).filter { $0.contains(".package(") && !$0.contains("exact:") }.map(\.trimmed)
    }

    // MARK: Text

    static func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The line without its strings and its comment: the braces that count.
    static func code(_ line: String) -> String {
        var result = ""
        var isString = false
        var isRaw = false
        var previous: Character = " "
        for character in line {
            // A raw string ends at its quote and number sign; what stands between may be JSON.
            if isRaw {
                isRaw = previous != "\"" || character != "#"
                previous = isRaw ? character : " "
                continue
            }
            if character == "\"", previous == "#", !isString {
                isRaw = true
                previous = " "
                continue
            }
            if character == "\"", previous != "\\" { isString.toggle() }
            if !isString {
                if character == "/", previous == "/" { return String(result.dropLast()) }
                result.append(character)
            }
            previous = previous == "\\" && character == "\\" ? " " : character
        }
        return result
    }
}

extension String {
    /// Without the white space around it.
    var trimmed: String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
