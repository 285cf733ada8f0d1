import GRDB
import GRDBSQLite
import Glibc

/// Ends a question to the database that takes too long, or whose answer nobody waits for any more.
///
/// SQLite asks between its instructions, on the thread that reads: there is no timer to set and no other thread to interrupt it.
final class QueryWatch {
    /// Monotonic nanoseconds.
    private let deadline: Int64
    private let isUnwanted: @Sendable () -> Bool
    /// How often SQLite has asked: a measure of its work that no clock goes into.
    private(set) var looks = 0

    init(millisecondsMax: Int, isUnwanted: @escaping @Sendable () -> Bool = { false }) {
        deadline = Self.now() + Int64(millisecondsMax) * 1_000_000
        self.isUnwanted = isUnwanted
    }

    /// Runs `body`, whose statements on `database` fail with SQLITE_INTERRUPT once their time is up.
    ///
    /// - Parameter instructions: of SQLite's machine, between two looks.
    func run<Value>(
        _ database: Database, instructions: Int = StoreLimits.watchInstructions, _ body: () throws -> Value
    ) rethrows -> Value {
        sqlite3_progress_handler(
            database.sqliteConnection, CInt(instructions),
            { context in
                guard let context else { return 0 }
                return Unmanaged<QueryWatch>.fromOpaque(context).takeUnretainedValue().look() ? 1 : 0
            }, Unmanaged.passUnretained(self).toOpaque())
        defer { sqlite3_progress_handler(database.sqliteConnection, 0, nil, nil) }
        return try withExtendedLifetime(self) { try body() }
    }

    /// True when the statement must end.
    private func look() -> Bool {
        looks += 1
        return isUnwanted() || Self.now() >= deadline
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
