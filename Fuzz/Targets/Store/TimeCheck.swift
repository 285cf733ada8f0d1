import Store

/// Times as people write them, against a calendar that counts the years one by one; and every instant through its text.
enum TimeCheck {
    static func time(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        if let text = String(validating: bytes, as: UTF8.self) { try check(text) }
        // The input as numbers too: near the ends of what can be said, and anywhere.
        let number = bytes.prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        for instant in [number, number % 253_402_300_800_000, UTCTime.range.lowerBound &+ number % 1_000, UTCTime.range.upperBound &+ number % 1_000] {
            try checkPrinted(instant)
        }
    }

    private static func check(_ text: String) throws(FuzzViolation) {
        let found = UTCTime.parse(text)
        try requireEqual(found, ReferenceTime.parse(text), "the two calendars do not agree")
        if let found {
            try requireEqual(UTCTime.parse(UTCTime.text(found)), found, "as it prints, it is another time")
            let isCanonical = text.utf8.count == 24 && text.hasSuffix("Z") && text.contains("T") && !text.contains(":60.")
            if isCanonical { try requireEqual(UTCTime.text(found), text, "it prints otherwise") }
        }
        for zone in ["UTC", "America/New_York"] { try checkOptions(text, zone) }
    }

    /// The same text as an option of `ekai-gateway usage`, which knows dates and ages besides.
    private static func checkOptions(_ text: String, _ zone: String) throws(FuzzViolation) {
        let since = try? ReportParameters(
            from: text, to: nil, timezone: zone, by: [], format: nil, showsRecords: false, limit: nil, now: UsageCheck.now)
        let until = try? ReportParameters(
            from: "9999w", to: text, timezone: zone, by: [], format: nil, showsRecords: false, limit: nil, now: UsageCheck.now)
        for parameters in [since, until].compactMap({ $0 }) {
            try require(parameters.start < parameters.end, "an interval without anything in it")
            try requireEqual(parameters.zone, zone, "another zone")
        }
        guard let time = ReferenceTime.parse(text), time <= UsageCheck.now else { return }
        try requireEqual(since?.start, time, "as --from it is another time")
    }

    private static func checkPrinted(_ instant: Int64) throws(FuzzViolation) {
        let text = UTCTime.text(instant)
        let nearest = min(max(instant, UTCTime.range.lowerBound), UTCTime.range.upperBound)
        try requireEqual(UTCTime.parse(text), nearest, "\(text) is another time than the one it was made of")
        try requireEqual(ReferenceTime.parse(text), nearest, "\(text) is another time in the other calendar")
        let next = UTCTime.text(nearest + 1)
        try require(text < next || nearest == UTCTime.range.upperBound, "\(next) must stand behind \(text)")
    }
}
