import Foundation
import Streaming
import Testing

@testable import Dialects

/// The quick look must never miss what an exact reading would find: chunks of random shape, in random order and spacing.
@Suite struct EventScanTests {
    private static let texts = [
        "", "a", "Hello world", "\\\"usage\\\": {", "\\\"error", "é😀", "\\u00e9", "line\\nbreak", "}{][", "\\\\", "\\\\\\\"", "null", "delta",
        String(repeating: "long text ", count: 20),
    ]

    private struct Chunk {
        var json: String
        var hasUsage = false
        var hasError = false
        var textBytes = 0
    }

    private static func space(_ generator: inout SeededGenerator) -> String {
        ["", "", "", " ", "\n", "\t ", "  \r\n"].randomElement(using: &generator)!
    }

    private static func chunk(_ generator: inout SeededGenerator) -> Chunk {
        var chunk = Chunk(json: "")
        func string(_ text: String) -> String { "\"\(text)\"" }
        var members: [(String, String)] = [("\"id\"", "\"chatcmpl-1\""), ("\"created\"", "1")]
        let content = texts.randomElement(using: &generator)!
        let arguments = texts.randomElement(using: &generator)!
        var delta = ["\"role\":\"assistant\"", "\"content\":" + string(content), "\"x\":{\"error\":{\"usage\":{}},\"usage\":1}"]
        chunk.textBytes = content.utf8.count
        if Bool.random(using: &generator) {
            delta.append("\"tool_calls\":[{\"index\":0,\"id\":\"i\",\"function\":{\"arguments\":\(string(arguments))}}]")
            chunk.textBytes += arguments.utf8.count
        }
        delta.shuffle(using: &generator)
        let spacing = space(&generator)
        members.append(("\"choices\"", "[{\"index\":0,\"delta\"\(spacing):\(spacing){\(delta.joined(separator: "\(spacing),"))},\"finish_reason\":null}]"))
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: members.append(("\"usage\"", "null"))
        case 1:
            members.append((["\"usage\"", "\"us\\u0061ge\""].randomElement(using: &generator)!, "{\"prompt_tokens\":3}"))
            chunk.hasUsage = true
        case 2:
            members.append((["\"error\"", "\"erro\\u0072\""].randomElement(using: &generator)!, "{\"message\":\"m\"}"))
            chunk.hasError = true
        case 3: members.append(("\"note\"", string(texts.randomElement(using: &generator)!)))
        case 4: members.append(("\"error\"", "null"))
        default: break
        }
        members.shuffle(using: &generator)
        let parts = members.map { "\(space(&generator))\($0.0)\(space(&generator)):\(space(&generator))\($0.1)\(space(&generator))" }
        chunk.json = "{" + parts.joined(separator: ",") + "}"
        return chunk
    }

    @Test(arguments: 0..<8) func theLookIsOneSided(_ seed: UInt64) {
        var generator = SeededGenerator(seed)
        let reader = JSONReader()
        for _ in 0..<500 {
            let chunk = Self.chunk(&generator)
            let scan = chunk.json.borrowed { EventScan($0) }
            if chunk.hasUsage || chunk.hasError {
                #expect(scan.needsExactReading, "seed \(seed): \(chunk.json)")
            } else if !scan.needsExactReading {
                #expect(scan.textBytes == chunk.textBytes, "seed \(seed): \(chunk.json)")
            }
            // The verdict is the same whether the quick look is at work or every event is read.
            var fresh = ChatObserver(hidesUsageChunk: true, reader: reader)
            var flowing = ChatObserver(hidesUsageChunk: true, reader: reader)
            _ = flowing.observe(#"{"choices":[{"delta":{"content":"x"}}]}"#)
            #expect(fresh.observe(chunk.json) == flowing.observe(chunk.json), "seed \(seed): \(chunk.json)")
            #expect(fresh.answer.usage == flowing.answer.usage)
            #expect((fresh.answer.usage != nil) == (chunk.hasUsage && !chunk.hasError))
            #expect((fresh.answer.failure != nil) == chunk.hasError)
        }
    }

    /// Cut short anywhere, and at every length, nothing is read beyond the end.
    @Test func brokenJSONIsReadWithinBounds() {
        let whole = Array(#"{"id":"c","choices":[{"index":0,"delta" : {"content":"a \"b\" \\","tool_calls":[{"f":"x"}]}}],"usage" : null,"error":{"a":1}}"#.utf8)
        for length in 0...whole.count {
            let exact = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 1)
            defer { exact.deallocate() }
            exact.copyBytes(from: whole[..<length])
            let scan = EventScan(UnsafeRawBufferPointer(exact))
            #expect(scan.textBytes <= length)
            _ = Bytes.memberValue("\"usage\"", in: UnsafeRawBufferPointer(exact))
            _ = Bytes.frontType(of: UnsafeRawBufferPointer(exact))
        }
    }

    @Test func numbersArePickedOutWhereverTheyStand() {
        let data = #"{"item_id":"x","sequence_number" : 17,"delta":"sequence_number"}"#
        #expect(data.borrowed { bytes in Bytes.memberValue("\"sequence_number\"", in: bytes).flatMap { Bytes.digits(bytes, from: $0) } } == 17)
        let none = #"{"delta":"\"sequence_number\":5"}"#
        #expect(none.borrowed { Bytes.memberValue("\"sequence_number\"", in: $0) } == nil)
    }
}
