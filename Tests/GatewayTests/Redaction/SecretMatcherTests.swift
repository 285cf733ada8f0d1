import Foundation
import Testing

@testable import Gateway

/// No form of a key passes, wherever it stands; what is no key passes unchanged.
@Suite struct SecretMatcherTests {
    /// 40 bytes, with what base64 and URLs spell in special ways.
    static let key = "sk-Op3rator+Key/0123~456789=abcdef.XYZ_!"
    static let matcher = SecretMatcher([RedactedSecret(Secret(key))])

    static func percent(_ text: String, _ format: String = "%%%02X", only: (UInt8) -> Bool = { _ in true }) -> String {
        text.utf8.map { only($0) ? String(format: format, $0) : String(UnicodeScalar($0)) }.joined()
    }

    static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    static func urlSafe(_ text: String) -> String {
        base64(text).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    static func hexadecimal(_ text: String, _ format: String = "%02x") -> String {
        text.utf8.map { String(format: format, $0) }.joined()
    }

    struct Spelled: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        /// Characters at both ends that belong to their neighbours as much as to the key.
        var slack = 0
        var testDescription: String { name }
    }

    static let spellings: [Spelled] = [
        Spelled(name: "plain", text: key),
        Spelled(name: "hex", text: hexadecimal(key)),
        Spelled(name: "HEX", text: hexadecimal(key, "%02X")),
        Spelled(name: "every byte in percents", text: percent(key)),
        Spelled(name: "lower case percents", text: percent(key, "%%%02x")),
        Spelled(name: "encodeURIComponent", text: percent(key) { "+/=".utf8.contains($0) }),
        Spelled(name: "every third", text: percent(key) { $0 % 3 == 0 }),
        Spelled(name: "JSON's slash", text: key.replacing("/", with: "\\/")),
        Spelled(name: "JSON's unicode", text: percent(key, "\\u%04x") { $0 % 2 == 0 }),
        Spelled(name: "JSON's unicode, capitals", text: percent(key, "\\u%04X")),
        Spelled(name: "slash in percents and JSON", text: key.replacing("/", with: "\\/").replacing("+", with: "%2b")),
        Spelled(name: "base64", text: base64(key), slack: 3),
        Spelled(name: "base64 of user:key", text: base64("user:" + key), slack: 8),
        Spelled(name: "base64 of a:key", text: base64("a:" + key), slack: 4),
        Spelled(name: "base64 of Bearer key", text: base64("Bearer " + key + "\n"), slack: 12),
        Spelled(name: "URL-safe base64", text: urlSafe(key), slack: 2),
        Spelled(name: "URL-safe base64 of x:key:y", text: urlSafe("x:" + key + ":y"), slack: 6),
        Spelled(name: "base64 in a URL", text: percent(base64("me:" + key)) { "+/=".utf8.contains($0) }, slack: 11),
        Spelled(name: "base64 with JSON's slashes", text: base64("??>" + key + "??>??").replacing("/", with: "\\/"), slack: 13),
    ]

    @Test(arguments: spellings) func masksEverySpelling(_ spelled: Spelled) {
        for before in ["", "{\"message\":\"key ", "x", "ab", String(repeating: "lorem ipsum ", count: 9)] {
            for after in ["", " is bad\"}", "\\n"] {
                let masked = Self.matcher.masked(before + spelled.text + after)
                #expect(masked.utf8.count == (before + spelled.text + after).utf8.count)
                #expect(masked.hasPrefix(before) && masked.hasSuffix(after), "\(masked)")
                let middle = masked.dropFirst(before.count).dropLast(after.count)
                #expect(middle.filter { $0 != "*" }.count <= spelled.slack, "\(middle)")
                let (first, last) = (middle.firstIndex(of: "*"), middle.lastIndex(of: "*"))
                #expect(first.flatMap { first in last.map { middle[first...$0].allSatisfy { $0 == "*" } } } == true, "\(middle)")
            }
        }
    }

    @Test(arguments: spellings) func masksHalves(_ spelled: Spelled) {
        guard spelled.slack == 0 else { return }
        let run = (Self.key.utf8.count + 1) / 2
        for start in 0...(Self.key.utf8.count - run) {
            let part = String(Self.key.dropFirst(start).prefix(run))
            let masked = Self.matcher.masked("a \(part) b")
            #expect(masked == "a \(String(repeating: "*", count: run)) b")
            let inBase64 = Self.matcher.masked(Self.base64("me:" + part + ":me"))
            #expect(inBase64.filter { $0 == "*" }.count >= (8 * run - 4) / 6, "\(part): \(inBase64)")
            #expect(Self.matcher.masked(Self.hexadecimal(part)).allSatisfy { $0 == "*" })
        }
    }

