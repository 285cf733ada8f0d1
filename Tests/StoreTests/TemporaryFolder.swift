import Foundation

@testable import Store

/// A folder of its own for one test, removed with the value.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/ekai-store-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw StoreError.failed(path: "/tmp", reason: "no temporary folder") }
        path = String(cString: made)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    var database: String { path + "/data/usage.db" }

    func mode(of file: String) -> Int32? {
        var facts = stat()
        return stat(file, &facts) == 0 ? Int32(facts.st_mode & 0o777) : nil
    }
}

extension UsageRecord {
    /// A record of 2026-01-01T00:00:00Z plus `at` milliseconds.
    static func sample(_ id: String, at milliseconds: Int64 = 0, provider: String = "openai", model: String = "gpt-4o") -> UsageRecord {
        UsageRecord(requestID: id, timestampMilliseconds: newYear + milliseconds, provider: provider, model: model)
    }
}

/// 2026-01-01T00:00:00Z.
let newYear: Int64 = 1_767_225_600_000
/// Longer than any healthy run takes; a test that hits it fails.
let patience = 20_000
