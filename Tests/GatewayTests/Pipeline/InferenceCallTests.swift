import Dialects
import Routing
import Store
import Testing

@testable import Gateway

/// The row that a call becomes: tokens as told or estimated, and what they cost as far as anyone knows.
@Suite struct InferenceCallTests {
    private static func call(price: Routing.ModelPrice?, _ answer: ObservedAnswer) -> InferenceCall {
        let call = InferenceCall(requestID: "req_1", route: InferenceRoute(.messages), startedNanoseconds: 1_000_000, startedMilliseconds: 0)
        call.bodyBytes = 401
        call.provider = "mock"
        call.attempts = 1
        call.target = Routing.ModelTarget(
            providerIndex: 0, provider: "mock", dialects: [.messages], upstreamModel: "up", price: price, contextTokens: nil)
        call.answer = answer
        return call
    }

    private static let price = Routing.ModelPrice(base: .init(input: 3, output: 5, cacheRead: 1, cacheWrite5m: 7, cacheWrite1h: 11))

    private static var final: ObservedAnswer {
        var usage = TokenUsage()
        usage.input = 10
        usage.cacheRead = 20
        usage.cacheWrite5Minutes = 30
        usage.cacheWrite1Hour = 40
        usage.output = 50
        usage.reasoning = 8
        var answer = ObservedAnswer()
        answer.usage = usage
        answer.usageIsFinal = true
        answer.responseID = "msg_1"
        return answer
    }

    private static func record(_ call: InferenceCall, _ outcome: UsageRecord.Outcome = .ok, isBilled: Bool = false) -> UsageRecord {
        call.record(outcome: outcome, errorKind: nil, isPossiblyBilled: isBilled, nowNanoseconds: 6_000_000)
    }

    @Test func pricesWhatTheProviderTold() {
        let record = Self.record(Self.call(price: Self.price, Self.final))
        #expect(record.totalTokens == 150)
        #expect(record.cacheWriteTokens == 70 && record.cacheWrite1hTokens == 40)
        #expect(record.reasoningTokens == 8)
        #expect(record.inputCostPico == 30 && record.cacheReadCostPico == 20 && record.outputCostPico == 250)
        #expect(record.cacheWriteCostPico == Int64(30 * 7 + 40 * 11))
        #expect(record.totalCostPico == Int64(30 + 20 + 250 + 650))
        #expect(record.isCostKnown && !record.isUsageEstimated)
        #expect(record.latencyMicroseconds == 5_000)
        #expect(record.upstreamModel == "up" && record.upstreamRequestID == "msg_1" && record.endpoint == "/v1/messages")
    }

    @Test func leavesAnUnknownPriceUnknown() {
        let record = Self.record(Self.call(price: nil, Self.final))
        #expect(record.totalTokens == 150)
        #expect(record.totalCostPico == nil && record.inputCostPico == nil)
        #expect(!record.isCostKnown)
    }

    @Test func letsTheProvidersOwnPriceWin() {
        var answer = Self.final
        answer.usage?.reportedCostPicodollars = 123
        #expect(Self.record(Self.call(price: nil, answer)).totalCostPico == 123)
        #expect(Self.record(Self.call(price: Self.price, answer)).totalCostPico == 123)
    }

    @Test func estimatesAnAnswerThatBrokeOff() {
        var answer = ObservedAnswer()
        answer.contentEvents = 3
        answer.contentTextBytes = 41
        let record = Self.record(Self.call(price: Self.price, answer), .cancelled, isBilled: true)
        #expect(record.isUsageEstimated)
        #expect(record.inputTokens == 101 && record.outputTokens == 11)
        #expect(record.totalCostPico == Int64(101 * 3 + 11 * 5))
        #expect(record.isPossiblyBilled)
    }

    @Test func chargesNothingForAnAttemptOfWhichNothingCame() {
        let free = Self.record(Self.call(price: Self.price, ObservedAnswer()), .error)
        #expect(free.totalCostPico == 0 && free.isCostKnown && free.totalTokens == 0)
        let unknown = Self.record(Self.call(price: Self.price, ObservedAnswer()), .error, isBilled: true)
        #expect(unknown.totalCostPico == nil && !unknown.isCostKnown)
    }
}
