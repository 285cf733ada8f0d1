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

    @Test func writesTextThatForgesNoLine() {
        let line = GatewayLogHandler.line(.text, level: .error, message: Self.nasty, fields: ["c1": "a\u{9B}b", "key": Self.nasty, "plain": "p"])
        #expect(!line.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
        #expect(line.contains(" ERROR a\\nb"))
        #expect(line.hasSuffix(" plain=p"))
    }
}
