import Foundation

/// A process that a run started and ends again. It ends with this one too, however this one ends.
final class ChildProcess {
    private static let endSecondsMax = 10

    private let process = Process()
    private let name: String
    private let outputFile: URL
    private let logFile: URL

    /// - Parameters:
    ///   - name: unique in `directory`: of the files that keep what it prints.
    ///   - processor: the CPU it is pinned to; nil for any.
    ///   - environment: all of it, besides `PATH` and `HOME`: a provider key of the caller's would change what a gateway does.
    /// - Throws: `RunFailure` when it cannot be started.
    init(
        _ name: String, _ executable: String, _ arguments: [String], processor: Int?, directory: URL,
        environment: [String: String] = [:]
    ) throws {
        self.name = name
        outputFile = directory.appendingPathComponent("\(name).out")
        logFile = directory.appendingPathComponent("\(name).log")
        // Both become the program after them, so that the process number is the program's own.
        let pin = processor.map { ["/usr/bin/taskset", "-c", String($0)] } ?? []
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
        process.arguments = ["--pdeathsig", "KILL", "--"] + pin + [executable] + arguments
        process.environment = ["PATH": "/usr/sbin:/usr/bin:/bin", "HOME": directory.path].merging(environment) { $1 }
        process.currentDirectoryURL = directory
        process.standardInput = FileHandle.nullDevice
        // Files, not pipes: nobody has to read while it runs.
        try Data().write(to: outputFile)
        try Data().write(to: logFile)
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        process.standardError = try FileHandle(forWritingTo: logFile)
        do {
            try process.run()
        } catch {
            throw RunFailure(description: "\(name) cannot be started: \(error.localizedDescription)")
        }
    }

    var processID: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// What it printed, so far.
    var output: Data { (try? Data(contentsOf: outputFile)) ?? Data() }

    /// Waits for the end. `whileRunning` is called about ten times a second.
    func finish(whileRunning: () -> Void = {}) {
        while process.isRunning {
            whileRunning()
            usleep(100_000)
        }
    }

    /// Asks it to end, and after ten seconds makes it.
    func end() {
        guard process.isRunning else { return }
        process.terminate()
        for _ in 0..<(Self.endSecondsMax * 100) where process.isRunning { usleep(10_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// Why it is of no use: its name, `reason` and its last words.
    func failure(_ reason: String) -> RunFailure {
        let log = [logFile, outputFile].compactMap { try? String(contentsOf: $0, encoding: .utf8) }.joined()
        let last = log.split(separator: "\n").suffix(3).joined(separator: " | ")
        return RunFailure(description: "\(name) \(reason)" + (last.isEmpty ? "" : ": \(last.suffix(600))"))
    }

    /// Waits for a ports file such as `serve --ports-file` writes, and returns the port in it.
    /// - Throws: `RunFailure` when it ends before, or takes more than ten seconds.
    func port(from file: URL) throws -> Int {
        struct Ports: Decodable { let port: Int }
        for _ in 0..<5_000 where process.isRunning {
            if let data = try? Data(contentsOf: file), let ports = try? JSONDecoder().decode(Ports.self, from: data) {
                return ports.port
            }
            usleep(2_000)
        }
        throw failure("did not start")
    }

    /// Waits until somebody accepts connections on `port`.
    /// - Throws: `RunFailure` when it ends before, or takes longer than `seconds`.
    func waitForListener(on port: Int, seconds: Int) throws {
        for _ in 0..<(seconds * 50) where process.isRunning {
            if LoopbackSocket.connects(to: port) { return }
            usleep(20_000)
        }
        throw failure("did not start")
    }
}
