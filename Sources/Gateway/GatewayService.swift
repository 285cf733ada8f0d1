import Dialects
import Glibc
import HTTP
import Logging
import Reactor
import Routing
import Store
import Synchronization

/// Why the gateway could not start: one clear line.
package struct StartFailure: Error, CustomStringConvertible {
    package let description: String
}

/// The running gateway: loops, listeners, books. Started once, drained once.
package final class GatewayService: Sendable {
    private let context: GatewayContext
    private let group: EventLoopGroup
    private let servers: [LoopBound<LoopServer>]
    private let logWriter: LogWriter
    /// Where clients connect; ports are the real ones.
    package let addresses: [SocketAddress]
    /// The loops that serve, for counts and tests.
    package var loops: [EventLoop] { group.loops }

    /// What lives on one loop.
    private final class LoopServer {
        let loop: LoopContext
        let server: HTTPServer
        let demo: HTTPServer
        init(loop: LoopContext, server: HTTPServer, demo: HTTPServer) {
            self.loop = loop
            self.server = server
            self.demo = demo
        }
    }

    /// Opens the books, binds the ports and starts serving.
    /// - Throws: `StartFailure`: the port is in use, the database is locked or no database.
    package init(_ configuration: GatewayConfiguration) throws(StartFailure) {
        logWriter = LogWriter()
        let logger = Self.logger(configuration, logWriter)
        let addresses = try Self.probe(configuration.server)
        let store: UsageStore
        do throws(StoreError) {
            store = try UsageStore(path: configuration.databasePath)
        } catch {
            throw StartFailure(description: error.description)
        }
        let demoServers = DemoServers()
        let providers = try Self.providers(configuration, demoServers)
        let models = try Self.resolver(configuration, providers)
        context = GatewayContext(
            configuration: configuration, providers: providers, models: models, store: store, logger: logger)
        context.boundPort.store(Int(addresses.first?.port ?? 0), ordering: .relaxed)
        self.addresses = addresses
        do throws(SystemError) {
            group = try EventLoopGroup(count: configuration.server.loops ?? AvailableCPUs.count)
            servers = try Self.start(context, group, addresses, demoServers)
        } catch {
            throw StartFailure(description: "cannot listen: \(error)")
        }
        announce()
        BooksWatch.start(context, on: group.loops[0])
    }

    // MARK: Start

    private static func logger(_ configuration: GatewayConfiguration, _ writer: LogWriter) -> Logger {
        let format = configuration.logFormat ?? (isatty(2) == 1 ? .text : .json)
        let secrets = SecretMatcher(configuration.redactedSecrets)
        var logger = Logger(label: "ekai") { _ in
            GatewayLogHandler(writer: writer, format: format, secrets: secrets, logLevel: .info)
        }
        logger.logLevel = Logger.Level(rawValue: configuration.logLevel.rawValue) ?? .info
        return logger
    }

    /// The addresses with their real ports. Another program's listener on one of them is found here: a bind with SO_REUSEPORT would
    /// not notice a second gateway.
    private static func probe(_ server: ServerConfiguration) throws(StartFailure) -> [SocketAddress] {
        var port = server.port
        var result: [SocketAddress] = []
        for listen in server.listen {
            let address: SocketAddress?
            switch listen {
            case .ipv4(let literal), .ipv6(let literal): address = SocketAddress(literal: literal, port: port)
            case .unix(let path): address = SocketAddress(path: path)
            }
            guard let address else { throw StartFailure(description: "cannot listen on \(listen)") }
            do throws(SystemError) {
                let bound = try ListenerSocket.probe(address)
                if bound.family != .unix { port = bound.port }
                result.append(bound)
            } catch {
                // A machine without IPv6 has no ::1; the other default address serves then.
                if server.listen.count > 1, error.code == EADDRNOTAVAIL || error.code == EAFNOSUPPORT { continue }
                let why = error.code == EADDRINUSE ? "the port is in use" : error.description
                throw StartFailure(description: "cannot listen on \(address): \(why)")
            }
        }
        return result
    }

    private static func providers(
        _ configuration: GatewayConfiguration, _ demo: DemoServers
    ) throws(StartFailure) -> [Provider] {
        if configuration.providers.isEmpty { return [Provider(demo: { loop in demo.connect(on: loop) })] }
        let systemTrust = TLSClientContext()
        var providers: [Provider] = []
        for (index, provider) in configuration.providers.enumerated() {
            var tls = systemTrust
            if let file = provider.authorityFile {
                var options = TLSClientContext.Options()
                options.authorityFile = file
                tls = TLSClientContext(options)
                do throws(TLSFailure) {
                    try tls.prepare()
                } catch {
                    throw StartFailure(description: "provider \(provider.name): ca_file: \(error)")
                }
            }
            providers.append(
                Provider(
                    provider, settingsID: provider.authorityFile == nil ? 0 : UInt32(index + 1),
                    tls: provider.baseURL.scheme == .https ? tls : nil))
        }
        return providers
    }

    private static func resolver(
        _ configuration: GatewayConfiguration, _ providers: [Provider]
    ) throws(StartFailure) -> ModelResolver {
        let catalogue: Catalogue
        do throws(CatalogueError) {
            catalogue = try Catalogue.builtIn()
        } catch {
            throw StartFailure(description: "the built-in catalogue is damaged: \(error)")
        }
        return ModelResolver(
            catalogue: catalogue, providers: RoutingFacts.providers(configuration, providers),
            overrides: RoutingFacts.overrides(configuration))
    }

    /// Makes each loop's server on its loop, and waits for all of them.
    private static func start(
        _ context: GatewayContext, _ group: EventLoopGroup, _ addresses: [SocketAddress], _ demo: DemoServers
    ) throws(SystemError) -> [LoopBound<LoopServer>] {
        var servers: [LoopBound<LoopServer>] = []
        let descriptors = DescriptorLimit.raise()
        let loopCount = group.loops.count
        for loop in group.loops {
            let result = OnLoop.run(loop) { () -> Result<LoopBound<LoopServer>, SystemError> in
                let loopContext = LoopContext(loop: loop, context: context)
                var limits = HTTP.ServerLimits(context.configuration.server.limits)
                limits.connectionsMax = DescriptorLimit.connectionsMax(descriptors: descriptors, loops: loopCount)
                let server = HTTPServer(
                    loop: loop, handler: GatewayHandler(context: context, loop: loopContext), limits: limits,
                    bodyBudget: context.bodyBudget)
                let demoServer = HTTPServer(
                    loop: loop,
                    handler: DemoHandler(loop: loop, paceMilliseconds: context.configuration.demoPaceMilliseconds),
                    limits: HTTP.ServerLimits(), bodyBudget: context.bodyBudget)
                demo.register(demoServer, on: loop)
                context.metrics.register(loopContext, server)
                do throws(SystemError) {
                    for address in addresses where address.family != .unix || loop.index == 0 {
                        try server.listen(on: address)
                    }
                } catch {
                    return .failure(error)
                }
                return .success(LoopBound(LoopServer(loop: loopContext, server: server, demo: demoServer), to: loop))
            }
            servers.append(try result.get())
        }
        return servers
    }

    private func announce() {
        let configuration = context.configuration
        for name in configuration.environmentFileNames.sorted() {
            context.logger.info("set by .env", metadata: ["variable": "\(name)"])
        }
        for notice in configuration.notices { context.logger.warning("\(notice)") }
        let where_ = addresses.map(\.description).joined(separator: ", ")
        context.logger.info(
            "listening",
            metadata: [
                "addresses": "\(where_)", "loops": "\(group.loops.count)", "mode": "\(configuration.mode.rawValue)",
                "version": "\(GatewayContext.version)",
            ])
        if configuration.providers.isEmpty {
            context.logger.notice(
                "no provider key is set: the built-in demo provider answers, with the models demo/echo and demo/stream")
        }
        for provider in configuration.providers {
            context.logger.info("provider", metadata: ["name": "\(provider.name)", "host": "\(provider.baseURL.host)"])
            if provider.keys.count > 1 {
                context.logger.warning(
                    "this version uses the first key of a provider only",
                    metadata: ["provider": "\(provider.name)", "keys": "\(provider.keys.count)"])
            }
        }
    }

    // MARK: Stop

    /// Stops: no new work, streams finish within the drain timeout, the books are flushed. Blocks.
    /// - Parameter isForced: asked now and then; true ends the waiting at once.
    /// - Returns: true when everything in flight ended well and every row is in the file.
    package func drain(isForced: @escaping @Sendable () -> Bool) -> Bool {
        context.isReady.store(false, ordering: .relaxed)
        let server = context.configuration.server
        context.logger.info("draining")
        Waiting.until(milliseconds: server.drainDelayMilliseconds, isForced) { false }
        context.isDraining.store(true, ordering: .relaxed)
        let open = Atomic(servers.count)
        for (loop, bound) in zip(group.loops, servers) {
            loop.post {
                // Upstream connections last: what was admitted may still need one.
                bound.value.server.drain {
                    bound.value.loop.client.drain()
                    open.subtract(1, ordering: .releasing)
                }
            }
        }
        let isClean = Waiting.until(milliseconds: server.drainTimeoutMilliseconds, isForced) { open.load(ordering: .acquiring) == 0 }
        if !isClean { context.isStopping.store(true, ordering: .relaxed) }
        for (loop, bound) in zip(group.loops, servers) where !isClean {
            loop.post { bound.value.server.stopConnections() }
        }
        let areConnectionsGone = isClean || Waiting.until(milliseconds: 500, { false }) { open.load(ordering: .acquiring) == 0 }
        let areBooksClosed = context.store.close(timeoutMilliseconds: isForced() ? 300 : 5_000)
        context.logger.info(
            "stopped", metadata: ["clean": "\(isClean && areBooksClosed)", "connections_gone": "\(areConnectionsGone)"])
        logWriter.flush()
        return isClean && areBooksClosed
    }
}
