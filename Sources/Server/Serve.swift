import ArgumentParser
import Foundation
import Gateway

/// `ekai-gateway serve`: runs until a signal ends it.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Start the gateway (the default command).")

    @OptionGroup var options: ConfigurationOptions
    @Option(name: .long, help: "Write the ports that were bound to this file, as JSON.")
    var portsFile: String?

    func run() throws {
        CoreDumps.forbidOrSay()
        // Its manager thread asks for a priority that no ordinary user gets, and would say so between the lines of a JSON log.
        setenv("LIBDISPATCH_LOG", "NO", 0)
        // Before any thread exists: they all inherit the mask, so that only this thread takes signals.
        let signals = SignalWaiter()
        let environment = ProcessInfo.processInfo.environment
        let configuration = try options.loadChecked(environment: environment)
        let hasDocument = options.hasDocument(environment: environment)
        let service: GatewayService
        do {
            service = try GatewayService(configuration)
        } catch {
            StandardError.write("ekai-gateway: \(error)")
            throw ExitCode(1)
        }
        try writePorts(of: service)
        signals.waitForStop { reload(service, documentMustExist: hasDocument) }
        let isClean = service.drain { signals.isForced }
        // The loops' threads still stand in epoll_wait; there is nothing left for them to do.
        Foundation.exit(isClean && !signals.isForced ? 0 : 1)
    }

    /// Reads everything again that `serve` reads at start. Whatever is wrong with it leaves the configuration in force.
    private func reload(_ service: GatewayService, documentMustExist: Bool) {
        let environment = ProcessInfo.processInfo.environment
        switch options.read(environment: environment, documentMustExist: documentMustExist) {
        case .success(let configuration):
            let ports = [service.listeners.port, service.listeners.tlsPort].compactMap { $0 }
            let problems = ConfigurationCheck.problems(in: configuration, ports: ports)
            guard problems.isEmpty else { return service.reloadFailed(problems.map(\.description)) }
            do throws(StartFailure) {
                try service.reload(configuration)
            } catch {
                service.reloadFailed([error.description])
            }
        case .failure(let failure): service.reloadFailed(failure.problems.map(\.description))
        }
    }

    /// Written beside and renamed, so that nobody reads half a file.
    private func writePorts(of service: GatewayService) throws {
        guard let portsFile else { return }
        let ports = [("port", service.listeners.port), ("tls_port", service.listeners.tlsPort)]
        let members = ports.compactMap { name, port in port.map { "\"\(name)\":\($0)" } }
        let text = "{\(members.joined(separator: ","))}\n"
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: portsFile), options: .atomic)
        } catch {
            StandardError.write("ekai-gateway: cannot write \(portsFile)")
            throw ExitCode(1)
        }
    }
}

/// `ekai-gateway check-config`: reads the configuration as `serve` would, and says what is wrong with it.
struct CheckConfig: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config", abstract: "Check the configuration and exit: 0 when it is good, 78 when it is not.")

    @OptionGroup var options: ConfigurationOptions

    func run() throws {
        CoreDumps.forbidOrSay()
        let configuration = try options.loadChecked(environment: ProcessInfo.processInfo.environment)
        print("The configuration is good. Mode: \(configuration.mode.rawValue).")
        let server = configuration.server
        let addresses = server.listen.map(\.description).joined(separator: ", ")
        if server.isPlain { print("  listens on \(addresses), port \(server.port)") }
        if let tls = server.tls { print("  listens on \(addresses) with TLS, port \(tls.port)") }
        print("  keys of its own: \(configuration.hasOwnKeys ? "yes" : "none, loopback only")")
        print("  books: \(configuration.databasePath)")
        for provider in configuration.providers {
            let keys = provider.keys.count == 1 ? "1 key" : "\(provider.keys.count) keys"
            let proxy = provider.proxy.map { ", through \($0)" } ?? ""
            print("  \(provider.name): \(provider.baseURL.scheme.rawValue)://\(provider.baseURL.authority), \(keys)\(proxy)")
        }
        for notice in configuration.notices { print("Note: \(notice)") }
    }
}

/// `ekai-gateway version`.
struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the version.")

    func run() { print(GatewayVersion.current) }
}

/// Lines for people who look at a terminal or a unit's journal.
enum StandardError {
    static func write(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}

extension CoreDumps {
    /// Forbids them, or says that the kernel does not let us.
    static func forbidOrSay() {
        if !forbid() { StandardError.write("ekai-gateway: core dumps cannot be switched off here: a crash could write keys to disk") }
    }
}
