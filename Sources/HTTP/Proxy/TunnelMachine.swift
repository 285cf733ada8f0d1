/// Negotiates a tunnel with a proxy, as pure transitions: no socket, no clock. One machine makes one tunnel.
///
/// The driver calls `start`, then `receive` with *all* bytes that it holds, again whenever more came, dropping what was consumed. What is left
/// once the tunnel is established belongs to the tunnel.
package protocol TunnelMachine: ~Copyable {
    mutating func start() -> TunnelAction
    mutating func receive(_ bytes: UnsafeRawBufferPointer) -> TunnelProgress
}

/// What a driver does next.
package enum TunnelAction: Equatable {
    /// Send this, then call `receive` with what there is.
    case send([UInt8])
    /// Receive more.
    case receive
    /// The tunnel stands.
    case established
    case failed(ProxyFailure)
}

/// What `receive` made of the bytes.
package struct TunnelProgress: Equatable {
    /// How many bytes from the start are done with.
    package var consumed: Int
    package var action: TunnelAction
}