    /// A cut in two leaves a half on one side at least: what stays of the key is less than that.
    @Test func leavesLessThanHalfOfAKeyThatIsCut() {
        for cut in 0...Self.key.utf8.count {
            let pieces = [String(Self.key.prefix(cut)), String(Self.key.dropFirst(cut))]
            let shown = pieces.map { Self.matcher.masked($0) }.joined().filter { $0 != "*" }.count
            #expect(shown < (Self.key.utf8.count + 1) / 2)
        }
    }

    @Test func leavesShortPartsAndOrdinaryTextAlone() {
        let texts = [
            String(Self.key.prefix(19)), "100% \\n \\\\ \\u00e9 %zz %2 \\", "sk-ant-api03-", "", "\\", "%", "%4", "\\u", "\\u00",
            #"{"a":"\/\/ \" \u2028 %2F%2B"}"#, String(repeating: "sk-Op3", count: 50),
        ]
        for text in texts { #expect(Self.matcher.masked(text) == text) }
    }

    @Test func masksWholeEscapesOnly() throws {
        // The key's tail is preceded by characters that end an escape: neither `\n` nor `\u00e9` may lose its last byte.
        let key = "0123456789abcdefn9bcdefghijklmnopqrstuvwx"
        let matcher = SecretMatcher([RedactedSecret(Secret(key))])
        for escape in ["\\n", "\\u00e9", "\\\\n", "\\\\\\n", "\\u4e09", "\\t9"] {
            let tail = key.drop { $0 != (escape.hasSuffix("9") ? "9" : "n") }.dropFirst()
            for part in [key[...], tail] {
                let masked = matcher.masked("{\"m\":\"\(escape)\(part)\"}")
                let object = try? JSONSerialization.jsonObject(with: Data(masked.utf8)) as? [String: String]
                #expect(object?["m"]?.contains(part) == false, "\(masked)")
            }
        }
    }

    /// A backslash in front of a percent sign escapes nothing.
    @Test func masksBehindABackslashThatIsNoEscape() {
        let key = Self.percent(Self.key)
        #expect(Self.matcher.masked("C:\\" + key) == "C:\\" + String(repeating: "*", count: key.utf8.count))
    }

    @Test func masksSeveralAndAdjacentOnes() {
        let other = "another-secret-0123456789"
        let matcher = SecretMatcher([RedactedSecret(Secret(Self.key)), RedactedSecret(Secret(other))])
        let text = Self.key + other + Self.key + "," + other
        #expect(matcher.masked(text) == String(repeating: "*", count: text.utf8.count - 1 - other.count) + "," + String(repeating: "*", count: other.count))
    }

    @Test func looksForHeadersAsAWholeUnlessTheyAreCredentials() {
        func matcher(_ name: String, _ value: String) -> SecretMatcher {
            SecretMatcher(RedactedSecret.all(in: ProviderHeader(name: name, value: Secret(value))))
        }
        let media = matcher("accept", "application/vnd.mine+json")
        #expect(media.masked("application/json") == "application/json")
        #expect(media.masked("application/vnd.mine+json") == String(repeating: "*", count: 25))
        let bearer = matcher("x-auth", "Bearer 0123456789abcdefghij")
        #expect(bearer.masked("0123456789abcdefghij") == String(repeating: "*", count: 20))
        #expect(bearer.masked("0123456789abcd") == String(repeating: "*", count: 14))
        #expect(matcher("x-auth", "short").isEmpty)
    }

    @Test func leavesShortSecretsAlone() {
        let matcher = SecretMatcher([RedactedSecret(Secret("1234567"))])
        #expect(matcher.isEmpty)
        #expect(matcher.masked("1234567") == "1234567")
        #expect(SecretMatcher([RedactedSecret(Secret("12345678"))]).masked("a12345678") == "a********")
    }

    /// Against a search that looks at every byte, on texts that are made of the key's own pieces.
    @Test func findsWhatASlowSearchFinds() {
        var random = SystemRandomNumberGenerator()
        let key = Array(Self.key.utf8)
        for _ in 0..<2_000 {
            var text: [UInt8] = []
            while text.count < 120 {
                let from = Int.random(in: 0..<key.count, using: &random)
                let length = Int.random(in: 1...(key.count - from), using: &random)
                text += key[from..<(from + length)]
                if Bool.random(using: &random) { text.append(UInt8(ascii: " ")) }
            }
            let masked = Array(Self.matcher.masked(String(decoding: text, as: UTF8.self)).utf8)
            for start in 0...(key.count - 20) {
                let part = key[start..<(start + 20)]
                #expect(!(0...(masked.count - 20)).contains { masked[$0..<($0 + 20)] == part }, "\(String(decoding: text, as: UTF8.self))")
            }
        }
    }
}
