/// Where the names go that clients asked for lately, so that taking a name apart is done once and not for every request. Bounded; for one
/// thread, and for as long as its resolver is the one in force.
public struct ResolutionMemory: Sendable {
    private let resolver: ModelResolver
    private var known: [String: ModelResolution] = [:]

    public init(_ resolver: ModelResolver) {
        self.resolver = resolver
    }

    /// Names remembered.
    public var count: Int { known.count }

    /// Who has the model, as the resolver says. Names that nobody has are looked up every time.
    public mutating func resolve(_ name: String) -> ModelResolution {
        if let index = known.index(forKey: name) {
            // Strings are equal when their characters are; names are when their bytes are.
            return known[index].key.utf8.elementsEqual(name.utf8) ? known[index].value : resolver.resolve(name)
        }
        let resolution = resolver.resolve(name)
        guard case .targets = resolution else { return resolution }
        // Clients make names up where a provider takes them all: starting anew keeps those that are asked for.
        if known.count >= RoutingLimits.namesRememberedMax { known.removeAll(keepingCapacity: true) }
        known[name] = resolution
        return resolution
    }
}
