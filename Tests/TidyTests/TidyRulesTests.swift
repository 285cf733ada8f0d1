import Testing

/// Each rule must be able to fail: shown a bad sample, it does.
@Suite struct TidyRulesTests {
    @Test func findsForbiddenImports() {
        #expect(TidyRules.forbiddenImports("import Foundation\nimport Glibc", module: "HTTP") == ["Foundation"])
        #expect(TidyRules.forbiddenImports("@testable import GRDB", module: "Gateway") == ["GRDB"])
        #expect(TidyRules.forbiddenImports("public import Reactor", module: "Streaming") == ["Reactor"])
        #expect(TidyRules.forbiddenImports("import struct Foundation.Data", module: "Dialects") == ["Foundation"])
        #expect(TidyRules.forbiddenImports("import Gateway", module: "HTTP") == ["Gateway"])
        #expect(TidyRules.forbiddenImports("import HTTP", module: "Unheard") == ["HTTP"])
        #expect(TidyRules.forbiddenImports("// import Foundation\nimportant(a)", module: "HTTP") == [])
    }

    @Test func findsLongFilesAndFunctions() {
        let body = String(repeating: "    work(\"{\", #\"{\"a\":{\"#)  // }\n", count: TidyRules.functionLinesMax - 2)
        #expect(TidyRules.longFunctions("func fine() {\n" + body + "}\n") == [])
        #expect(TidyRules.longFunctions("func long() {\n" + body + "    more()\n}\n") == ["func long() {"])
        #expect(TidyRules.longFunctions("struct S {\n    init(\n        a: Int\n    ) {\n" + body + "\n\n    }\n}\n") == ["init("])
        #expect(TidyRules.isTooLong(String(repeating: "\n", count: TidyRules.fileLinesMax)))
        #expect(!TidyRules.isTooLong(String(repeating: "\n", count: TidyRules.fileLinesMax - 1)))
    }

    @Test func findsBannedWords() {
        #expect(TidyRules.banned("let a = try! b()", module: "Store").count == 1)
        #expect(TidyRules.banned("// TODO: later", module: "Store").count == 1)
        #expect(TidyRules.banned("    Task { await a() }", module: "HTTP").count == 1)
        #expect(TidyRules.banned("    Task(executorPreference: loop) {", module: "Reactor").count == 1)
        #expect(TidyRules.banned("let s = AsyncStream<Int> { _ in }", module: "Gateway").count == 1)
        #expect(TidyRules.banned("    try await Task.sleep(for: .seconds(1))", module: "Dialects").count == 1)
        #expect(TidyRules.banned("    Task { } // tidy:allow here", module: "Reactor").isEmpty)
        #expect(TidyRules.banned("    let task = UpstreamTask(loop: loop)", module: "HTTP").isEmpty)
        #expect(TidyRules.banned("/// A bare `Task {` would not do.", module: "Reactor").isEmpty)
    }

    @Test func findsUncheckedSendable() {
        #expect(TidyRules.hasUncheckedSendable("final class A: @unchecked Sendable {"))
        #expect(!TidyRules.hasUncheckedSendable("/// `@unchecked Sendable`: because"))
    }

    @Test func findsUnexplainedTypes() {
        #expect(TidyRules.undocumentedTypes("public struct A {") == ["public struct A {"])
        #expect(TidyRules.undocumentedTypes("\npackage final class A {") == ["package final class A {"])
        #expect(TidyRules.undocumentedTypes("/// Says.\n@frozen\npublic enum A {") == [])
        #expect(TidyRules.undocumentedTypes("struct A {") == [])
    }

    @Test func findsFloatingDependencies() {
        let manifest = """
            .package(url: "https://example.org/a", exact: "1.0.0"),
            .package(url: "https://example.org/b", from: "1.0.0"),
            """
        #expect(TidyRules.floatingDependencies(manifest) == [#".package(url: "https://example.org/b", from: "1.0.0"),"#])
    }
}
