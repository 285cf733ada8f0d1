/// A hierarchical timer wheel as a value: schedule, move and cancel in constant time, whatever the number of timers.
///
/// Five levels of 64 slots; a tick is 2^20 ns (about 1.05 ms). An entry sits on the level whose range covers its
/// distance, and moves down as its time comes near. Time is an argument; nothing here reads a clock.
/// A timer never fires early, and at most one tick late.
public struct TimerWheel<Payload> {
    /// Names a scheduled entry. Stale after it fired or was cancelled.
    public struct Handle: Equatable, Sendable {
        fileprivate let index: Int32
        fileprivate let generation: UInt32
    }

    private struct Entry {
        var payload: Payload?
        var deadline: UInt64
        var previous: Int32
        var next: Int32
        var slot: Int32
        var generation: UInt32
    }

    private static var tickShift: UInt64 { 20 }
    private static var levels: Int { 5 }
    private static var slotBits: UInt64 { 6 }
    private static var none: Int32 { -1 }
    /// The slot of entries that are due and wait to be popped.
    private static var dueSlot: Int { levels << 6 }

    private var entries: [Entry] = []
    private var free: [Int32] = []
    private var heads: [Int32]
    private var occupied: [UInt64]
    private var currentTick: UInt64
    private var dueTail: Int32 = -1

    /// Entries scheduled and not yet popped.
    public private(set) var count = 0

    /// - Parameter startNanoseconds: the time that counts as now.
    public init(startNanoseconds: Int64) {
        heads = Array(repeating: Self.none, count: Self.levels << 6 + 1)
        occupied = Array(repeating: 0, count: Self.levels)
        currentTick = UInt64(max(0, startNanoseconds)) >> Self.tickShift
    }

    /// Schedules `payload` for `deadlineNanoseconds`; a time already past is due at the next `popDue`.
    public mutating func schedule(_ payload: Payload, deadlineNanoseconds: Int64) -> Handle {
        // Rounded up to a tick, so that nothing fires early.
        let deadline = (UInt64(max(0, deadlineNanoseconds)) + (1 << Self.tickShift) - 1) >> Self.tickShift
        let index: Int32
        if let reused = free.popLast() {
            index = reused
            entries[Int(index)].payload = payload
            entries[Int(index)].deadline = deadline
        } else {
            index = Int32(entries.count)
            entries.append(
                Entry(payload: payload, deadline: deadline, previous: -1, next: -1, slot: -1, generation: 0))
        }
        count += 1
        link(index)
        return Handle(index: index, generation: entries[Int(index)].generation)
    }

    /// Takes an entry out. False when it already fired or was cancelled.
    @discardableResult
    public mutating func cancel(_ handle: Handle) -> Bool {
        guard entries.indices.contains(Int(handle.index)),
            entries[Int(handle.index)].generation == handle.generation
        else { return false }
        unlink(handle.index)
        _ = release(handle.index)
        return true
    }

    /// The next payload whose time has come, or nil when none is due at `nowNanoseconds`.
    public mutating func popDue(nowNanoseconds: Int64) -> Payload? {
        advance(to: UInt64(max(0, nowNanoseconds)) >> Self.tickShift)
        let index = heads[Self.dueSlot]
        guard index != Self.none else { return nil }
        unlink(index)
        return release(index)
    }

    /// When the wheel wants to be looked at again: a timer's own time, or the earlier moment at which a far one moves
    /// down a level. Nil when nothing is scheduled.
    public var nextDeadlineNanoseconds: Int64? {
        guard count > 0 else { return nil }
        if heads[Self.dueSlot] != Self.none { return Int64(currentTick << Self.tickShift) }
        return Int64(clamping: nextOccupiedTick << Self.tickShift)
    }

    // MARK: Turning

