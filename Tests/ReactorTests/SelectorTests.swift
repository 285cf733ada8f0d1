import Glibc
import Testing

@testable import Reactor

extension ReactorSuite {
    @Suite struct SelectorTests {
        private final class Recorder: ReadinessHandler {
            var events: [Readiness] = []
            var action: () -> Void = {}

            func becameReady(_ readiness: Readiness) {
                events.append(readiness)
                action()
            }
        }

        /// Two events are fetched; the first one's handler closes the other descriptor, and a new connection takes over
        /// its number and its slot before the second event is looked at.
        @Test func staleEventDoesNotReachAReusedDescriptor() throws {
            let selector = try Selector()
            let pairs = [try unixPair(), try unixPair()]
            let fresh = try unixPair()
            let handlers = [Recorder(), Recorder()]
            let newcomer = Recorder()
            var tokens: [Selector.Token] = []
            for index in 0..<2 { tokens.append(try selector.add(pairs[index].ours, handlers[index])) }
            var replaced: Int?
            for index in 0..<2 {
                let other = 1 - index
                handlers[index].action = {
                    guard replaced == nil else { return }
                    replaced = other
                    selector.remove(pairs[other].ours, tokens[other])
                    #expect(dup2(fresh.ours, pairs[other].ours) == pairs[other].ours)
                    do { tokens[other] = try selector.add(pairs[other].ours, newcomer) } catch { Issue.record(error) }
                }
            }
            for pair in pairs { pair.peer.write("x") }
            let fetched = selector.wait(timeoutNanoseconds: 0)
            #expect(fetched == 2)
            selector.dispatch(fetched) {}
            let other = try #require(replaced)
            #expect(handlers[1 - other].events.count == 1)
            #expect(handlers[other].events.isEmpty)
            #expect(newcomer.events.isEmpty, "an event of the descriptor's last life")
            #expect(selector.count == 2)

            // The newcomer's own events do arrive.
            fresh.peer.write("y")
            selector.dispatch(selector.wait(timeoutNanoseconds: 0)) {}
            #expect(newcomer.events.contains { $0.contains(.readable) })
            for index in 0..<2 { selector.remove(pairs[index].ours, tokens[index]) }
            #expect(selector.count == 0)
            for pair in pairs + [fresh] {
                close(pair.ours)
                pair.peer.close()
            }
        }

        @Test func refusedDescriptorLeavesNoRegistration() throws {
            let selector = try Selector()
            #expect(throws: SystemError.self) { _ = try selector.add(-1, Recorder()) }
            #expect(selector.count == 0)
        }
    }
}
