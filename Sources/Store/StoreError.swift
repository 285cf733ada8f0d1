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
        case .failed(let path, let reason): "usage database \(path): \(reason)"
        }
    }
}
