import Glibc
import Reactor

/// The descriptors of a loop's connections by the port of their peer, for the one fault that no server makes by itself: to end a
/// connection in order in the middle of an answer. Loop-confined.
final class AcceptedSockets {
    /// An entry outlives its connection; whoever uses it asks the kernel whose the descriptor is.
    private var descriptors = [Int32](repeating: -1, count: 1 << 16)

    /// Remembers an accepted descriptor.
    func note(_ descriptor: Int32) {
        guard let peer = Self.peer(of: descriptor) else { return }
        descriptors[Int(peer.port)] = descriptor
    }

    /// Sends FIN to `peer`, behind what the kernel has for it. False when there is no such connection.
    func sendEnd(to peer: SocketAddress) -> Bool {
        let descriptor = descriptors[Int(peer.port)]
        guard descriptor >= 0, Self.peer(of: descriptor) == peer else { return false }
        return shutdown(descriptor, Int32(SHUT_WR)) == 0
    }

    private static func peer(of descriptor: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard getpeername(descriptor, address, &size) == 0 else { return nil }
                return SocketAddress(address, count: Int(size))
            }
        }
    }
}
