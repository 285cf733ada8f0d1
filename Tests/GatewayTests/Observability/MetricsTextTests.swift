import Testing

@testable import Gateway

@Suite struct MetricsTextTests {
    @Test func writesWhatTheFormatAsksFor() {
        var text = MetricsText()
        text.family("a_total", .counter, "A \\ and\na line.")
        text.sample("a_total", [("x", "q\"b\\c\nd"), ("y", "")], "1")
        text.single("b", .gauge, "B.", "2.5")
        #expect(
            text.text == """
                # HELP a_total A \\\\ and\\na line.
                # TYPE a_total counter
                a_total{x="q\\"b\\\\c\\nd",y=""} 1
                # HELP b B.
                # TYPE b gauge
                b 2.5

                """)
    }

    @Test(arguments: ["", "a", "\\", "\"", "\n", "\\n", "ü{}=,\" \\\\", "\r\t", String(repeating: "\\\"", count: 40)])
    func anyLabelValueComesBackAsItWas(_ value: String) throws {
        var text = MetricsText()
        text.family("a", .gauge, "A.")
        text.sample("a", [("x", value), ("y", "z")], "1")
        let read = try Exposition(text.text)
        #expect(read.samples == [Exposition.Sample(name: "a", labels: ["x": value, "y": "z"], value: "1")])
    }

    @Test(arguments: [
        (0, 9, "0"), (1, 9, "0.000000001"), (1_000_000_000, 9, "1"), (1_500_000_000, 9, "1.5"), (12, 0, "12"), (120, 1, "12"),
        (-5, 1, "-0.5"), (123_456_789_012_345, 12, "123.456789012345"),
    ] as [(Int, Int, String)]) func writesExactDecimals(_ units: Int, _ digits: Int, _ text: String) {
        #expect(MetricsText.decimal(Int128(units), digits: digits) == text)
    }

    @Test func writesSumsBeyond64Bits() {
        #expect(MetricsText.decimal(Int128(Int64.max) * 1_000, digits: 12) == "9223372036.854775807")
    }

    /// The reader must be able to fail.
    @Test(arguments: [
        "a 1", "a 1\n", "# HELP a A.\n# TYPE a gauge\na one\n", "# HELP a A.\n# TYPE a counter\na 1\n",
        "# HELP a A.\n# TYPE a gauge\na{x=\"1} 1\n", "# HELP a A.\n# TYPE a gauge\na{x=\"\\d\"} 1\n", "# HELP a A.\n# TYPE a gauge\na 1\na 1\n",
        "# HELP a A.\n# TYPE a gauge\nb 1\n", "# HELP a A.\n# TYPE a gauge\na{1x=\"\"} 1\n", "# HELP a A.\n# TYPE a wheel\na 1\n",
        "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
        "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_sum 1\na_count 2\n",
        "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 2\na_sum 1\na_count 3\n",
    ]) func aBrokenTextIsNoticed(_ text: String) {
        #expect(throws: Exposition.Fault.self) { try Exposition(text) }
    }
}
