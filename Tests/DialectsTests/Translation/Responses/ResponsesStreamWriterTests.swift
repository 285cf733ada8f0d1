import Foundation
import Streaming
import Testing

@testable import Dialects

@Suite struct ResponsesStreamWriterTests {
    private let usage: TokenUsage = {
        var usage = TokenUsage()
        usage.input = 6
        usage.cacheRead = 4
        usage.output = 5
        usage.reasoning = 2
        return usage
    }()

    private func piece(_ text: String) -> JSONText { .owned(text) }

    /// An answer of everything: thinking of two parts with a state, text, two calls, one of them in a group and one with free text.
    private var everything: [AnswerEvent] {
        [
            .opened(id: piece("msg_01"), model: piece("claude")), .thinking(piece("Hm")), .thinking(piece("m")), .thinkingBreak, .thinking(piece("So")),
            .signature(ProviderState(.messages, piece("sig=="))), .signature(ProviderState(.messagesRedacted, piece("red"))), .text(piece("Let \"me\"\n")),
            .text(piece("see.")), .toolCall(call: 0, id: piece("toolu_1"), name: piece("files__read")), .toolArguments(call: 0, piece(#"{"p":"#)),
            .toolArguments(call: 0, piece(#""a"}"#)), .toolCallEnded(call: 0), .toolCall(call: 1, id: piece("toolu_2"), name: piece("apply_patch")),
            .toolArguments(call: 1, piece(#"{"input":"*** Beg"#)), .toolArguments(call: 1, piece(#"in\n"}"#)), .toolCallEnded(call: 1),
            .finish(.toolCalls, stopText: nil), .usage(usage), .end,
        ]
    }

    private let tools: [String: AnswerPlan.ClientTool] = [
        "files__read": .init(name: "read", namespace: "files"), "apply_patch": .init(name: "apply_patch", isCustom: true),
    ]

    private func golden(_ name: String) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return Array(try Data(contentsOf: folder.appendingPathComponent("Fixtures/translation/\(name)")))
    }

    @Test func everythingInOrder() throws {
        let stream = everything.written(ResponsesStreamWriter(responsesPlan(tools)))
        let read = ResponsesInvariants(stream)
        #expect(read.violations == [])
        #expect(read.types.last == "response.completed")
        let items = read.items
        #expect(items.map { $0["type"] as? String } == ["reasoning", "reasoning", "message", "function_call", "custom_tool_call"])
        #expect(items.map { $0["id"] as? String } == ["rs_abc_0", "rs_abc_1", "msg_abc_2", "fc_abc_3", "ctc_abc_4"])
        #expect((items[0]["summary"] as? [[String: String]])?.map { $0["text"] } == ["Hmm", "So"])
        #expect(items[0]["encrypted_content"] as? String == "ekai1:m::sig==")
        #expect(items[1]["encrypted_content"] as? String == "ekai1:x::red")
        #expect((items[2]["content"] as? [[String: Any]])?.first?["text"] as? String == "Let \"me\"\nsee.")
        #expect(items[3]["arguments"] as? String == #"{"p":"a"}"#)
        #expect([items[3]["name"] as? String, items[3]["namespace"] as? String, items[3]["call_id"] as? String] == ["read", "files", "toolu_1"])
        #expect(items[4]["input"] as? String == "*** Begin\n")
        #expect(items[4]["call_id"] as? String == "toolu_2")
        #expect(read.final["id"] as? String == "msg_01")
        #expect(read.final["model"] as? String == "claude")
        #expect(read.final["created_at"] as? Int == 1_700_000_000)
        let usage = try #require(read.final["usage"] as? [String: Any])
        #expect(usage["input_tokens"] as? Int == 10)
        #expect(usage["total_tokens"] as? Int == 15)
        #expect(stream == String(decoding: try golden("responses-stream.sse"), as: UTF8.self))
    }

    @Test func whatTheNextRequestBrings() throws {
        let read = ResponsesInvariants(everything.written(ResponsesStreamWriter(responsesPlan(tools))))
        let input = String(decoding: try JSONSerialization.data(withJSONObject: ["input": read.items]), as: UTF8.self)
        try readResponses(input) { conversation in
            #expect(
                conversation.lines == [
                    "assistant: thinking Hmm\n\nSo messages - sig==", "assistant: sealed messagesRedacted - red", "assistant: text Let \"me\"\nsee.",
                    #"assistant: call toolu_1 files/read {"p":"a"}"#, "assistant: call toolu_2 apply_patch custom *** Begin\n",
                ])
        }
    }

    @Test func namesThatNobodyTold() {
        let read = ResponsesInvariants(
            [.text(piece("x")), .toolCall(call: 0, id: nil, name: piece("f")), .finish(.complete, stopText: nil), .end]
                .written(ResponsesStreamWriter(responsesPlan())))
        #expect(read.violations == [])
        #expect(read.final["id"] as? String == "resp_abc")
        #expect(read.final["model"] as? String == "asked-for")
        #expect(read.final["usage"] is NSNull)
        #expect(read.items[1]["call_id"] as? String == "call_abc_1")
        #expect(read.items[1]["arguments"] as? String == "{}")
    }

    @Test func piecesOfCallsThatAlternate() {
        let read = ResponsesInvariants(
            [
                .toolCall(call: 0, id: piece("same"), name: piece("f")), .toolArguments(call: 0, piece("{\"a\"")),
                .toolCall(call: 1, id: piece("same"), name: piece("g")), .toolArguments(call: 1, piece("{}")), .toolArguments(call: 0, piece(":1}")),
                .text(piece("behind")), .toolArguments(call: 0, piece(" ")), .toolArguments(call: 7, piece("nobody's")),
                .finish(.toolCalls, stopText: nil), .end,
            ].written(ResponsesStreamWriter(responsesPlan())))
        #expect(read.violations == [])
        #expect(read.items.map { $0["arguments"] as? String } == [#"{"a":1} "#, "{}", nil])
        #expect(read.items.map { $0["call_id"] as? String } == ["same", "call_abc_1", nil])
        // The message is done before the calls that stayed open, which a client acts upon.
        let done = read.types.filter { $0.hasSuffix(".done") && $0 != "response.output_item.done" && $0 != "response.content_part.done" }
        #expect(done == ["response.output_text.done", "response.function_call_arguments.done", "response.function_call_arguments.done"])
    }

    @Test func aRefusalIsAnItemOfItsOwn() {
        let read = ResponsesInvariants(
            [.text(piece("I ")), .refusal(piece("can")), .refusal(piece("not")), .finish(.complete, stopText: nil), .end]
                .written(ResponsesStreamWriter(responsesPlan())))
        #expect(read.violations == [])
        #expect((read.items[1]["content"] as? [[String: String]]) == [["type": "refusal", "refusal": "cannot"]])
    }

    @Test(arguments: [
        (StopReason.outputLimit, "incomplete", "max_output_tokens"), (.contextLimit, "incomplete", "max_output_tokens"),
        (.filtered, "incomplete", "content_filter"), (.paused, "completed", nil), (.stopText, "completed", nil), (.broken, "failed", nil),
    ] as [(StopReason, String, String?)])
    func endings(_ reason: StopReason, _ status: String, _ why: String?) {
        let read = ResponsesInvariants(
            [.text(piece("x")), .finish(reason, stopText: nil), .usage(usage), .end].written(ResponsesStreamWriter(responsesPlan())))
        #expect(read.violations == [])
        #expect(read.types.last == "response." + status)
        #expect((read.final["incomplete_details"] as? [String: String])?["reason"] == why)
        #expect(read.items[0]["status"] as? String == (status == "completed" ? "completed" : "incomplete"))
    }

    @Test func statesOfOpenAIKeepTheirItem() throws {
        let sealed = ProviderState(.responses, id: piece("rs_9"), piece("enc"))
        let read = ResponsesInvariants(
            [.signature(sealed), .thinking(piece("Hm")), .signature(sealed), .text(piece("x")), .finish(.complete, stopText: nil), .end]
                .written(ResponsesStreamWriter(responsesPlan())))
        #expect(read.violations == [])
        #expect(read.items[0]["id"] as? String == "rs_9")
        #expect(read.items[0]["encrypted_content"] as? String == "enc")
        // Its summary was written before its id was known: the mark remembers it.
        #expect(read.items[1]["encrypted_content"] as? String == "ekai1:r:rs_9:enc")
    }

    @Test func aStateBeforeACallIsReasoning() {
        let read = ResponsesInvariants(
            [
                .text(piece("I look. ")), .signature(ProviderState(.gemini, piece("c2ln"))), .toolCall(call: 0, id: piece("c"), name: piece("f")),
                .finish(.toolCalls, stopText: nil), .end,
            ].written(ResponsesStreamWriter(responsesPlan())))
        #expect(read.violations == [])
        #expect(read.items.map { $0["type"] as? String } == ["message", "reasoning", "function_call"])
        #expect(read.items[1]["encrypted_content"] as? String == "ekai1:g::c2ln")
    }

    @Test func anAnswerBeyondItsBoundIsCutAndSaysSo() {
        let large = String(repeating: "x", count: 1 << 20)
        var events: [AnswerEvent] = [.toolCall(call: 0, id: piece("c"), name: piece("f")), .toolArguments(call: 0, piece("{}"))]
        for _ in 0..<8 { events.append(.text(piece(large))) }
        events += [.toolCall(call: 1, id: piece("d"), name: piece("g")), .finish(.complete, stopText: nil), .end]
        let read = ResponsesInvariants(events.written(ResponsesStreamWriter(responsesPlan())))
        #expect(read.violations == [])
        #expect(read.types.last == "response.incomplete")
        #expect((read.final["incomplete_details"] as? [String: String])?["reason"] == "max_output_tokens")
        #expect(read.items.map { $0["status"] as? String } == ["completed", "incomplete"])
        let text = (read.items[1]["content"] as? [[String: Any]])?.first?["text"] as? String
        #expect(text?.utf8.count == 3 << 20)
    }

    @Test func positionForErrorsOfTheGateway() {
        var writer = ResponsesStreamWriter(responsesPlan())
        #expect(writer.position == ResponsesPosition())
        var text = JSONWriter()
        writer.write(.opened(id: piece("resp_1"), model: piece("m")), to: &text)
        writer.write(.text(piece("x")), to: &text)
        let position = writer.position
        #expect(position == ResponsesPosition(lastSequenceNumber: 4, responseID: "resp_1", model: "m", createdAt: 1_700_000_000))
        let ending = ErrorBody(dialect: .responses, kind: .upstreamFailed, message: "broke").streamEnding(at: position)
        let stream = String(decoding: text.bytes, as: UTF8.self)
        #expect(ResponsesInvariants(stream, isCutShort: true).violations == [])
        #expect(String(decoding: ending, as: UTF8.self).contains(#""sequence_number":5"#))
    }

    @Test func nothingEndsWithoutAnEnd() {
        let stream = [.text(piece("x")), .finish(.complete, stopText: nil), .usage(usage)].written(ResponsesStreamWriter(responsesPlan()))
        let read = ResponsesInvariants(stream, isCutShort: true)
        #expect(read.violations == [])
        #expect(read.final.isEmpty)
        #expect(ResponsesInvariants(stream).violations == ["has no end"])
    }

    // MARK: The whole answer

    @Test func aWholeAnswerIsWhatTheStreamEndsWith() throws {
        for reason in [StopReason.toolCalls, .outputLimit, .filtered, .broken] {
            let events = everything.map { event in if case .finish = event { AnswerEvent.finish(reason, stopText: nil) } else { event } }
            let read = ResponsesInvariants(events.written(ResponsesStreamWriter(responsesPlan(tools))))
            #expect(read.violations == [])
            let whole = events.written(ResponsesWholeWriter(responsesPlan(tools)))
            let document = try parsed(Array(whole.utf8))
            #expect(NSDictionary(dictionary: document) == NSDictionary(dictionary: read.final))
        }
    }

    /// Each part of a summary is written with words around it: many short ones are cut as one long one is.
    @Test func shortPartsAreBoundedToo() throws {
        let parts = (0..<80_000).flatMap { _ in [AnswerEvent.thinking(piece("x")), .thinkingBreak] }
        let whole = (parts + [.finish(.complete, stopText: nil), .end]).written(ResponsesWholeWriter(responsesPlan()))
        #expect(try parsed(Array(whole.utf8))["status"] as? String == "incomplete")
    }

    @Test func aWholeAnswerIsWrittenAtTheEnd() {
        let events: [AnswerEvent] = [.opened(id: nil, model: nil), .text(piece("x")), .finish(.complete, stopText: nil)]
        #expect(events.written(ResponsesWholeWriter(responsesPlan())).isEmpty)
    }

    // MARK: Recorded traffic

    /// A recorded stream, read and written again: well formed, and reading it gives the same steps once more.
    @Test(arguments: CorpusRecord.of(.responses).filter(\.isStream))
    func recordedStreams(_ recorded: CorpusRecord) throws {
        let bytes = try recorded.bytes()
        var plan = responsesPlan()
        for name in ["write_sql"] { plan.renamedTools[name] = .init(name: name, isCustom: true) }
        var translator = StreamTranslator(
            from: .responses, to: .responses, plan: plan, waiting: RelayClient(waitingSince: 0), reader: JSONReader(),
            scratch: TranslationScratch())
        var stream: [UInt8] = []
        _ = try bytes.withUnsafeBytes { try translator.receive($0, now: 1, into: &stream) }
        let ending = translator.upstreamEnded(now: 2, into: &stream)
        guard translator.isCommitted else { return #expect(translator.answer.failure != nil) }
        let read = ResponsesInvariants(String(decoding: stream, as: UTF8.self), isCutShort: ending != .complete)
        #expect(read.violations == [], "\(recorded.id)")
        #expect(ending == .complete)
        #expect(try JoinedSteps.of(stream: stream) == JoinedSteps.of(stream: bytes))
        #expect(try ParsedAnswer(stream: stream, .responses).answer.usage == ParsedAnswer(stream: bytes, .responses).answer.usage)
    }

    @Test(arguments: CorpusRecord.of(.responses).filter { $0.status == 200 })
    func recordedDocumentsForStreamClientsAndBack(_ recorded: CorpusRecord) throws {
        guard !recorded.isStream else { return }
        let bytes = try recorded.bytes()
        for isStreaming in [true, false] {
            var plan = responsesPlan()
            plan.isStreaming = isStreaming
            let text = bytes.withUnsafeBytes { document in
                let translation = WholeTranslation(document, from: .responses, to: .responses, plan: plan, reader: JSONReader())
                return Array(translation.body)
            }
            if isStreaming { #expect(ResponsesInvariants(String(decoding: text, as: UTF8.self)).violations == []) }
            let written = isStreaming ? try JoinedSteps.of(stream: text) : JoinedSteps.of(document: text)
            #expect(written == JoinedSteps.of(document: bytes))
            let usage = isStreaming ? try ParsedAnswer(stream: text, .responses).answer.usage : ParsedAnswer(document: text, .responses).answer.usage
            // What a provider asks for it is the operator's business.
            var booked = ParsedAnswer(document: bytes, .responses).answer.usage
            booked?.reportedCostPicodollars = nil
            #expect(usage == booked)
        }
    }
}