    /// The next tick at which an occupied slot begins, on whatever level.
    private var nextOccupiedTick: UInt64 {
        var earliest = UInt64.max
        for level in 0..<Self.levels where occupied[level] != 0 {
            let shift = UInt64(level) * Self.slotBits
            let position = currentTick >> shift
            let distance = Self.distance(from: position & 63, in: occupied[level])
            earliest = min(earliest, (position + distance) << shift)
        }
        return earliest
    }

    /// Slots from `position` (exclusive) to the next occupied one, going round; 64 means the same slot, a round later.
    private static func distance(from position: UInt64, in bitmap: UInt64) -> UInt64 {
        let shift = (position + 1) & 63
        let rotated = shift == 0 ? bitmap : (bitmap >> shift | bitmap << (64 - shift))
        return UInt64(rotated.trailingZeroBitCount) + 1
    }

    private mutating func advance(to target: UInt64) {
        while currentTick < target {
            // Straight to where anything happens: a clock that jumps over hours is not walked through. With nothing but
            // due entries left, that is never.
            currentTick = min(target, nextOccupiedTick)
            if currentTick & 63 == 0 { cascade() }
            relinkAll(slot: Int(currentTick & 63))
        }
    }

    /// Moves entries of the higher levels down, when their slot's time begins; those whose tick it is become due.
    private mutating func cascade() {
        for level in 1..<Self.levels {
            let shift = UInt64(level) * Self.slotBits
            let position = Int((currentTick >> shift) & 63)
            relinkAll(slot: level << 6 + position)
            if position != 0 { return }
        }
    }

    private mutating func relinkAll(slot: Int) {
        while heads[slot] != Self.none {
            let index = heads[slot]
            unlink(index)
            link(index)
        }
    }

    // MARK: Lists

    private func slot(for deadline: UInt64) -> Int {
        guard deadline > currentTick else { return Self.dueSlot }
        for level in 0..<Self.levels {
            let shift = UInt64(level) * Self.slotBits
            if (deadline >> shift) - (currentTick >> shift) < 64 {
                return level << 6 + Int((deadline >> shift) & 63)
            }
        }
        // Beyond the wheel's reach (13 days): parked in the farthest slot, and looked at again when it comes round.
        let top = UInt64(Self.levels - 1)
        return (Self.levels - 1) << 6 + Int(((currentTick >> (top * Self.slotBits)) + 63) & 63)
    }

    private mutating func link(_ index: Int32) {
        let slot = slot(for: entries[Int(index)].deadline)
        entries[Int(index)].slot = Int32(slot)
        if slot == Self.dueSlot {
            appendDue(index)
            return
        }
        let head = heads[slot]
        entries[Int(index)].previous = Self.none
        entries[Int(index)].next = head
        if head != Self.none { entries[Int(head)].previous = index }
        heads[slot] = index
        occupied[slot >> 6] |= 1 << UInt64(slot & 63)
    }

    /// Due entries queue up in the order in which their ticks came.
    private mutating func appendDue(_ index: Int32) {
        entries[Int(index)].previous = dueTail
        entries[Int(index)].next = Self.none
        if dueTail == Self.none { heads[Self.dueSlot] = index } else { entries[Int(dueTail)].next = index }
        dueTail = index
    }

    private mutating func unlink(_ index: Int32) {
        let entry = entries[Int(index)]
        let slot = Int(entry.slot)
        if entry.previous == Self.none {
            heads[slot] = entry.next
            if entry.next == Self.none, slot != Self.dueSlot { occupied[slot >> 6] &= ~(1 << UInt64(slot & 63)) }
        } else {
            entries[Int(entry.previous)].next = entry.next
        }
        if entry.next != Self.none {
            entries[Int(entry.next)].previous = entry.previous
        } else if slot == Self.dueSlot {
            dueTail = entry.previous
        }
    }

    private mutating func release(_ index: Int32) -> Payload? {
        let payload = entries[Int(index)].payload
        entries[Int(index)].payload = nil
        entries[Int(index)].generation &+= 1
        free.append(index)
        count -= 1
        return payload
    }
}
