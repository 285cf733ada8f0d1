import Foundation
import Streaming
import Testing

@testable import Dialects

@Suite struct GeminiRequestWriterTests {
    private func text(_ text: String) -> JSONText { .owned(text) }

    private func call(_ id: String, _ name: String, _ arguments: String = "{}", state: ProviderState? = nil) -> ConversationPart {
        var call = ToolCall(id: text(id), name: text(name), arguments: .text(text(arguments)))
        call.state = state
        return ConversationPart(.toolCall(call))
    }

    private func result(_ id: String, _ parts: [ConversationPart], isError: Bool = false) -> ConversationPart {
        ConversationPart(.toolResult(ToolResult(callID: text(id), parts: parts, isError: isError)))
    }

    private func conversation(_ turns: (ConversationTurn.Role, [ConversationPart])...) -> Conversation {
        var conversation = Conversation()
        conversation.turns = turns.map { ConversationTurn(role: $0.0, parts: $0.1) }
        return conversation
    }

    // MARK: Contents

    @Test func systemTexts() throws {
        var spoken = conversation((.user, [.text(text("a"))]), (.system, [.text(text("now brief"))]), (.assistant, [.text(text("b"))]))
        spoken.system = [.text(text("one")), .text(text("")), .text(text("two"))]
        let body = try spoken.geminiBody()
        #expect(try canonical(try #require(body["systemInstruction"])) == #"{"parts":[{"text":"one"},{"text":"two"}]}"#)
        #expect(try spoken.geminiContents() == [#"user: {"text":"a"} {"text":"now brief"}"#, #"model: {"text":"b"}"#])

        spoken.turns = []
        #expect(try spoken.geminiContents() == [#"user: {"text":"one"} {"text":"two"}"#])
        #expect(try spoken.geminiBody()["systemInstruction"] == nil)
        #expect(try Conversation().geminiContents() == [#"user: {"text":" "}"#])
        #expect(try conversation((.assistant, [.text(text("hi"))])).geminiContents() == [#"user: {"text":" "}"#, #"model: {"text":"hi"}"#])
    }

