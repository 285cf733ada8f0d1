import Foundation
import Streaming
import Testing

@testable import Dialects

@Suite struct MessagesAnswerParserTests {
    private static let streams = CorpusRecord.all.filter { $0.dialect == .messages && $0.isStream }
    private static let documents = CorpusRecord.all.filter { $0.dialect == .messages && !$0.isStream }

    private func steps(_ events: [String]) throws -> String {
        let stream = events.map { "data: \($0)\n\n" }.joined()
        return try ParsedAnswer(stream: Array(stream.utf8), .messages).steps
    }

    @Test func aFixtureGivesItsSteps() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let parsed = try ParsedAnswer(stream: try fixture("messages-tool.sse", file: folder.path), .messages)
        #expect(
            parsed.steps == """
                opened msg_1 claude-x
                usage in 450 read 8 write 12 out 1 reasoning 0
                call 0 toolu_1 weather
                arguments 0 {"city": "Zürich"}
                call ended 0
                finish toolCalls -
                usage in 450 read 8 write 12 out 39 reasoning 0
                end

                """)
        #expect(parsed.answer.isComplete && parsed.answer.usageIsFinal)
    }

    @Test func everyKindOfBlock() throws {
        let text = try steps([
            #"{"type":"message_start","message":{"id":"m","model":"c","usage":{"input_tokens":1,"output_tokens":1}}}"#,
            #"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
            #"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm\n"}}"#,
            #"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"sig"}}"#,
            #"{"type":"content_block_stop","index":0}"#,
            #"{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"secret"}}"#,
            #"{"type":"content_block_stop","index":1}"#,
            #"{"type":"content_block_start","index":2,"content_block":{"type":"text","text":"to"}}"#,
            #"{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"gether"}}"#,
            #"{"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":{"type":"char_location"}}}"#,
            #"{"type":"content_block_stop","index":2}"#,
            #"{"type":"content_block_start","index":3,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}"#,
            #"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"q\":1}"}}"#,
            #"{"type":"content_block_stop","index":3}"#,
            #"{"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"t0","name":"none","input":{}}}"#,
            #"{"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":""}}"#,
            #"{"type":"content_block_stop","index":4}"#,
            #"{"type":"content_block_start","index":5,"content_block":{"type":"tool_use","id":"t1","name":"whole","input":{"a": 1}}}"#,
            #"{"type":"content_block_delta","index":5,"delta":{"type":"input_json_delta","partial_json":"{\"a\": 1}"}}"#,
            #"{"type":"content_block_stop","index":5}"#,
            #"{"type":"ping"}"#,
            #"{"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"X"},"usage":{"output_tokens":9}}"#,
            #"{"type":"message_stop"}"#,
            #"{"type":"message_start","message":{"id":"other","model":"c","usage":{"input_tokens":99,"output_tokens":1}}}"#,
        ])
        #expect(
            text == """
                opened m c
                usage in 1 read 0 write 0 out 1 reasoning 0
                thinking hm

                signature messages - sig
                signature messagesRedacted - secret
                text to
                text gether
                call 0 t0 none
                call ended 0
                call 1 t1 whole
                arguments 1 {"a": 1}
                call ended 1
                finish stopText X
                usage in 1 read 0 write 0 out 9 reasoning 0
                end

                """)
    }

    @Test(arguments: [
        ("end_turn", "complete"), ("max_tokens", "outputLimit"), ("tool_use", "toolCalls"), ("pause_turn", "paused"), ("refusal", "filtered"),
        ("model_context_window_exceeded", "contextLimit"), ("something_new", "complete"),
    ])
    func reasons(_ word: String, _ reason: String) throws {
        let text = try steps([#"{"type":"message_delta","delta":{"stop_reason":"\#(word)","stop_sequence":null}}"#])
        #expect(text == "finish \(reason) -\n")
    }

    @Test func aRefusalSaysWhy() throws {
        let text = try steps([
            #"{"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"type":"refusal","explanation":"No."}},"usage":{"output_tokens":1}}"#
        ])
        #expect(text.hasPrefix("refusal No.\nfinish filtered -\n"))
    }

    @Test(arguments: [
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
        "data: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
        "data: {\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
    ])
    func errors(_ stream: String) throws {
        let answer = try ParsedAnswer(stream: Array(stream.utf8), .messages).answer
        #expect(answer.failure?.kind == .overloaded)
        #expect(answer.failure?.message == "Overloaded")
        #expect(!answer.isComplete)
    }

    @Test func anErrorThatIsNoJSONIsOneAllTheSame() throws {
        let answer = try ParsedAnswer(stream: Array("event: error\ndata: gone\n\n".utf8), .messages).answer
        #expect(answer.failure?.message == "gone")
    }

    @Test func nonsenseIsPassedOver() throws {
        let text = try steps([
            "[1]", "{}", "no", #"{"type":7}"#, #"{"type":"content_block_start"}"#, #"{"type":"content_block_start","index":-1,"content_block":7}"#,
            #"{"type":"content_block_delta","index":5,"delta":{"partial_json":"{}"}}"#, #"{"type":"content_block_stop","index":77}"#,
            #"{"type":"message_delta","delta":[],"usage":7}"#, #"{"type":"message_start","message":"x"}"#, #"{"type":"content_block_delta"}"#,
        ])
        #expect(text.isEmpty)
    }

    @Test func anEndWithoutAReasonIsNone() throws {
        let stream = """
            data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}

            data: {"type":"message_stop"}

            data: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}


            """
        let parsed = try ParsedAnswer(stream: Array(stream.utf8), .messages)
        #expect(parsed.steps == "text a\n")
        #expect(!parsed.answer.isComplete)
    }

    /// Blocks that never end: some are taken, an endless number is not.
    @Test func openBlocksAreBounded() throws {
        func parsed(_ count: Int) throws -> ParsedAnswer {
            let stream = (0..<count).map { "data: {\"type\":\"content_block_start\",\"index\":\($0),\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n" }
            return try ParsedAnswer(stream: Array(stream.joined().utf8), .messages)
        }
        #expect(try parsed(200).answer.failure == nil)
        #expect(try parsed(5_000).answer.failure?.kind == .upstreamFailed)
    }

    @Test func aDocumentGivesTheSameSteps() {
        let document = """
            {"id":"m","type":"message","model":"c","content":[{"type":"thinking","thinking":"","signature":"sig"},{"type":"text","text":"a"},
            {"type":"tool_use","id":"t","name":"n","input":{}},{"type":"web_search_tool_result","content":[]}],
            "stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":2,"output_tokens_details":{"thinking_tokens":1}}}
            """
        let parsed = ParsedAnswer(document: Array(document.utf8), .messages)
        #expect(
            parsed.steps == """
                opened m c
                signature messages - sig
                text a
                call 0 t n
                call ended 0
                finish toolCalls -
                usage in 3 read 0 write 0 out 2 reasoning 1
                end

                """)
    }

    // MARK: Recorded answers

    @Test(.enabled(if: !streams.isEmpty), arguments: streams)
    func recordedStreams(_ recorded: CorpusRecord) throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: recorded.path)))
        let whole = try ParsedAnswer(stream: bytes, .messages)
        #expect(whole.answer.isComplete)
        for offset in CorpusRecord.cuts(bytes.count, samples: bytes.count > 4_000 ? 97 : 570) {
            let cut = try ParsedAnswer(stream: bytes, .messages, cutAt: offset)
            #expect(cut == whole, "\(recorded.id) cut at \(offset)")
        }
    }

    /// There and back: what the writer makes of a recorded answer keeps the rules, and read again it says the same.
    @Test(.enabled(if: !streams.isEmpty), arguments: streams)
    func recordedStreamsThereAndBack(_ recorded: CorpusRecord) throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: recorded.path)))
        let plan = AnswerPlan()
        var parser = MessagesAnswerParser(plan)
        var stream = AnswerOutput(MessagesStreamWriter(plan))
        var events = SSEParser()
        let reader = JSONReader()
        try bytes.withUnsafeBytes { bytes in
            var cursor = SSECursor(bytes)
            while let event = try events.next(&cursor) { parser.read(event, reader, into: &stream) }
        }
        if let last = events.finish() { parser.read(last, reader, into: &stream) }
        let written = String(decoding: stream.text.bytes, as: UTF8.self)
        let checked = MessagesInvariants(written)
        #expect(checked.violations.isEmpty, "\(recorded.id): \(checked.violations)")
        let before = try ParsedAnswer(stream: bytes, .messages)
        let after = try ParsedAnswer(stream: Array(written.utf8), .messages)
        #expect(Self.content(after.steps) == Self.content(before.steps), "\(recorded.id)")
        #expect(after.answer.usage?.output == before.answer.usage?.output)
        #expect(after.answer.usage?.input == before.answer.usage?.input)
    }

    @Test(.enabled(if: !documents.isEmpty), arguments: documents)
    func recordedDocuments(_ recorded: CorpusRecord) throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: recorded.path)))
        let parsed = ParsedAnswer(document: bytes, .messages)
        let isMessage = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])["content"] is [Any]
        #expect(parsed.answer.isComplete == isMessage)
        #expect((parsed.answer.failure == nil) == isMessage)
        guard isMessage else { return }
        let reader = JSONReader()
        for isStreaming in [false, true] {
            var plan = AnswerPlan()
            plan.isStreaming = isStreaming
            let text = bytes.withUnsafeBytes { bytes in
                let whole = WholeTranslation(bytes, from: .messages, to: .messages, plan: plan, reader: reader)
                return String(decoding: whole.body, as: UTF8.self)
            }
            if isStreaming {
                #expect(MessagesInvariants(text).violations.isEmpty)
                #expect(Self.content(try ParsedAnswer(stream: Array(text.utf8), .messages).steps) == Self.content(parsed.steps))
            } else {
                #expect(try messageViolations(text).isEmpty)
                #expect(Self.content(ParsedAnswer(document: Array(text.utf8), .messages).steps) == Self.content(parsed.steps))
            }
        }
    }

    /// The steps without counts and without the `{}` that stands for no arguments, neighbouring texts joined.
    private static func content(_ steps: String) -> String {
        var joined = ""
        for line in steps.split(separator: "\n", omittingEmptySubsequences: false)
        where !line.hasPrefix("usage ") && !(line.hasPrefix("arguments ") && line.hasSuffix(" {}")) {
            // What was cut is cut: the writer closes it. A refusal's words are text to this dialect.
            if line.hasPrefix("call ended") { continue }
            joined += (line.hasPrefix("refusal ") ? "text " + line.dropFirst(8) : line) + "\n"
        }
        return joined.replacingOccurrences(of: "\ntext ", with: "")
    }
}
