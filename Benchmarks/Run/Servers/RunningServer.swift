import Foundation

/// A server that runs: what it uses, and its end.
final class RunningServer {
    let contender: Contender
    let port: Int
    let folder: URL
    private let process: ChildProcess

    init(_ contender: Contender, _ process: ChildProcess, port: Int, folder: URL) {
        self.contender = contender
        self.process = process
        self.port = port
        self.folder = folder
    }

    deinit { process.end() }

    var name: String { contender.name }
    var isRunning: Bool { process.isRunning }
    var url: String { "http://127.0.0.1:\(port)" }
    var usage: ProcessTree { ProcessTree(root: process.processID) }

    func end() { process.end() }
    func failure(_ reason: String) -> RunFailure { process.failure(reason) }
}
