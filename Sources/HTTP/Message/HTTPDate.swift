/// The value of a `Date` field, IMF-fixdate (RFC 9110 section 5.6.7), kept for the second it stands for.
///
/// A pure formatter: the time is an argument. An event loop keeps one and updates it once a turn.
public struct HTTPDate: Sendable {
    /// Seconds since 1970-01-01T00:00:00Z that the text stands for.
    public private(set) var second: Int64
    private var text: InlineArray<29, UInt8>

    /// The date of `second`; times outside the years 1970 to 9999 are moved to the nearest end.
    public init(secondsSinceEpoch second: Int64) {
        self.second = second
        text = HTTPDate.format(second)
    }

    /// Formats anew if `second` is another one than before.
    public mutating func update(secondsSinceEpoch second: Int64) {
        guard second != self.second else { return }
        self = HTTPDate(secondsSinceEpoch: second)
    }

    /// Hands out the 29 bytes; the pointer is valid for the call.
    public func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withUnsafeBytes(of: text, body)
    }

    private static func format(_ second: Int64) -> InlineArray<29, UInt8> {
        let clamped = min(max(second, 0), 253_402_300_799)
        let day = Int(clamped / 86_400)
        let time = Int(clamped % 86_400)
        let date = civil(fromDay: day)
        let days: StaticString = "ThuFriSatSunMonTueWed"
        let months: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"
        var text = InlineArray<29, UInt8>(repeating: ByteClass.space)
        copy(days, day % 7, to: 0, of: &text)
        text[3] = UInt8(ascii: ",")
        two(date.day, to: 5, of: &text)
        copy(months, date.month - 1, to: 8, of: &text)
        two(date.year / 100, to: 12, of: &text)
        two(date.year % 100, to: 14, of: &text)
        two(time / 3_600, to: 17, of: &text)
        text[19] = ByteClass.colon
        two(time / 60 % 60, to: 20, of: &text)
        text[22] = ByteClass.colon
        two(time % 60, to: 23, of: &text)
        copy("GMT", 0, to: 26, of: &text)
        return text
    }

    /// The three letters at `index` of a row of names.
    private static func copy(_ names: StaticString, _ index: Int, to start: Int, of text: inout InlineArray<29, UInt8>) {
        for offset in 0..<3 { text[start + offset] = names.utf8Start[index * 3 + offset] }
    }

    private static func two(_ number: Int, to start: Int, of text: inout InlineArray<29, UInt8>) {
        text[start] = 0x30 &+ UInt8(truncatingIfNeeded: number / 10)
        text[start + 1] = 0x30 &+ UInt8(truncatingIfNeeded: number % 10)
    }

    /// The Gregorian date of a day counted from 1970-01-01, by eras of 400 years that begin on 1 March.
    private static func civil(fromDay day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}
