import Foundation
import Testing

@testable import Streaming

/// Parses `text` and hands the root to `body` while the bytes live.
private func withRoot<R>(_ text: String, options: JSONOptions = JSONOptions(), _ body: (JSONValue) throws -> R) throws -> R {
    let tape = JSONTape(options: options)
    return try [UInt8](text).withUnsafeBytes { try body(try tape.parse($0)) }
}

private func reason(_ bytes: [UInt8], options: JSONOptions = JSONOptions()) -> JSONError? {
    let tape = JSONTape(options: options)
    return bytes.withUnsafeBytes { document in
        do throws(JSONError) {
            _ = try tape.parse(document)
            return nil
        } catch {
            return error
        }
    }
}

@Suite struct JSONTapeTests {
    static let accepted: [String] = [
        "{}", "[]", "\"\"", "0", "-0", "1", "-1", "10", "1.5", "-0.5", "1e5", "1E+5", "1e-5", "0e0", "0.0e+00", "1e400", "123456789012345678901234567890",
        "true", "false", "null", " \t\r\n{} \t\r\n", "[1,2,3]", "[ 1 , [ ] , { } ]", "{\"a\":1,\"a\":2}", "{\"\":0}", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\\u0000\\uFFFF\\u00e9\"", "\"\\uD83D\\uDE00\"", "\"\\ud83d\\ude00 x\"", "\"\u{7F}\"", "\"ż 漢 🎈 \u{10FFFF} \u{FFFD}\"", "[[[[[[[[]]]]]]]]",
        "{\"a\":{\"b\":[{\"c\":null}]}}", "[\"a\",\"b\"]", "[-1.5e-3]", "\"\u{2028}\u{2029}\"",
    ]

    @Test(arguments: accepted) func accepts(_ text: String) {
        #expect(reason([UInt8](text)) == nil)
    }

    static let refused: [(String, JSONError.Reason, Int)] = [
        ("", .empty, 0), ("  ", .empty, 2), ("{", .unexpectedEnd, 1), ("[", .unexpectedEnd, 1), ("[1,", .unexpectedEnd, 3), ("[1,]", .unexpectedByte, 3),
        ("[,1]", .unexpectedByte, 1), ("[1 2]", .unexpectedByte, 3), ("[1}", .unexpectedByte, 2), ("{]", .unexpectedByte, 1), ("{\"a\"}", .unexpectedByte, 4),
        ("{\"a\":}", .unexpectedByte, 5), ("{\"a\":1,}", .unexpectedByte, 7), ("{a:1}", .unexpectedByte, 1), ("{'a':1}", .unexpectedByte, 1),
        ("{\"a\" 1}", .unexpectedByte, 5), ("{1:2}", .unexpectedByte, 1), ("{}x", .trailingBytes, 2), ("1 2", .trailingBytes, 2), ("{}{}", .trailingBytes, 2),
        ("]", .unexpectedByte, 0), ("tru", .unexpectedEnd, 3), ("trux", .unexpectedByte, 3), ("True", .unexpectedByte, 0), ("nul", .unexpectedEnd, 3),
        ("nulll", .trailingBytes, 4), ("NaN", .unexpectedByte, 0), ("-Infinity", .invalidNumber, 1), ("01", .invalidNumber, 1), ("-01", .invalidNumber, 2),
        ("-", .unexpectedEnd, 1), ("+1", .unexpectedByte, 0), (".5", .unexpectedByte, 0), ("1.", .unexpectedEnd, 2), ("1.e5", .invalidNumber, 2),
        ("1e", .unexpectedEnd, 2), ("1e+", .unexpectedEnd, 3), ("1ex", .invalidNumber, 2), ("0x1", .trailingBytes, 1), ("1_0", .trailingBytes, 1),
        ("\"", .unexpectedEnd, 1), ("\"abc", .unexpectedEnd, 4), ("\"\\\"", .unexpectedEnd, 3), ("\"\\", .unexpectedEnd, 2), ("\"\\x\"", .invalidEscape, 1),
        ("\"\\u12\"", .invalidEscape, 1), ("\"\\u12G4\"", .invalidEscape, 1), ("\"\\U0041\"", .invalidEscape, 1), ("\"\n\"", .controlCharacter, 1),
        ("\"12345678\u{1}\"", .controlCharacter, 9), ("\"\u{0}\"", .controlCharacter, 1), ("\"\\uD83D\"", .loneSurrogate, 1),
        ("\"\\uD83Dx\"", .loneSurrogate, 1), ("\"\\uDE00\"", .loneSurrogate, 1), ("\"\\uD83D\\uD83D\"", .loneSurrogate, 1), ("\"\\uD83D\\n\"", .loneSurrogate, 1),
        ("\u{FEFF}{}", .byteOrderMark, 0), ("// c\n1", .unexpectedByte, 0), ("[1]//", .trailingBytes, 3), ("\u{A0}1", .unexpectedByte, 0),
    ]

