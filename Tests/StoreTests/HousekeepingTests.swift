import Foundation
import Testing

@testable import Store

/// The plan of the writer's other work, as traces with a clock of their own.
@Suite struct HousekeepingTests {
    private let minute: Int64 = 60_000
    private let hour: Int64 = 3_600_000
    private let day = UTCTime.millisecondsPerDay

    private func berlin() throws -> DayCalendar { try #require(DayCalendar(zone: "Europe/Berlin")) }

    @Test(arguments: [
        ("2026-01-01T00:00:00Z", "UTC", "2026-01-01T03:00:00.000Z"),
        ("2026-01-01T02:59:59.999Z", "UTC", "2026-01-01T03:00:00.000Z"),
        ("2026-01-01T03:00:00Z", "UTC", "2026-01-02T03:00:00.000Z"),
        ("2026-01-01T12:00:00Z", "Europe/Berlin", "2026-01-02T02:00:00.000Z"),
        ("2026-01-01T01:00:00Z", "America/New_York", "2026-01-01T08:00:00.000Z"),
        // Clocks go forward at 2:00 and back at 3:00: the hour is the same on the wall.
        ("2026-03-28T12:00:00Z", "Europe/Berlin", "2026-03-29T01:00:00.000Z"),
        ("2026-10-24T12:00:00Z", "Europe/Berlin", "2026-10-25T02:00:00.000Z"),
        ("2026-10-25T02:00:00Z", "Europe/Berlin", "2026-10-26T02:00:00.000Z"),
    ])
    func theNextNight(after text: String, zone: String, expected: String) throws {
        let calendar = try #require(DayCalendar(zone: zone))
        let instant = try #require(UTCTime.parse(text))
        #expect(UTCTime.text(Housekeeping.nextRun(after: instant, calendar)) == expected)
    }

    @Test func nightsFollowOneAnotherForYears() throws {
        for calendar in [DayCalendar.utc, try berlin(), try #require(DayCalendar(zone: "America/Santiago"))] {
            var instant = newYear
            for _ in 0..<2_000 {
                let next = Housekeeping.nextRun(after: instant, calendar)
                #expect(next > instant && next - instant <= day + 2 * hour)
                instant = next
            }
        }
    }

    @Test func aRunGoesInStepsAndEndsWithAShortOne() {
        var plan = Housekeeping(now: newYear, calendar: .utc)
        plan.setRetention(days: 90, now: newYear)
        #expect(plan.chore(now: newYear + 5 * minute - 1, logBytes: 0) == nil)
        let start = newYear + 5 * minute
        let step = Housekeeping.Chore.prune(before: start - 90 * day, rowsMax: StoreLimits.pruneRowsMax)
        #expect(plan.chore(now: start, logBytes: 0) == step)
        plan.pruned(rows: StoreLimits.pruneRowsMax)
        #expect(plan.pause(now: start + 50, logBytes: 0) == 0)
        // The bound stays that of the run's beginning: it ends, however long it takes.
        #expect(plan.chore(now: start + 50, logBytes: 0) == step)
        plan.pruned(rows: StoreLimits.pruneRowsMax - 1)
        #expect(plan.chore(now: start + 60, logBytes: 0) == nil)
        #expect(plan.pause(now: start + 60, logBytes: 0) == StoreLimits.lookMilliseconds)
        #expect(plan.chore(now: newYear + 3 * hour - 1, logBytes: 0) == nil)
        #expect(plan.chore(now: newYear + 3 * hour, logBytes: 0) != nil)
        plan.pruned(rows: 0)
        #expect(plan.pause(now: newYear + 27 * hour - 20, logBytes: 0) == 20)
        #expect(plan.chore(now: newYear + 27 * hour, logBytes: 0) != nil)
    }

    @Test func withoutRetentionNothingIsEverDeleted() {
        var plan = Housekeeping(now: newYear, calendar: .utc)
        for time in stride(from: newYear, to: newYear + 400 * day, by: Int(7 * hour)) {
            #expect(plan.chore(now: time, logBytes: 0) == nil)
        }
        plan.setRetention(days: StoreLimits.retentionDaysMax + 1, now: newYear + 400 * day)
        #expect(plan.retentionDays == nil)
    }

    @Test func aChangedRetentionStopsTheRunAndWaitsAgain() {
        var plan = Housekeeping(now: newYear, calendar: .utc)
        plan.setRetention(days: 1, now: newYear)
        let start = newYear + 5 * minute
        #expect(plan.chore(now: start, logBytes: 0) != nil)
        plan.pruned(rows: StoreLimits.pruneRowsMax)
        plan.setRetention(days: 1, now: start)
        #expect(plan.chore(now: start, logBytes: 0) != nil, "the same again changes nothing")
        plan.setRetention(days: nil, now: start)
        #expect(plan.chore(now: start + day, logBytes: 0) == nil)
        plan.setRetention(days: -3, now: start + day)
        #expect(plan.retentionDays == 1)
        #expect(plan.chore(now: start + day, logBytes: 0) == nil)
        #expect(plan.chore(now: start + day + 5 * minute, logBytes: 0) == .prune(before: start + 5 * minute, rowsMax: StoreLimits.pruneRowsMax))
    }

    @Test func whatFailsIsTriedAgainLater() {
        var plan = Housekeeping(now: newYear, calendar: .utc, logTruncateBytes: 100)
        plan.setRetention(days: 1, now: newYear)
        let start = newYear + 5 * minute
        #expect(plan.chore(now: start, logBytes: 100) == .prune(before: start - day, rowsMax: StoreLimits.pruneRowsMax))
        plan.failed(.prune(before: start - day, rowsMax: StoreLimits.pruneRowsMax), now: start)
        #expect(plan.chore(now: start + 1, logBytes: 101) == .truncateLog)
        plan.failed(.truncateLog, now: start + 1)
        #expect(plan.chore(now: start + 2, logBytes: 101) == nil)
        #expect(plan.pause(now: start + 2, logBytes: 101) == StoreLimits.logRetryMilliseconds - 1)
        #expect(plan.chore(now: start + 1 + Int64(StoreLimits.logRetryMilliseconds), logBytes: 101) == .truncateLog)
        #expect(plan.chore(now: start + minute, logBytes: 0) == .prune(before: start - day, rowsMax: StoreLimits.pruneRowsMax))
    }

    @Test func aClockThatWasFarAheadDoesNotEndTheNights() {
        var plan = Housekeeping(now: newYear + 3_650 * day, calendar: .utc)
        plan.setRetention(days: 90, now: newYear + 3_650 * day)
        #expect(plan.pause(now: newYear, logBytes: 0) == StoreLimits.lookMilliseconds)
        #expect(plan.chore(now: newYear, logBytes: 0) == nil)
        #expect(plan.chore(now: newYear + 3 * hour, logBytes: 0) == .prune(before: newYear + 3 * hour - 90 * day, rowsMax: StoreLimits.pruneRowsMax))
    }
}
