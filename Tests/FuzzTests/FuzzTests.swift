import Foundation
import Testing

@testable import FuzzTargets

/// What the fuzzer has found worth keeping, replayed without it: a corpus is a set of regression tests of any build.
@Suite struct FuzzTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var target: String
        var file: String
        var testDescription: String { "\(target)/\(file)" }
    }

    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fuzz")

    static func entries(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent(path).path).sorted()
    }

    static let cases: [Case] = FuzzTarget.all.flatMap { target in
        ((try? entries("Corpus/\(target.name)")) ?? []).map { Case(target: target.name, file: $0) }
    }

    @Test(arguments: cases) func holds(_ kept: Case) throws {
        let bytes = [UInt8](try Data(contentsOf: Self.folder.appendingPathComponent("Corpus/\(kept)")))
        let target = try #require(FuzzTarget.named(kept.target))
        try bytes.withUnsafeBytes { try target.check($0) }
    }

    @Test func everyTargetHasACorpusOfBearableSize() throws {
        #expect(try Self.entries("Corpus") == FuzzTarget.all.map(\.name).sorted())
        var total = 0
        for target in FuzzTarget.all {
            let files = Self.cases.filter { $0.target == target.name }
            #expect((1...64).contains(files.count), "\(target.name) has \(files.count) inputs")
            for file in files {
                total += try Data(contentsOf: Self.folder.appendingPathComponent("Corpus/\(file)")).count
            }
        }
        #expect(total < 300 << 10, "the corpora have \(total) bytes")
    }
}

extension FuzzTests.Case: CustomStringConvertible {
    var description: String { testDescription }
}
