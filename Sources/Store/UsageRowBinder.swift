import GRDB
import GRDBSQLite

/// Inserts records through one prepared statement, bound by hand: a row's values reach SQLite without a box, an array or a copy of their own
/// (docs/decisions/0019). GRDB keeps the connection, the transaction and the statement.
///
/// The texts of a row lie in one buffer while it is inserted, so that SQLite need not copy them.
struct UsageRowBinder: ~Copyable {
    private let database: Database
    private let statement: OpaquePointer
    private let texts: UnsafeMutableRawBufferPointer
    private var textCount = 0
    private var column: CInt = 0

    /// - Parameter statement: ``UsageRow/insert``, prepared on `database`, which outlives this.
    init(_ statement: Statement, of database: Database) {
        self.database = database
        self.statement = statement.sqliteStatement
        texts = .allocate(byteCount: UsageRow.textColumns * StoreLimits.textBytesMax, alignment: 1)
    }

    deinit {
        // What is bound points into the buffer.
        sqlite3_clear_bindings(statement)
        texts.deallocate()
    }

    /// Inserts one row. A row whose request id is there already is left as it is.
    ///
    /// - Parameter record: within bounds.
    /// - Throws: `DatabaseError`.
    mutating func insert(_ record: borrowing UsageRecord, createdAt: String) throws {
        textCount = 0
        column = 0
        bind(record, createdAt: createdAt)
        let code = sqlite3_step(statement)
        defer { sqlite3_reset(statement) }
        guard code == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: code), message: database.lastErrorMessage) }
    }

    /// In the order of ``UsageRow``'s columns.
    private mutating func bind(_ record: borrowing UsageRecord, createdAt: String) {
        text(record.requestID)
        text(record.provider)
        text(record.model)
        time(record.timestampMilliseconds)
        integer(record.inputTokens)
        integer(record.cacheWriteTokens)
        integer(record.cacheReadTokens)
        integer(record.outputTokens)
        integer(record.inputCostPico)
        integer(record.cacheWriteCostPico)
        integer(record.cacheReadCostPico)
        integer(record.outputCostPico)
        integer(record.totalCostPico)
        flag(record.isCostKnown)
        text(record.paymentMethod)
        text(createdAt)
        text(record.upstreamModel)
        integer(record.cacheWrite1hTokens)
        integer(record.reasoningTokens.map(Int64.init))
        text(record.endpoint)
        text(record.clientDialect)
        integer(record.status)
        text(record.outcome.rawValue)
        text(record.errorKind)
        flag(record.isStream)
        integer(record.latencyMicroseconds)
        integer(record.timeToFirstTokenMicroseconds)
        integer(record.attempts)
        text(record.session)
        text(record.upstreamRequestID)
        flag(record.isUsageEstimated)
        flag(record.isPossiblyBilled)
        text(record.keyID)
    }

    private mutating func integer(_ value: Int) { integer(Int64(value)) }

    private mutating func flag(_ value: Bool) { integer(value ? 1 : 0) }

    private mutating func integer(_ value: Int64?) {
        column += 1
        if let value { sqlite3_bind_int64(statement, column, value) } else { sqlite3_bind_null(statement, column) }
    }

    private mutating func time(_ milliseconds: Int64) {
        let room = UnsafeMutableBufferPointer(rebasing: texts[textCount...].bindMemory(to: UInt8.self)[...])
        bind(bytes: UTCTime.write(milliseconds, to: room))
    }

    private mutating func text(_ value: String?) {
        guard var value else {
            column += 1
            sqlite3_bind_null(statement, column)
            return
        }
        let room = UnsafeMutableRawBufferPointer(rebasing: texts[textCount...])
        let count = value.withUTF8 { utf8 in
            precondition(utf8.count <= room.count, "a record within bounds has room for its texts")
            room.copyMemory(from: UnsafeRawBufferPointer(utf8))
            return utf8.count
        }
        bind(bytes: count)
    }

    /// Binds the next `count` bytes of the buffer as text.
    private mutating func bind(bytes count: Int) {
        column += 1
        // Without a destructor, SQLite takes the bytes for constant: they stay until the next row, and it is done with them by then.
        sqlite3_bind_text(statement, column, texts.baseAddress! + textCount, CInt(count), nil)
        textCount += count
    }
}
