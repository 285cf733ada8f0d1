import Foundation
import GRDB
import Testing

@testable import Store

@Suite struct UsageBackupTests {
    private let folder: TemporaryFolder
    private let store: UsageStore
    private var copy: String { folder.path + "/copy.db" }

    init() throws {
        folder = try TemporaryFolder()
        store = try UsageStore(path: folder.database, commitDelayMilliseconds: 0)
    }

    private func write(_ ids: some Sequence<String>) {
        for id in ids { #expect(store.offer(.sample(id))) }
        #expect(store.flush(timeoutMilliseconds: patience))
    }

    private func requestIDs(_ path: String) throws -> Set<String> {
        try DatabaseQueue(path: path).read { database in
            #expect(try String.fetchAll(database, sql: "PRAGMA integrity_check") == ["ok"])
            return try String.fetchSet(database, sql: "SELECT request_id FROM usage_records")
        }
    }

    private func filesInFolder() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    /// Rows are committed between its steps; the copy neither holds them up nor starts anew.
    @Test func aBackupBesideAWriter() throws {
        let before = (0..<2_000).map { "before-\($0)" }
        write(before)
        var steps: [Int] = []
        let bytes = try UsageBooks(path: folder.database).backup(to: copy, replaces: false, pagesPerStep: 4) { left in
            steps.append(left)
            if steps.count <= 20 { write((0..<50).map { "during-\(steps.count)-\($0)" }) }
        }
        #expect(steps.count > 20)
        #expect(zip(steps, steps.dropFirst()).allSatisfy { $0 - $1 == 4 || $1 == 0 }, "each step copies on, none starts anew")
        #expect(try requestIDs(copy) == Set(before))
        #expect(folder.mode(of: copy) == 0o600)
        #expect(DatabaseFiles.size(copy) == bytes)
        #expect(try store.report(UsageQuery(start: newYear, end: newYear + 1)).totalRequests == 3_000)
        #expect(try filesInFolder() == ["copy.db", "data"], "nothing is left beside it")
    }

    @Test func aBackupIsADatabaseToStartFrom() throws {
        write(["a", "b"])
        #expect(try UsageBooks(path: folder.database).backup(to: copy, replaces: false) > 0)
        let restored = try UsageStore(path: copy)
        restored.offer(.sample("c"))
        #expect(restored.close(timeoutMilliseconds: patience))
        #expect(try requestIDs(copy) == ["a", "b", "c"])
    }

    @Test func aBackupWithoutAGateway() throws {
        write(["a"])
        #expect(store.close(timeoutMilliseconds: patience))
        try UsageBooks(path: folder.database).backup(to: copy, replaces: false)
        #expect(try requestIDs(copy) == ["a"])
    }

    @Test func aFileThatIsThereIsKeptUnlessToldOtherwise() throws {
        write(["a"])
        let books = try UsageBooks(path: folder.database)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: copy))
        #expect(throws: StoreError.backupExists(path: copy)) { try books.backup(to: copy, replaces: false) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: copy)) == Data("mine".utf8))
        try books.backup(to: copy, replaces: true)
        #expect(try requestIDs(copy) == ["a"])
        #expect(folder.mode(of: copy) == 0o600)
        #expect(throws: StoreError.self) { try books.backup(to: folder.path, replaces: true) }
        #expect(throws: StoreError.backupFailed(path: folder.database, reason: "this is the database itself")) {
            try books.backup(to: folder.database, replaces: true)
        }
        #expect(throws: StoreError.backupFailed(path: "/no/such/folder/x", reason: "No such file or directory")) {
            try books.backup(to: "/no/such/folder/x", replaces: false)
        }
        // One that comes while the copy is made is kept as well.
        unlink(copy)
        #expect(throws: StoreError.backupExists(path: copy)) {
            try books.backup(to: copy, replaces: false, pagesPerStep: 1) { _ in
                try Data("mine".utf8).write(to: URL(fileURLWithPath: copy))
            }
        }
        #expect(try filesInFolder() == ["copy.db", "data"])
    }

    @Test func aBackupThatFailsLeavesNothing() throws {
        write((0..<500).map { "r-\($0)" })
        struct Stop: Error {}
        #expect(throws: StoreError.self) {
            try UsageBooks(path: folder.database).backup(to: copy, replaces: false, pagesPerStep: 1) { _ in throw Stop() }
        }
        #expect(try filesInFolder() == ["data"])
    }

    @Test func aDamagedDatabaseMakesNoBackup() throws {
        write((0..<2_000).map { "r-\($0)" })
        #expect(store.close(timeoutMilliseconds: patience))
        let handle = try #require(FileHandle(forUpdatingAtPath: folder.database))
        try handle.seek(toOffset: 40 * 4_096)
        handle.write(Data(repeating: 0xFF, count: 8 * 4_096))
        try handle.close()
        #expect(throws: StoreError.corrupt(path: folder.database)) {
            try UsageBooks(path: folder.database).backup(to: copy, replaces: false)
        }
        #expect(try filesInFolder() == ["data"])
    }
}
