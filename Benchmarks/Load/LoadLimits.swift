/// Every bound of the load generator, in one place. Times are nanoseconds, sizes bytes.
enum LoadLimits {
    /// Connections of one process: each takes a descriptor, and 20,000 is a common bound of those.
    static let connectionsMax = 9_800
    static let loopsMax = 256
    static let bodyBytesMax = 64 << 20
    /// Arrivals a second of the open loop.
    static let rateMax = 1_000_000.0
    /// Arrivals that may wait for a connection; more are given up.
    static let waitingMax = 1_000_000
    /// How long a connect and its TLS handshake may take.
    static let connectNanoseconds: Int64 = 10_000_000_000
    /// A server from which nothing comes for so long has lost the request.
    static let silenceNanoseconds: Int64 = 60_000_000_000
    /// What the open loop waits behind its end for arrivals that found no connection yet.
    static let drainNanoseconds: Int64 = 10_000_000_000
    /// A connection whose request failed asks again after this: a server that refuses is not asked a million times a second.
    static let restNanoseconds: Int64 = 50_000_000
    /// How often a slow reader reads, and deadlines are looked at.
    static let slowReadNanoseconds: Int64 = 50_000_000
    static let sweepNanoseconds: Int64 = 1_000_000_000
    /// Taken from a socket at once.
    static let receiveBytesMax = 64 * 1024
    /// Processes that are watched.
    static let processesMax = 16
}
