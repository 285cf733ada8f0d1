import CLinux
import Dialects
import HTTP
import Logging
import Reactor
import Routing
import Store
import Streaming
import Synchronization

/// What all loops share over the whole life of the process: the books, the helpers. Immutable but for its flags.
final class GatewayContext: Sendable {
    /// The version that `version`, `/health` and `Via` name.
    static let version = GatewayVersion.current

    let store: UsageStore
    let logger: Logger
    let logWriter: LogWriter
    /// What this gateway is called in `Via`: another one in the chain has another name.
    let via = ViaName.random()
    let resolver = Resolver()
    let bodyBudget: BodyBudget
    /// What takes a loop too long: the model lists, the text of `/metrics`.
    let controlQueue = ControlQueue(label: "ekai.control")
    /// Blocking reads: `/usage`. Apart, because one may take seconds.
    let reportQueue = ControlQueue(label: "ekai.reports", depthMax: ControlEndpoints.reportsMax)
    let metrics = MetricsHub()
    /// False from the moment a stop was asked for: load balancers are told first.
    let isReady = Atomic(true)
    /// True while the gateway takes no new work.
    let isDraining = Atomic(false)
    /// True once it waits for nothing any more.
    let isStopping = Atomic(false)
    /// Real ports, known once the listeners are bound.
    let boundPort = Atomic<Int>(0)

    init(store: UsageStore, logger: Logger, logWriter: LogWriter, bodyBudget: BodyBudget) {
        self.store = store
        self.logger = logger
        self.logWriter = logWriter
        self.bodyBudget = bodyBudget
    }
}

/// What the requests of one loop share. Loop-confined, therefore without locks.
final class LoopContext {
    let loop: EventLoop
    /// The configuration in force for requests that begin now.
    var snapshot: GatewaySnapshot {
        didSet {
            counts.noteReload()
            resolutions = ResolutionMemory(snapshot.models)
        }
    }
    /// Of names, by the snapshot in force.
    private var resolutions: ResolutionMemory
    let client: UpstreamClient
    /// For clients' bodies: strict.
    let tape = JSONTape()
    /// For providers' events: lenient.
    let reader = JSONReader()
    /// For answers that are translated.
    let translationScratch = TranslationScratch()
    var requestIDs = RequestIDGenerator()
    /// For `/metrics`.
    var counts = LoopCounts()

    init(loop: EventLoop, context: GatewayContext, snapshot: GatewaySnapshot) {
        self.loop = loop
        self.snapshot = snapshot
        resolutions = ResolutionMemory(snapshot.models)
        var limits = ConnectionPoolLimits()
        // A stream holds its connection for its whole life: the bound is the number of streams, not of requests a second.
        limits.connectionsPerOriginMax = 10_000
        client = UpstreamClient(loop: loop, resolver: context.resolver, poolLimits: limits)
    }

    /// An id for a request that is no call.
    func nextRequestID() -> String { requestIDs.next(atMilliseconds: ekai_realtime_ns() / 1_000_000) }

    /// Who has the model, by the configuration in force.
    func resolve(_ model: String) -> ModelResolution { resolutions.resolve(model) }

    /// What this loop shows at a scrape.
    func counted(connections: Int) -> LoopSnapshot {
        LoopSnapshot(
            counts: counts, connections: connections, longestTurnNanoseconds: loop.takeLongestTurn(),
            busyNanoseconds: loop.counters.busyNanoseconds)
    }
}
