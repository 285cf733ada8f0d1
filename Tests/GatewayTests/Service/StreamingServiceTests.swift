import Testing
import TestSupport

@testable import Gateway

/// Streams through a whole gateway: provider, gateway and client in one process, over real sockets.
@Suite struct StreamingServiceTests {
    @Test(arguments: StreamSample.all) func passesAStreamOnByteForByteWhereverItIsCut(_ sample: StreamSample) throws {
        let rig = try GatewayRig()
        let client = try rig.connect()
        let probe = try rig.connect()
        let bytes = Array(sample.stream.utf8)
        var upstream: RawSocket?
        for cut in 0..<bytes.count {
            try client.post(sample.path, sample.request)
            let provider = try upstream ?? rig.provider.accept()
            upstream = provider
            #expect(try provider.readRequest().text == sample.request)
            try provider.sendStreamHead(bytes.count)
            try provider.send(Array(bytes[..<cut]))
            try rig.settle(probe)
            try provider.send(Array(bytes[cut...]))
            let answer = try client.readResponse()
            #expect(answer.status == 200)
            #expect(answer["content-type"] == "text/event-stream")
            #expect(answer["x-ekai-provider"] == "mock")
            #expect(answer.body == bytes, "cut at \(cut)")
        }
        #expect(rig.provider.isQuiet)
        let books = try rig.books()
        #expect(books.contains("\"totalRequests\":\(bytes.count)"))
        #expect(books.contains("\"totalTokens\":\(bytes.count * 12)"))
    }

    @Test func asksForTheUsageAndHidesIt() throws {
        let rig = try GatewayRig()
        let client = try rig.connect()
        try client.post("/v1/chat/completions", #"{"model":"priced","stream":true,"messages":[]}"#)
        let provider = try rig.provider.accept()
        let request = try provider.readRequest()
        #expect(
            request.text == #"{"model":"priced-upstream","stream":true,"stream_options":{"include_usage":true},"messages":[]}"#)
        let stream = StreamSample.chat.stream
        try provider.sendStreamHead(stream.utf8.count)
        try provider.send(stream)
        let shown = stream.split(separator: "\n\n").filter { !$0.contains("usage") }.map { $0 + "\n\n" }.joined()
        let answer = try client.readResponse()
        #expect(answer.text == shown)
        #expect(answer["x-ekai-model"] == "priced-upstream")
        let books = try rig.books()
        #expect(books.contains(#""input_tokens":7"#) && books.contains(#""output_tokens":5"#))
        #expect(books.contains(#""model":"priced""#))
    }

    @Test(arguments: StreamSample.all) func endsABrokenStreamWithOneError(_ sample: StreamSample) throws {
        let rig = try GatewayRig()
        let client = try rig.connect()
        try client.post(sample.path, sample.request)
        let provider = try rig.provider.accept()
        _ = try provider.readRequest()
        try provider.sendStreamHead(sample.stream.utf8.count)
        let seen = sample.eventsThroughContent
        try provider.send(seen)
        provider.close()
        let answer = try client.readResponse()
        #expect(answer.isWhole)
        #expect(answer.text.hasPrefix(seen))
        #expect(answer.text.components(separatedBy: sample.errorMark) == 2, "\(answer.text)")
        #expect(!answer.text.contains("[DONE]") && !answer.text.contains("message_stop") && !answer.text.contains("response.completed\"") && !answer.text.contains("STOP"))
        #expect(try rig.books().contains("truncated"))
    }

    @Test(arguments: StreamSample.all) func answersABreakBeforeContentWithAStatus(_ sample: StreamSample) throws {
        let rig = try GatewayRig()
        let client = try rig.connect()
        try client.post(sample.path, sample.request)
        let provider = try rig.provider.accept()
        _ = try provider.readRequest()
        try provider.sendStreamHead(1_000)
        try provider.send(String(sample.stream.prefix { $0 != "\n" }) + "\n")
        provider.close()
        let answer = try client.readResponse()
        #expect(answer.status == 502)
        #expect(answer["content-type"] == "application/json")
        #expect(answer.text.contains(sample.dialect == .gemini ? #""status":"INTERNAL""# : "api_error"))
    }

    @Test func passesOnAnErrorInsideTheStreamBeforeContent() throws {
        let rig = try GatewayRig()
        let client = try rig.connect()
        try client.post("/v1/messages", StreamSample.messages.request)
        let provider = try rig.provider.accept()
        _ = try provider.readRequest()
        let stream = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n"
        try provider.sendStreamHead(stream.utf8.count)
        try provider.send(stream)
        let answer = try client.readResponse()
        #expect(answer.text == stream)
        #expect(try rig.books().contains("\"totalTokens\":0"))
    }

    @Test func showsLifeAtEventBoundariesOnly() throws {
        let rig = try GatewayRig(server: ", heartbeat: 1s")
        let client = try rig.connect()
        let probe = try rig.connect()
        try client.post("/v1/chat/completions", StreamSample.chat.request)
        let provider = try rig.provider.accept()
        _ = try provider.readRequest()
        let stream = StreamSample.chat.stream
        let middle = stream.utf8.index(stream.utf8.startIndex, offsetBy: 200)
        try provider.sendStreamHead(stream.utf8.count)
        // Silence first, at a boundary; then a pause inside an event.
        #expect(try client.readHead().status == 200)
        let comment = try client.read(through: "\n\n")
        #expect(comment.contains(":") && !comment.contains("data"))
        try provider.send(String(stream[..<middle]))
        try rig.settle(probe)
        try provider.send(String(stream[middle...]))
        let rest = try client.read(through: "0\r\n\r\n")
        let payload = rest.split(separator: "\r\n").enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
        #expect(!payload.joined().contains("\n:") && !payload.joined().hasPrefix(":"))
        #expect(payload.joined().hasSuffix("data: [DONE]\n\n"))
    }

    /// Google's clients would take a comment for broken JSON.
    @Test func showsNoLifeToGeminisClients() throws {
        let rig = try GatewayRig(server: ", heartbeat: 1s")
        let client = try rig.connect()
        let other = try rig.connect()
        try client.post(StreamSample.gemini.path, StreamSample.gemini.request)
        let provider = try rig.provider.accept()
        _ = try provider.readRequest()
        try provider.sendStreamHead(StreamSample.gemini.stream.utf8.count)
        // A chat stream that began later has had its sign of life by then.
        try other.post("/v1/chat/completions", StreamSample.chat.request)
        let chat = try rig.provider.accept()
        _ = try chat.readRequest()
        try chat.sendStreamHead(StreamSample.chat.stream.utf8.count)
        _ = try other.read(through: ": keep-alive\n\n")
        try provider.send(StreamSample.gemini.stream)
        #expect(try client.readResponse().text == StreamSample.gemini.stream)
    }

    @Test func cancelsTheProviderWhenTheClientLeaves() throws {
        let rig = try GatewayRig()
        let client = try rig.connect()
        try client.post("/v1/messages", StreamSample.messages.request)
        let provider = try rig.provider.accept()
        _ = try provider.readRequest()
        try provider.sendStreamHead(100_000)
        try provider.send(String(StreamSample.messages.stream.split(separator: "event: message_delta")[0]))
        _ = try client.readHead()
        client.close()
        #expect(try provider.readToEnd().isEmpty)
        #expect(try rig.books().contains(#""input_tokens":7"#))
    }
}

extension String {
    /// How many parts `separator` makes of it.
    fileprivate func components(separatedBy separator: String) -> Int { ranges(of: separator).count + 1 }
}
