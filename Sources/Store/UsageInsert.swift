import GRDB
import GRDBSQLite

/// Writes rows with statements that are bound through SQLite's own interface, several rows a statement, with texts that SQLite need
/// not copy (docs/decisions/0019). Connection, transaction and statements are GRDB's.
struct UsageInsert {
    private let database: Database
    private let several: Statement
    private let one: Statement

    /// - Parameter database: the statements are kept there for the next time.
    init(_ database: Database) throws {
        self.database = database
        several = try database.cachedStatement(sql: Self.severalRows)
        one = try database.cachedStatement(sql: Self.oneRow)
    }

    /// Writes the rows in their order, skipping those whose request id is there already. The caller has a transaction open.
    ///
    /// - Parameter createdAt: milliseconds since 1970 UTC.
    func write(_ batch: UsageBatch, createdAt: Int64) throws {
        // What is bound lies in the batch and on the stack.
        defer {
            sqlite3_clear_bindings(several.sqliteStatement)
            sqlite3_clear_bindings(one.sqliteStatement)
        }
        try batch.withCells { cells in
            let room = (StoreLimits.statementRows + 1) * UTCTime.byteCount
            try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { texts in
                let count = UTCTime.write(createdAt, to: texts)
                let now = UnsafeBufferPointer(rebasing: texts[..<count])
                let times = UnsafeMutableBufferPointer(rebasing: texts[count...])
                var left = batch.rows
                while left >= StoreLimits.statementRows {
                    try insert(StoreLimits.statementRows, from: &cells, with: several, now, times)
                    left -= StoreLimits.statementRows
                }
                for _ in 0..<left { try insert(1, from: &cells, with: one, now, times) }
            }
        }
    }

    /// Binds and runs a statement once.
    ///
    /// - Parameters:
    ///   - now: the text of the time of writing.
    ///   - times: room for the texts of the rows' own instants.
    private func insert(
        _ rows: Int, from cells: inout UsageCellReader, with statement: Statement,
        _ now: UnsafeBufferPointer<UInt8>, _ times: UnsafeMutableBufferPointer<UInt8>
    ) throws {
        let handle = statement.sqliteStatement
        var failure = SQLITE_OK
        var free = times
        for parameter in 1...CInt(rows * UsageRow.columns.count) {
            let code: CInt
            switch cells.next() {
            case .integer(let number): code = sqlite3_bind_int64(handle, parameter, number)
            case .text(let text): code = Self.bind(text, handle, parameter)
            case .instant(let milliseconds):
                let count = UTCTime.write(milliseconds, to: free)
                code = Self.bind(UnsafeBufferPointer(rebasing: free[..<count]), handle, parameter)
                free = UnsafeMutableBufferPointer(rebasing: free[count...])
            case .timeOfWriting: code = Self.bind(now, handle, parameter)
            case .null: code = sqlite3_bind_null(handle, parameter)
            case nil: preconditionFailure("a batch has a cell for each column of each row")
            }
            if code != SQLITE_OK { failure = code }
        }
        guard failure == SQLITE_OK else { throw error(failure) }
        let code = sqlite3_step(handle)
        defer { sqlite3_reset(handle) }
        guard code == SQLITE_DONE else { throw error(code) }
    }

    /// Without a destructor, SQLite takes the bytes as they stand (SQLITE_STATIC).
    private static func bind(_ text: UnsafeBufferPointer<UInt8>, _ handle: OpaquePointer, _ parameter: CInt) -> CInt {
        sqlite3_bind_text(handle, parameter, text.baseAddress, CInt(text.count), nil)
    }

    private func error(_ code: CInt) -> DatabaseError {
        DatabaseError(resultCode: ResultCode(rawValue: code), message: database.lastErrorMessage)
    }

    private static let oneRow = sql(rows: 1)
    private static let severalRows = sql(rows: StoreLimits.statementRows)

    /// `OR IGNORE` keeps the first row of a request id.
    private static func sql(rows: Int) -> String {
        let row = "(" + UsageRow.columns.map { _ in "?" }.joined(separator: ", ") + ")"
        let values = repeatElement(row, count: rows).joined(separator: ", ")
        return "INSERT OR IGNORE INTO usage_records (\(UsageRow.columns.joined(separator: ", "))) VALUES \(values)"
    }
}
