import Foundation

/// Why a scenario could not run.
struct RunFailure: Error, CustomStringConvertible {
    let description: String
}

/// A process that a scenario started and ends again.
final class ChildProcess {
    private let process = Process()
    private let output = Pipe()

    /// - Parameters:
    ///   - processor: the CPU it is pinned to; nil for any.
    ///   - directory: where it runs; files there are all it finds.
    init(_ executable: String, _ arguments: [String], processor: Int?, directory: URL) throws {
        if let processor {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/taskset")
            process.arguments = ["-c", String(processor), executable] + arguments
        } else {
            process.executableURL = URL(fileURLWithPath: executable)
            process.arguments = arguments
        }
        // Nothing of the caller's environment: a provider key in it would change what the gateway does.
        process.environment = ["PATH": "/usr/bin:/bin"]
        process.currentDirectoryURL = directory
        process.standardOutput = output
        try process.run()
    }

    /// taskset becomes the program: the number stays.
    var processID: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// Waits for the end and returns what was printed and the exit status. `whileRunning` is called about ten times a second.
    func finish(whileRunning: () -> Void = {}) -> (output: Data, status: Int32) {
        while process.isRunning {
            whileRunning()
            usleep(100_000)
        }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        return (data, process.terminationStatus)
    }

    func end() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    /// Waits for a ports file such as `serve --ports-file` writes, and returns the port in it.
    func port(from file: URL) throws -> Int {
        struct Ports: Decodable { let port: Int }
        for _ in 0..<1_000 where process.isRunning {
            if let data = try? Data(contentsOf: file), let ports = try? JSONDecoder().decode(Ports.self, from: data) {
                return ports.port
            }
            usleep(10_000)
        }
        throw RunFailure(description: "\(process.arguments ?? []) did not start")
    }
}
