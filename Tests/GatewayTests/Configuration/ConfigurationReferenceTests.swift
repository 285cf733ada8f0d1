import Foundation
import Testing

@testable import Gateway

/// docs/configuration.md says what the program reads. `EKAI_WRITE_DOCS=1 swift test --filter ConfigurationReference` brings its tables up
/// to date.
@Suite("Configuration: the page")
struct ConfigurationReferenceTests {
    private static let page = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/configuration.md")

    @Test("Every table of the page is the one that the settings make")
    func tables() throws {
        var text = try String(contentsOf: Self.page, encoding: .utf8)
        let before = text
        for table in ConfigurationReference.tables {
            let begin = "<!-- table: \(table.name) -->\n"
            let start = try #require(text.range(of: begin), "the page has no place for \(table.name)")
            let end = try #require(text.range(of: "<!-- end -->", range: start.upperBound..<text.endIndex))
            text.replaceSubrange(start.upperBound..<end.lowerBound, with: table.text)
        }
        let places = text.components(separatedBy: "<!-- table: ").count - 1
        #expect(places == ConfigurationReference.tables.count)
        if ProcessInfo.processInfo.environment["EKAI_WRITE_DOCS"] != nil {
            try text.write(to: Self.page, atomically: true, encoding: .utf8)
        } else {
            #expect(before == text, "docs/configuration.md is not up to date: see the comment of this suite")
        }
    }

    @Test("Every setting is explained, and none stands twice")
    func explained() {
        for (name, text) in ConfigurationReference.tables {
            let rows = text.split(separator: "\n").dropFirst(2)
            let first = rows.map { $0.split(separator: "|")[0] }
            #expect(Set(first).count == first.count, "\(name)")
            for row in rows { #expect(!row.contains("|  |"), "\(name): \(row)") }
        }
    }
}
