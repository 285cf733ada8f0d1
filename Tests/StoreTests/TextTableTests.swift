import Testing

@testable import Store

@Suite struct TextTableTests {
    @Test func columnsAreAligned() {
        var table = TextTable([("name", .left), ("n", .right), ("note", .left)])
        table.append(["a", "1", "x"])
        table.append(["longer", "1,234", ""])
        table.setFooter(["total", "1,235"])
        #expect(
            table.text == """
                name        n  note
                ------  -----  ----
                a           1  x
                longer  1,234
                ------  -----  ----
                total   1,235

                """)
    }

    @Test func withoutFooterThereIsNoSecondRule() {
        var table = TextTable([("a", .left)])
        table.append(["1", "one cell too many"])
        #expect(table.text == "a\n-\n1\n")
    }

    @Test func widthsAreScalarsNotBytes() {
        var table = TextTable([("m", .left), ("n", .right)])
        table.append(["übergröße", "1"])
        table.append(["x", "22"])
        #expect(table.text == "m           n\n---------  --\nübergröße   1\nx          22\n")
    }

    /// What a terminal would obey, and what would make a name look like another.
    @Test(arguments: [
        ("\u{1B}[2Jgpt", "\\u{1b}[2Jgpt"), ("a\nb", "a\\u{a}b"), ("a\rb\tc", "a\\u{d}b\\u{9}c"), ("\u{9B}31m", "\\u{9b}31m"),
        ("x\u{202E}y", "x\\u{202e}y"), ("x\u{200B}y", "x\\u{200b}y"), ("x\u{2028}y", "x\\u{2028}y"), ("\u{7F}", "\\u{7f}"),
        ("gpt-4o ü 模型", "gpt-4o ü 模型"),
    ])
    func whatClientsMadeUpCannotMoveTheCursor(_ name: String, _ shown: String) {
        var table = TextTable([("m", .left)])
        table.append([name])
        #expect(table.text.hasSuffix("\n\(shown)\n"))
        #expect(table.text.split(separator: "\n").count == 3)
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567"), (Int.min, "-9,223,372,036,854,775,808")])
    func counts(_ number: Int, _ text: String) {
        #expect(FigureText.count(number) == text)
    }

    @Test(arguments: [
        (Int128(0), "0.0000"), (1, "<0.0001"), (-1, "-<0.0001"), (49_999_999, "<0.0001"), (50_000_000, "0.0001"), (140_000_000, "0.0001"),
        (1_234_567_890_123_456, "1,234.5679"), (999_999_950_000_000, "1,000.0000"), (-1_500_000_000_000, "-1.5000"),
        (Int128(Int64.max) * 4_000, "36,893,488,147.4191"),
    ])
    func amounts(_ pico: Int128, _ text: String) {
        #expect(FigureText.usd(pico: pico, decimals: 4) == text)
    }

    @Test func decimalsAreChosen() {
        #expect(FigureText.usd(pico: 25_000_000, decimals: 6) == "0.000025")
        #expect(FigureText.usd(pico: 1, decimals: 12) == "0.000000000001")
        #expect(FigureText.usd(pico: 950_000_000_000, decimals: 1) == "1.0")
    }
}
