/// The CSV of docs/contracts.md section 4, by RFC 4180: CRLF after every line, fields quoted where they must be.
///
/// Clients make up names of models, and spreadsheets run fields that look like formulas: a text that begins with `=`, `+`, `-`, `@`,
/// a tab or a line break gets an apostrophe before it. Figures are left as they are.
enum UsageCSV {
    static let columns = [
        "request_id", "provider", "model", "timestamp", "input_tokens", "cache_write_input_tokens", "cache_read_input_tokens",
        "output_tokens", "total_tokens", "input_cost_usd", "cache_write_cost_usd", "cache_read_cost_usd", "output_cost_usd",
        "total_cost_usd", "payment_method",
    ]

    static var header: [UInt8] { Array((columns.joined(separator: ",") + "\r\n").utf8) }

    /// One line; an unknown cost is an empty field.
    static func append(_ stored: StoredUsageRecord, to text: inout [UInt8]) {
        let record = stored.record
        let fields = [
            plainText(record.requestID), plainText(record.provider), plainText(record.model), UTCTime.text(record.timestampMilliseconds),
            "\(record.inputTokens)", "\(record.cacheWriteTokens)", "\(record.cacheReadTokens)", "\(record.outputTokens)",
            "\(record.totalTokens)", usd(record.inputCostPico), usd(record.cacheWriteCostPico), usd(record.cacheReadCostPico),
            usd(record.outputCostPico), usd(record.totalCostPico), plainText(record.paymentMethod),
        ]
        append(line: fields, to: &text)
    }

    /// A text that no spreadsheet takes for a formula.
    static func plainText(_ field: String) -> String {
        switch field.utf8.first {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), 0x09, 0x0A, 0x0D: "'" + field
        default: field
        }
    }

    static func append(line fields: [String], to text: inout [UInt8]) {
        for (index, field) in fields.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            append(field: field, to: &text)
        }
        text += [0x0D, 0x0A]
    }

    static func append(field: String, to text: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        let mustQuote = field.utf8.contains { $0 == quote || $0 == UInt8(ascii: ",") || $0 == 0x0D || $0 == 0x0A }
        guard mustQuote else {
            text.append(contentsOf: field.utf8)
            return
        }
        text.append(quote)
        for byte in field.utf8 {
            if byte == quote { text.append(quote) }
            text.append(byte)
        }
        text.append(quote)
    }

    private static func usd(_ pico: Int64?) -> String {
        pico.map { USDText.decimal(pico: Int128($0)) } ?? ""
    }
}
