import Foundation
import Reactor

/// What holds for every scenario of a run.
struct RunSettings {
    /// This program, which is provider and load generator too.
    let own: String
    /// The repository that this program was built in, or the folder it is called in; nil without `Benchmarks/peers`.
    let root: URL?
    let rounds: Int
    /// Of a measurement, about.
    let seconds: Int
    /// The CPU of the server under test: the last; nil when nothing is pinned.
    let serverProcessor: Int?
    /// The CPU of provider and load generator: the first.
    let loadProcessor: Int?

    init(own: URL, rounds: Int, seconds: Int, isPinned: Bool) {
        self.own = own.path
        root = Self.repository(from: own.deletingLastPathComponent())
            ?? Self.repository(from: URL(fileURLWithPath: FileManager.default.currentDirectoryPath))
        self.rounds = rounds
        self.seconds = seconds
        let processors = EventLoopGroup.allowedCPUs
        serverProcessor = isPinned && processors > 1 ? processors - 1 : nil
        loadProcessor = isPinned && processors > 1 ? 0 : nil
    }

    /// `folder` or one above it that has `Benchmarks/peers`.
    private static func repository(from folder: URL) -> URL? {
        var folder = folder.standardizedFileURL
        while folder.path != "/" {
            if FileManager.default.fileExists(atPath: folder.appendingPathComponent("Benchmarks/peers").path) { return folder }
            folder.deleteLastPathComponent()
        }
        return nil
    }
}
