import Foundation
import Streaming
import Testing

@testable import Benchmarks

@Suite struct StreamReadingTests {
    private static let stamp = "@0000000000000000100"

    /// Reads a stream whose bytes all arrive at 350 ns.
    private func read(_ format: WireFormat, _ text: String) throws -> (reading: StreamReading, tokens: [StreamReading.Token]) {
        var reading = StreamReading(format)
        var tokens: [StreamReading.Token] = []
        var parser = SSEParser()
        try Array(text.utf8).withUnsafeBytes { bytes in
            try parser.parse(bytes) { event, _ in
                if let token = reading.take(event, now: 350) { tokens.append(token) }
            }
        }
        return (reading, tokens)
    }

    @Test(arguments: [
        (WireFormat.chat, "data: {\"choices\":[{\"delta\":{\"content\":\"%@\"}}]}\n\n", "data: [DONE]\n\n"),
        (.responses, "event: response.output_text.delta\ndata: {\"delta\":\"%@\"}\n\n", "event: response.completed\ndata: {}\n\n"),
        (.messages, "event: content_block_delta\ndata: {\"delta\":{\"text\":\"%@\"}}\n\n", "event: message_stop\ndata: {}\n\n"),
        (
            .gemini, "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"%@\"}]}}]}\n\n",
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}]},\"finishReason\":\"STOP\"}]}\n\n"
        ),
    ])
    func aFormatHasItsTokensAndItsEndMark(_ format: WireFormat, _ token: String, _ end: String) throws {
        let stamped = token.replacing("%@", with: Self.stamp)
        let open = try read(format, stamped + stamped)
        #expect(!open.reading.isComplete)
        #expect(open.tokens.map(\.delay) == [250, 250])
        #expect(open.tokens.map(\.gap) == [nil, 0])
        let whole = try read(format, stamped + end)
        #expect(whole.reading.isComplete)
        #expect(!whole.reading.isFailed)
        #expect(whole.reading.events == 2)
        #expect(whole.tokens.count == 1, "the end is no token")

        let unstamped = try read(format, token.replacing("%@", with: "hello") + end)
        #expect(unstamped.reading.isComplete)
        #expect(unstamped.tokens.first?.delay == .some(nil))
    }

    @Test func aTextThatSpeaksOfTheEndIsNotTheEnd() throws {
        let text = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\\\"finishReason\\\" \(Self.stamp)\"}]}}]}\n\n"
        #expect(try !read(.gemini, text).reading.isComplete)
        #expect(try !read(.chat, "data: {\"choices\":[{\"delta\":{\"content\":\"[DONE]\"}}]}\n\n").reading.isComplete)
        #expect(try !read(.messages, "data: message_stop\n\n").reading.isComplete)
    }

    @Test func errorEventsAreSeen() throws {
        #expect(try read(.chat, "data: {\"error\":{\"message\":\"overloaded\"}}\n\n").reading.isFailed)
        #expect(try read(.messages, "event: error\ndata: {\"type\":\"error\"}\n\n").reading.isFailed)
        #expect(try read(.responses, "event: response.failed\ndata: {}\n\n").reading.isFailed)
        #expect(try read(.gemini, "data: {\"error\":{\"code\":503}}\n\n").reading.isFailed)
    }

    @Test(arguments: WireFormat.allCases, [true, false])
    func requestsAreJSONOfTheWantedSize(_ format: WireFormat, _ isStreaming: Bool) throws {
        for size in [1_000, 1_024, 51_200] {
            let body = format.requestBody(model: "a \"model\"", isStreaming: isStreaming, bodyBytes: size)
            #expect(body.utf8.count == size)
            let object = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
            guard format != .gemini else { continue }
            #expect(object["model"] as? String == "a \"model\"")
            #expect(object["stream"] as? Bool == isStreaming)
        }
        #expect(try JSONSerialization.jsonObject(with: Data(format.requestBody(model: "m", isStreaming: true, bodyBytes: 0).utf8)) is [String: Any])
    }

    @Test func keysTravelWhereTheFormatWantsThem() {
        #expect(WireFormat.chat.requestFields(apiKey: "k").contains("authorization: Bearer k\r\n"))
        #expect(WireFormat.responses.requestFields(apiKey: "k").contains("authorization: Bearer k\r\n"))
        #expect(WireFormat.messages.requestFields(apiKey: "k").contains("x-api-key: k\r\n"))
        #expect(WireFormat.gemini.requestFields(apiKey: "k").contains("x-goog-api-key: k\r\n"))
        for format in WireFormat.allCases { #expect(!format.requestFields(apiKey: nil).contains("key")) }
    }

    @Test func processesAreReadFromTheirTexts() throws {
        let stat = "42 (a ) name) S 1 42 42 0 -1 4194304 100 0 0 0 250 150 0 0 20 0 1 0 100 1000 200"
        let status = "Name:\ta\nVmRSS:\t   2048 kB\nRssAnon:\t    1024 kB\nRssFile:\t 1 kB\n"
        let figures = try #require(ProcessFigures(pid: 42, stat: stat, status: status, ticksPerSecond: 100))
        #expect(figures.processorSeconds == 4)
        #expect(figures.rssKiB == 2_048)
        #expect(figures.anonymousKiB == 1_024)
        #expect(ProcessFigures(pid: 42, stat: "", status: status) == nil)
        #expect(ProcessFigures(pid: 42, stat: "42 (a) S 1", status: status) == nil)
    }
}
