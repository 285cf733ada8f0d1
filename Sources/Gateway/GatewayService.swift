import Dialects
import Glibc
import HTTP
import Locking
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
    private let logSecrets: LogSecrets
    private let logThreshold: LogThreshold
    private let demo = DemoServers()
    /// What the process was started with: listeners, loops and books stay as this says.
    private let started: GatewayConfiguration
    /// The configuration in force, for whoever is on no loop.
    private let current: Locked<GatewaySnapshot>
    /// Where clients connect; ports are the real ones.
    package let listeners: GatewayListeners
    /// What this gateway calls itself in `Via`.
    package var via: String { context.via.text }
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
    /// - Throws: `StartFailure`: the port is in use, the database is locked or no database, a certificate cannot be used.
    package init(_ configuration: GatewayConfiguration) throws(StartFailure) {
        started = configuration
        logWriter = LogWriter(format: configuration.logFormat ?? (isatty(STDERR_FILENO) == 1 ? .text : .json))
        logSecrets = LogSecrets(configuration.redactedSecrets)
        logThreshold = LogThreshold(configuration.logLevel)
        let logger = Self.logger(logWriter, logSecrets, logThreshold)
        let snapshot = try GatewaySnapshot(configuration, demo: demo)
        let listeners = try GatewayListeners.probe(configuration.server)
        let store: UsageStore
        do throws(StoreError) {
            store = try UsageStore(path: configuration.databasePath)
        } catch {
            throw StartFailure(description: error.description)
        }
        store.setRetention(days: configuration.keptDays)
        current = Locked(snapshot)
        context = GatewayContext(
            store: store, logger: logger, logWriter: logWriter,
            bodyBudget: BodyBudget(bytesMax: configuration.server.limits.inflightBodyBytesMax))
        context.boundPort.store(Int(listeners.port ?? listeners.tlsPort ?? 0), ordering: .relaxed)
        self.listeners = listeners
        do throws(SystemError) {
            group = try EventLoopGroup(count: configuration.server.loops ?? AvailableCPUs.count)
            servers = try Self.start(context, snapshot, group, listeners, demo)
        } catch {
            throw StartFailure(description: "cannot listen: \(error)")
        }
        announce(configuration)
        BooksWatch.start(context, on: group.loops[0])
    }

    // MARK: Start

    private static func logger(
        _ writer: LogWriter, _ secrets: LogSecrets, _ threshold: LogThreshold
    ) -> Logger {
        Logger(label: "ekai") { _ in
            GatewayLogHandler(writer: writer, format: writer.format, secrets: secrets, threshold: threshold)
        }
    }

    /// Makes each loop's server on its loop, and waits for all of them.
    private static func start(
        _ context: GatewayContext, _ snapshot: GatewaySnapshot, _ group: EventLoopGroup, _ listeners: GatewayListeners,
        _ demo: DemoServers
    ) throws(SystemError) -> [LoopBound<LoopServer>] {
        var servers: [LoopBound<LoopServer>] = []
        let descriptors = DescriptorLimit.raise()
        let loopCount = group.loops.count
        for loop in group.loops {
            let result = OnLoop.run(loop) { () -> Result<LoopBound<LoopServer>, SystemError> in
                let loopContext = LoopContext(loop: loop, context: context, snapshot: snapshot)
                var limits = HTTP.ServerLimits(snapshot.configuration.server.limits)
                limits.connectionsMax = DescriptorLimit.connectionsMax(descriptors: descriptors, loops: loopCount)
                let server = HTTPServer(
                    loop: loop, handler: GatewayHandler(context: context, loop: loopContext), limits: limits,
                    bodyBudget: context.bodyBudget)
                server.tlsContext = snapshot.tls
                let demoServer = HTTPServer(
                    loop: loop,
                    handler: DemoHandler(loop: loop, paceMilliseconds: snapshot.configuration.demoPaceMilliseconds),
                    limits: HTTP.ServerLimits(), bodyBudget: context.bodyBudget)
                demo.register(demoServer, on: loop)
                context.metrics.register(loopContext, server)
                do throws(SystemError) {
                    for listener in listeners.all where listener.address.family != .unix || loop.index == 0 {
                        try server.listen(on: listener.address, isSecure: listener.isSecure)
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

    private func announce(_ configuration: GatewayConfiguration) {
        let where_ = listeners.all.map(\.description).joined(separator: ", ")
        context.logger.info(
            "listening",
            metadata: [
                "addresses": "\(where_)", "loops": "\(group.loops.count)", "mode": "\(configuration.mode.rawValue)",
                "version": "\(GatewayContext.version)",
            ])
        announceSettings(configuration)
    }

    /// What a start and a reload say of the configuration.
    private func announceSettings(_ configuration: GatewayConfiguration) {
        for name in configuration.environmentFileNames.sorted() {
            context.logger.info("set by .env", metadata: ["variable": "\(name)"])
        }
        for notice in configuration.notices { context.logger.warning("\(notice)") }
        if configuration.providers.isEmpty {
            context.logger.notice(
                "no provider key is set: the built-in demo provider answers, with the models demo/echo and demo/stream")
        }
        for provider in configuration.providers {
            var metadata: Logger.Metadata = ["name": "\(provider.name)", "host": "\(provider.baseURL.host)"]
            if let proxy = provider.proxy { metadata["proxy"] = "\(proxy)" }
            context.logger.info("provider", metadata: metadata)
            if provider.keys.count > 1 {
                context.logger.warning(
                    "this version uses the first key of a provider only",
                    metadata: ["provider": "\(provider.name)", "keys": "\(provider.keys.count)"])
            }
        }
    }

    // MARK: Reload

    /// Puts another configuration in force, for requests and connections that begin afterwards. What is under way ends as it began. Blocks
    /// until every loop has it.
    /// - Returns: settings that differ and wait for a restart, for the log.
    /// - Throws: `StartFailure`: a file cannot be used, or the admin key would go; nothing has changed then.
    @discardableResult
    package func reload(_ configuration: GatewayConfiguration) throws(StartFailure) -> [String] {
        let previous = current.withLock { $0 }
        // A lost section or variable must not open the gateway: on loopback neither, where a reverse proxy may stand in front.
        guard configuration.access.adminKey != nil || previous.configuration.access.adminKey == nil else {
            throw StartFailure(
                description: "there is no admin key (EKAI_ADMIN_KEY) any more: a running gateway keeps asking for keys until it is restarted")
        }
        let snapshot = try GatewaySnapshot(configuration, demo: demo, previous: previous)
        logThreshold.level = configuration.logLevel
        logSecrets.replace(with: configuration.redactedSecrets)
        current.withLock { $0 = snapshot }
        context.store.setRetention(days: configuration.keptDays)
        context.bodyBudget.setBytesMax(configuration.server.limits.inflightBodyBytesMax)
        for (loop, bound) in zip(group.loops, servers) {
            OnLoop.run(loop) {
                let (loopContext, server) = (bound.value.loop, bound.value.server)
                loopContext.snapshot = snapshot
                server.tlsContext = snapshot.tls ?? server.tlsContext
                let connectionsMax = server.limits.connectionsMax
                server.limits = HTTP.ServerLimits(configuration.server.limits)
                server.limits.connectionsMax = connectionsMax
            }
        }
        let waiting = started.restartNeeded(for: configuration)
        context.logger.notice("reloaded", metadata: ["mode": "\(configuration.mode.rawValue)"])
        for setting in waiting { context.logger.warning("differs, and waits for a restart", metadata: ["setting": "\(setting)"]) }
        announceSettings(configuration)
        return waiting
    }

    /// A reload came to nothing: the configuration in force stays.
    package func reloadFailed(_ problems: [String]) {
        for problem in problems {
            context.logger.error("reload failed: the configuration in force stays", metadata: ["problem": "\(problem)"])
        }
    }

    // MARK: Stop

    /// Stops: no new work, streams finish within the drain timeout, the books are flushed. Blocks.
    /// - Parameter isForced: asked now and then; true ends the waiting at once.
    /// - Returns: true when everything in flight ended well and every row is in the file.
    package func drain(isForced: @escaping @Sendable () -> Bool) -> Bool {
        context.isReady.store(false, ordering: .relaxed)
        let server = current.withLock { $0.configuration.server }
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
