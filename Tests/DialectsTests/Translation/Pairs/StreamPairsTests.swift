import Foundation
import Streaming
import Testing

@testable import Dialects

/// Every provider's streams for every other client, however the network cuts them.
@Suite struct StreamPairsTests {
    /// How many places a recorded stream is cut at.
    private static let recordedCuts = 4
    /// Own streams break off at every such byte: the tests of cuts go through all of them.
    private static let breakStride = 3

    @Test func thereAreFixturesOfEveryDialect() {
        for dialect in Dialect.allCases { #expect(PairFixtures.answers(of: dialect).count == 5, "\(dialect)") }
    }

    // MARK: Own streams, cut everywhere

    @Test(arguments: DialectPair.all) func ownStreamsCutEverywhere(_ pair: DialectPair) throws {
        for name in PairFixtures.answers(of: pair.provider) where name.hasSuffix(".sse") {
            let bytes = try PairFixtures.bytes(name)
            let whole = try TranslatedStream([bytes[...]], pair)
            try check(whole, bytes, pair, name)
            #expect((whole.ending == .failed) == name.contains("failure"), "\(name)")
            let reader = JSONReader()
            var different: [Int] = []
            for cut in 1..<bytes.count {
                let twoPieces = try TranslatedStream([bytes[..<cut], bytes[cut...]], pair, reader: reader)
                if twoPieces.output != whole.output || twoPieces.ending != whole.ending || twoPieces.answer != whole.answer { different.append(cut) }
            }
            #expect(different == [], "\(name): cut at these places it is another stream")
            #expect(try TranslatedStream(bytes.indices.map { bytes[$0...$0] }, pair).output == whole.output, "\(name), byte by byte")
        }
    }

    /// The provider's connection breaks anywhere: the client has the beginning of what it would have got, no end mark, and reads the gateway's error.
    @Test(arguments: DialectPair.all) func ownStreamsBrokenOffEverywhere(_ pair: DialectPair) throws {
        for name in PairFixtures.answers(of: pair.provider) where name.hasSuffix(".sse") {
            let bytes = try PairFixtures.bytes(name)
            let whole = try TranslatedStream([bytes[...]], pair)
            let reader = JSONReader()
            for cut in stride(from: 0, to: bytes.count, by: Self.breakStride) {
                let broken = try TranslatedStream([bytes[..<cut]], pair, reader: reader)
                let beginning = broken.output[..<broken.countBeforeEnd]
                try #require(whole.output.starts(with: beginning), "\(name) up to \(cut): not the beginning of the whole")
                try #require((broken.ending == .complete) == broken.answer.isComplete)
                if broken.ending == .complete { continue }
                try #require(!broken.hasEndMark(pair.client), "\(name) up to \(cut): \(broken.text)")
                // A Gemini client's calls go out whole: what is committed may still wait.
                try #require(broken.isCommitted || broken.output.isEmpty)
                if !broken.output.isEmpty { try checkEnding(broken, pair.client, "\(name) up to \(cut)") }
            }
        }
    }

    /// A stream that ends before its last event is never whole.
    @Test(arguments: DialectPair.all) func theLastEventIsNeeded(_ pair: DialectPair) throws {
        for name in PairFixtures.answers(of: pair.provider) where name.hasSuffix(".sse") && !name.contains("failure") {
            let bytes = try PairFixtures.bytes(name)
            let text = String(decoding: bytes, as: UTF8.self)
            let blank = pair.provider == .gemini ? "\r\n\r\n" : "\n\n"
            let events = text.components(separatedBy: blank).filter { !$0.isEmpty }
            let short = Array((events.dropLast().joined(separator: blank) + blank).utf8)
            let broken = try TranslatedStream([short[...]], pair)
            #expect(broken.ending == .truncated, "\(name)")
            #expect(!broken.hasEndMark(pair.client), "\(name)")
        }
    }

    // MARK: Recorded streams

    private static let recorded = CorpusRecord.all.filter(\.isStream)

    @Test(.enabled(if: !recorded.isEmpty), arguments: recorded) func recordedStreams(_ recorded: CorpusRecord) throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: recorded.path)))
        for client in Dialect.allCases where client != recorded.dialect {
            let pair = DialectPair(provider: recorded.dialect, client: client)
            let whole = try TranslatedStream([bytes[...]], pair)
            try check(whole, bytes, pair, recorded.id)
            let stride = max(1, bytes.count / Self.recordedCuts)
            // Each pair is cut elsewhere.
            let offset = (client.rawValue.utf8.count * 37) % stride
            for cut in Swift.stride(from: offset, to: bytes.count, by: stride) {
                let cutStream = try TranslatedStream([bytes[..<cut], bytes[cut...]], pair)
                #expect(cutStream.output == whole.output, "\(recorded.id) to \(client), cut at \(cut)")
                let broken = try TranslatedStream([bytes[..<cut]], pair)
                #expect(whole.output.starts(with: broken.output[..<broken.countBeforeEnd]))
                if broken.ending == .complete { continue }
                #expect(!broken.hasEndMark(client), "\(recorded.id) to \(client), broken off at \(cut)")
                if !broken.output.isEmpty { try checkEnding(broken, client, recorded.id) }
            }
        }
    }

    // MARK: What must hold

    private func check(_ stream: TranslatedStream, _ bytes: [UInt8], _ pair: DialectPair, _ name: String) throws {
        let digest = try AnswerDigest(bytes, pair.provider, isStream: true)
        #expect((stream.ending == .complete) == digest.isComplete, "\(name)")
        #expect((stream.ending == .failed) == digest.hasFailed, "\(name)")
        guard stream.ending == .complete else {
            #expect(!stream.hasEndMark(pair.client), "\(name)")
            if !stream.output.isEmpty { try checkEnding(stream, pair.client, name) }
            return
        }
        let found = try ClientReading(stream: stream.text, pair.client).differences(from: digest, pair.client)
        #expect(found == [], "\(name) to \(pair.client)")
    }

    /// The gateway's error behind a stream that broke off is read by a client of the dialect, and goes on from where the stream stands.
    private func checkEnding(_ stream: TranslatedStream, _ client: Dialect, _ name: String) throws {
        let error = ErrorBody(dialect: client, kind: .upstreamFailed, message: "The answer broke off.", requestID: "req_1")
        let ending = String(decoding: error.streamEnding(at: stream.position), as: UTF8.self)
        let blank = client == .gemini ? "\r\n\r\n" : "\n\n"
        try #require(stream.text.hasSuffix(blank), "\(name): an event is open")
        let events = ending.components(separatedBy: "\n\n").filter { !$0.isEmpty }
        let last = try #require(events.first?.components(separatedBy: "\n").last)
        let data = try parsed(Array(last.dropFirst(6).utf8))
        #expect(data["error"] is [String: Any])
        switch client {
        case .chat, .gemini: #expect(events.count == 1 && events[0].hasPrefix("data: {"))
        case .messages:
            #expect(events.count == 1 && events[0].hasPrefix("event: error\n"))
            #expect(MessagesInvariants(stream.text, isWhole: false).violations == [], "\(name)")
        case .responses:
            let read = ResponsesInvariants(stream.text, isCutShort: true)
            #expect(read.violations == [], "\(name)")
            let failed = try parsed(Array(try #require(events.last?.components(separatedBy: "\n").last).dropFirst(6).utf8))
            #expect(data.text("type") == "error" && failed.text("type") == "response.failed" && events.count == 2)
            #expect(data["sequence_number"] as? Int == read.types.count && failed["sequence_number"] as? Int == read.types.count + 1, "\(name)")
            let created = try #require(stream.text.components(separatedBy: "\n").dropFirst().first)
            let response = try parsed(Array(created.dropFirst(6).utf8))
            for path in ["response.id", "response.model"] { #expect(failed.text(path) == response.text(path), "\(name)") }
            #expect(failed.text("response.status") == "failed" && failed.text("response.error.message") == "The answer broke off.")
        }
    }
}
