import Foundation
import Testing

@testable import Dialects

@Suite struct Base64Tests {
    @Test func thereAndBack() throws {
        var random = SeededGenerator(7)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let text = Base64.encoded(bytes)
            #expect(text == Data(bytes).base64EncodedString())
            for form in [text, text.replacing("+", with: "-").replacing("/", with: "_"), text.replacing("=", with: "")] {
                #expect(form.borrowed(Base64.decoded) == bytes)
            }
        }
    }

    @Test(arguments: ["A", "AAAAA", "A=A=", "QQ===", "Q Q=", "é", "QQ\n="])
    func whatIsNone(_ text: String) {
        #expect(text.borrowed(Base64.decoded) == nil)
    }

    @Test func standardAlphabet() {
        func standard(_ text: String) -> String { text.borrowed { Base64.standard(.escaped($0)).string } }
        #expect(standard("a-_b") == "a+/b")
        #expect(standard("QQ") == "QQ==")
        #expect(standard("QUJD") == "QUJD")
        #expect(standard("a\\/-b") == "a/+b")
    }
}
