/// RFC 3339 section 5.6, by counting.
enum ReferenceTime {
    /// The first whole millisecond at or after the instant, since 1970; nil for what is no date-time of the years 0 to 9999 in UTC.
    static func parse(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        let shape = "0000-00-00T00:00:00"
        guard bytes.count > shape.utf8.count,
            zip(shape.utf8, bytes).allSatisfy({ $0 == 0x30 ? isDigit($1) : $0 == $1 || ($0 == 0x54 && $1 == 0x74) })
        else { return nil }
        let numbers = [0..<4, 5..<7, 8..<10, 11..<13, 14..<16, 17..<19].map { range in bytes[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) } }
        let (year, month, day) = (numbers[0], Int(numbers[1]), numbers[2])
        guard (1...12).contains(month), day >= 1, day <= length(of: month, year), numbers[3] <= 23, numbers[4] <= 59, numbers[5] <= 60 else { return nil }
        var rest = bytes[shape.utf8.count...]
        var fraction: Int64 = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix(while: isDigit)
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(1 + digits.count)
            for place in 0..<3 { fraction = fraction * 10 + (place < digits.count ? Int64(Array(digits)[place] - 0x30) : 0) }
            if digits.dropFirst(3).contains(where: { $0 != 0x30 }) { fraction += 1 }
        }
        guard let offset = offset(String(decoding: rest, as: UTF8.self)) else { return nil }
        var days = firstDays[Int(year)]
        for earlier in 1..<month { days += length(of: earlier, year) }
        let minutes = ((days + day - 1) * 24 + numbers[3]) * 60 + numbers[4] - offset
        let milliseconds = (minutes * 60 + numbers[5]) * 1_000 + fraction
        // From the first day of year 0 up to, and without, that of year 10000.
        return milliseconds >= -719_528 * 86_400_000 && milliseconds < 2_932_897 * 86_400_000 ? milliseconds : nil
    }

    /// In minutes.
    private static func offset(_ text: String) -> Int64? {
        if text == "Z" || text == "z" { return 0 }
        let bytes = Array(text.utf8)
        guard bytes.count == 6, "+-".utf8.contains(bytes[0]), bytes[3] == UInt8(ascii: ":"),
            [1, 2, 4, 5].allSatisfy({ isDigit(bytes[$0]) })
        else { return nil }
        let (hours, minutes) = (Int64(bytes[1] - 0x30) * 10 + Int64(bytes[2] - 0x30), Int64(bytes[4] - 0x30) * 10 + Int64(bytes[5] - 0x30))
        guard hours <= 23, minutes <= 59 else { return nil }
        return (bytes[0] == UInt8(ascii: "-") ? -1 : 1) * (hours * 60 + minutes)
    }

    /// Of each year from 0 to 9999, its first day, counted from 1970.
    private static let firstDays: [Int64] = (0..<9_999).reduce(into: [-719_528]) { days, year in
        days.append(days[days.count - 1] + length(of: year))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isLeap(_ year: Int64) -> Bool { year % 400 == 0 || (year % 4 == 0 && year % 100 != 0) }

    private static func length(of year: Int64) -> Int64 { isLeap(year) ? 366 : 365 }

    private static func length(of month: Int, _ year: Int64) -> Int64 {
        [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }
}
