import Foundation
import Streaming
import Testing

@testable import Dialects

@Suite struct ResponsesAnswerParserTests {
    /// Data lines as a stream without event names, which some servers send.
    private func stream(_ data: [String]) -> [UInt8] { Array(data.map { "data: \($0)\n\n" }.joined().utf8) }

    private func steps(_ data: String...) throws -> [String] {
        try ParsedAnswer(stream: stream(data), .responses).steps.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    }

    private let created = #"{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","model":"gpt-5","status":"in_progress","output":[],"usage":null}}"#
    private let completed = #"{"type":"response.completed","response":{"id":"resp_1","model":"gpt-5","status":"completed","output":[],"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":15}}}"#
    private let end = ["usage in 6 read 4 write 0 out 5 reasoning 2", "finish complete -", "end"]
    private let endWithCalls = ["usage in 6 read 4 write 0 out 5 reasoning 2", "finish toolCalls -", "end"]

    @Test func textInDeltas() throws {
        #expect(
            try steps(
                created, #"{"type":"response.output_item.added","output_index":0,"item":{"id":"msg_1","type":"message","content":[]}}"#,
                #"{"type":"response.content_part.added","output_index":0,"content_index":0,"part":{"type":"output_text","text":""}}"#,
                #"{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"Hel\"lo","obfuscation":"x"}"#,
                #"{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"!"}"#,
                #"{"type":"response.output_text.done","output_index":0,"content_index":0,"text":"Hel\"lo!"}"#,
                #"{"type":"response.output_item.done","output_index":0,"item":{"id":"msg_1","type":"message","content":[{"type":"output_text","text":"Hel\"lo!"}]}}"#,
                completed) == ["opened resp_1 gpt-5", #"text Hel"lo"#, "text !"] + end)
    }

    @Test func itemsThatComeWhole() throws {
        #expect(
            try steps(
                created,
                #"{"type":"response.output_item.done","output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"A"},{"type":"summary_text","text":"B"}],"encrypted_content":"enc"}}"#,
                #"{"type":"response.output_item.added","output_index":1,"item":{"id":"msg_1","type":"message","content":[]}}"#,
                #"{"type":"response.output_item.done","output_index":1,"item":{"id":"msg_1","type":"message","content":[{"type":"output_text","text":"Hi"},{"type":"refusal","refusal":"No"}]}}"#,
                #"{"type":"response.output_item.done","output_index":2,"item":{"id":"fc_1","type":"function_call","call_id":"call_1","name":"f","arguments":"{}"}}"#,
                #"{"type":"response.output_item.done","output_index":3,"item":{"id":"ctc_1","type":"custom_tool_call","call_id":"call_2","name":"g","input":"a\"b\n"}}"#,
                #"{"type":"response.output_item.done","output_index":4,"item":{"id":"ws_1","type":"web_search_call"}}"#, completed)
                == [
                    "opened resp_1 gpt-5", "thinking A", "thinking break", "thinking B", "signature responses rs_1 enc", "text Hi", "refusal No",
                    "call 0 call_1 f", "arguments 0 {}", "call ended 0", "call 1 call_2 g", #"arguments 1 {"input":""#, #"arguments 1 a\"b\n"#,
                    #"arguments 1 "}"#, "call ended 1",
                ] + endWithCalls)
    }

    @Test func onlyTheLastEventHasTheOutput() throws {
        let whole = completed.replacingOccurrences(
            of: #""output":[]"#, with: #""output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]}]"#)
        #expect(try steps(created, whole) == ["opened resp_1 gpt-5", "text Hi"] + end)
        #expect(try steps(whole) == ["opened resp_1 gpt-5", "text Hi"] + end)
    }

    @Test func reasoningInDeltas() throws {
        let item = #"{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"ab"},{"type":"summary_text","text":"c"}],"encrypted_content":"late"}"#
        #expect(
            try steps(
                created, #"{"type":"response.output_item.added","output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"early"}}"#,
                #"{"type":"response.reasoning_summary_part.added","output_index":0,"summary_index":0}"#,
                #"{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"a"}"#,
                #"{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"b"}"#,
                #"{"type":"response.reasoning_text.delta","output_index":0,"content_index":0,"delta":"twice"}"#,
                #"{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":1,"delta":"c"}"#,
                #"{"type":"response.output_item.done","output_index":0,"item":\#(item)}"#, completed)
                == ["opened resp_1 gpt-5", "thinking a", "thinking b", "thinking break", "thinking c", "signature responses rs_1 late"] + end)
    }

    @Test func openReasoningWithoutState() throws {
        #expect(
            try steps(
                created, #"{"type":"response.output_item.added","output_index":0,"item":{"id":"r","type":"reasoning"}}"#,
                #"{"type":"response.reasoning_text.delta","output_index":0,"content_index":0,"delta":"a"}"#,
                #"{"type":"response.output_item.done","output_index":0,"item":{"id":"r","type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"a"}]}}"#,
                #"{"type":"response.output_item.done","output_index":1,"item":{"id":"s","type":"reasoning","content":[{"type":"reasoning_text","text":"b"}]}}"#,
                completed) == ["opened resp_1 gpt-5", "thinking a", "thinking break", "thinking b"] + end)
    }

    @Test func callsInDeltas() throws {
        #expect(
            try steps(
                created, #"{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","call_id":"call_1","name":"f","arguments":""}}"#,
                #"{"type":"response.output_item.added","output_index":1,"item":{"type":"function_call","call_id":"call_2","name":"g","arguments":""}}"#,
                #"{"type":"response.function_call_arguments.delta","output_index":1,"delta":"{}"}"#,
                #"{"type":"response.function_call_arguments.delta","output_index":0,"delta":"{\"a\""}"#,
                #"{"type":"response.function_call_arguments.delta","output_index":0,"delta":":1}"}"#,
                #"{"type":"response.function_call_arguments.done","output_index":0,"arguments":"{\"a\":1}"}"#,
                #"{"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","call_id":"call_1","name":"f","arguments":"{\"a\":1}"}}"#,
                #"{"type":"response.output_item.done","output_index":1,"item":{"type":"function_call","call_id":"call_2","name":"g","arguments":"{}"}}"#,
                completed)
                == [
                    "opened resp_1 gpt-5", "call 0 call_1 f", "call 1 call_2 g", "arguments 1 {}", #"arguments 0 {"a""#, "arguments 0 :1}", "call ended 0",
                    "call ended 1",
                ] + endWithCalls)
    }

