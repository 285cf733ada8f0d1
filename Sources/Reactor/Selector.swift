import CLinux
import Glibc

/// The epoll instance of one loop, and who is told about which descriptor.
///
/// Each registration carries a generation beside its slot in epoll's user data: an event that was fetched before its
/// descriptor was closed and reused finds another generation in the slot and is dropped.
final class Selector {
    /// Names a registration until `remove`.
    struct Token: Equatable {
        fileprivate let slot: UInt32
        fileprivate let generation: UInt32

        fileprivate var packed: UInt64 { UInt64(generation) << 32 | UInt64(slot) }

        fileprivate init(slot: UInt32, generation: UInt32) {
            self.slot = slot
            self.generation = generation
        }

        fileprivate init(packed: UInt64) {
            self.init(slot: UInt32(truncatingIfNeeded: packed), generation: UInt32(packed >> 32))
        }
    }

    private struct Slot {
        var handler: (any ReadinessHandler)?
        var generation: UInt32
    }

    private static let wakeData = UInt64.max
    private let epoll: Int32
    private var slots: [Slot] = []
    private var freeSlots: [UInt32] = []
    private let events: UnsafeMutableBufferPointer<epoll_event>

    init() throws(SystemError) {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw SystemError("epoll_create1") }
        events = .allocate(capacity: ReactorLimits.eventsPerWaitMax)
    }

    deinit {
        close(epoll)
        events.deallocate()
    }

    /// Registrations now held.
    var count: Int { slots.count - freeSlots.count }

    /// Registers a stream for reading and writing at once, edge-triggered: it is never changed again.
    func add(_ descriptor: Int32, _ handler: any ReadinessHandler) throws(SystemError) -> Token {
        try add(
            descriptor, handler,
            interest: EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue)
    }

    /// Registers a listener: level-triggered, so that what one turn leaves in the backlog is reported again.
    func addListener(_ descriptor: Int32, _ handler: any ReadinessHandler) throws(SystemError) -> Token {
        try add(descriptor, handler, interest: EPOLLIN.rawValue)
    }

    /// Registers the descriptor that other threads wake the loop with.
    func addWake(_ descriptor: Int32) throws(SystemError) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | EPOLLET.rawValue
        event.data.u64 = Self.wakeData
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else { throw SystemError("epoll_ctl") }
    }

    /// Turns a listener's interest off and on while its process is out of descriptors.
    func setListening(_ isListening: Bool, _ descriptor: Int32, _ token: Token) {
        var event = epoll_event()
        event.events = isListening ? EPOLLIN.rawValue : 0
        event.data.u64 = token.packed
        let result = epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event)
        precondition(result == 0, "a registered listener can always be changed")
    }

    /// Forgets a registration. The descriptor itself is closed by the caller, at the end of the turn.
    func remove(_ descriptor: Int32, _ token: Token) {
        let slot = Int(token.slot)
        precondition(slots[slot].generation == token.generation, "removed twice")
        slots[slot].handler = nil
        slots[slot].generation &+= 1
        freeSlots.append(token.slot)
        var event = epoll_event()
        _ = epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event)
    }

    /// Waits at most `timeoutNanoseconds`, or a minute.
    /// - Returns: how many events were fetched, for `dispatch`.
    func wait(timeoutNanoseconds: Int64) -> Int {
        // Rounded up: a wait that ends just before its timer would only have to wait again.
        let milliseconds = Int32((min(timeoutNanoseconds, 60_000_000_000) + 999_999) / 1_000_000)
        let count = epoll_wait(epoll, events.baseAddress, Int32(events.count), milliseconds)
        precondition(count >= 0 || ekai_errno() == EINTR, "epoll_wait fails for wrong arguments only")
        return max(0, Int(count))
    }

    /// Hands the fetched events to their handlers, except those whose registration has ended meanwhile.
    func dispatch(_ count: Int, onWake: () -> Void) {
        for index in 0..<count {
            let event = events[index]
            if event.data.u64 == Self.wakeData {
                onWake()
                continue
            }
            let token = Token(packed: event.data.u64)
            let slot = slots[Int(token.slot)]
            guard slot.generation == token.generation else { continue }
            slot.handler?.becameReady(Readiness(rawValue: event.events))
        }
    }

    private func add(
        _ descriptor: Int32, _ handler: any ReadinessHandler, interest: UInt32
    ) throws(SystemError) -> Token {
        let slot: UInt32
        if let free = freeSlots.popLast() {
            slot = free
            slots[Int(free)].handler = handler
        } else {
            slot = UInt32(slots.count)
            slots.append(Slot(handler: handler, generation: 0))
        }
        let token = Token(slot: slot, generation: slots[Int(slot)].generation)
        var event = epoll_event()
        event.events = interest
        event.data.u64 = token.packed
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
            let error = SystemError("epoll_ctl")
            slots[Int(slot)].handler = nil
            freeSlots.append(slot)
            throw error
        }
        return token
    }
}
