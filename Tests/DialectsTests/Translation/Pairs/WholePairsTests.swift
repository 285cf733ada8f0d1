import Foundation
import Streaming
import Testing

@testable import Dialects

/// Answers that come as one document, or go out as one.
@Suite struct WholePairsTests {
    @Test(arguments: DialectPair.all) func ownAnswers(_ pair: DialectPair) throws {
        for name in PairFixtures.answers(of: pair.provider) {
            try check(try PairFixtures.bytes(name), isStream: name.hasSuffix(".sse"), pair, name)
        }
    }

    private static let recorded = CorpusRecord.all.filter { $0.status == 200 }

    @Test(.enabled(if: !recorded.isEmpty), arguments: recorded) func recordedAnswers(_ recorded: CorpusRecord) throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: recorded.path)))
        for client in Dialect.allCases where client != recorded.dialect {
            try check(bytes, isStream: recorded.isStream, DialectPair(provider: recorded.dialect, client: client), recorded.id)
        }
    }

    /// A document that is cut short, or is an error, is never an answer.
    @Test(arguments: DialectPair.all) func whatIsNoAnswer(_ pair: DialectPair) throws {
        let bytes = try PairFixtures.bytes("\(pair.provider)-answer.json")
        let error = Array(#"{"error":{"message":"Engine lost","code":502}}"#.utf8)
        for body in (0..<bytes.count - 2).map({ Array(bytes[..<$0]) }) + [error, Array("{}".utf8), Array("[]".utf8), Array("null".utf8)] {
            for isStreaming in [true, false] {
                let whole = gathered(body, isStream: false, pair, plan: pairPlan(isStreaming: isStreaming))
                try #require(!whole.isComplete && (try? parsed(Array(whole.text.utf8))) == nil, "\(pair.testDescription): \(String(decoding: body, as: UTF8.self))")
            }
        }
    }

    /// The same answer, as a document and as a stream.
    private func check(_ bytes: [UInt8], isStream: Bool, _ pair: DialectPair, _ name: String) throws {
        let digest = try AnswerDigest(bytes, pair.provider, isStream: isStream)
        let document = gathered(bytes, isStream: isStream, pair, plan: pairPlan(isStreaming: false))
        let stream = gathered(bytes, isStream: isStream, pair, plan: pairPlan())
        #expect(document.isComplete == digest.isComplete && stream.isComplete == digest.isComplete, "\(name)")
        guard digest.isComplete else {
            #expect((try? parsed(Array(document.text.utf8))) == nil, "\(name): a document that is not whole")
            return
        }
        let inDocument = try ClientReading(document: document.text, pair.client).differences(from: digest, pair.client)
        #expect(inDocument == [], "\(name) as a document to \(pair.client)")
        let inStream = try ClientReading(stream: stream.text, pair.client).differences(from: digest, pair.client)
        #expect(inStream == [], "\(name) as a stream to \(pair.client)")
    }
}