    @Test func resultsGoFirstInTheOrderOfTheCalls() throws {
        let spoken = conversation(
            (.user, [.text(text("go"))]),
            (.assistant, [.text(text("I look")), call("1", "a", #"{"x":1}"#), call("2", "b", ""), call("3", "c", "no json")]),
            (.system, [.text(text("hurry"))]),
            (.user, [result("3", [], isError: true), result("1", [.text(text("{\"n\":1}")), .text(text("two"))]), .text(text("and?")), result("9", [.text(text("stray"))])]))
        #expect(
            try spoken.geminiContents("gemini-2.5-flash") == [
                #"user: {"text":"go"}"#,
                #"model: {"text":"I look"} {"functionCall":{"args":{"x":1},"name":"a"}} {"functionCall":{"args":{},"name":"b"}} {"functionCall":{"args":{"input":"no json"},"name":"c"}}"#,
                #"user: {"functionResponse":{"name":"a","response":{"output":"{\"n\":1}\ntwo"}}} {"functionResponse":{"name":"b","response":{"error":"The call has no result."}}} {"functionResponse":{"name":"c","response":{"error":""}}}"#,
                #"user: {"text":"hurry"} {"text":"and?"} {"text":"stray"}"#,
            ])
        let ids = try spoken.geminiContents("gemini-3-pro-preview")
        #expect(ids[1].contains(#""id":"2""#) && ids[2].contains(#""id":"2""#))
    }

    @Test func aTurnThatEndsWithCallsWaits() throws {
        let spoken = conversation((.user, [.text(text("go"))]), (.assistant, [call("1", "a")]))
        #expect(try spoken.geminiContents("gemini-2.0-flash").count == 2)
    }

    @Test func argumentsAreReadOutOfTheirString() throws {
        let escaped = Array(#" {\"a\": \"\ud83d\ude00\\n\"} "#.utf8)
        try escaped.withUnsafeBytes { bytes in
            let spoken = conversation(
                (.user, [.text(text("go"))]), (.assistant, [ConversationPart(.toolCall(ToolCall(id: text("1"), name: text("f"), arguments: .text(.escaped(bytes)))))]))
            let body = try spoken.geminiBody()
            let parts = try #require(((body["contents"] as? [[String: Any]])?[1]["parts"] as? [[String: Any]])?[0]["functionCall"] as? [String: Any])
            #expect(parts["args"] as? [String: String] == ["a": "\u{1F600}\n"])
        }
    }

    @Test func mediaInResults() throws {
        let image = ConversationPart(.image(.base64(mediaType: text("image/png"), data: text("QUJD"))))
        let spoken = conversation((.user, [.text(text("go"))]), (.assistant, [call("1", "a")]), (.user, [result("1", [.text(text("see")), image])]))
        #expect(try spoken.geminiContents("gemini-2.5-pro").suffix(2) == [
            #"user: {"functionResponse":{"name":"a","response":{"output":"see"}}}"#, #"user: {"inlineData":{"data":"QUJD","mimeType":"image/png"}}"#,
        ])
        #expect(try spoken.geminiContents("gemini-3-pro-preview").last
            == #"user: {"functionResponse":{"id":"1","name":"a","parts":[{"inlineData":{"data":"QUJD","mimeType":"image/png"}}],"response":{"output":"see"}}}"#)
    }

    @Test func media() throws {
        let parts: [ConversationPart] = [
            ConversationPart(.file(.base64(mediaType: text("application/pdf"), data: text("QQ==")), name: text("a.pdf"))),
            ConversationPart(.audio(data: text("Qg=="), format: text("wav"))), ConversationPart(.file(.text(text("words")), name: nil)),
            ConversationPart(.image(.url(text("https://generativelanguage.googleapis.com/v1beta/files/1")))),
            ConversationPart(.file(.url(text("https://www.youtube.com/watch?v=1")), name: nil)), ConversationPart(.file(.fileID(text("gs://b/c")), name: nil)),
        ]
        #expect(try conversation((.user, parts)).geminiContents() == [
            #"user: {"inlineData":{"data":"QQ==","mimeType":"application/pdf"}} {"inlineData":{"data":"Qg==","mimeType":"audio/wav"}} {"text":"words"} {"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/1"}} {"fileData":{"fileUri":"https://www.youtube.com/watch?v=1"}} {"fileData":{"fileUri":"gs://b/c"}}"#
        ])
        for part in [ConversationPart.Content.image(.url(text("https://x/y.png"))), .file(.url(text("https://x/y.pdf")), name: nil), .file(.fileID(text("file-1")), name: nil)] {
            #expect(throws: RequestProblem.self) { try conversation((.user, [ConversationPart(part)])).geminiBody() }
        }
    }

    // MARK: States

    @Test func statesOfGeminiStandOnThePartBehindThem() throws {
        let spoken = conversation(
            (.user, [.text(text("go"))]),
            (.assistant, [
                ConversationPart(.thinking(text("secret"), state: ProviderState(.gemini, text("QQ==")))), call("1", "a"), call("2", "b"),
                ConversationPart(.sealedThinking(ProviderState(.gemini, text("Qg==")))), .text(text("t")),
                ConversationPart(.sealedThinking(ProviderState(.gemini, text("Qw==")))),
            ]))
        #expect(try spoken.geminiContents("gemini-3-flash-preview")[1]
            == #"model: {"functionCall":{"args":{},"id":"1","name":"a"},"thoughtSignature":"QQ=="} {"functionCall":{"args":{},"id":"2","name":"b"}} {"text":"t","thoughtSignature":"Qg=="} {"text":"","thoughtSignature":"Qw=="}"#)
    }

    @Test func whatAnotherModelThoughtIsLeftOut() throws {
        let spoken = conversation(
            (.user, [.text(text("go"))]),
            (.assistant, [
                ConversationPart(.thinking(text("secret"), state: ProviderState(.messages, text("sig")))), ConversationPart(.sealedThinking(ProviderState(.responses, text("enc")))),
                call("1", "a"), call("2", "b"),
            ]),
            (.user, [result("1", [.text(text("x"))]), result("2", [.text(text("y"))])]),
            (.assistant, [ConversationPart(.thinking(text("more"), state: nil))]))
        let contents = try spoken.geminiContents("gemini-3.5-flash")
        #expect(contents.count == 3)
        #expect(contents[1]
            == #"model: {"functionCall":{"args":{},"id":"1","name":"a"},"thoughtSignature":"c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="} {"functionCall":{"args":{},"id":"2","name":"b"}}"#)
        #expect(try !spoken.geminiContents("gemini-2.5-flash")[1].contains("thoughtSignature"))
        #expect(Base64.encoded("skip_thought_signature_validator".utf8) == ProviderState.geminiBypass.description)
    }

    // MARK: Tools

    private func withTools<Result>(_ tools: String, _ body: (Conversation) throws -> Result) throws -> Result {
        try Conversation.gemini(#"{"contents":"a","tools":[{"functionDeclarations":[\#(tools)]}]}"#, body)
    }

    @Test func schemasByModel() throws {
        let tool = ##"{"name":"f","description":"d","parametersJsonSchema":{"$schema":"x","type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"const":"v"}}}}"##
        try withTools(tool) { conversation throws in
            func declaration(_ model: String) throws -> String {
                let tools = try #require(try conversation.geminiBody(model)["tools"] as? [[String: Any]])
                return try canonical(try #require((tools[0]["functionDeclarations"] as? [Any])?.first))
            }
            let whole = ##"{"description":"d","name":"f","parametersJsonSchema":{"$defs":{"A":{"const":"v"}},"properties":{"a":{"$ref":"#/$defs/A"}},"type":"object"}}"##
            for model in ["gemini-2.5-flash", "gemini-3-pro-preview", "gemini-flash-latest", "models/gemini-2.5-pro", "google/gemini-3.1-flash-lite"] {
                #expect(try declaration(model) == whole)
            }
            let cleaned = #"{"description":"d","name":"f","parameters":{"properties":{"a":{"enum":["v"],"type":"STRING"}},"type":"OBJECT"}}"#
            for model in ["gemini-2.0-flash-001", "gemini-1.5-pro", "gemma-3-27b-it"] { #expect(try declaration(model) == cleaned) }
        }
        try withTools(#"{"name":"f","parameters":{"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true}}}},{"name":"g","parametersJsonSchema":{"type":"object","properties":{}}}"#) {
            let tools = try #require(try $0.geminiBody("gemini-2.0-flash")["tools"])
            #expect(try canonical(tools)
                == #"[{"functionDeclarations":[{"name":"f","parameters":{"properties":{"a":{"nullable":true,"type":"STRING"}},"type":"OBJECT"}},{"name":"g"}]}]"#)
            let newer = try #require(try $0.geminiBody("gemini-2.5-flash")["tools"])
            #expect(try canonical(newer).contains(#"{"a":{"type":["string","null"]}}"#))
        }
    }

    @Test func customAndHostedToolsAndNames() throws {
        try withJSON(#"{"type":"grammar","syntax":"lark","definition":"start: \"a\""}"#) { value in
            var spoken = conversation((.user, [.text(text("a"))]), (.assistant, [call("1", "1 bad/name")]))
            var custom = ToolDefinition(kind: .custom(format: value), name: text("patch"), source: value)
            custom.description = text("Patches.")
            var grouped = ToolDefinition(kind: .function, name: text("run"), source: value)
            grouped.namespace = text("shell")
            spoken.tools = [custom, grouped, ToolDefinition(kind: .hosted(type: text("web_search")), name: text("web_search"), source: value)]
            spoken.toolChoice = .tool(name: text("run"), namespace: text("shell"))
            var plan = AnswerPlan()
            let body = try spoken.geminiBody("gemini-3-flash-preview", plan: &plan)
            let tools = try canonical(try #require(body["tools"]))
            #expect(tools
                == #"[{"functionDeclarations":[{"description":"Patches.\n\nThe input follows this grammar (lark):\nstart: \"a\"","name":"patch","parametersJsonSchema":{"properties":{"input":{"type":"string"}},"required":["input"],"type":"object"}},{"name":"shell__run"}]}]"#)
            #expect(try canonical(try #require(body["toolConfig"])) == #"{"functionCallingConfig":{"allowedFunctionNames":["shell__run"],"mode":"ANY"}}"#)
            #expect(plan.renamedTools["patch"] == AnswerPlan.ClientTool(name: "patch", isCustom: true))
            #expect(plan.renamedTools["shell__run"] == AnswerPlan.ClientTool(name: "run", namespace: "shell"))
            #expect(plan.renamedTools.values.contains(AnswerPlan.ClientTool(name: "1 bad/name")))
        }
    }

    @Test(arguments: [
        (#"{"mode":"AUTO"}"#, #"{"mode":"AUTO"}"#), (#"{"mode":"NONE"}"#, #"{"mode":"NONE"}"#), (#"{"mode":"ANY"}"#, #"{"mode":"ANY"}"#),
        (#"{"mode":"ANY","allowedFunctionNames":["f"]}"#, #"{"allowedFunctionNames":["f"],"mode":"ANY"}"#),
        (#"{"mode":"VALIDATED","allowedFunctionNames":["f","g"]}"#, #"{"allowedFunctionNames":["f","g"],"mode":"VALIDATED"}"#),
    ])
    func toolChoices(_ config: String, _ expected: String) throws {
        let rest = #","toolConfig":{"functionCallingConfig":\#(config)}}"#
        try Conversation.gemini(#"{"contents":"a","tools":[{"functionDeclarations":[{"name":"f"},{"name":"g"}]}]"# + rest) { conversation throws in
            #expect(try conversation.geminiMember("toolConfig") == #"{"functionCallingConfig":\#(expected)}"#)
        }
        try Conversation.gemini(#"{"contents":"a""# + rest) { conversation throws in
            #expect(try conversation.geminiBody()["toolConfig"] == nil)
        }
    }

    // MARK: Options

    private func options(_ config: String, _ model: String = "gemini-2.5-flash", tools: String = "") throws -> String {
        try Conversation.gemini(#"{"contents":"a","generationConfig":\#(config)\#(tools)}"#) {
            try $0.geminiMember("generationConfig", model)
        }
    }

    @Test func sampling() throws {
        #expect(try options(#"{"maxOutputTokens":100,"stopSequences":["a","b"],"temperature":0.5,"topP":1.0,"topK":40.0,"seed":7,"presencePenalty":0.5,"frequencyPenalty":0.0}"#)
            == #"{"maxOutputTokens":100,"presencePenalty":0.5,"seed":7,"stopSequences":["a","b"],"temperature":0.5,"topK":40,"topP":1}"#)
        #expect(try options(#"{"maxOutputTokens":128000,"seed":99999999999}"#) == #"{"maxOutputTokens":65536}"#)
        #expect(try options(#"{"maxOutputTokens":128000}"#, "gemini-2.0-flash") == #"{"maxOutputTokens":8192}"#)
        #expect(throws: RequestProblem.notTranslatable(member: "stop_sequences", reason: "Gemini takes at most five")) {
            try options(#"{"stopSequences":["1","2","3","4","5","6"]}"#)
        }
        #expect(throws: RequestProblem.notTranslatable(member: "n", reason: "one answer at a time is translated")) { try options(#"{"candidateCount":2}"#) }
    }

    @Test func formats() throws {
        let schema = #"{"responseMimeType":"application/json","responseJsonSchema":{"type":"object","properties":{"a":{"const":"x"}}}}"#
        #expect(try options(schema) == #"{"responseJsonSchema":{"properties":{"a":{"const":"x"}},"type":"object"},"responseMimeType":"application/json"}"#)
        #expect(try options(schema, "gemini-2.0-flash")
            == #"{"responseMimeType":"application/json","responseSchema":{"properties":{"a":{"enum":["x"],"type":"STRING"}},"type":"OBJECT"}}"#)
        #expect(try options(#"{"responseMimeType":"application/json"}"#) == #"{"responseMimeType":"application/json"}"#)
        let tools = #","systemInstruction":"Be brief.","tools":[{"functionDeclarations":[{"name":"f"}]}]"#
        #expect(try options(schema, "gemini-3-flash-preview", tools: tools).contains("responseJsonSchema"))
        #expect(try options(schema, tools: tools) == "{}")
        try Conversation.gemini(#"{"contents":"a","generationConfig":\#(schema)\#(tools)}"#) {
            let system = try $0.geminiMember("systemInstruction", "gemini-2.5-flash")
            #expect(system.contains("Be brief.") && system.contains("JSON only") && system.contains(#"{\"type\":\"object\",\"properties\":{\"a\":{\"const\":\"x\"}}}"#))
        }
    }

    @Test(arguments: [
        ("gemini-2.5-flash", #"{"thinkingBudget":0}"#, #"{"thinkingBudget":0}"#), ("gemini-2.5-pro", #"{"thinkingBudget":0}"#, #"{"thinkingBudget":128}"#),
        ("gemini-2.5-flash", #"{"thinkingBudget":-1}"#, #"{"thinkingBudget":-1}"#), ("gemini-2.5-flash", #"{"thinkingBudget":90000}"#, #"{"thinkingBudget":24576}"#),
        ("gemini-2.5-flash-lite", #"{"thinkingBudget":100}"#, #"{"thinkingBudget":512}"#),
        ("gemini-2.5-pro", #"{"thinkingLevel":"MEDIUM","includeThoughts":true}"#, #"{"includeThoughts":true,"thinkingBudget":8192}"#),
        ("gemini-2.5-flash", #"{"includeThoughts":true}"#, #"{"includeThoughts":true}"#), ("gemini-2.5-flash", "{}", "-"),
        ("gemini-2.0-flash", #"{"thinkingBudget":1000,"includeThoughts":true}"#, "-"),
        ("gemini-3-flash-preview", #"{"thinkingBudget":0}"#, #"{"thinkingLevel":"minimal"}"#), ("gemini-3-pro-preview", #"{"thinkingBudget":0}"#, #"{"thinkingLevel":"low"}"#),
        ("gemini-3-pro-preview", #"{"thinkingLevel":"MEDIUM"}"#, #"{"thinkingLevel":"high"}"#), ("gemini-3.1-pro-preview", #"{"thinkingLevel":"MEDIUM"}"#, #"{"thinkingLevel":"medium"}"#),
        ("gemini-3-pro-preview", #"{"thinkingLevel":"MINIMAL"}"#, #"{"thinkingLevel":"low"}"#), ("gemini-3.6-flash", #"{"thinkingBudget":30000}"#, #"{"thinkingLevel":"high"}"#),
        ("gemini-3-flash-preview", #"{"thinkingBudget":-1,"includeThoughts":true}"#, #"{"includeThoughts":true}"#),
    ])
    func thinking(_ model: String, _ config: String, _ expected: String) throws {
        try Conversation.gemini(#"{"contents":"a","generationConfig":{"thinkingConfig":\#(config)}}"#) {
            let options = try #require(try $0.geminiBody(model)["generationConfig"] as? [String: Any])
            #expect(try options["thinkingConfig"].map(canonical) ?? "-" == expected)
        }
    }

    @Test func thinkingLeavesRoomForTheAnswer() throws {
        #expect(try options(#"{"maxOutputTokens":2000,"thinkingConfig":{"thinkingBudget":8000}}"#) == #"{"maxOutputTokens":2000,"thinkingConfig":{"thinkingBudget":1999}}"#)
        var spoken = conversation((.user, [.text(text("a"))]))
        spoken.reasoning.effort = .low
        #expect(try spoken.geminiMember("generationConfig", "gemini-2.5-pro") == #"{"thinkingConfig":{"includeThoughts":true,"thinkingBudget":2048}}"#)
        spoken.reasoning.isShown = false
        #expect(try spoken.geminiMember("generationConfig", "gemini-2.5-pro") == #"{"thinkingConfig":{"thinkingBudget":2048}}"#)
    }

    @Test func thoughtsAreShownToWhoAsksForThem() throws {
        let target = TranslationTarget(dialect: .gemini, model: "gemini-2.5-flash", profile: .google)
        let silent = try TranslatedRequest(#"{"contents":"a"}"#, from: .gemini, to: target)
        #expect(!silent.plan.showsThinking)
        let shown = try TranslatedRequest(
            #"{"contents":"a","generationConfig":{"thinkingConfig":{"includeThoughts":true}}}"#, from: .gemini, to: target)
        #expect(shown.plan.showsThinking)
    }

    // MARK: There and back

    /// What a recorded request says is the same after it went through the neutral form.
    @Test(.enabled(if: !CorpusRecord.of(.gemini).isEmpty), arguments: CorpusRecord.of(.gemini))
    func thereAndBack(_ record: CorpusRecord) throws {
        guard let body = try record.request() else { return }
        guard !body.contains("invalid_role") else {
            #expect(throws: RequestProblem.self) { try Conversation.gemini(body) { _ in } }
            return
        }
        let target = TranslationTarget(dialect: .gemini, model: record.model, profile: .google)
        let once = try TranslatedRequest(body, from: .gemini, to: target)
        let twice = try TranslatedRequest(once.text, from: .gemini, to: target)
        // Ids that were minted on the way stand for calls that had none, by the same names and in the same order.
        #expect(try canonical(twice.body) == canonical(once.body))
        try Conversation.gemini(body) { before in
            try Conversation.gemini(once.text) { after in
                #expect(Self.outline(before) == Self.outline(after))
                #expect(before.tools.filter { if case .hosted = $0.kind { false } else { true } }.map(\.name.string) == after.tools.map(\.name.string))
                #expect(before.maxOutputTokens == after.maxOutputTokens && before.stop.map(\.string) == after.stop.map(\.string))
                #expect(lines([ConversationTurn(role: .user, parts: before.system)]) == lines([ConversationTurn(role: .user, parts: after.system)]))
            }
        }
    }

    /// Texts, names, arguments and results, without ids.
    private static func outline(_ conversation: Conversation) -> [String] {
        conversation.turns.flatMap(\.parts).map { part in
            switch part.content {
            case .text(let text), .file(.text(let text), _): "text \(text.string)"
            case .toolCall(let call): "call \(call.name.string) \(call.state?.value.string ?? "-")"
            case .toolResult(let result): "result \(result.name?.string ?? "-") \(result.object.map { (try? canonical(JSONSerialization.jsonObject(with: Data($0.rawBytes)))) ?? "?" } ?? "parts")"
            case .sealedThinking(let state): "state \(state.value.string)"
            default: "other"
            }
        }
    }
}
