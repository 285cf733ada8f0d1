import Foundation
import Streaming
import Testing

@testable import Dialects

@Suite struct CustomToolInputTests {
    /// What comes of arguments that arrive in two pieces, decoded.
    private func input(_ arguments: String, cutAt offset: Int) throws -> String {
        var machine = CustomToolInput()
        var text: [UInt8] = []
        let bytes = Array(arguments.utf8)
        for piece in [bytes[..<offset], bytes[offset...]] {
            // As a stream carries it: the inside of a string, escaped.
            var escaped: [UInt8] = []
            Array(piece).withUnsafeBytes { JSONString.appendEscaped(utf8: $0, to: &escaped) }
            escaped.withUnsafeBytes { machine.take(.escaped($0), into: &text) }
        }
        machine.finish(into: &text)
        let json = "[\"" + String(decoding: text, as: UTF8.self) + "\"]"
        return try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String]).first ?? ""
    }

    @Test(arguments: [
        (#"{"input":"*** Begin Patch\n+a \"b\" \\ \u00e9 \ud83d\ude00 \t end"}"#, "*** Begin Patch\n+a \"b\" \\ é 😀 \t end"),
        (#" { "input" : "x" , "more": 1 } "#, "x"), (#"{"input":""}"#, ""), (#"{"input":"cut"#, "cut"), (#"{"input":"cut \u00"#, "cut "),
        ("plain text\nas it is \"q\"", "plain text\nas it is \"q\""), (#"{"patch":"p"}"#, #"{"patch":"p"}"#), ("", ""), (#"{"inp"#, #"{"inp"#),
        (#"{"input":7}"#, #"{"input":7}"#), ("{\"input\":\"raw\nline\"}", "raw\nline"), (#"{"input":"a\db"}"#, #"a\db"#),
        (#"{"input":"a\u12zzb"}"#, #"a\u12zzb"#), (String(repeating: " ", count: 70) + "{", String(repeating: " ", count: 70) + "{"),
    ])
    func atEverySplit(_ arguments: String, _ expected: String) throws {
        let bytes = Array(arguments.utf8)
        for offset in 0...bytes.count where offset == bytes.count || bytes[offset] & 0xC0 != 0x80 {
            #expect(try input(arguments, cutAt: offset) == expected, "cut at \(offset)")
        }
    }

    @Test func halfPairsMakeNoBrokenEscapes() throws {
        for arguments in [#"{"input":"\ud83d\u00e9"}"#, #"{"input":"\ud83dx"}"#, #"{"input":"\ud83d\n"}"#, #"{"input":"\ud83d\udzz"}"#] {
            var machine = CustomToolInput()
            var text: [UInt8] = Array("\"".utf8)
            machine.take(.owned(arguments), into: &text)
            machine.finish(into: &text)
            text.append(UInt8(ascii: "\""))
            let isJSON = text.withUnsafeBytes { JSONReader().read($0) { $0.isString } }
            #expect(isJSON == true, "\(arguments)")
        }
    }
}
