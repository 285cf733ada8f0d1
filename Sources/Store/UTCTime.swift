/// Instants as milliseconds since 1970 UTC, and their RFC 3339 text of fixed width (`2026-11-23T18:04:05.678Z`), whose alphabetical
/// order is the order of time.
public enum UTCTime {
    /// 0000-01-01 and the last millisecond of 9999: what four digits of year can say.
    public static let range: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999
    public static let millisecondsPerDay: Int64 = 86_400_000

    /// Bytes of a text.
    static let byteCount = 24

    /// The text of an instant; one beyond ``range`` becomes the nearest end of it.
    public static func text(_ milliseconds: Int64) -> String {
        String(unsafeUninitializedCapacity: byteCount) { write(milliseconds, to: $0) }
    }

    /// Writes the same into `buffer`, which has room for ``byteCount``, and returns how many bytes that was.
    static func write(_ milliseconds: Int64, to buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        precondition(buffer.count >= byteCount, "an instant has 24 characters")
        let instant = min(max(milliseconds, range.lowerBound), range.upperBound)
        let days = floorDivide(instant, millisecondsPerDay)
        let rest = Int(instant - days * millisecondsPerDay)
        let (year, month, day) = civil(fromDays: Int(days))
        var index = 0
        func put(_ number: Int, _ digits: Int, _ mark: Unicode.Scalar) {
            var number = number
            for place in stride(from: index + digits - 1, through: index, by: -1) {
                buffer[place] = UInt8(ascii: "0") + UInt8(number % 10)
                number /= 10
            }
            buffer[index + digits] = UInt8(ascii: mark)
            index += digits + 1
        }
        put(year, 4, "-")
        put(month, 2, "-")
        put(day, 2, "T")
        put(rest / 3_600_000, 2, ":")
        put(rest / 60_000 % 60, 2, ":")
        put(rest / 1_000 % 60, 2, ".")
        put(rest % 1_000, 3, "Z")
        return index
    }

    /// Reads an RFC 3339 date-time, with any number of decimals and any offset.
    ///
    /// - Returns: the first whole millisecond at or after that instant, so that it can bound a half-open interval of millisecond
    ///   stamps; nil when the text is no such date-time or beyond ``range``.
    public static func parse(_ text: String) -> Int64? {
        var reader = Reader(bytes: Array(text.utf8))
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), reader.take("T") || reader.take("t"),
            let hour = reader.number(2), reader.take(":"), let minute = reader.number(2), reader.take(":"),
            let second = reader.number(2),
            (1...12).contains(month), (1...daysIn(month: month, year: year)).contains(day),
            hour < 24, minute < 60, second <= 60  // 60: a leap second counts as the next minute's first
        else { return nil }
        var milliseconds = 0
        if reader.take(".") {
            guard let fraction = reader.fractionAsMillisecondsRoundedUp() else { return nil }
            milliseconds = fraction
        }
        guard let offset = reader.offsetMinutes(), reader.isAtEnd else { return nil }
        let seconds = ((days(year: year, month: month, day: day) * 24 + hour) * 60 + minute - offset) * 60 + second
        let instant = Int64(seconds) * 1_000 + Int64(milliseconds)
        return range.contains(instant) ? instant : nil
    }

    /// Days since 1970-01-01 of a date of the Gregorian calendar.
    static func days(year: Int, month: Int, day: Int) -> Int {
        // The year starts in March, so that the leap day is its last.
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The inverse of ``days(year:month:day:)``.
    static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    static func floorDivide(_ number: Int64, _ divisor: Int64) -> Int64 {
        let quotient = number / divisor
        return number % divisor < 0 ? quotient - 1 : quotient
    }

    private static func daysIn(month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

private struct Reader {
    let bytes: [UInt8]
    private var index = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { index == bytes.count }

    mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: mark) else { return false }
        index += 1
        return true
    }

    mutating func number(_ digits: Int) -> Int? {
        guard bytes.count - index >= digits else { return nil }
        var value = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    mutating func fractionAsMillisecondsRoundedUp() -> Int? {
        guard let first = digit() else { return nil }
        var value = first * 100
        var weight = 10
        var isFiner = false
        while let digit = digit() {
            value += digit * weight
            isFiner = isFiner || (weight == 0 && digit != 0)
            weight /= 10
        }
        return isFiner ? value + 1 : value
    }

    mutating func offsetMinutes() -> Int? {
        if take("Z") || take("z") { return 0 }
        let sign = take("-") ? -1 : take("+") ? 1 : 0
        guard sign != 0, let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }

    private mutating func digit() -> Int? {
        guard index < bytes.count, bytes[index] &- UInt8(ascii: "0") < 10 else { return nil }
        index += 1
        return Int(bytes[index - 1] - UInt8(ascii: "0"))
    }
}
