import Glibc

/// The files of a database on disk: a private folder, private files, and the lock that keeps a second gateway away.
enum DatabaseFiles {
    /// Makes what is missing and narrows what is too open. A folder that already exists keeps its mode: it may be `/tmp`.
    ///
    /// Must run before SQLite has the file open in this process: closing any descriptor of a file drops the process's locks on it.
    static func prepare(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw error(path, errno) }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw error(path, errno) }
        guard facts.st_mode & S_IFMT == S_IFREG else { throw .failed(path: path, reason: "not a regular file") }
        if facts.st_mode & 0o077 != 0, fchmod(descriptor, 0o600) != 0 { throw error(path, errno) }
        // SQLite gives these the database's mode when it makes them; they may be left over from a wider time.
        for suffix in ["-wal", "-shm"] { chmod(path + suffix, 0o600) }
    }

    /// Makes the folder of `path`, and those above it, with mode 0700 where they are missing.
    static func prepareFolder(of path: String) throws(StoreError) {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
        let folder = String(path[..<slash])
        if mkdir(folder, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT else { throw error(folder, errno) }
        try prepareFolder(of: folder)
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw error(folder, errno) }
    }

    /// Bytes of a file; nil when there is none, or none that can be looked at.
    static func size(_ path: String) -> Int? {
        var facts = stat()
        return stat(path, &facts) == 0 ? Int(facts.st_size) : nil
    }

    /// What a database keeps beside itself, by suffix.
    private static let ownFiles = [
        ("", "the database itself"), ("-wal", "the database's write-ahead log"), ("-shm", "the database's shared memory"),
        ("-journal", "the database's journal"), (".lock", "the database's lock file"),
    ]

    /// Which of a database's own files `candidate` is, or would become, by whatever links it is reached; nil when it is none.
    static func ownFile(at candidate: String, of path: String) -> String? {
        // SQLite names its files after what a link leads to, the lock is named after the link.
        let bases = Set([real(path), resolved(path)].compactMap { $0 })
        let place = resolved(candidate)
        for (suffix, name) in ownFiles {
            for base in bases where place == base + suffix || isSameFile(candidate, base + suffix) { return name }
        }
        return nil
    }

    private static func isSameFile(_ one: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        guard stat(one, &first) == 0, stat(other, &second) == 0 else { return false }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    /// The path with all links resolved but its last, which need not exist.
    private static func resolved(_ path: String) -> String? {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        return real(folder).map { $0 == "/" ? "/\(name)" : "\($0)/\(name)" }
    }

    private static func real(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }

    static func error(_ path: String, _ code: Int32) -> StoreError {
        switch code {
        case EACCES, EPERM, EROFS: .noPermission(path: path)
        default: .failed(path: path, reason: String(cString: strerror(code)))
        }
    }
}

/// The lock file beside a database, held from open to close. The system frees it when the process dies, however it dies.
final class DatabaseLock: Sendable {
    private let descriptor: Int32

    /// - Throws: ``StoreError/inUse(path:processID:)`` when another gateway, or another store of this one, has it.
    init(databasePath path: String) throws(StoreError) {
        let lockPath = path + ".lock"
        let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0o600)
        guard descriptor >= 0 else { throw DatabaseFiles.error(lockPath, errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = Self.processID(in: descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK else { throw DatabaseFiles.error(lockPath, code) }
            throw .inUse(path: path, processID: holder)
        }
        // For the other gateway's message only; the lock itself is the descriptor's.
        let text = Array("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    private static func processID(in descriptor: Int32) -> Int? {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { return nil }
        return Int(String(decoding: bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
