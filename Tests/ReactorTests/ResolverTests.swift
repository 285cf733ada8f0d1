import Dispatch
import Synchronization
import Testing

@testable import Reactor

extension ReactorSuite {
    @Suite struct ResolverTests {
        private typealias Answer = Result<[SocketAddress], ConnectFailure>
        private static let found = [SocketAddress(literal: "192.0.2.1", port: 0)!]

        /// A look-up that counts its calls and waits until it is let go.
        private final class LookUp: Sendable {
            let calls = Atomic(0)
            let gate = DispatchSemaphore(value: 0)
            let answer: SendableBox<Answer>

            init(_ answer: Answer) { self.answer = SendableBox(answer) }

            func callAsFunction(_ host: String) -> Answer {
                calls.add(1, ordering: .relaxed)
                gate.wait()
                return answer.get()
            }

            var count: Int { calls.load(ordering: .relaxed) }
        }

        private func resolver(_ lookUp: LookUp, lifetime: Int64 = .max / 2, failureLifetime: Int64 = .max / 2) -> Resolver {
            Resolver(lifetimeNanoseconds: lifetime, failureLifetimeNanoseconds: failureLifetime) { lookUp($0) }
        }

        @Test func literalsNeedNoLookUp() throws {
            try withSteppedLoop { loop in
                let lookUp = LookUp(.success([]))
                var answers: [Answer] = []
                for literal in ["127.0.0.1", "::1"] {
                    resolver(lookUp).resolve(literal, port: 80, on: loop) { answers.append($0) }
                }
                #expect(answers.map { try? $0.get().first?.description } == ["127.0.0.1:80", "[::1]:80"])
                #expect(lookUp.count == 0)
            }
        }

        @Test func askersOfOneNameShareALookUp() throws {
            try withSteppedLoop { loop in
                let lookUp = LookUp(.success(Self.found))
                let resolver = resolver(lookUp)
                var ports: [UInt16] = []
                for port in UInt16(1)...20 {
                    resolver.resolve("example.test", port: port, on: loop) {
                        ports.append((try? $0.get().first?.port) ?? 0)
                    }
                }
                #expect(ports.isEmpty)
                lookUp.gate.signal()
                #expect(loop.turns { ports.count == 20 })
                #expect(ports == Array(1...20), "each with its own port, in order")
                #expect(lookUp.count == 1)
                // And from now on at once.
                resolver.resolve("example.test", port: 99, on: loop) { ports.append((try? $0.get().first?.port) ?? 0) }
                #expect(ports.last == 99)
                #expect(lookUp.count == 1)
            }
        }

        @Test func answersExpire() throws {
            try withSteppedLoop { loop in
                let lookUp = LookUp(.success(Self.found))
                let resolver = resolver(lookUp, lifetime: 0)
                for expected in 1...3 {
                    var answered = false
                    lookUp.gate.signal()
                    resolver.resolve("example.test", port: 1, on: loop) { _ in answered = true }
                    #expect(loop.turns { answered })
                    #expect(lookUp.count == expected)
                }
            }
        }

        @Test func failuresAreToldAndBelievedForTheirOwnTime() throws {
            try withSteppedLoop { loop in
                let failure = ConnectFailure.unresolved("no such name")
                let lookUp = LookUp(.failure(failure))
                let resolver = resolver(lookUp, lifetime: 0)
                var answers: [Answer] = []
                lookUp.gate.signal()
                resolver.resolve("nowhere.test", port: 1, on: loop) { answers.append($0) }
                #expect(loop.turns { answers.count == 1 })
                resolver.resolve("nowhere.test", port: 1, on: loop) { answers.append($0) }
                #expect(answers == [.failure(failure), .failure(failure)])
                #expect(lookUp.count == 1)
            }
        }

        @Test func tooManyNamesAreRefusedAndThreadsBounded() throws {
            try withSteppedLoop { loop in
                let lookUp = LookUp(.success(Self.found))
                let resolver = resolver(lookUp)
                let threads = ReactorLimits.resolverThreadsMax
                var found = 0
                var refused = 0
                func ask(_ index: Int) {
                    resolver.resolve("host-\(index).test", port: 1, on: loop) {
                        if case .success = $0 { found += 1 } else { refused += 1 }
                    }
                }
                for index in 0..<threads { ask(index) }
                #expect(loop.turns { lookUp.count == threads }, "the helpers are busy")
                for index in 0..<ReactorLimits.resolverQueueMax { ask(threads + index) }
                #expect(refused == 0)
                ask(9_999)
                #expect(refused == 1)
                #expect(lookUp.count == threads, "no helper more than allowed")
                for _ in 0..<threads + ReactorLimits.resolverQueueMax { lookUp.gate.signal() }
                #expect(loop.turns { found == threads + ReactorLimits.resolverQueueMax })
            }
        }

        /// The completion, and all that hangs on it, is released on its loop, not on the helper's thread.
        @Test func completionDiesOnItsLoop() throws {
            final class Witness {
                let loop: EventLoop
                let diedInLoop: SendableBox<Bool?>
                init(_ loop: EventLoop, _ diedInLoop: SendableBox<Bool?>) {
                    self.loop = loop
                    self.diedInLoop = diedInLoop
                }
                deinit { diedInLoop.set(loop.isInLoop) }
            }
            try withSteppedLoop { loop in
                for _ in 0..<100 {
                    let lookUp = LookUp(.success(Self.found))
                    let diedInLoop = SendableBox<Bool?>(nil)
                    do {
                        let witness = Witness(loop, diedInLoop)
                        resolver(lookUp).resolve("example.test", port: 1, on: loop) { _ in _ = witness }
                    }
                    lookUp.gate.signal()
                    #expect(loop.turns { diedInLoop.get() != nil })
                    #expect(diedInLoop.get() == true)
                }
            }
        }

        @Test func systemLookUpKnowsThisMachine() throws {
            let addresses = try Resolver.systemLookUp("localhost").get()
            #expect(addresses.contains { $0.isLoopback })
        }
    }
}
