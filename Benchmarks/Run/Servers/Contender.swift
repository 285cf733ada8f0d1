import Foundation

/// A server that scenarios start and measure: the gateway, another build of it, or a peer.
struct Contender: Sendable {
    enum Kind: Sendable {
        /// - Parameter isAccounting: writes usage rows, as it does by default.
        case gateway(executable: String, isAccounting: Bool)
        case peer(Peer, executable: String, template: String)
    }

    static let gatewayName = "gateway"
    static let baselineName = "baseline"

    let name: String
    let kind: Kind
    let version: String?

    /// Lost answers of these fail the run; those of peers are shown.
    var isGateway: Bool {
        if case .gateway = kind { true } else { false }
    }

    /// The same gateway without usage rows; nil for a peer.
    func withoutAccounting(name: String) -> Contender? {
        guard case .gateway(let executable, _) = kind else { return nil }
        return Contender(name: name, kind: .gateway(executable: executable, isAccounting: false), version: version)
    }

    /// The same server under another name, for a scenario that asks it for something else.
    func named(_ name: String) -> Contender { Contender(name: name, kind: kind, version: version) }

    /// Starts it in `folder` and waits until it accepts connections. A folder that it ran in before has its database still.
    /// - Throws: `RunFailure` when it does not start.
    func start(in folder: URL, providerPort: Int, processor: Int?) throws -> RunningServer {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        switch kind {
        case .gateway(let executable, let isAccounting):
            let configuration = folder.appendingPathComponent("bench.yaml")
            try BenchConfiguration.yaml(providerPort: providerPort, isAccounting: isAccounting)
                .write(to: configuration, atomically: true, encoding: .utf8)
            let ports = folder.appendingPathComponent("ports.json")
            try? FileManager.default.removeItem(at: ports)
            let arguments = [
                "serve", "--config", configuration.path, "--port", "0", "--loops", "1", "--log-level", "error", "--database",
                folder.appendingPathComponent("usage.db").path, "--ports-file", ports.path,
            ]
            let process = try ChildProcess(name, executable, arguments, processor: processor, directory: folder)
            return RunningServer(self, process, port: try process.port(from: ports), folder: folder)
        case .peer(let peer, let executable, let template):
            let port = try LoopbackSocket.freePort()
            let configuration = folder.appendingPathComponent(peer.template)
            try Self.fill(template, port: port, providerPort: providerPort, folder: folder.path)
                .write(to: configuration, atomically: true, encoding: .utf8)
            let process = try ChildProcess(
                name, executable, peer.arguments(configuration: configuration, folder: folder, port: port),
                processor: processor, directory: folder, environment: peer.environment)
            try process.waitForListener(on: port, seconds: peer.startSecondsMax)
            return RunningServer(self, process, port: port, folder: folder)
        }
    }

    /// A peer's configuration with the names in double braces replaced.
    static func fill(_ template: String, port: Int, providerPort: Int, folder: String) -> String {
        template.replacingOccurrences(of: "{{PORT}}", with: String(port))
            .replacingOccurrences(of: "{{PROVIDER_PORT}}", with: String(providerPort))
            .replacingOccurrences(of: "{{FOLDER}}", with: folder)
    }
}
