@testable import HTTP

/// A client and a server engine and the wires between them, which cut the bytes as a test likes.
final class TLSPair {
    enum Side { case client, server }

    let client: TLSEngine
    let server: TLSEngine
    /// How many bytes the next transport read brings.
    var chunk: () -> Int
    /// What each side has read so far.
    private(set) var received: [Side: [UInt8]] = [.client: [], .server: []]
    private(set) var outcomes: [Side: TLSReadOutcome] = [:]
    private var scratch = [UInt8](repeating: 0, count: 10_000)

    init(
        _ clientContext: TLSClientContext, _ serverContext: TLSServerContext, host: String = "localhost", port: UInt16 = 443,
        chunk: @escaping () -> Int = { 4096 }
    ) throws {
        client = try TLSEngine(client: clientContext, host: host, port: port)
        server = try TLSEngine(server: serverContext)
        self.chunk = chunk
    }

    func engine(_ side: Side) -> TLSEngine { side == .client ? client : server }

    /// Starts both sides and shuttles until nothing moves.
    func handshake() throws {
        try client.startHandshake()
        try server.startHandshake()
        try shuttle()
    }

    /// Moves ciphertext both ways, reading whatever it brings, until both sides are silent.
    func shuttle() throws {
        while try move(from: .client) + move(from: .server) > 0 {}
    }

    /// Hands everything that one side has to send to the other. Returns how many bytes that was.
    @discardableResult
    func move(from side: Side) throws -> Int {
        let target: Side = side == .client ? .server : .client
        var moved = 0
        while engine(side).pendingOutputBytes > 0 {
            var slice: [UInt8] = []
            moved += engine(side).withPendingOutput { bytes in
                slice = [UInt8](bytes.prefix(max(1, chunk())))
                return slice.count
            }
            try deliver(slice, to: target)
        }
        return moved
    }

    func deliver(_ bytes: [UInt8], to side: Side) throws {
        try bytes.withUnsafeBytes { try engine(side).receive($0) }
        try read(side)
    }

    /// Reads until there is no more.
    func read(_ side: Side) throws {
        while true {
            let outcome = try scratch.withUnsafeMutableBytes { try engine(side).read(into: $0) }
            outcomes[side] = outcome
            guard case .bytes(let count) = outcome else { return }
            received[side]?.append(contentsOf: scratch[..<count])
        }
    }

    /// Sends all of `bytes` from one side, giving way whenever the engine takes no more.
    func send(_ bytes: [UInt8], from side: Side) throws {
        var sent = 0
        while sent < bytes.count {
            sent += try bytes[sent...].withUnsafeBytes { try engine(side).write($0) }
            try move(from: side)
        }
    }

    func takeOutput(of side: Side) -> [UInt8] {
        var output: [UInt8] = []
        engine(side).withPendingOutput { bytes in
            output = [UInt8](bytes)
            return bytes.count
        }
        return output
    }
}

/// One authority with a server for `localhost` and 127.0.0.1, and a client that trusts nothing else.
struct TLSWorld {
    let authority: TestAuthority
    let server: TLSServerContext
    let client: TLSClientContext

    init(days: ClosedRange<Int> = -1...30) throws {
        authority = try TestAuthority()
        server = try Self.server(authority.issue("DNS:localhost,IP:127.0.0.1,IP:::1", days: days))
        client = Self.client(trusting: authority)
    }

    static func client(trusting authority: TestAuthority, sessionsMax: Int = 8) -> TLSClientContext {
        var options = TLSClientContext.Options()
        options.usesSystemTrust = false
        options.authorities = authority.pem
        options.sessionsMax = sessionsMax
        return TLSClientContext(options)
    }

    static func server(_ identity: TestAuthority.Identity) throws -> TLSServerContext {
        try TLSServerContext(certificateChain: identity.certificateChain, privateKey: identity.privateKey)
    }
}

/// SplitMix64, so that a failing cut can be run again.
struct TLSTestGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
