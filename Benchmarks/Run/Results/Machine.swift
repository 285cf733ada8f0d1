import Foundation

/// Where a run took place.
struct Machine: Codable, Sendable {
    let processor: String
    let processors: Int
    let memoryGiB: Int
    let kernel: String

    static func current() -> Machine {
        var name = utsname()
        uname(&name)
        let kernel = withUnsafeBytes(of: name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let memory = ProcText.number("MemTotal", in: ProcessTree.text("/proc/meminfo")) ?? 0
        return Machine(
            processor: ProcText.value("model name", in: ProcessTree.text("/proc/cpuinfo")) ?? "unknown",
            processors: ProcessInfo.processInfo.activeProcessorCount, memoryGiB: Int((Double(memory) / 1_048_576).rounded()),
            kernel: kernel)
    }
}
