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

    /// Whether it is there or not, with and without `--force`, by whatever path.
    @Test(arguments: [false, true]) func theDatabasesOwnFilesAreNoPlaceForIt(replaces: Bool) throws {
        write(["a"])
        let data = folder.path + "/data"
        let link = folder.path + "/link"
        #expect(symlink(data, link) == 0)
        #expect(symlink(folder.database, folder.path + "/linked.db") == 0)
        // Another name of the log, without any link that could be followed.
        #expect(Glibc.link(folder.database + "-wal", folder.path + "/hard") == 0)
        let places: [(String, String)] = [
            (folder.database, "the database itself"), (folder.database + "-wal", "the database's write-ahead log"),
            (folder.database + "-shm", "the database's shared memory"), (folder.database + "-journal", "the database's journal"),
            (folder.database + ".lock", "the database's lock file"), (link + "/usage.db", "the database itself"),
            (link + "/usage.db-journal", "the database's journal"), (data + "/../data/./usage.db-wal", "the database's write-ahead log"),
            (folder.path + "/linked.db", "the database itself"), (folder.path + "/hard", "the database's write-ahead log"),
        ]
        for (place, name) in places {
            let error = StoreError.backupFailed(path: place, reason: "this is \(name) and would be lost; choose another name")
            for source in [folder.database, folder.path + "/linked.db"] {
                #expect(throws: error) { try UsageBooks(path: source).backup(to: place, replaces: replaces) }
            }
        }
        // SQLite keeps its files beside what the link leads to, the gateway its lock beside the link.
        #expect(throws: StoreError.self) {
            try UsageBooks(path: folder.path + "/linked.db").backup(to: folder.path + "/linked.db.lock", replaces: replaces)
        }
        #expect(try filesInFolder() == ["data", "hard", "link", "linked.db"])
        write(["b"])
        #expect(try requestIDs(folder.database) == ["a", "b"])
    }

    @Test func anotherDatabaseInUseIsNoPlaceForIt() throws {
        write(["a"])
        try Data("a log".utf8).write(to: URL(fileURLWithPath: copy + "-wal"))
        #expect(throws: StoreError.backupFailed(
            path: copy, reason: "\(copy)-wal is there and would be taken for a part of the copy; choose another name")
        ) { try UsageBooks(path: folder.database).backup(to: copy, replaces: true) }
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
