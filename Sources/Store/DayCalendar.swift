import Foundation

/// Where days begin and end in a time zone.
struct DayCalendar: Sendable {
    /// Nil is UTC, which needs no zone data at all.
    private let zone: TimeZone?

    static let utc = DayCalendar()
    /// The zone of the machine.
    static var local: DayCalendar { DayCalendar(TimeZone.current) }

    private init(_ zone: TimeZone? = nil) {
        self.zone = zone
    }

    /// - Parameter identifier: an IANA name; the offsets and abbreviations that Foundation knows besides are refused.
    init?(zone identifier: String) {
        if identifier == "UTC" || identifier == "Etc/UTC" || identifier == "GMT" {
            zone = nil
            return
        }
        // An offset (`GMT+3`, `+02:00`) or abbreviation (`PST`) is no IANA zone; `Etc/GMT+3` and `EST5EDT` are.
        let isLegacy = Self.legacyZones.contains(identifier)
        guard identifier.utf8.count <= 64, identifier.contains("/") || isLegacy, let zone = TimeZone(identifier: identifier) else {
            return nil
        }
        self.zone = zone
    }

    /// The date, as `YYYY-MM-DD`, of an instant (milliseconds since 1970 UTC).
    func day(of instant: Int64) -> String {
        String(UTCTime.text(instant + offset(at: instant)).prefix(10))
    }

    /// The first instant of the next day.
    func dayEnd(after instant: Int64) -> Int64 {
        let day = UTCTime.millisecondsPerDay
        let today = UTCTime.floorDivide(instant + offset(at: instant), day)
        let midnight = (today + 1) * day
        // The offset at midnight is wanted, and midnight is only known with it: two steps settle it, also where the clock
        // is set at midnight itself.
        let guess = midnight - offset(at: midnight - offset(at: instant))
        let isNextDay = UTCTime.floorDivide(guess + offset(at: guess), day) > today
        return max(isNextDay ? guess : midnight - offset(at: instant), instant + 1)
    }

    /// The first instant of a date of the Gregorian calendar.
    func dayStart(year: Int, month: Int, day: Int) -> Int64 {
        // A day before its local noon is on the day before, whatever the clocks do in between.
        let noon = Int64(UTCTime.days(year: year, month: month, day: day)) * UTCTime.millisecondsPerDay + UTCTime.millisecondsPerDay / 2
        return dayEnd(after: noon - offset(at: noon) - UTCTime.millisecondsPerDay)
    }

    /// The next instant at which clocks show this full hour. Where it is skipped on the day that the clocks are set, an hour beside it.
    func next(hour: Int, after instant: Int64) -> Int64 {
        let day = UTCTime.millisecondsPerDay
        let today = UTCTime.floorDivide(instant + offset(at: instant), day)
        for date in [today, today + 1] {
            let wall = date * day + Int64(hour) * 3_600_000
            let time = wall - offset(at: wall - offset(at: instant))
            if time > instant { return time }
        }
        return instant + day
    }

    /// Milliseconds that local time is ahead of UTC.
    private func offset(at instant: Int64) -> Int64 {
        guard let zone else { return 0 }
        return Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant) / 1_000))) * 1_000
    }

    /// IANA's names without a slash that people still use.
    private static let legacyZones: Set<String> = [
        "CET", "CST6CDT", "Cuba", "EET", "EST", "EST5EDT", "Egypt", "Eire", "GB", "Greenwich", "HST", "Hongkong", "Iceland", "Iran",
        "Israel", "Jamaica", "Japan", "Libya", "MET", "MST", "MST7MDT", "NZ", "PRC", "PST8PDT", "Poland", "Portugal", "ROC", "ROK",
        "Singapore", "Turkey", "UCT", "Universal", "WET", "Zulu",
    ]
}
