import Dispatch
import GRDB

/// How connections to the usage database are set up, and what their errors mean.
enum DatabaseConnection {
    /// - Parameter isReader: the connection cannot write, not even by mistake.
    static func configuration(isReader: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.label = isReader ? "usage reader" : "usage writer"
        configuration.readonly = isReader
        configuration.foreignKeysEnabled = false
        // GRDB's own choice is a higher priority than an unprivileged process may have.
        configuration.qos = .default
        configuration.busyMode = .timeout(Double(StoreLimits.busyTimeoutMilliseconds) / 1_000)
        configuration.prepareDatabase { database in
            // A committed transaction survives the death of the process; the last ones before a power cut may be lost.
            if !isReader {
                try database.execute(
                    sql: """
                        PRAGMA journal_mode = WAL;
                        PRAGMA synchronous = NORMAL;
                        PRAGMA wal_autocheckpoint = \(StoreLimits.checkpointPages);
                        PRAGMA journal_size_limit = \(StoreLimits.logBytesMax);
                        """)
            }
            try database.execute(sql: "PRAGMA cache_size = -\(StoreLimits.pageCacheKiB); PRAGMA mmap_size = 0")
        }
        return configuration
    }

    /// SQLite's codes as an operator's words.
    static func storeError(_ error: any Error, _ path: String) -> StoreError {
        if let error = error as? StoreError { return error }
        guard let error = error as? DatabaseError else { return .failed(path: path, reason: "\(error)") }
        switch error.resultCode {
        case .SQLITE_NOTADB: return .notADatabase(path: path)
        case .SQLITE_CORRUPT: return .corrupt(path: path)
        case .SQLITE_BUSY, .SQLITE_LOCKED: return .lockedByAnotherProgram(path: path)
        case .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH: return .noPermission(path: path)
        case .SQLITE_FULL: return .diskFull(path: path)
        case .SQLITE_INTERRUPT: return .tookTooLong(path: path)
        default: return .failed(path: path, reason: error.message ?? "SQLite error \(error.resultCode.rawValue)")
        }
    }
}