    @Test(arguments: refused) func refuses(_ text: String, _ expected: JSONError.Reason, _ offset: Int) {
        #expect(reason([UInt8](text)) == JSONError(offset: offset, reason: expected))
    }

    static let brokenUTF8: [[UInt8]] = [
        [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x20], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xE1, 0x80], [0xE1, 0x80, 0x20],
        [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF1, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80],
        [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xFE], [0xC3, 0x28], [0xF8, 0x88, 0x80, 0x80, 0x80],
    ]

    @Test(arguments: brokenUTF8, [0, 7, 8, 13]) func refusesBrokenUTF8(_ sequence: [UInt8], _ lead: Int) {
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: lead)
        #expect(reason([UInt8("\"".utf8.first ?? 0)] + text + sequence + [UInt8](" \"")) == JSONError(offset: lead + 1, reason: .invalidUTF8))
    }

    @Test func everyCutOfADocumentIsRefused() {
        let document = [UInt8]("{\"a\":[1.5e3,true,null,\"ż\\u00e9\\ud83d\\ude00\"],\"b\":{\"c\":-0.25}}")
        #expect(reason(document) == nil)
        for end in 0..<document.count { #expect(reason(Array(document[..<end])) != nil, "cut at \(end)") }
    }

    @Test func depthAndSizeHaveBounds() {
        func nested(_ depth: Int) -> [UInt8] { [UInt8](String(repeating: "[", count: depth) + String(repeating: "]", count: depth)) }
        #expect(reason(nested(128)) == nil)
        #expect(reason(nested(129)) == JSONError(offset: 128, reason: .tooDeep))
        #expect(reason([UInt8](repeating: UInt8(ascii: "["), count: 1_000_000))?.reason == .tooDeep)
        #expect(reason([UInt8]("[1,2,3]"), options: JSONOptions(nodesMax: 4)) == nil)
        #expect(reason([UInt8]("[1,2,3,4]"), options: JSONOptions(nodesMax: 4))?.reason == .tooManyNodes)
    }

    @Test func loneSurrogatesMayBeAccepted() throws {
        let options = JSONOptions(acceptsLoneSurrogates: true)
        let text = try withRoot("\"a\\uD83Db\\uDE00\\uD83D\\uDE00\"", options: options) { $0.string }
        #expect(text == "a\u{FFFD}b\u{FFFD}😀")
    }

    @Test func membersAreFoundHoweverTheyAreWritten() throws {
        let text = #"{"mod\u0065l":"a","stream":true,"n":{"model":"inner"},"x":[1,{"y":2}],"model":"b\n\"\u00e9"}"#
        try withRoot(text) { root in
            #expect(root["model"]?.string == "b\n\"é")
            #expect(root.count(of: "model") == 2)
            #expect(root.count(of: "stream") == 1)
            #expect(root["stream"]?.bool == true)
            #expect(root["mode"] == nil && root["modell"] == nil && root["y"] == nil)
            #expect(root["n"]?["model"]?.equals("inner") == true)
            #expect(root["x"].map { $0.elements.map { String(decoding: $0.rawBytes, as: UTF8.self) } } == ["1", #"{"y":2}"#])
            #expect(root.members.map { $0.name.string } == ["model", "stream", "n", "x", "model"])
            #expect(root["stream"]?["x"] == nil && root["stream"]?.string == nil && root["stream"]?.int64 == nil)
        }
    }

    static let integers: [(String, Int64?)] = [
        ("0", 0), ("-0", 0), ("42", 42), ("-42", -42), ("12.0", 12), ("1e3", 1000), ("1200e-2", 12), ("1.5", nil), ("0.0", 0), ("0e99", 0), ("1000", 1000),
        ("9223372036854775807", .max), ("9223372036854775808", nil), ("-9223372036854775808", .min), ("-9223372036854775809", nil), ("1e18", 1_000_000_000_000_000_000),
        ("1e19", nil), ("1e999999999999", nil), ("99999999999999999999999", nil), ("1e-400", nil), ("10.10e1", 101), ("100000000000000000000e-2", 1_000_000_000_000_000_000),
    ]

    @Test(arguments: integers) func readsIntegers(_ text: String, _ expected: Int64?) throws {
        #expect(try withRoot(text) { $0.int64 } == expected)
    }

    @Test func readsDecimalsWithoutLoss() throws {
        #expect(try withRoot("-0.00012345") { $0.decimal } == JSONDecimal(isNegative: true, significand: 12345, exponent: -8))
        #expect(try withRoot("18446744073709551615") { $0.decimal } == JSONDecimal(isNegative: false, significand: .max, exponent: 0))
        #expect(try withRoot("1.50") { $0.decimal } == JSONDecimal(isNegative: false, significand: 15, exponent: -1))
        #expect(try withRoot("2500E-3") { $0.decimal } == JSONDecimal(isNegative: false, significand: 25, exponent: -1))
        #expect(try withRoot("184467440737095516160.1") { $0.decimal } == nil)
    }

    @Test func aTapeServesManyDocuments() throws {
        let tape = JSONTape(nodesRetainedMax: 100)
        for count in [10, 500, 3, 0, 99] {
            let document = [UInt8]("[" + Array(repeating: "7", count: count).joined(separator: ",") + "]")
            let sum = try document.withUnsafeBytes { try tape.parse($0).elements.reduce(0) { $0 + ($1.int64 ?? 0) } }
            #expect(sum == 7 * Int64(count))
        }
    }

    @Test func recordedDocumentsReadAsFoundationReadsThem() throws {
        let tape = JSONTape()
        for (name, bytes) in Corpus.files("json") {
            guard let expected = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) else { continue }
            let isSame = try bytes.withUnsafeBytes { same(try tape.parse($0), expected) }
            #expect(isSame, "\(name)")
        }
    }

    private func same(_ value: JSONValue, _ expected: Any) -> Bool {
        switch value.kind {
        case .object:
            guard let object = expected as? [String: Any] else { return false }
            return Set(value.members.compactMap { $0.name.string }) == Set(object.keys)
                && object.allSatisfy { key, inner in
                    [UInt8](key).withUnsafeBytes { value.member($0) }.map { same($0, inner) } == true
                }
        case .array:
            guard let array = expected as? [Any] else { return false }
            let elements = Array(value.elements)
            return elements.count == array.count && zip(elements, array).allSatisfy { same($0, $1) }
        case .string:
            return value.string == expected as? String
        case .number:
            guard let number = expected as? NSNumber else { return false }
            if let integer = value.int64 { return integer == number.int64Value }
            // Foundation on Linux may be off in the last place.
            guard let double = Double(String(decoding: value.rawBytes, as: UTF8.self)) else { return false }
            return abs(double - number.doubleValue) <= abs(double) * 1e-14
        case .true, .false:
            return value.bool == expected as? Bool
        case .null:
            return expected is NSNull
        }
    }

    @Test func aLargeRequestIsReadWhole() throws {
        let turn = #"{"role":"user","content":"some words, a \"quote\" and ż, and then more of the same text so that it is long enough to matter"},"#
        let body = [UInt8]("{\"model\":\"m\",\"messages\":[" + String(repeating: turn, count: 1600) + "null]}")
        let tape = JSONTape(nodesRetainedMax: 1 << 16)
        for _ in 0..<2 {
            try body.withUnsafeBytes { body in
                let root = try tape.parse(body)
                #expect(root["model"]?.string == "m")
                var turns = 0
                for element in root["messages"]!.elements where element["role"]?.string == "user" { turns += 1 }
                #expect(turns == 1600)
            }
        }
    }
}
