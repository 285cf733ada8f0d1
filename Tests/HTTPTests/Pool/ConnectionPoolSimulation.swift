import HTTP
import Testing

/// Random life of a pool beside a plain model of it: never above the maximum, never one connection to two, no waiter lost, none
/// served out of turn.
@Suite struct ConnectionPoolSimulation {
    private struct World {
        let max = 4
        let origins = (0..<3).map { Origin(scheme: .http, host: "host\($0)", port: 80) }
        var pool: ConnectionPool
        var now: Int64 = 0
        var originOf: [Int: Origin] = [:]
        var leased: Set<Int> = []
        var idle: Set<Int> = []
        var waiting: [Origin: [Int]] = [:]
        var nextWaiter = 0
        var granted = 0
        var evicted = 0

        init() {
            var limits = ConnectionPoolLimits()
            limits.connectionsPerOriginMax = max
            limits.idlePerOriginMax = 2
            limits.waitersPerOriginMax = 5
            limits.idleNanosecondsMax = 20
            pool = ConnectionPool(limits: limits)
        }

        mutating func take(_ lease: ConnectionPool.Lease, _ origin: Origin, waiter: Int) {
            switch lease {
            case .connect(let id):
                #expect(originOf[id] == nil, "a number is given out once")
                originOf[id] = origin
                leased.insert(id)
            case .reuse(let id):
                #expect(originOf[id] == origin, "a connection serves its own origin")
                #expect(leased.insert(id).inserted, "a connection has one lease")
                idle.remove(id)
            case .wait: waiting[origin, default: []].append(waiter)
            case .refused: #expect(waiting[origin, default: []].count == 5)
            }
        }

        mutating func take(_ grant: ConnectionPool.Grant?, _ origin: Origin) {
            guard let grant else {
                #expect(waiting[origin, default: []].isEmpty, "a free slot goes to whoever waits")
                return
            }
            granted += 1
            #expect(waiting[origin]?.first == grant.waiter, "first come, first served")
            waiting[origin]?.removeFirst()
            take(grant.lease, origin, waiter: grant.waiter)
        }

        mutating func remove(_ id: Int) {
            #expect(originOf.removeValue(forKey: id) != nil, "only a living connection is closed")
            leased.remove(id)
            idle.remove(id)
        }

        mutating func lease(using generator: inout SeededGenerator) {
            guard let origin = origins.randomElement(using: &generator) else { return }
            nextWaiter += 1
            var closed: [Int] = []
            let lease = pool.lease(origin, waiter: nextWaiter, now: now) { closed.append($0) }
            for id in closed { remove(id) }
            evicted += closed.count
            take(lease, origin, waiter: nextWaiter)
        }

        mutating func giveBack(using generator: inout SeededGenerator) {
            guard let id = leased.sorted().randomElement(using: &generator), let origin = originOf[id] else { return }
            let isReusable = Int.random(in: 0..<4, using: &generator) > 0
            leased.remove(id)
            switch pool.giveBack(id, isReusable: isReusable, now: now) {
            case .keep:
                #expect(isReusable && waiting[origin, default: []].isEmpty)
                idle.insert(id)
            case .close(let other):
                if other != id {
                    #expect(idle.contains(other) && originOf[other] == origin)
                    idle.insert(id)
                }
                #expect(waiting[origin, default: []].isEmpty)
                remove(other)
            case .grant(let grant):
                #expect(isReusable && grant.lease == .reuse(id))
                take(grant, origin)
            case .closeAndGrant(let other, let grant):
                #expect(!isReusable && other == id)
                remove(id)
                take(grant, origin)
            }
        }

        mutating func close(using generator: inout SeededGenerator) {
            guard let id = originOf.keys.sorted().randomElement(using: &generator), let origin = originOf[id] else { return }
            remove(id)
            take(pool.closed(id), origin)
            #expect(pool.closed(id) == nil)
        }

        mutating func cancel(using generator: inout SeededGenerator) {
            guard let origin = origins.randomElement(using: &generator),
                let waiter = waiting[origin]?.randomElement(using: &generator)
            else { return }
            #expect(pool.cancel(waiter: waiter, for: origin) == true)
            waiting[origin]?.removeAll { $0 == waiter }
        }

        mutating func evict() {
            var closed: [Int] = []
            let next = pool.evictIdle(now: now) { closed.append($0) }
            for id in closed { remove(id) }
            evicted += closed.count
            #expect((next == nil) == idle.isEmpty)
            if let next { #expect(next > now && next <= now + 20) }
        }

        func check(_ step: Int) {
            #expect(pool.leasedCount == leased.count, "step \(step)")
            #expect(pool.idleCount == idle.count, "step \(step)")
            #expect(pool.waiterCount == waiting.values.reduce(0) { $0 + $1.count }, "step \(step)")
            for origin in origins {
                let count = originOf.values.filter { $0 == origin }.count
                #expect(count <= max, "step \(step)")
                if count < max { #expect(waiting[origin, default: []].isEmpty, "step \(step)") }
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func invariantsHold(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var world = World()
        for step in 0..<3_000 {
            world.now += Int64.random(in: 0...6, using: &generator)
            switch Int.random(in: 0..<16, using: &generator) {
            case 0..<8: world.lease(using: &generator)
            case 8..<13: world.giveBack(using: &generator)
            case 13: world.close(using: &generator)
            case 14: world.cancel(using: &generator)
            default: world.evict()
            }
            world.check(step)
        }
        while !world.leased.isEmpty { world.giveBack(using: &generator) }
        #expect(world.pool.waiterCount == 0, "everyone was served")
        #expect(world.granted > 100 && world.evicted > 10, "the run reached what it is about")
    }
}