    @Test func argumentsThatComeOnlyWhenDone() throws {
        #expect(
            try steps(
                created, #"{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","call_id":"call_1","name":"f"}}"#,
                #"{"type":"response.function_call_arguments.done","output_index":0,"arguments":"{\"a\":1}"}"#,
                #"{"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","call_id":"call_1","name":"f","arguments":"{\"a\":1}"}}"#,
                #"{"type":"response.output_item.added","output_index":1,"item":{"type":"custom_tool_call","call_id":"call_2","name":"g"}}"#,
                #"{"type":"response.custom_tool_call_input.done","output_index":1,"input":"x"}"#,
                #"{"type":"response.output_item.done","output_index":1,"item":{"type":"custom_tool_call","call_id":"call_2","name":"g","input":"x"}}"#,
                completed)
                == [
                    "opened resp_1 gpt-5", "call 0 call_1 f", #"arguments 0 {"a":1}"#, "call ended 0", "call 1 call_2 g", #"arguments 1 {"input":""#,
                    "arguments 1 x", #"arguments 1 "}"#, "call ended 1",
                ] + endWithCalls)
    }

    @Test func customInputInDeltas() throws {
        #expect(
            try steps(
                created, #"{"type":"response.output_item.added","output_index":0,"item":{"type":"custom_tool_call","call_id":"call_1","name":"g","input":""}}"#,
                #"{"type":"response.custom_tool_call_input.delta","output_index":0,"delta":"a\n"}"#,
                #"{"type":"response.custom_tool_call_input.delta","output_index":0,"delta":"b"}"#,
                #"{"type":"response.output_item.done","output_index":0,"item":{"type":"custom_tool_call","call_id":"call_1","name":"g","input":"a\nb"}}"#,
                completed)
                == [
                    "opened resp_1 gpt-5", "call 0 call_1 g", #"arguments 0 {"input":""#, #"arguments 0 a\n"#, "arguments 0 b", #"arguments 0 "}"#,
                    "call ended 0",
                ] + endWithCalls)
    }

    @Test(arguments: [
        (#"{"reason":"max_output_tokens"}"#, "outputLimit"), (#"{"reason":"content_filter"}"#, "filtered"), ("null", "outputLimit"),
    ])
    func incomplete(_ details: String, _ reason: String) throws {
        let event = #"{"type":"response.incomplete","response":{"id":"resp_1","status":"incomplete","incomplete_details":\#(details)}}"#
        #expect(try steps(created, event) == ["opened resp_1 gpt-5", "finish \(reason) -", "end"])
    }

    @Test func failures() throws {
        let failed = #"{"type":"response.failed","response":{"id":"resp_1","status":"failed","error":{"code":"rate_limit_exceeded","message":"slow"},"usage":{"input_tokens":3,"output_tokens":0}}}"#
        let answer = try ParsedAnswer(stream: stream([created, failed]), .responses).answer
        #expect(answer.failure == AnswerFailure(kind: .rateLimited, code: "rate_limit_exceeded", message: "slow"))
        #expect(answer.usage?.input == 3)
        #expect(answer.isComplete == false)
        let error = #"{"type":"error","code":"server_error","message":"broke","param":null}"#
        #expect(try ParsedAnswer(stream: stream([created, error, failed]), .responses).answer.failure?.message == "broke")
        let bare = #"{"error":{"message":"bare","type":"server_error"}}"#
        #expect(try ParsedAnswer(stream: stream([bare]), .responses).answer.failure?.message == "bare")
        let unreadable = Array("event: error\ndata: gone away\n\n".utf8)
        #expect(try ParsedAnswer(stream: unreadable, .responses).answer.failure?.message == "gone away")
    }

    @Test func anEndlessStreamHasNoEnd() throws {
        let answer = try ParsedAnswer(stream: stream([created, #"{"type":"response.output_text.delta","delta":"x"}"#]), .responses)
        #expect(answer.answer.isComplete == false)
        #expect(answer.steps == "opened resp_1 gpt-5\ntext x\n")
    }

    @Test func whatMakesNoSenseIsPassedOver() throws {
        #expect(
            try steps(
                "nonsense", "[]", "7", #"{"type":7}"#, #"{"type":"response.output_item.done"}"#, #"{"type":"response.output_item.done","item":7}"#,
                #"{"type":"response.output_item.added","item":{"type":"function_call"}}"#, #"{"type":"response.output_text.delta","delta":7}"#,
                #"{"type":"response.function_call_arguments.delta","output_index":99,"delta":"x"}"#, #"{"type":"response.created","response":7}"#,
                #"{"type":"response.output_item.done","output_index":-1,"item":{"type":"message","content":[7,{"text":7}]}}"#)
                == ["opened - -"])
    }

    @Test func wholeDocuments() throws {
        func parsed(_ json: String) -> ParsedAnswer { ParsedAnswer(document: Array(json.utf8), .responses) }
        let answer = parsed(
            #"{"id":"resp_1","object":"response","status":"completed","error":null,"model":"m","output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]}],"usage":{"input_tokens":1,"output_tokens":2}}"#)
        #expect(answer.steps == "opened resp_1 m\ntext Hi\nusage in 1 read 0 write 0 out 2 reasoning 0\nfinish complete -\nend\n")
        #expect(parsed(#"{"error":{"message":"no","code":"rate_limit_exceeded"}}"#).answer.failure?.kind == .rateLimited)
        #expect(parsed(#"{"id":"r","status":"failed","error":{"code":"server_error","message":"no"},"output":[]}"#).answer.failure?.message == "no")
        #expect(parsed(#"{"id":"r","status":"queued","error":null,"output":[]}"#).answer.failure != nil)
        #expect(parsed(#"{"detail":"nothing here"}"#).answer.failure?.message == "nothing here")
        #expect(parsed("[]").answer.failure != nil)
    }

    // MARK: Recorded traffic

    @Test(arguments: CorpusRecord.of(.responses).filter(\.isStream))
    func recordedStreamsCutAnywhere(_ recorded: CorpusRecord) throws {
        let bytes = try recorded.bytes()
        let whole = try ParsedAnswer(stream: bytes, .responses)
        #expect(whole.answer.isComplete || whole.answer.failure != nil, "\(whole.steps.suffix(300))")
        for offset in CorpusRecord.cuts(bytes.count, samples: 150) {
            let cut = try ParsedAnswer(stream: bytes, .responses, cutAt: offset)
            guard cut != whole else { continue }
            Issue.record("\(recorded.id) differs when cut at \(offset)")
            return
        }
    }

    /// What the deltas say is what the last event says at once: nothing is lost, nothing comes twice.
    @Test(arguments: CorpusRecord.of(.responses).filter(\.isStream))
    func recordedStreamsSayWhatTheirLastEventSays(_ recorded: CorpusRecord) throws {
        let bytes = try recorded.bytes()
        let text = String(decoding: bytes, as: UTF8.self)
        guard let last = text.components(separatedBy: "\n").last(where: { $0.contains(#""response.completed""#) && $0.hasPrefix("data:") }),
            let event = try JSONSerialization.jsonObject(with: Data(last.dropFirst(5).utf8)) as? [String: Any], let response = event["response"]
        else { return }
        let document = Array(try JSONSerialization.data(withJSONObject: response))
        #expect(try JoinedSteps.of(stream: bytes) == JoinedSteps.of(document: document))
        #expect(try ParsedAnswer(stream: bytes, .responses).answer.usage == ParsedAnswer(document: document, .responses).answer.usage)
    }

    @Test(arguments: CorpusRecord.of(.responses).filter { !$0.isStream })
    func recordedDocuments(_ recorded: CorpusRecord) throws {
        let answer = ParsedAnswer(document: try recorded.bytes(), .responses)
        #expect((answer.answer.failure != nil) == (recorded.status != 200), "\(answer.steps)")
        #expect(answer.answer.isComplete == (recorded.status == 200))
        if recorded.status == 200 { #expect(answer.answer.contentEvents > 0) }
    }
}
