import Testing

/// The habits of the house, checked on every file. A rule that no longer fits is changed here, with its reason, not worked around.
@Suite struct TidyTests {
    @Test func arrowsPointDown() throws {
        for file in try Repository.files("Sources") {
            #expect(TidyRules.imports[file.module] != nil, "\(file.module): say in TidyRules what it may import")
            #expect(TidyRules.forbiddenImports(file.text, module: file.module) == [], "\(file.path)")
        }
    }

    @Test(arguments: ["Sources", "Tests", "Benchmarks", "Fuzz"]) func filesAndFunctionsAreShort(folder: String) throws {
        for file in try Repository.files(folder) {
            #expect(!TidyRules.isTooLong(file.text), "\(file.path) has more than \(TidyRules.fileLinesMax) lines")
            #expect(TidyRules.longFunctions(file.text) == [], "\(file.path)")
        }
    }

    @Test func nothingBannedIsUsed() throws {
        var exceptions: [String] = []
        for file in try Repository.files("Sources") {
            #expect(TidyRules.banned(file.text, module: file.module) == [], "\(file.path)")
            exceptions += TidyRules.lines(file.text).filter { $0.contains("tidy:allow") }.map { _ in file.path }
        }
        #expect(exceptions == ["Reactor/EventLoop.swift"], "the one place that may start a task")
    }

    @Test func isolationIsProvenButWhereListed() throws {
        let unchecked = try Repository.files("Sources").filter { TidyRules.hasUncheckedSendable($0.text) }.map(\.path)
        #expect(Set(unchecked) == TidyRules.uncheckedSendableFiles)
    }

    /// A key is looked at in order to be hashed, and hashes are compared in constant time.
    @Test func keysAreComparedInConstantTime() throws {
        #expect(try Repository.text("Sources/HTTP/TLS/SHA256Digest.swift").contains("CRYPTO_memcmp("))
        let readers = try Repository.files("Sources/Gateway/Access").filter { $0.text.contains(".withBytes") }.map(\.path)
        #expect(readers == ["AccessPolicy.swift"])
        #expect(try Repository.text("Sources/Gateway/Access/AccessPolicy.swift").contains(".withBytes(SHA256Digest.init(of:))"))
    }

    @Test func typesForOtherModulesAreExplained() throws {
        for file in try Repository.files("Sources") {
            #expect(TidyRules.undocumentedTypes(file.text) == [], "\(file.path)")
        }
    }

    @Test func dependenciesArePinned() throws {
        #expect(TidyRules.floatingDependencies(try Repository.text("Package.swift")) == [])
    }

    @Test func nothingIsLeftToDo() throws {
        for folder in ["Sources", "Tests", "Benchmarks", "Fuzz"] {
            for file in try Repository.files(folder) where !file.path.contains("Tidy") {
                #expect(!file.text.contains("TODO") && !file.text.contains("FIXME"), "\(file.path)")
                #expect(!file.text.contains("try!"), "\(file.path)")
            }
        }
    }
}
