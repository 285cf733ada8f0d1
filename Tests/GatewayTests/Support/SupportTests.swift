import CLinux
import Dispatch
import Foundation
import Logging
import Synchronization
import Testing
import TestSupport

@testable import Gateway

@Suite struct SupportTests {
    @Test(arguments: [
        ("abc", "abc"), ("a%2Fb", "a/b"), ("a%2fb", "a/b"), ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("a%20", "a "), ("a+b", "a+b"),
        ("%C3%BC", "ü"), ("%FF", "\u{FFFD}"), ("", ""), ("%2541", "%41"),
    ]) func decodesPercents(_ coded: String, _ plain: String) {
        #expect(withBytes(coded) { PercentCoding.decoded($0) } == plain)
    }

    @Test(arguments: [
        ("", [:]), ("a=1&b=2", ["a": "1", "b": "2"]), ("a=1&a=2", ["a": "1"]), ("a", ["a": ""]), ("a=b=c", ["a": "b=c"]),
        ("a+b=c+d", ["a b": "c d"]), ("&&a=1&", ["a": "1"]), ("%61=%26", ["a": "&"]),
    ] as [(String, [String: String])]) func readsParameters(_ query: String, _ parameters: [String: String]) {
        #expect(withBytes(query) { PercentCoding.parameters(of: $0) } == parameters)
    }

    @Test func boundsParameters() {
        let query = (0..<1_000).map { "p\($0)=1" }.joined(separator: "&")
        #expect(withBytes(query) { PercentCoding.parameters(of: $0).count } == 64)
    }

    @Test func makesIDsOfOneShape() {
        var generator = RequestIDGenerator()
        var other = RequestIDGenerator()
        let ids = (0..<10_000).map { _ in generator.next(atMilliseconds: 0) } + (0..<10_000).map { _ in other.next(atMilliseconds: 0) }
        #expect(Set(ids).count == ids.count)
        let digits = Set("0123456789abcdefghijklmnopqrstuv")
        #expect(ids.allSatisfy { $0.utf8.count == 28 && $0.hasPrefix("req_000000000") && $0.dropFirst(4).allSatisfy(digits.contains) })
        // Each digit of the sequence takes every value, so that none stands still.
        for place in 13..<25 { #expect(Set(ids.map { Array($0.utf8)[place] }).count == 32) }
    }

    @Test func makesIDsInTheOrderOfTime() {
        var generator = RequestIDGenerator()
        let times: [Int64] = [0, 1, 31, 32, 1_023, 1_024, 1_764_061_200_123, 1_764_061_200_124, 1_764_061_299_999, (1 << 45) - 1]
        let ids = times.map { generator.next(atMilliseconds: $0) }
        #expect(ids == ids.sorted())
        #expect(ids.last?.hasPrefix("req_vvvvvvvvv") == true)
        // Times that no clock shows make ids all the same.
        for time in [-1, .min, .max, 1 << 45] as [Int64] { #expect(generator.next(atMilliseconds: time).utf8.count == 28) }
    }

    @Test(arguments: [1, 8, ControlQueue.depthMax]) func boundsTheControlQueue(depthMax: Int) {
        let queue = ControlQueue(label: "test", depthMax: depthMax)
        let gate = DispatchSemaphore(value: 0)
        let done = DispatchSemaphore(value: 0)
        let ran = Atomic(0)
        var accepted = 0
        for _ in 0..<(depthMax + 50) {
            let isAccepted = queue.run {
                gate.wait()
                ran.add(1, ordering: .relaxed)
                done.signal()
            }
            if isAccepted { accepted += 1 }
        }
        #expect(accepted == depthMax)
        for _ in 0..<accepted { gate.signal() }
        for _ in 0..<accepted { #expect(done.wait(timeout: .now() + 10) == .success) }
        #expect(ran.load(ordering: .relaxed) == accepted)
        // The last one's place is free as soon as it has returned.
        let clock = ContinuousClock()
        let end = clock.now + .seconds(10)
        var isAccepted = queue.run {}
        while !isAccepted, clock.now < end { isAccepted = queue.run {} }
        #expect(isAccepted)
    }

    @Test(arguments: ["a", "A-1._:", String(repeating: "x", count: 128)]) func echoesSaneIDs(_ id: String) {
        #expect(ClientRequestID.of(head("GET / HTTP/1.1", "X-Request-ID: \(id)")) == id)
    }

    @Test(arguments: ["", "a b", "a\"b", "<b>", "ü", String(repeating: "x", count: 129)]) func echoesNoOthers(_ id: String) {
        #expect(ClientRequestID.of(head("GET / HTTP/1.1", "X-Request-ID: \(id)")) == nil)
        #expect(ClientRequestID.of(head()) == nil)
    }

    @Test func forbidsCoreDumps() {
        #expect(CoreDumps.forbid())
        var limit = rlimit()
        #expect(getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0)
        #expect(limit.rlim_cur == 0 && limit.rlim_max == 0)
        #expect(ekai_get_dumpable() == 0)
        // The tests themselves may be looked into.
        #expect(ekai_set_dumpable(1) == 0)
        #expect(ekai_get_dumpable() == 1)
    }
}
