import Foundation
import GRDB
import Testing

@testable import Store

/// Databases of other versions.
@Suite struct UsageSchemaTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// The file as version 0.1.0 left it, with two rows.
    private func makeFirstSchema(_ path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL") }
        try queue.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
                    INSERT INTO grdb_migrations VALUES ('0001-usage-records');
                    CREATE TABLE usage_records (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, request_id TEXT NOT NULL UNIQUE, provider TEXT NOT NULL,
                        model TEXT NOT NULL, timestamp TEXT NOT NULL, input_tokens INTEGER NOT NULL,
                        cache_write_input_tokens INTEGER NOT NULL, cache_read_input_tokens INTEGER NOT NULL,
                        output_tokens INTEGER NOT NULL,
                        total_tokens INTEGER NOT NULL AS (input_tokens + cache_write_input_tokens + cache_read_input_tokens + output_tokens),
                        input_cost_pico INTEGER, cache_write_cost_pico INTEGER, cache_read_cost_pico INTEGER,
                        output_cost_pico INTEGER, total_cost_pico INTEGER, input_cost REAL AS (input_cost_pico / 1e12),
                        cache_write_cost REAL AS (cache_write_cost_pico / 1e12), cache_read_cost REAL AS (cache_read_cost_pico / 1e12),
                        output_cost REAL AS (output_cost_pico / 1e12), total_cost REAL AS (total_cost_pico / 1e12),
                        cost_known INTEGER NOT NULL, currency TEXT NOT NULL DEFAULT 'USD', payment_method TEXT NOT NULL,
                        created_at TEXT NOT NULL, upstream_model TEXT, cache_write_1h_input_tokens INTEGER NOT NULL,
                        reasoning_tokens INTEGER, endpoint TEXT NOT NULL, client_dialect TEXT NOT NULL, status INTEGER NOT NULL,
                        outcome TEXT NOT NULL, error_kind TEXT, stream INTEGER NOT NULL, latency_us INTEGER NOT NULL, ttft_us INTEGER,
                        attempts INTEGER NOT NULL, session TEXT, upstream_request_id TEXT, usage_estimated INTEGER NOT NULL,
                        possibly_billed INTEGER NOT NULL
                    ) STRICT;
                    CREATE INDEX usage_records_by_time ON usage_records (timestamp);
                    """)
            for index in 1...2 {
                try database.execute(
                    sql: """
                        INSERT INTO usage_records (request_id, provider, model, timestamp, input_tokens, cache_write_input_tokens,
                        cache_read_input_tokens, output_tokens, total_cost_pico, cost_known, payment_method, created_at,
                        cache_write_1h_input_tokens, endpoint, client_dialect, status, outcome, stream, latency_us, attempts,
                        session, usage_estimated, possibly_billed)
                        VALUES (?, 'openai', 'gpt-4o', ?, 3, 0, 0, 4, 7, 1, 'api_key', '2026-01-01T00:00:01.000Z',
                        0, '/v1/chat/completions', 'chat', 200, 'ok', 1, 5, 1, 'old', 0, 1)
                        """, arguments: ["old-\(index)", "2026-01-01T00:00:00.00\(index)Z"])
            }
        }
        try queue.close()
    }

    @Test func theRowsOfTheFirstSchemaAreKept() throws {
        let file = folder.path + "/old.db"
        try makeFirstSchema(file)
        let store = try UsageStore(path: file)
        var new = UsageRecord.sample("new", at: 10)
        new.keyID = "team-a"
        #expect(store.offer(new))
        #expect(store.flush(timeoutMilliseconds: patience))
        let report = try store.report(UsageQuery(start: newYear, end: newYear + 11))
        #expect(report.records.map(\.record.requestID) == ["new", "old-2", "old-1"])
        #expect(report.records.map(\.record.keyID) == ["team-a", nil, nil])
        let old = try #require(report.records.last)
        #expect(old.id == 1 && old.record.session == "old" && old.record.isPossiblyBilled && old.record.totalCostPico == 7)
        #expect(report.totalTokens == 14)
        #expect(store.close(timeoutMilliseconds: patience))
        #expect(try UsageStore(path: file).report(UsageQuery(start: newYear, end: newYear + 11)).totalRequests == 3)
    }

    @Test func aReaderDoesNotUpgrade() throws {
        let file = folder.path + "/old.db"
        try makeFirstSchema(file)
        let before = try Data(contentsOf: URL(fileURLWithPath: file))
        #expect(throws: StoreError.olderVersion(path: file)) { try UsageBooks(path: file) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
    }

    /// Also one that no gateway has switched to a write-ahead log, which would change its first page.
    @Test(arguments: ["WAL", "DELETE"]) func aNewerSchemaIsLeftAlone(mode: String) throws {
        let file = folder.path + "/newer.db"
        try makeFirstSchema(file)
        let queue = try DatabaseQueue(path: file)
        try queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9999-from-the-future')") }
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = \(mode)") }
        try queue.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: file))
        #expect(throws: StoreError.newerVersion(path: file)) { try UsageStore(path: file) }
        #expect(throws: StoreError.newerVersion(path: file)) { try UsageBooks(path: file) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
    }

    @Test func whatIsNoBooksIsNamed() throws {
        let missing = folder.path + "/missing.db"
        #expect(throws: StoreError.missing(path: missing)) { try UsageBooks(path: missing) }
        #expect(!FileManager.default.fileExists(atPath: missing))
        let other = folder.path + "/other.db"
        try DatabaseQueue(path: other).write { try $0.execute(sql: "CREATE TABLE mine (id TEXT)") }
        #expect(throws: StoreError.noBooks(path: other)) { try UsageBooks(path: other) }
        let text = folder.path + "/text.db"
        #expect(FileManager.default.createFile(atPath: text, contents: Data(repeating: 0x41, count: 4_096)))
        #expect(throws: StoreError.notADatabase(path: text)) { try UsageBooks(path: text) }
    }
}
