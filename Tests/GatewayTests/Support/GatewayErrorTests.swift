import Dialects
import HTTP
import Reactor
import Store
import Testing

@testable import Gateway

@Suite struct GatewayErrorTests {
    struct Mapping: Sendable, CustomTestStringConvertible {
        var failure: UpstreamFailure.Kind
        var kind: ErrorKind
        var outcome: UsageRecord.Outcome
        var testDescription: String { "\(failure)" }
    }

    @Test(arguments: [
        Mapping(failure: .connect(.refused(111)), kind: .upstreamFailed, outcome: .error),
        Mapping(failure: .connect(.unresolved("no")), kind: .upstreamFailed, outcome: .error),
        Mapping(failure: .connect(.timedOut), kind: .timeout, outcome: .timeout),
        Mapping(failure: .timedOut(.connect), kind: .timeout, outcome: .timeout),
        Mapping(failure: .tls("bad certificate"), kind: .upstreamFailed, outcome: .error),
        Mapping(failure: .proxy(.connect(.refused(111))), kind: .upstreamFailed, outcome: .error),
        Mapping(failure: .proxy(.authenticationRequired), kind: .upstreamFailed, outcome: .error),
        Mapping(failure: .proxy(.socksRefused(.notAllowed)), kind: .upstreamFailed, outcome: .error),
        Mapping(failure: .poolExhausted, kind: .overloaded, outcome: .refused),
        Mapping(failure: .timedOut(.firstByte), kind: .timeout, outcome: .timeout),
        Mapping(failure: .timedOut(.idle), kind: .timeout, outcome: .timeout),
        Mapping(failure: .closedBeforeResponse, kind: .upstreamFailed, outcome: .error),
        Mapping(failure: .truncated, kind: .upstreamFailed, outcome: .truncated),
        Mapping(failure: .malformed("odd"), kind: .upstreamFailed, outcome: .error),
        Mapping(failure: .stopping, kind: .overloaded, outcome: .refused),
    ]) func tellsUpstreamFailures(_ mapping: Mapping) {
        for isBilled in [true, false] {
            let error = GatewayError(UpstreamFailure(mapping.failure, isPossiblyBilled: isBilled), provider: "mock")
            #expect(error.kind == mapping.kind)
            // A stream that the stop cut short was not turned away.
            let wasRunning = mapping.failure == .stopping && isBilled
            #expect(error.outcome == (wasRunning ? .error : mapping.outcome))
            #expect(error.isAnswerable)
            // A request in line was never sent; an answer that began was.
            if mapping.failure != .poolExhausted, mapping.failure != .truncated {
                #expect(error.isPossiblyBilled == isBilled)
            }
            #expect(!error.label.isEmpty && !error.message.isEmpty)
            // What the provider or the system said stays in the log.
            #expect(!error.message.contains("odd") && !error.message.contains("certificate"))
        }
    }

    @Test func answersNobodyWhenTheClientLeft() {
        let error = GatewayError(UpstreamFailure(.clientGone, isPossiblyBilled: true), provider: "mock")
        #expect(!error.isAnswerable)
        #expect(error.outcome == .cancelled)
        #expect(error.isPossiblyBilled)
    }

    @Test func tellsBodiesThatCouldNotBeRead() {
        #expect(GatewayError(BodyFailure.refused(.bodyTooLarge)).kind == .requestTooLarge)
        #expect(GatewayError(BodyFailure.refused(.malformedChunk)).kind == .invalidRequest)
        #expect(GatewayError(BodyFailure.overloaded).retryAfterSeconds == 1)
        #expect(!GatewayError(BodyFailure.clientGone).isAnswerable)
    }
}
