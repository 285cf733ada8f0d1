import Foundation
import Streaming
import Testing

@testable import Dialects

/// Peers' mistakes: any value of a request or of an event may be another one. Nothing traps, and what goes out keeps its form.
@Suite struct ResponsesMutationTests {
    private static var replacements: [Any] {
        [7, -1, 1e300, true, NSNull(), "", "x", "ekai1:", "ekai1:r::", [Any](), ["x"], [String: Any](), ["type": "message"]]
    }

    /// The value with one value in it replaced, removed or doubled.
    private static func mutated(_ value: Any, _ generator: inout SeededGenerator) -> Any {
        let goesDeeper = Int.random(in: 0..<6, using: &generator) > 0
        if goesDeeper, var object = value as? [String: Any], let name = object.keys.sorted().randomElement(using: &generator) {
            object[name] = Int.random(in: 0..<12, using: &generator) == 0 ? nil : mutated(object[name] ?? 0, &generator)
            return object
        }
        if goesDeeper, var list = value as? [Any], let index = list.indices.randomElement(using: &generator) {
            if Int.random(in: 0..<8, using: &generator) == 0 {
                list.insert(list[index], at: index)
            } else {
                list[index] = mutated(list[index], &generator)
            }
            return list
        }
        return replacements.randomElement(using: &generator) ?? 0
    }

    @Test func requests() throws {
        let source = try JSONSerialization.jsonObject(with: Data(ResponsesRequestParserTests.codex.utf8))
        var generator = SeededGenerator(1)
        var taken = 0
        for _ in 0..<600 {
            let json = String(decoding: try JSONSerialization.data(withJSONObject: Self.mutated(source, &generator), options: .fragmentsAllowed), as: UTF8.self)
            for dialect in Dialect.allCases {
                do {
                    _ = try TranslatedRequest(json, from: .responses, to: TranslationTarget(dialect: dialect, model: "gpt-5.2"))
                    taken += 1
                } catch is RequestProblem {}
            }
        }
        #expect(taken > 600)
    }

    /// Events of all kinds, some of them wrong, for clients of this dialect: the stream stays well formed as far as it goes.
    @Test func streams() throws {
        let events = [
            #"{"type":"response.created","response":{"id":"resp_1","model":"m","status":"in_progress","output":[]}}"#,
            #"{"type":"response.output_item.added","output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]}}"#,
            #"{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"a"}"#,
            #"{"type":"response.output_item.done","output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[{"text":"a"}],"encrypted_content":"e"}}"#,
            #"{"type":"response.output_item.added","output_index":1,"item":{"type":"function_call","call_id":"call_1","name":"f","arguments":""}}"#,
            #"{"type":"response.function_call_arguments.delta","output_index":1,"delta":"{}"}"#,
            #"{"type":"response.output_item.done","output_index":1,"item":{"type":"function_call","call_id":"call_1","name":"f","arguments":"{}"}}"#,
            #"{"type":"response.output_item.added","output_index":2,"item":{"type":"custom_tool_call","call_id":"call_2","name":"c","input":""}}"#,
            #"{"type":"response.custom_tool_call_input.delta","output_index":2,"delta":"x\n"}"#,
            #"{"type":"response.output_item.done","output_index":2,"item":{"type":"custom_tool_call","call_id":"call_2","name":"c","input":"x\n"}}"#,
            #"{"type":"response.output_text.delta","output_index":3,"content_index":0,"delta":"Hi"}"#,
            #"{"type":"response.output_item.done","output_index":3,"item":{"type":"message","content":[{"type":"output_text","text":"Hi"}]}}"#,
            #"{"type":"response.completed","response":{"id":"resp_1","status":"completed","output":[],"usage":{"input_tokens":1,"output_tokens":2}}}"#,
        ]
        let source = try events.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) }
        var generator = SeededGenerator(2)
        for _ in 0..<600 {
            let mutated = Self.mutated(source, &generator) as? [Any] ?? []
            let stream = try mutated.map { event in
                "data: " + String(decoding: try JSONSerialization.data(withJSONObject: event, options: .fragmentsAllowed), as: UTF8.self) + "\n\n"
            }.joined()
            var translator = StreamTranslator(
                from: .responses, to: .responses, plan: responsesPlan(["c": .init(name: "c", isCustom: true)]), waiting: RelayClient(waitingSince: 0),
                reader: JSONReader(), scratch: TranslationScratch())
            var output: [UInt8] = []
            try Array(stream.utf8).withUnsafeBytes { _ = try translator.receive($0, now: 1, into: &output) }
            let ending = translator.upstreamEnded(now: 2, into: &output)
            guard translator.isCommitted else { continue }
            let read = ResponsesInvariants(String(decoding: output, as: UTF8.self), isCutShort: ending != .complete)
            guard read.violations.isEmpty else {
                Issue.record("\(read.violations) of \(stream)")
                return
            }
        }
    }
}
