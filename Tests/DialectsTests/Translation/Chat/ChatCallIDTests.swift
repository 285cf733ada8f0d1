import Streaming
import Testing

@testable import Dialects

@Suite struct ChatCallIDTests {
    private func legal(_ id: String, _ dialect: Dialect, _ profile: ProviderProfile = .openAI) -> String {
        Array(id.utf8).withUnsafeBytes { CallID.legal(.escaped($0), for: dialect, profile: profile).string }
    }

    @Test(arguments: ["call_abc", "toolu_01A", "functions.get:0", "chatcmpl-tool-1"])
    func whatIsLegalStays(_ id: String) {
        #expect(legal(id, .chat) == id)
        #expect(legal(id, .responses) == id)
        #expect(legal(id, .gemini) == id)
    }

    @Test func whatIsNotIsReplacedTheSameWayEachTime() {
        for (id, dialect) in [("functions.get:0", .messages), ("a b", .chat), ("", .chat), ("é", .responses), (String(repeating: "x", count: 41), .chat)] as [(String, Dialect)] {
            let made = legal(id, dialect)
            #expect(made.wholeMatch(of: /call_[0-9a-f]{24}/) != nil)
            #expect(legal(id, dialect) == made)
            #expect(legal(made, dialect) == made)
        }
        #expect(legal("a b", .chat) != legal("a c", .chat))
        #expect(legal(String(repeating: "x", count: 41), .responses).count == 41)
    }

    @Test func mistralTakesNineLettersAndDigits() {
        for id in ["call_1", "call_2", "", "0123456789", "ab-cdefgh"] {
            let made = legal(id, .chat, .mistral)
            #expect(made.wholeMatch(of: /[A-Za-z0-9]{9}/) != nil)
            #expect(legal(id, .chat, .mistral) == made)
        }
        #expect(legal("AbCd12345", .chat, .mistral) == "AbCd12345")
        #expect(legal("call_1", .chat, .mistral) != legal("call_2", .chat, .mistral))
    }

    @Test func theSameTextIsTheSameHoweverItStands() {
        let escaped = legal(#"a\u0020b"#, .chat)
        #expect(CallID.legal(.owned("a b"), for: .chat, profile: .openAI).string == escaped)
        let plain = Array("a b".utf8).withUnsafeBytes { CallID.legal(.plain($0), for: .chat, profile: .openAI).string }
        #expect(plain == escaped)
    }
}
