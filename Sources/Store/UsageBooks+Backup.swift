import Foundation
import GRDB

extension UsageBooks {
    /// Copies the database into one plain file, mode 0600, while a gateway goes on writing: it does not wait for the copy, and the copy
    /// has every row that was committed before this call.
    ///
    /// The copy is made beside its destination under another name, checked and on the disk before it gets its own.
    ///
    /// - Parameters:
    ///   - destination: where it shall go; its folder must exist.
    ///   - replaces: a file that is there already gives way, once the new one is good.
    /// - Returns: its size in bytes.
    /// - Throws: ``StoreError``; what was begun is gone then, and what was there before is still there.
    @discardableResult
    public func backup(to destination: String, replaces: Bool) throws(StoreError) -> Int {
        try backup(to: destination, replaces: replaces, pagesPerStep: StoreLimits.backupStepPages) { _ in }
    }

    /// - Parameter progress: told after each step how many pages are left.
    func backup(
        to destination: String, replaces: Bool, pagesPerStep: Int, progress: @escaping (Int) throws -> Void
    ) throws(StoreError) -> Int {
        let target = BackupTarget(path: destination)
        try target.check(source: path, replaces: replaces)
        let temporary = try target.makeTemporary()
        defer { for suffix in ["", "-journal", "-wal", "-shm"] { unlink(temporary + suffix) } }
        do {
            try copy(to: temporary, pagesPerStep: pagesPerStep, progress)
        } catch {
            throw DatabaseConnection.storeError(error, path)
        }
        try target.publish(temporary, replaces: replaces)
        return DatabaseFiles.size(destination) ?? 0
    }

    private func copy(to temporary: String, pagesPerStep: Int, _ progress: @escaping (Int) throws -> Void) throws {
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            // One sync at the end serves; a copy that is cut off is no copy.
            try database.execute(sql: "PRAGMA synchronous = OFF; PRAGMA cache_size = -\(StoreLimits.pageCacheKiB)")
        }
        let copy = try DatabaseQueue(path: temporary, configuration: configuration)
        let source = try DatabaseQueue(path: path, configuration: DatabaseConnection.configuration(isReader: true))
        try source.read { database in
            // The first question fixes the state that is copied; without it every commit of the gateway would start the copy anew.
            _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master")
            try copy.writeWithoutTransaction { target in
                try database.backup(to: target, pagesPerStep: CInt(pagesPerStep)) { try progress($0.remainingPageCount) }
            }
        }
        let findings = try copy.writeWithoutTransaction { database in
            // One file that can be read from a medium that cannot be written; a gateway sets the mode that it needs.
            try database.execute(sql: "PRAGMA journal_mode = DELETE")
            return try String.fetchAll(database, sql: "PRAGMA quick_check(1)")
        }
        guard findings == ["ok"] else { throw StoreError.corrupt(path: path) }
        try copy.close()
    }
}

/// The place where a backup goes.
private struct BackupTarget {
    let path: String

    func check(source: String, replaces: Bool) throws(StoreError) {
        if let own = DatabaseFiles.ownFile(at: path, of: source) {
            throw .backupFailed(path: path, reason: "this is \(own) and would be lost; choose another name")
        }
        // Whatever opens the copy would take what stands in them for a part of it.
        for suffix in ["-wal", "-journal"] where DatabaseFiles.size(path + suffix) ?? 0 > 0 {
            throw .backupFailed(path: path, reason: "\(path)\(suffix) is there and would be taken for a part of the copy; choose another name")
        }
        var facts = stat()
        guard lstat(path, &facts) == 0 else {
            if errno == ENOENT { return }
            throw failure(errno)
        }
        guard replaces else { throw .backupExists(path: path) }
        guard facts.st_mode & S_IFMT == S_IFREG else { throw .backupFailed(path: path, reason: "not a regular file") }
    }

    /// An empty file beside the destination, which only this user can read.
    func makeTemporary() throws(StoreError) -> String {
        var template = Array("\(path).XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw failure(errno) }
        close(descriptor)
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Brings the finished copy to the disk and gives it its name.
    func publish(_ temporary: String, replaces: Bool) throws(StoreError) {
        try sync(temporary)
        if replaces {
            guard rename(temporary, path) == 0 else { throw failure(errno) }
        } else if link(temporary, path) != 0 {
            // A link refuses to replace what came meanwhile; where a file system has none, a look before the rename must do.
            let code = errno
            if code == EEXIST { throw .backupExists(path: path) }
            guard code == EPERM || code == EOPNOTSUPP, access(path, F_OK) != 0, rename(temporary, path) == 0 else {
                throw failure(code)
            }
        }
        let slash = path.lastIndex(of: "/")
        try sync(slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".")
    }

    private func sync(_ file: String) throws(StoreError) {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        // Some file systems sync no folders.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure(errno) }
    }

    private func failure(_ code: Int32) -> StoreError {
        .backupFailed(path: path, reason: String(cString: strerror(code)))
    }
}
