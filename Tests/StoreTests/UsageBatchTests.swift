import Foundation
import GRDB
import Testing

@testable import Store

@Suite struct UsageBatchTests {
    /// The cells of a batch, as what an SQLite shell would show of them.
    private func cells(_ batch: UsageBatch) -> [String?] {
        batch.withCells { cells in
            var found: [String?] = []
            while let cell = cells.next() {
                switch cell {
                case .null: found.append(nil)
                case .integer(let number): found.append("\(number)")
                case .text(let text): found.append(String(decoding: UnsafeRawBufferPointer(text), as: UTF8.self))
                case .instant(let milliseconds): found.append(UTCTime.text(milliseconds))
                case .timeOfWriting: found.append("now")
                }
            }
            return found
        }
    }

    private func value(_ column: String, of record: UsageRecord) throws -> String? {
        var batch = UsageBatch()
        batch.append(record)
        let cells = cells(batch)
        #expect(cells.count == UsageRow.columns.count)
        return cells[try #require(UsageRow.columns.firstIndex(of: column))]
    }

    @Test func aCellForEachColumn() throws {
        var record = UsageRecord.sample("r-1", at: 5)
        record.keyID = "team-a"
        record.totalCostPico = .min
        record.isStream = true
        record.outcome = .cancelled
        #expect(try value("request_id", of: record) == "r-1")
        #expect(try value("timestamp", of: record) == "2026-01-01T00:00:00.005Z")
        #expect(try value("total_cost_pico", of: record) == "\(Int64.min)")
        #expect(try value("cost_known", of: record) == "1")
        #expect(try value("created_at", of: record) == "now")
        #expect(try value("upstream_model", of: record) == nil)
        #expect(try value("outcome", of: record) == "cancelled")
        #expect(try value("stream", of: record) == "1")
        #expect(try value("key_id", of: record) == "team-a")
    }

    @Test(arguments: [
        ("", ""), ("a", "a"), (String(repeating: "x", count: 256), String(repeating: "x", count: 256)),
        (String(repeating: "x", count: 257), String(repeating: "x", count: 256)),
        (String(repeating: "x", count: 255) + "ü", String(repeating: "x", count: 255)),
        (String(repeating: "x", count: 253) + "😀😀", String(repeating: "x", count: 253)),
        (String(repeating: "x", count: 252) + "😀😀", String(repeating: "x", count: 252) + "😀"),
        ("a\0b", "a"), ("\0", ""), (String(repeating: "x", count: 300) + "\0", String(repeating: "x", count: 256)),
    ]) func textsAreCutAtACharacter(_ text: String, _ kept: String) throws {
        #expect(try value("model", of: .sample("r", model: text)) == kept)
        var record = UsageRecord.sample("r")
        record.session = text
        #expect(try value("session", of: record) == kept)
    }

    /// Of texts that Foundation made as well, whose storage may be another.
    @Test func countsAndForeignTextsAreBounded() throws {
        var record = UsageRecord.sample("r", model: NSString(string: "modèle").appending(String(repeating: "y", count: 300)))
        record.inputTokens = .max
        record.outputTokens = .min
        record.reasoningTokens = 7
        #expect(try value("model", of: record)?.utf8.count == 256)
        #expect(try value("input_tokens", of: record) == "\(1 << 36)")
        #expect(try value("output_tokens", of: record) == "0")
        #expect(try value("reasoning_tokens", of: record) == "7")
    }

    /// Every row stands where the one before it ends, also where the room grew between them, and rows of the longest texts fit.
    @Test func growsAndIsUsedAgain() throws {
        let long = String(repeating: "z", count: 1_000)
        var longest = UsageRecord.sample(long, provider: long, model: long)
        longest.upstreamModel = long
        longest.paymentMethod = long
        longest.endpoint = long
        longest.clientDialect = long
        longest.errorKind = long
        longest.session = long
        longest.upstreamRequestID = long
        longest.keyID = long
        var batch = UsageBatch()
        #expect(batch.capacity == 0 && cells(batch).isEmpty)
        for round in 0..<2 {
            for index in 0..<200 { batch.append(index % 2 == 0 ? longest : .sample("\(round)-\(index)")) }
            let cells = cells(batch)
            #expect(batch.rows == 200 && cells.count == 200 * UsageRow.columns.count)
            let ids = stride(from: 0, to: cells.count, by: UsageRow.columns.count).map { cells[$0] }
            for (index, id) in ids.enumerated() {
                #expect(id == (index % 2 == 0 ? String(long.prefix(256)) : "\(round)-\(index)"))
            }
            let room = batch.capacity
            batch.removeAll()
            #expect(batch.rows == 0 && self.cells(batch).isEmpty && batch.capacity == room)
        }
    }

    /// Full statements, and those of one row for what is left, with rows among them that are there already.
    @Test(arguments: [
        1, StoreLimits.statementRows - 1, StoreLimits.statementRows, StoreLimits.statementRows + 1, 3 * StoreLimits.statementRows + 2,
    ]) func writesAnyNumberInOrder(count: Int) throws {
        let folder = try TemporaryFolder()
        let store = try UsageStore(path: folder.database)
        #expect(store.close(timeoutMilliseconds: patience))
        let database = try UsageDatabase(path: folder.database)
        defer { database.close() }
        var batch = UsageBatch()
        for index in 0..<count {
            batch.append(.sample("r-\(index)", at: Int64(index)))
            batch.append(.sample("r-\(index / 2)", at: -1))
        }
        #expect(try database.insert(batch, createdAt: newYear + 7) == count)
        #expect(try database.insert(batch, createdAt: newYear + 8) == 0)
        let rows = try database.writer.read { database in
            try Row.fetchAll(database, sql: "SELECT request_id, timestamp, created_at, status FROM usage_records ORDER BY id")
        }
        #expect(rows.map { $0["request_id"] as String } == (0..<count).map { "r-\($0)" })
        #expect(rows.map { $0["timestamp"] as String } == (0..<count).map { UTCTime.text(newYear + Int64($0)) })
        #expect(rows.allSatisfy { $0["created_at"] as String == UTCTime.text(newYear + 7) })
    }
}
