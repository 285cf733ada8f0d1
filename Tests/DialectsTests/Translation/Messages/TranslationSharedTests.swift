import Streaming
import Testing

@testable import Dialects

@Suite struct ToolNamesTests {
    private func name(
        _ name: String, namespace: String? = nil, isCustom: Bool = false, for dialect: Dialect = .messages, plan: inout AnswerPlan
    ) -> String {
        ToolNames.providerName(.owned(name), namespace: namespace.map { .owned($0) }, isCustom: isCustom, for: dialect, plan: &plan).string
    }

    @Test func aLegalNameStays() {
        var plan = AnswerPlan()
        #expect(name("get_weather-2", plan: &plan) == "get_weather-2")
        #expect(name("a.b:c", for: .gemini, plan: &plan) == "a.b:c")
        #expect(name(String(repeating: "x", count: 128), plan: &plan).utf8.count == 128)
        #expect(plan.renamedTools.isEmpty)
    }

    @Test func anIllegalNameIsMadeLegalTheSameWayEachTime() {
        var plan = AnswerPlan()
        let long = String(repeating: "x", count: 200)
        for (illegal, dialect) in [("a.b", Dialect.messages), ("é", .chat), ("", .responses), ("7up", .gemini), (long, .messages), (long, .chat)] {
            let first = name(illegal, for: dialect, plan: &plan)
            #expect(ToolNames.isLegal(.owned(first), for: dialect), "\(first)")
            #expect(name(illegal, for: dialect, plan: &plan) == first)
            #expect(plan.renamedTools[first] == AnswerPlan.ClientTool(name: illegal))
        }
        #expect(name("a.b", plan: &plan) != name("a:b", plan: &plan))
    }

    @Test func groupsAndFreeTextAreNoted() {
        var plan = AnswerPlan()
        #expect(name("search", namespace: "crm", plan: &plan) == "crm__search")
        #expect(plan.renamedTools["crm__search"] == AnswerPlan.ClientTool(name: "search", namespace: "crm"))
        #expect(name("apply_patch", isCustom: true, plan: &plan) == "apply_patch")
        #expect(plan.renamedTools["apply_patch"] == AnswerPlan.ClientTool(name: "apply_patch", isCustom: true))
        // A plain tool of the name that the grouped one has now.
        let plain = name("crm__search", plan: &plan)
        #expect(plain != "crm__search" && plan.renamedTools[plain] == AnswerPlan.ClientTool(name: "crm__search"))
    }

    @Test func aLegalNameIsTakenForAllOthers() {
        var plan = AnswerPlan()
        #expect(name("crm__search", plan: &plan) == "crm__search")
        let grouped = name("search", namespace: "crm", plan: &plan)
        #expect(grouped != "crm__search" && plan.renamedTools[grouped] == AnswerPlan.ClientTool(name: "search", namespace: "crm"))
        // Each keeps its own, whichever is asked for next.
        #expect(name("crm__search", plan: &plan) == "crm__search")
        #expect(name("search", namespace: "crm", plan: &plan) == grouped)
        #expect(plan.renamedTools["crm__search"] == nil)
    }
}

@Suite struct OutputToolFilterTests {
    private func filtered(_ events: [AnswerEvent], tool: String? = "json_output") -> String {
        var plan = AnswerPlan()
        plan.outputTool = tool
        var filter = OutputToolFilter(plan)
        return events.compactMap { filter.apply($0) }.written(StepRecorder(plan))
    }

    @Test func theOutputToolsArgumentsAreTheText() {
        let steps = filtered([
            .toolCall(call: 0, id: .owned("t"), name: .owned("json_output")), .toolArguments(call: 0, .owned("{\"a\":")), .toolArguments(call: 0, .owned("1}")),
            .toolCallEnded(call: 0), .finish(.toolCalls, stopText: nil), .end,
        ])
        #expect(steps == "text {\"a\":\ntext 1}\nfinish complete -\nend\n")
    }

    @Test func anEmptyOutputIsAnObject() {
        let steps = filtered([.toolCall(call: 0, id: nil, name: .owned("json_output")), .toolCallEnded(call: 0), .finish(.toolCalls, stopText: nil)])
        #expect(steps == "text {}\nfinish complete -\n")
    }

    @Test func otherCallsStayCalls() {
        let steps = filtered([
            .toolCall(call: 0, id: nil, name: .owned("json_output")), .toolArguments(call: 0, .owned("{}")), .toolCallEnded(call: 0),
            .toolCall(call: 1, id: .owned("t"), name: .owned("other")), .toolArguments(call: 1, .owned("{}")), .toolCallEnded(call: 1),
            .finish(.toolCalls, stopText: nil),
        ])
        #expect(steps == "text {}\ncall 0 t other\narguments 0 {}\ncall ended 0\nfinish toolCalls -\n")
    }

    @Test func withoutOutputToolNothingChanges() {
        let steps = filtered([.toolCall(call: 0, id: nil, name: .owned("json_output")), .finish(.toolCalls, stopText: nil)], tool: nil)
        #expect(steps == "call 0 - json_output\nfinish toolCalls -\n")
    }
}

@Suite struct ObjectProgressTests {
    /// Where the object is whole, whichever way its text is cut and escaped.
    @Test(arguments: [
        #"{}"#, #"{"a":"}"}"#, #"{"a":"\"}"}"#, #"{"a":"\\"}"#, #"{"a":[{},{"b":"]"}]}"#, #" { "ä" : "\u007d\n" } "#,
    ])
    func objects(_ text: String) {
        for usesUnicode in [false, true] {
            let escaped = text.utf8.flatMap { byte -> [[UInt8]] in
                switch byte {
                case UInt8(ascii: "\""): [Array((usesUnicode ? "\\u0022" : "\\\"").utf8)]
                case UInt8(ascii: "\\"): [Array((usesUnicode ? "\\u005C" : "\\\\").utf8)]
                default: [[byte]]
                }
            }
            let end = escaped.count - (text.hasSuffix(" ") ? 1 : 0)
            for cut in 0...escaped.count {
                var progress = ObjectProgress()
                for piece in [escaped[..<cut], escaped[cut...]] {
                    Array(piece.joined()).withUnsafeBytes { progress.take(escaped: $0) }
                    if piece.endIndex < end { #expect(!progress.isComplete, "\(text) at \(cut)") }
                }
                #expect(progress.isComplete)
            }
        }
    }

    @Test(arguments: ["", "{", #"{"a":"}"#, "[1,", "nonsense", #"\"#, #"\u00"#])
    func unfinished(_ text: String) {
        var progress = ObjectProgress()
        text.borrowed { progress.take(escaped: $0) }
        #expect(!progress.isComplete)
    }
}

@Suite struct CallIDTests {
    @Test func legalIDsStay() {
        #expect(CallID.legal(.owned("toolu_01-Ab"), for: .messages, profile: .anthropic).string == "toolu_01-Ab")
    }

    @Test(arguments: ["functions.get:0", "", "ä", String(repeating: "x", count: 200)])
    func othersAreReplacedTheSameWayEachTime(_ id: String) {
        for (dialect, profile) in [(Dialect.messages, ProviderProfile.anthropic), (.chat, .openAI), (.chat, .mistral), (.responses, .openAI)] {
            let legal = CallID.legal(.owned(id), for: dialect, profile: profile).string
            #expect(legal == CallID.legal(.owned(id), for: dialect, profile: profile).string)
            #expect(CallID.legal(.owned(legal), for: dialect, profile: profile).string == legal)
            #expect(legal.utf8.count <= 40)
        }
    }
}
