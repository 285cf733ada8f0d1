import Foundation
import Streaming
import Testing

@testable import Dialects

/// Requests of every dialect for providers of the others: what strict providers take, with everything in it that the client said.
@Suite struct RequestPairsTests {
    struct Recorded: Sendable, CustomTestStringConvertible {
        var id: String
        var dialect: Dialect
        var path: String
        var testDescription: String { id }

        func body() throws -> String? {
            guard let body = try parsed(Array(try Data(contentsOf: URL(fileURLWithPath: path))))["body"] as? [String: Any] else { return nil }
            return String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)
        }
    }

    static let recorded = CorpusRecord.all.compactMap { recorded in
        recorded.requestPath.map { Recorded(id: recorded.id, dialect: recorded.dialect, path: $0) }
    }

    /// The models that the there-and-back tests ask: they take everything.
    private static func target(_ dialect: Dialect) -> TranslationTarget {
        switch dialect {
        case .chat: TranslationTarget(dialect: .chat, model: "gpt-4.1")
        case .responses: TranslationTarget(dialect: .responses, model: "gpt-5.1")
        case .messages: TranslationTarget(dialect: .messages, model: "claude-sonnet-4-5", profile: .anthropic)
        case .gemini: TranslationTarget(dialect: .gemini, model: "gemini-3-flash-preview", profile: .google)
        }
    }

    private static let strictTargets =
        [
            target(.responses), target(.messages), target(.gemini), TranslationTarget(dialect: .responses, model: "gpt-4.1"),
            TranslationTarget(dialect: .messages, model: "claude-3-5-haiku-latest", profile: .anthropic),
            TranslationTarget(dialect: .messages, model: "claude-opus-5", profile: .anthropic),
            TranslationTarget(dialect: .gemini, model: "gemini-2.5-flash", profile: .google),
            TranslationTarget(dialect: .gemini, model: "gemini-2.0-flash", profile: .google),
        ] + ProviderProfile.allCases.map { TranslationTarget(dialect: .chat, model: $0 == .openAI ? "gpt-5.1" : "m", profile: $0) }

    private func faults(_ body: [String: Any], _ target: TranslationTarget) -> [String] {
        switch target.dialect {
        case .chat: chatRequestFaults(body, target.profile)
        case .responses: responsesRequestFaults(body)
        case .messages: requestViolations(body)
        case .gemini: geminiRequestFaults(body)
        }
    }

    // MARK: Own requests

    /// Nothing is refused, nothing is lost.
    @Test(arguments: DialectPair.all) func ownRequests(_ pair: DialectPair) throws {
        // A pair's client is who asks.
        let json = String(decoding: try PairFixtures.bytes("\(pair.client)-request.json"), as: UTF8.self)
        for target in Self.strictTargets where target.dialect == pair.provider {
            let translated = try TranslatedRequest(json, from: pair.client, to: target, plan: pairPlan())
            #expect(faults(translated.body, target) == [], "\(target.model) \(target.profile)")
        }
        #expect(try losses(json, pair) == [])
        let digest = try RequestDigest(json, pair.client)
        #expect(digest.calls.count == 2 && digest.results.count == 2 && digest.images.count == 1 && digest.tools.count == 2 && !digest.system.isEmpty)
    }

    /// What went to the provider comes back as a request of the client's dialect, as if the provider's dialect had been a client's.
    private func losses(_ json: String, _ pair: DialectPair) throws -> [String] {
        let there = try TranslatedRequest(json, from: pair.client, to: Self.target(pair.provider), plan: pairPlan())
        let back = try TranslatedRequest(there.text, from: pair.provider, to: Self.target(pair.client), plan: pairPlan())
        return try RequestDigest(json, pair.client).losses(in: RequestDigest(back.text, pair.client), renamed: there.plan.renamedTools)
    }

    // MARK: Recorded requests

    @Test(.enabled(if: !recorded.isEmpty), arguments: recorded) func recordedRequests(_ recorded: Recorded) throws {
        guard let json = try recorded.body() else { return }
        for target in Self.strictTargets where target.dialect != recorded.dialect {
            do throws(RequestProblem) {
                let text = try Self.translated(json, recorded.dialect, target)
                let body = try? parsed(Array(text.utf8))
                let faults = body.map { self.faults($0, target) } ?? ["no JSON: \(text)"]
                #expect(faults == [], "\(recorded.id) to \(target.model) \(target.profile)")
            } catch {
                // Refused by the client's own dialect, or not to be had elsewhere.
                #expect(Self.isExpected(error), "\(recorded.id) to \(target.model) \(target.profile): \(error.message)")
            }
        }
    }

    @Test(.enabled(if: !recorded.isEmpty), arguments: recorded) func recordedRequestsThereAndBack(_ recorded: Recorded) throws {
        guard let json = try recorded.body() else { return }
        for provider in Dialect.allCases where provider != recorded.dialect {
            do {
                let losses = try losses(json, DialectPair(provider: provider, client: recorded.dialect))
                #expect(losses == [], "\(recorded.id) by way of \(provider)")
            } catch let problem as RequestProblem {
                #expect(Self.isExpected(problem), "\(recorded.id) by way of \(provider): \(problem.message)")
            }
        }
    }

    /// Most of what clients really ask can be had from every provider: else the tests above would say little.
    @Test(.enabled(if: !recorded.isEmpty)) func fewRecordedRequestsAreRefused() throws {
        var taken = 0
        var refused: [String] = []
        for recorded in Self.recorded {
            guard let json = try recorded.body() else { continue }
            for provider in Dialect.allCases where provider != recorded.dialect {
                do throws(RequestProblem) {
                    _ = try Self.translated(json, recorded.dialect, Self.target(provider))
                    taken += 1
                } catch {
                    refused.append("\(recorded.id) to \(provider): \(error.message)")
                }
            }
        }
        #expect(refused.count * 8 < taken, "\(taken) are taken, refused are: \(refused.joined(separator: "\n"))")
    }

    private static func translated(_ json: String, _ client: Dialect, _ target: TranslationTarget) throws(RequestProblem) -> String {
        let bytes = Array(json.utf8)
        return try bytes.withUnsafeBufferPointer { (bytes) throws(RequestProblem) in
            let translation = try RequestTranslation(
                UnsafeRawBufferPointer(bytes), dialect: client, target: target, plan: pairPlan(), tape: JSONTape(), reader: JSONReader())
            return String(decoding: translation.body, as: UTF8.self)
        }
    }

    private static func isExpected(_ problem: RequestProblem) -> Bool {
        switch problem {
        case .notTranslatable, .invalid, .missing: true
        default: false
        }
    }
}
