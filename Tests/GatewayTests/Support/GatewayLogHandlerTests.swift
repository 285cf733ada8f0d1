import Foundation
import Logging
import Synchronization
import Testing

@testable import Gateway

@Suite struct GatewayLogHandlerTests {
    private static let nasty = "a\nb\r\u{1B}[31m\"\\\u{0}\u{85}ü\t"

    @Test func writesJSONThatHoldsWhatWasSaid() throws {
        let line = GatewayLogHandler.line(.json, level: .info, message: Self.nasty, fields: ["k\n": Self.nasty])
        #expect(!line.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
        #expect(object?["message"] == Self.nasty)
        #expect(object?["k\n"] == Self.nasty)
        #expect(object?["level"] == "info")
    }

    @Test func turnsNoTextAround() {
        let line = GatewayLogHandler.line(.text, level: .info, message: "a\u{202E}b\u{2028}c👩‍💻", fields: ["k": "\u{2066}"])
        #expect(line.hasSuffix(#" a\u202eb\u2028c👩‍💻 k="\u2066""#))
    }

    /// Wherever in an event a secret stands, and in both formats.
    @Test func masksSecretsInWholeLines() throws {
        let matcher = SecretMatcher([RedactedSecret(Secret(GatewayRig.key))])
        for format in LogFormat.allCases {
            let line = GatewayLogHandler.line(
                format, level: .info, message: "said \(GatewayRig.key)", fields: [GatewayRig.key: "x", "body": "{\"k\":\"\(GatewayRig.key)\"}"])
            #expect(line.contains(GatewayRig.key))
            let masked = matcher.masked(line)
            #expect(!masked.contains("operator-01"))
            #expect(masked.contains("said ****") && masked.utf8.count == line.utf8.count)
        }
    }

    @Test func writesTextThatForgesNoLine() {
        let line = GatewayLogHandler.line(.text, level: .error, message: Self.nasty, fields: ["c1": "a\u{9B}b", "key": Self.nasty, "plain": "p"])
        #expect(!line.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
        #expect(line.contains(" ERROR a\\nb"))
        #expect(line.hasSuffix(" plain=p"))
    }
}
