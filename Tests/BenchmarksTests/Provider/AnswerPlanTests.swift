import Testing

@testable import Benchmarks

@Suite struct AnswerPlanTests {
    private static let defaults = AnswerShape(
        tokens: 200, paceMilliseconds: 1, firstTokenDelayMilliseconds: 2, bytesPerToken: 32)

    private func plan(_ model: String) throws -> AnswerPlan { try AnswerPlan(model: model, defaults: Self.defaults) }

    @Test(arguments: ["bench", "gpt-4", "claude-sonnet-4-5", "benchmark-7", ""]) func otherNamesMeanTheDefaults(model: String) throws {
        #expect(try plan(model) == AnswerPlan(model: "bench", defaults: Self.defaults))
        #expect(try plan(model).shape == Self.defaults)
        #expect(try plan(model).fault == nil)
    }

    @Test func aNameSaysAsMuchAsItLikes() throws {
        var shape = Self.defaults
        shape.tokens = 7
        #expect(try plan("bench-7").shape == shape)
        shape.paceMilliseconds = 0
        #expect(try plan("bench-7-0").shape == shape)
        shape.firstTokenDelayMilliseconds = 250
        #expect(try plan("bench-7-0-250").shape == shape)
        shape.bytesPerToken = 64
        #expect(try plan("bench-7-0-250-64").shape == shape)
        #expect(try plan("openai/some/bench-7-0-250-64").shape == shape)
    }

    @Test(
        arguments: [
            "bench-", "bench-x", "bench--1", "bench-100000001", "bench-1-", "bench-1-3600001", "bench-1-1-x", "bench-1-1-1-19",
            "bench-1-1-1-1000001", "bench-1-1-1-32-1", "fault-", "fault-nothing", "fault-stall-", "fault-stall-x", "fault-stall--1",
            "fault-stall-100000000", "fault-error", "fault-reset",
        ])
    func namesLikeOursThatMeanNothingAreRefused(model: String) {
        #expect(throws: AnswerPlan.UnknownModel.self) { try plan(model) }
    }

    @Test(arguments: AnswerFault.Kind.allCases) func everyFaultHasItsName(kind: AnswerFault.Kind) throws {
        #expect(try plan("fault-\(kind.rawValue)").fault == AnswerFault(kind))
        #expect(try plan("gw/fault-\(kind.rawValue)-0").fault == AnswerFault(kind, tokensBefore: 0))
        #expect(try plan("fault-\(kind.rawValue)-12").fault == AnswerFault(kind, tokensBefore: 12))
    }

    @Test func anAnswerIsLongEnoughForItsFault() throws {
        #expect(try plan("fault-stall").shape.tokens == Self.defaults.tokens)
        #expect(try plan("fault-stall-200").shape.tokens == 201)
    }
}
