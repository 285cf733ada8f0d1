import Foundation

/// The servers of a run, in the order in which they are measured, and what is said about those that are absent.
struct ContenderList {
    private(set) var contenders: [Contender] = []
    /// A line for each peer that was asked for and is not there.
    private(set) var absent: [String] = []

    /// - Throws: `RunFailure` when a gateway is missing or a template cannot be read.
    init(gateway: String, baseline: String?, peers: [Peer], root: URL?) throws {
        try add(Contender.gatewayName, gateway)
        if let baseline { try add(Contender.baselineName, baseline) }
        for peer in peers {
            guard let root, let executable = peer.executable(root: root) else {
                absent.append("\(peer.rawValue): skipped, it is not installed (Benchmarks/peers/setup \(peer.rawValue) installs it)")
                continue
            }
            let file = root.appendingPathComponent("Benchmarks/peers/\(peer.template)")
            guard let template = try? String(contentsOf: file, encoding: .utf8) else {
                throw RunFailure(description: "\(file.path) cannot be read")
            }
            contenders.append(
                Contender(
                    name: peer.rawValue, kind: .peer(peer, executable: executable, template: template),
                    version: peer.version(root: root)))
        }
    }

    private mutating func add(_ name: String, _ executable: String) throws {
        guard FileManager.default.isExecutableFile(atPath: executable) else {
            throw RunFailure(description: "no gateway at \(executable): build it (swift build -c release) or name another")
        }
        let version = Command.output(executable, ["version"])
        contenders.append(
            Contender(
                name: name, kind: .gateway(executable: executable, isAccounting: true), version: version.isEmpty ? nil : version))
    }
}
