/// Where the names go that clients asked for lately, so that taking a name apart is done once and not for every request. Bounded; for one
/// resolver, and for one thread.
public struct ResolutionMemory: Sendable {
    private var known: [String: ModelResolution] = [:]

    public init() {}

    /// Names remembered.
    public var count: Int { known.count }

    /// Who has the model, as `resolver` says. Names that nobody has are looked up every time.
    public mutating func resolve(_ name: String, with resolver: ModelResolver) -> ModelResolution {
        if let resolution = known[name] { return resolution }
        let resolution = resolver.resolve(name)
        guard case .targets = resolution else { return resolution }
        // Clients make names up where a provider takes them all: starting anew keeps those that are asked for.
        if known.count >= RoutingLimits.namesRememberedMax { known.removeAll(keepingCapacity: true) }
        known[name] = resolution
        return resolution
    }

    /// Forgets everything: the resolver is another one.
    public mutating func removeAll() { known.removeAll() }
}
