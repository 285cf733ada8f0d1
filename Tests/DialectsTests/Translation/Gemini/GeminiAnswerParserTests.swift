import Foundation
import Streaming
import Testing

@testable import Dialects

@Suite struct GeminiAnswerParserTests {
    private var plan: AnswerPlan {
        var plan = AnswerPlan()
        plan.idStem = "stem"
        return plan
    }

    private func steps(_ events: String...) throws -> [String] {
        let stream = events.map { "data: \($0)\r\n\r\n" }.joined()
        return try ParsedAnswer(stream: Array(stream.utf8), .gemini, plan: plan).steps.split(separator: "\n").map(String.init)
    }

    private func candidate(_ parts: String, _ rest: String = "") -> String {
        #"{"candidates":[{"content":{"parts":[\#(parts)],"role":"model"}\#(rest),"index":0}],"modelVersion":"m","responseId":"r"}"#
    }

    @Test func textAndThoughts() throws {
        let stop = #","finishReason":"STOP""#
        #expect(try steps(candidate(#"{"text":"Hm","thought":true}"#), candidate(#"{"text":"Hi "},{"text":"you"}"#), candidate(#"{"text":""}"#, stop))
            == ["opened r m", "thinking Hm", "text Hi ", "text you", "finish complete -", "end"])
    }

    @Test func signaturesStandBeforeWhatTheyBelongTo() throws {
        let stop = #","finishReason":"STOP""#
        #expect(try steps(
            candidate(#"{"text":"t","thought":true,"thoughtSignature":"QQ=="},{"text":"a","thoughtSignature":"Qg=="}"#),
            candidate(#"{"functionCall":{"name":"f","args":{"x":[1, 2]},"id":"7"},"thoughtSignature":"Qw=="}"#),
            candidate(#"{"text":"","thoughtSignature":"RA=="}"#, stop))
            == [
                "opened r m", "thinking t", "signature gemini - QQ==", "signature gemini - Qg==", "text a", "signature gemini - Qw==", "call 0 7 f",
                "arguments 0 {\"x\":[1, 2]}", "call ended 0", "signature gemini - RA==", "finish toolCalls -", "end",
            ])
    }

    @Test func callsWithoutIdsAndArguments() throws {
        #expect(try steps(candidate(#"{"functionCall":{"name":"a","args":{}}},{"functionCall":{"name":"b"}},{"functionCall":{}}"#, #","finishReason":"STOP""#))
            == ["opened r m", "call 0 call_stem_0 a", "call ended 0", "call 1 call_stem_1 b", "call ended 1", "finish toolCalls -", "end"])
    }

    @Test(arguments: [
        ("STOP", "complete"), ("MAX_TOKENS", "outputLimit"), ("SAFETY", "filtered"), ("RECITATION", "filtered"), ("BLOCKLIST", "filtered"),
        ("PROHIBITED_CONTENT", "filtered"), ("SPII", "filtered"), ("MODEL_ARMOR", "filtered"), ("IMAGE_SAFETY", "filtered"),
        ("LANGUAGE", "filtered"), ("MALFORMED_FUNCTION_CALL", "broken"), ("UNEXPECTED_TOOL_CALL", "broken"), ("OTHER", "broken"), ("NEWER", "broken"),
    ])
    func finishReasons(_ word: String, _ reason: String) throws {
        #expect(try steps(candidate(#"{"text":"a"}"#, #","finishReason":"\#(word)""#)) == ["opened r m", "text a", "finish \(reason) -", "end"])
    }

    @Test func onlyTheFirstCandidateCounts() throws {
        let other = #"{"candidates":[{"index":1,"content":{"parts":[{"text":"no"}]},"finishReason":"STOP"}]}"#
        #expect(try steps(other, #"{"candidates":[{"index":1,"content":{"parts":[{"text":"no"}]}},{"content":{"parts":[{"text":"yes"}]}}]}"#)
            == ["opened - -", "text yes"])
    }

    @Test func aFinishReasonMayComeEarlyAndOften() throws {
        let stop = #","finishReason":"STOP""#
        #expect(try steps(candidate(#"{"text":"a"}"#, stop), candidate(#"{"text":"b"}"#, #","finishReason":"MAX_TOKENS""#), #"{"usageMetadata":{"promptTokenCount":1}}"#)
            == ["opened r m", "text a", "text b", "usage in 1 read 0 write 0 out 0 reasoning 0", "finish outputLimit -", "end"])
    }

    @Test func withoutAFinishThereIsNoEnd() throws {
        #expect(try steps(candidate(#"{"text":"a"}"#)) == ["opened r m", "text a"])
        #expect(try steps(candidate(#"{"text":"a"}"#, #","finishReason":"FINISH_REASON_UNSPECIFIED""#)) == ["opened r m", "text a"])
    }

    @Test func aBlockedPrompt() throws {
        #expect(try steps(#"{"promptFeedback":{"blockReason":"MODEL_ARMOR"},"usageMetadata":{"trafficType":"ON_DEMAND"}}"#)
            == ["opened - -", "finish filtered -", "end"])
    }

    @Test func usageIsCumulativeAndTakenApart() throws {
        let usage = #"{"usageMetadata":{"promptTokenCount":20,"cachedContentTokenCount":5,"toolUsePromptTokenCount":2,"candidatesTokenCount":7,"thoughtsTokenCount":3}}"#
        #expect(try steps(#"{"usageMetadata":{"trafficType":"X"}}"#, usage)
            == ["opened - -", "usage in 17 read 5 write 0 out 10 reasoning 3"])
    }

    @Test(arguments: [
        #"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#,
        #"[{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}]"#,
    ])
    func failures(_ body: String) throws {
        let stream = "data: \(candidate(#"{"text":"a"}"#))\r\n\r\ndata: \(body)\r\n\r\ndata: \(candidate(#"{"text":"b"}"#, #","finishReason":"STOP""#))\r\n\r\n"
        let parsed = try ParsedAnswer(stream: Array(stream.utf8), .gemini)
        #expect(parsed.answer.failure?.kind == .overloaded && parsed.answer.failure?.message == "The model is overloaded.")
        #expect(parsed.steps == "opened r m\ntext a\n" && !parsed.answer.isComplete)
        #expect(ParsedAnswer(document: Array(body.utf8), .gemini).answer.failure?.kind == .overloaded)
    }

    @Test func anErrorEvent() throws {
        #expect(try ParsedAnswer(stream: Array("event: error\ndata: oh no\n\n".utf8), .gemini).answer.failure?.message == "oh no")
        #expect(try ParsedAnswer(stream: Array("event: error\ndata: {\"message\":\"m\",\"status\":\"RESOURCE_EXHAUSTED\"}\n\n".utf8), .gemini).answer.failure?.kind == .rateLimited)
        #expect(try ParsedAnswer(stream: Array("data: no json\n\n".utf8), .gemini).answer == ObservedAnswer())
    }

    @Test func whatHasNoPlaceIsPassedOver() throws {
        #expect(try steps(candidate(
            #"{"executableCode":{"code":"1"},"thoughtSignature":"QQ=="},{"codeExecutionResult":{"output":"1"}},{"inlineData":{"mimeType":"image/png","data":"QQ=="}},7,{"text":"a"}"#,
            #","finishReason":"STOP","groundingMetadata":{}"#)) == ["opened r m", "text a", "finish complete -", "end"])
    }

    // MARK: Arguments in pieces

    @Test func argumentsInPieces() throws {
        let pieces = [
            #"{"functionCall":{"name":"f","willContinue":true}}"#,
            #"{"functionCall":{"partialArgs":[{"jsonPath":"$.items[0].name","stringValue":"Ap\"p","willContinue":true}],"willContinue":true}}"#,
            #"{"functionCall":{"partialArgs":[{"jsonPath":"$.items[0].name","stringValue":"le"}],"willContinue":true}}"#,
            #"{"functionCall":{"partialArgs":[{"jsonPath":"$.items[0].price","numberValue":0.5},{"jsonPath":"$.items[1].fresh","boolValue":true}],"willContinue":true}}"#,
            #"{"functionCall":{"partialArgs":[{"jsonPath":"$.note","nullValue":"NULL_VALUE"}],"willContinue":true}}"#,
            #"{"functionCall":{}}"#, #"{"functionCall":{"name":"g","args":{"z":1}}}"#,
        ]
        let parsed = try steps(candidate(pieces.joined(separator: ","), #","finishReason":"STOP""#))
        let arguments = parsed.filter { $0.hasPrefix("arguments 0 ") }.map { $0.dropFirst("arguments 0 ".count) }.joined()
        #expect(arguments == #"{"items":[{"name":"Ap\"ple","price":0.5},{"fresh":true}],"note":null}"#)
        #expect(parsed.suffix(6) == ["call ended 0", "call 1 call_stem_1 g", "arguments 1 {\"z\":1}", "call ended 1", "finish toolCalls -", "end"])
    }

    @Test(arguments: ["", "$", "x", "$..a", "$[0]", "$.a[", "$.a.", "$.a[b", "$['a']['b c']"])
    func oddPaths(_ path: String) throws {
        let parsed = try steps(candidate(
            #"{"functionCall":{"name":"f","partialArgs":[{"jsonPath":"\#(path)","stringValue":"v"},{"jsonPath":7},7,{"jsonPath":"$.z","stringValue":"w"}]}}"#,
            #","finishReason":"STOP""#))
        let arguments = parsed.filter { $0.hasPrefix("arguments 0 ") }.map { $0.dropFirst("arguments 0 ".count) }.joined()
        #expect(arguments == (path.hasPrefix("$['") ? #"{"a":{"b c":"v"},"z":"w"}"# : #"{"z":"w"}"#))
        #expect(parsed.last == "end")
    }

    // MARK: Broken answers

    /// Bytes are overwritten, dropped and doubled at random: nothing traps, and what comes out is whole events.
    @Test(arguments: 1...60)
    func brokenStreams(_ seed: UInt64) throws {
        var random = SeededGenerator(seed)
        let parts = [
            #"{"text":"t","thought":true}"#, #"{"text":"a","thoughtSignature":"ZWthaTE6bTo6c2ln"}"#, #"{"functionCall":{"name":"f","args":{"x":[1,{"y":"z"}]}}}"#,
            #"{"functionCall":{"name":"g","willContinue":true,"partialArgs":[{"jsonPath":"$.a[0].b","stringValue":"v","willContinue":true}]}}"#,
            #"{"functionCall":{"partialArgs":[{"jsonPath":"$.c","numberValue":1}]}}"#,
        ]
        var stream = Array((parts.map { candidate($0) } + [candidate(#"{"text":""}"#, #","finishReason":"STOP""#)]).map { "data: \($0)\r\n\r\n" }.joined().utf8)
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            let place = Int.random(in: 0..<stream.count, using: &random)
            switch Int.random(in: 0...3, using: &random) {
            case 0: stream[place] = Array("{}[]\",:\\0tn".utf8).randomElement(using: &random)!
            case 1: stream.remove(at: place)
            case 2: stream.insert(stream[place], at: place)
            default: stream.replaceSubrange(place..<min(stream.count, place + 9), with: Array("null".utf8))
            }
        }
        let parsed = try ParsedAnswer(stream: stream, .gemini)
        let written = Self.translated(stream, isStream: true, plan)
        #expect(parsed.answer.isComplete == written.contains("finishReason"))
        if parsed.answer.isComplete { #expect(GeminiStreamCheck(written).faults.filter { $0 != "no usage" && !$0.contains("names no model") && !$0.contains("base64") } == []) }
    }

    // MARK: The corpus

    @Test(.enabled(if: !CorpusRecord.of(.gemini).isEmpty), arguments: CorpusRecord.of(.gemini).filter(\.isStream))
    func streamsCutAnywhere(_ record: CorpusRecord) throws {
        let bytes = try record.bytes()
        let whole = try ParsedAnswer(stream: bytes, .gemini, plan: plan)
        #expect(whole.answer.isComplete == record.features.contains { $0.hasPrefix("finish:") })
        #expect(whole.answer.usage != nil && whole.answer.failure == nil)
        for offset in CorpusRecord.cuts(bytes.count, samples: 700) {
            let cut = try ParsedAnswer(stream: bytes, .gemini, cutAt: offset, plan: plan)
            guard cut == whole else {
                Issue.record("cut at \(offset)")
                return
            }
        }
    }

    /// What a plain reading of the file gives: its texts, thoughts, names of calls, signatures.
    @Test(.enabled(if: !CorpusRecord.of(.gemini).isEmpty), arguments: CorpusRecord.of(.gemini).filter { $0.status == 200 })
    func answersSayWhatTheFilesSay(_ record: CorpusRecord) throws {
        let bytes = try record.bytes()
        let parsed = record.isStream ? try ParsedAnswer(stream: bytes, .gemini) : ParsedAnswer(document: bytes, .gemini)
        var text = ""
        var thoughts = ""
        var names: [String] = []
        for response in Self.responses(bytes, record.isStream) {
            let candidate = (response["candidates"] as? [[String: Any]])?.first
            for part in (candidate?["content"] as? [String: Any])?["parts"] as? [[String: Any]] ?? [] {
                if let piece = part["text"] as? String {
                    if part["thought"] as? Bool ?? false { thoughts += piece } else { text += piece }
                }
                if let name = (part["functionCall"] as? [String: Any])?["name"] as? String { names.append(name) }
            }
        }
        var plan = AnswerPlan()
        plan.model = "model"
        plan.idStem = "stem"
        let written = Self.translated(bytes, isStream: record.isStream, plan)
        guard parsed.answer.isComplete else {
            #expect(text.isEmpty && names.isEmpty)
            return
        }
        let check = GeminiStreamCheck(written)
        #expect(check.faults.filter { $0 != "no usage" || parsed.answer.usage != nil } == [])
        #expect(check.text == text && check.thoughts == thoughts)
        #expect(check.calls.map(\.name) == names)
    }

    private static func responses(_ bytes: [UInt8], _ isStream: Bool) -> [[String: Any]] {
        let documents =
            isStream
            ? String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n").components(separatedBy: "\n\n").map { Data($0.dropFirst(6).utf8) }
            : [Data(bytes)]
        return documents.flatMap { document -> [[String: Any]] in
            let value = try? JSONSerialization.jsonObject(with: document)
            return value as? [[String: Any]] ?? (value as? [String: Any]).map { [$0] } ?? []
        }
    }

    /// The answer parsed, and written again as a stream of this dialect.
    private static func translated(_ bytes: [UInt8], isStream: Bool, _ plan: AnswerPlan) -> String {
        var plan = plan
        plan.isStreaming = true
        return bytes.withUnsafeBytes { bytes in
            let reader = JSONReader()
            if isStream {
                let whole = WholeTranslation(events: bytes, from: .gemini, to: .gemini, plan: plan, reader: reader)
                return String(decoding: whole.body, as: UTF8.self)
            }
            let whole = WholeTranslation(bytes, from: .gemini, to: .gemini, plan: plan, reader: reader)
            return String(decoding: whole.body, as: UTF8.self)
        }
    }

    /// Arguments that came in pieces are one object, the one that the pieces spell.
    @Test(.enabled(if: !CorpusRecord.of(.gemini).isEmpty), arguments: CorpusRecord.of(.gemini).filter(\.isStream).filter { $0.features.contains("parallel-tools") })
    func recordedPieces(_ record: CorpusRecord) throws {
        var plan = AnswerPlan()
        plan.model = "model"
        plan.idStem = "stem"
        let bytes = try record.bytes()
        let check = GeminiStreamCheck(Self.translated(bytes, isStream: true, plan))
        var leaves = 0
        for response in Self.responses(bytes, true) {
            let candidate = (response["candidates"] as? [[String: Any]])?.first
            for part in (candidate?["content"] as? [String: Any])?["parts"] as? [[String: Any]] ?? [] {
                for piece in (part["functionCall"] as? [String: Any])?["partialArgs"] as? [[String: Any]] ?? [] where !(piece["willContinue"] as? Bool ?? false) {
                    leaves += 1
                }
            }
        }
        func count(_ value: Any) -> Int {
            if let object = value as? [String: Any] { return object.values.map(count).reduce(0, +) }
            if let list = value as? [Any] { return list.map(count).reduce(0, +) }
            return 1
        }
        if leaves > 0 { #expect(check.calls.map { count($0.arguments) }.reduce(0, +) == leaves) }
    }
}
