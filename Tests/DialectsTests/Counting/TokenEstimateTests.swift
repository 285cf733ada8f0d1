import Foundation
import Streaming
import Testing

@testable import Dialects

@Suite struct TokenEstimateTests {
    private static func estimate(_ body: String, _ dialect: Dialect, model: String = "m") -> Int {
        body.borrowed { TokenEstimate($0, dialect: dialect, model: model, tape: JSONTape()).tokens }
    }

    @Test("The same question is as long in every dialect", arguments: [
        (Dialect.chat, #"{"messages":[{"role":"user","content":"Say something"}]}"#),
        (.chat, #"{"messages":[{"role":"user","content":[{"type":"text","text":"Say something"}]}]}"#),
        (.messages, #"{"max_tokens":5,"messages":[{"role":"user","content":"Say something"}]}"#),
        (.responses, #"{"input":"Say something"}"#),
        (.responses, #"{"input":[{"role":"user","content":[{"type":"input_text","text":"Say something"}]}],"previous_response_id":"resp_1"}"#),
        (.gemini, #"{"contents":[{"role":"user","parts":[{"text":"Say something"}]}]}"#),
        (.gemini, #"{"generateContentRequest":{"model":"models/x","contents":[{"parts":[{"text":"Say something"}]}]}}"#),
    ]) func agrees(_ dialect: Dialect, _ body: String) {
        // Two words, with a mark of three and a frame of four around them.
        #expect(Self.estimate(body, dialect) == 2 + 3 + 4)
    }

    @Test("Instructions count wherever they stand", arguments: [
        (Dialect.chat, #"{"messages":[{"role":"system","content":"Be brief"},{"role":"user","content":"Hi"}]}"#, 3 + 3 + 8),
        (.responses, #"{"instructions":"Be brief","input":"Hi"}"#, 3 + 3 + 4),
        (.messages, #"{"system":[{"type":"text","text":"Be brief","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"Hi"}]}"#, 10),
        (.gemini, #"{"systemInstruction":{"parts":[{"text":"Be brief"}]},"contents":[{"parts":[{"text":"Hi"}]}]}"#, 10),
        (.gemini, #"{"system_instruction":{"parts":[{"text":"Be brief"}]},"contents":[{"parts":[{"text":"Hi"}]}]}"#, 10),
    ]) func countsInstructions(_ dialect: Dialect, _ body: String, _ tokens: Int) {
        #expect(Self.estimate(body, dialect) == tokens)
    }

    @Test("Identifiers, marks, signatures and sealed reasoning are no text") func skipsWhatIsNoText() {
        let plain = #"{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"Hm"},{"type":"tool_use","name":"f","input":{"a":1}}]}]}"#
        let signed = #"{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":"\#(String(repeating: "Q", count: 4_000))"},"#
            + #"{"type":"tool_use","id":"toolu_0123456789abcdef","name":"f","input":{"a":1},"cache_control":{"type":"ephemeral"}}]}]}"#
        #expect(Self.estimate(plain, .messages) == Self.estimate(signed, .messages))
    }

    @Test("A picture counts by its size and not by its base64") func countsPictures() {
        func chat(_ url: String) -> Int {
            Self.estimate(#"{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"\#(url)"}}]}]}"#, .chat) - 7
        }
        #expect(chat("data:image/png;base64,AAAA") == 64)
        #expect(chat("data:image/png;base64," + String(repeating: "A", count: 120_000)) == 90_015 / 225)
        #expect(chat("data:image/png;base64," + String(repeating: "A", count: 4_000_000)) == 1_600)
        #expect(chat("https://example.com/picture.png") == 800)
        let data = String(repeating: "A", count: 120_000)
        let messages = #"{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"\#(data)"}}]}]}"#
        #expect(Self.estimate(messages, .messages) == 7 + 400)
        let gemini = #"{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"\#(data)"}}]}]}"#
        #expect(Self.estimate(gemini, .gemini, model: "gemini-3-pro") == 258)
        let pdf = #"{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"\#(data)"}}]}]}"#
        #expect(Self.estimate(pdf, .messages) == 7 + 32_768 / 8 + (90_000 - 32_768) / 60)
        let text = #"{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"two words"}}]}]}"#
        #expect(Self.estimate(text, .messages) == 7 + 2)
    }

    @Test("Tools count by their words, with what a provider says around them") func countsTools() {
        let tools = #""tools":[{"type":"function","function":{"name":"weather","description":"Tells the weather","strict":true,"#
            + #""parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}}}]"#
        let bare = Self.estimate(#"{"messages":[{"role":"user","content":"Hi"}]}"#, .chat)
        // The name, three words, a property with its frame, and three types.
        #expect(Self.estimate(#"{"messages":[{"role":"user","content":"Hi"}],\#(tools)}"#, .chat) == bare + 8 + 1 + 3 + 5 + 3)
        #expect(Self.estimate(#"{"messages":[{"role":"user","content":"Hi"}],\#(tools)}"#, .chat, model: "anthropic/claude-sonnet-4.5") > bare + 480)
        #expect(Self.estimate(#"{"messages":[{"role":"user","content":"Hi"}],"tools":[]}"#, .chat) == bare)
    }

    @Test("What is no request counts by its bytes, and nothing counts for less than one token", arguments: [
        ("", 1), ("{", 1), ("[1,2,3,4,5,6,7,8]", 5), ("{}", 1), (#"{"messages":7}"#, 7), (#"{"messages":null,"tools":3}"#, 1),
    ]) func judgesNonsense(_ body: String, _ tokens: Int) {
        #expect(Self.estimate(body, .chat) == tokens)
    }

    // MARK: Measured

    /// A recorded request whose provider told how many tokens it had.
    struct Measured: Sendable {
        var id: String
        var dialect: Dialect
        var model: String
        var body: [UInt8]
        var tokens: Int
    }

    /// The recordings, without those where the provider added what nobody can see in the request: results of tools that it ran itself, another
    /// answer's state, the pages of a search.
    static let measured: [Measured] = CountingCorpus.requests()

    @Test("The error over the recorded requests is what the documentation says", .enabled(if: !measured.isEmpty), arguments: Dialect.allCases)
    func isAsGoodAsMeasured(_ dialect: Dialect) {
        var errors: [Double] = []
        var naive: [Double] = []
        for each in Self.measured where each.dialect == dialect {
            let estimate = each.body.withUnsafeBytes { TokenEstimate($0, dialect: dialect, model: each.model, tape: JSONTape()).tokens }
            errors.append(abs(Double(estimate - each.tokens)) / Double(each.tokens))
            naive.append(abs(Double((each.body.count + 3) / 4 - each.tokens)) / Double(each.tokens))
        }
        errors.sort()
        naive.sort()
        let (median, tail) = (errors[errors.count / 2], errors[errors.count * 9 / 10])
        print("estimate \(dialect): \(errors.count) cases, median \(median), p90 \(tail); bytes/4 \(naive[naive.count / 2]), \(naive[naive.count * 9 / 10])")
        #expect(errors.count >= 15)
        #expect(median < 0.30)
        #expect(tail <= 1.0)
        #expect(median < naive[naive.count / 2] / 2)
    }
}
