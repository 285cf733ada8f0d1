/// Why the usage database cannot be used. Each prints as one line for an operator.
public enum StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Another gateway holds the lock file beside the database; its process id when it could be read.
    case inUse(path: String, processID: Int?)
    /// Another program holds SQLite's own lock on the file.
    case lockedByAnotherProgram(path: String)
    /// The file is something else than an SQLite database.
    case notADatabase(path: String)
    /// SQLite found the file damaged.
    case corrupt(path: String)
    /// The file or its folder may not be read or written by this user.
    case noPermission(path: String)
    /// The file holds a `usage_records` table of another program.
    case foreignTable(path: String)
    /// A later version of the gateway wrote the file.
    case newerVersion(path: String)
    /// An earlier version wrote the file, and whoever only reads cannot bring it up to date.
    case olderVersion(path: String)
    /// There is no such file.
    case missing(path: String)
    /// An SQLite database without the gateway's tables.
    case noBooks(path: String)
    /// No room for another page.
    case diskFull(path: String)
    /// A report was given up so that the write-ahead log need not grow.
    case tookTooLong(path: String)
    /// A file stands where a backup shall go.
    case backupExists(path: String)
    /// A backup could not be written to where it shall go.
    case backupFailed(path: String, reason: String)
    /// Anything else that the system or SQLite says.
    case failed(path: String, reason: String)

    public var description: String {
        switch self {
        case .inUse(let path, let process):
            "usage database \(path): another gateway\(process.map { " (process \($0))" } ?? "") is using it"
        case .lockedByAnotherProgram(let path): "usage database \(path): locked by another program"
        case .notADatabase(let path): "usage database \(path): the file is not an SQLite database; move it away or set DATABASE_PATH"
        case .corrupt(let path): "usage database \(path): the file is damaged; restore a copy or move it away"
        case .noPermission(let path): "usage database \(path): no permission to read and write it"
        case .foreignTable(let path): "usage database \(path): its usage_records table belongs to another program; move the file away"
        case .newerVersion(let path): "usage database \(path): written by a newer version of the gateway"
        case .olderVersion(let path):
            "usage database \(path): written by an older version of the gateway; start this one once to bring it up to date"
        case .missing(let path): "usage database \(path): there is no such file; a gateway makes it at its first start"
        case .noBooks(let path): "usage database \(path): holds no usage records of a gateway"
        case .diskFull(let path): "usage database \(path): the disk is full"
        case .tookTooLong(let path): "usage database \(path): reading took too long and was given up; ask for a shorter interval"
        case .backupExists(let path): "backup \(path): there is a file already; --force replaces it"
        case .backupFailed(let path, let reason): "backup \(path): \(reason)"
        case .failed(let path, let reason): "usage database \(path): \(reason)"
        }
    }
}
