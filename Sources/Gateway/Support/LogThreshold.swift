import Synchronization

/// The least level that is logged; a reload moves it. Shared, read for every line that might be written.
final class LogThreshold: Sendable {
    private let index: Atomic<Int>

    init(_ level: LogLevel) { index = Atomic(Self.index(of: level)) }

    var level: LogLevel {
        get { LogLevel.allCases[index.load(ordering: .relaxed)] }
        set { index.store(Self.index(of: newValue), ordering: .relaxed) }
    }

    private static func index(of level: LogLevel) -> Int { LogLevel.allCases.firstIndex(of: level) ?? 0 }
}
