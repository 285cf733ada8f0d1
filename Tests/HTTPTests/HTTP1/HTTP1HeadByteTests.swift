import HTTP
import Testing

/// Texts are judged eight bytes at a time, with a rest. So each of the 256 bytes stands once at every place of texts of lengths around
/// that, and the judgement is that of RFC 9110 and RFC 9112, said byte by byte.
@Suite struct HTTP1HeadByteTests {
    private static let lengths = [1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 24, 25]

    /// A refusal, or what stands in the head.
    private enum Verdict: Equatable {
        case refused(HTTPRefusal)
        case taken([[UInt8]])
    }

    /// Calls `body` with texts of `letter` that hold one other byte, and where it stands.
    private func forEachText(of letter: Character, _ body: (_ text: [UInt8], _ byte: UInt8, _ place: Int) -> Void) {
        for length in Self.lengths {
            for place in 0..<length {
                for byte in UInt8.min...UInt8.max {
                    var text = [UInt8](repeating: letter.asciiValue ?? 0, count: length)
                    text[place] = byte
                    body(text, byte, place)
                }
            }
        }
    }

    /// What the parser says of `message` alone, which ends its last line near the end of what came, and of `message` with the beginning
    /// of a body behind it; nil when the two differ.
    private func verdict(_ message: [UInt8], _ parts: (MessageHead) -> [UnsafeRawBufferPointer?]) -> Verdict? {
        let alone = judge(message, parts)
        return judge(message + Array("a body: it goes on\r\n".utf8), parts) == alone ? alone : nil
    }

    private func judge(_ bytes: [UInt8], _ parts: (MessageHead) -> [UnsafeRawBufferPointer?]) -> Verdict? {
        var parser = HTTP1HeadParser()
        let head = MessageHead()
        switch withBytes(bytes, { parser.parse($0, into: head, as: .request) }) {
        case .refused(let reason): return .refused(reason)
        case .head: return .taken(parts(head).map { $0.map(Array.init) ?? [] })
        case .needMore, .http2Preface: return nil
        }
    }

    @Test func values() {
        var wrong: [[UInt8]] = []
        forEachText(of: "v") { text, byte, _ in
            let message = Array("GET / HTTP/1.1\r\nHost: a\r\nx:".utf8) + text + Array("\r\n\r\n".utf8)
            let expected: Verdict
            switch byte {
            case 0x0a: expected = .refused(.bareLineEnd)
            case 0x09: expected = .taken([trimmed(text, of: 0x09)])
            case 0x20: expected = .taken([trimmed(text, of: 0x20)])
            case 0x00...0x1f, 0x7f: expected = .refused(.invalidFieldValue)
            default: expected = .taken([text])
            }
            if verdict(message, { [$0.field(at: 1).value] }) != expected { wrong.append(text) }
        }
        #expect(wrong == [])
    }

    private func trimmed(_ text: [UInt8], of space: UInt8) -> [UInt8] {
        Array(text.drop { $0 == space }.reversed().drop { $0 == space }.reversed())
    }

    @Test func names() {
        let tokens = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        var wrong: [[UInt8]] = []
        forEachText(of: "n") { text, byte, place in
            let message = Array("GET / HTTP/1.1\r\nHost: a\r\n".utf8) + text + Array(":v\r\n\r\n".utf8)
            let expected: Verdict
            switch byte {
            case 0x0a: expected = .refused(.bareLineEnd)
            case 0x09, 0x20:
                expected = .refused(place == 0 ? .foldedField : place == text.count - 1 ? .whitespaceBeforeColon : .invalidFieldName)
            case 0x3a where place > 0:
                expected = .taken([Array(text[..<place]), Array(text[(place + 1)...]) + Array(":v".utf8)])
            default: expected = tokens.contains(byte) ? .taken([text, Array("v".utf8)]) : .refused(.invalidFieldName)
            }
            if verdict(message, { [$0.field(at: 1).nameBytes, $0.field(at: 1).value] }) != expected { wrong.append(text) }
        }
        #expect(wrong == [])
    }

    @Test func targets() {
        var wrong: [[UInt8]] = []
        forEachText(of: "t") { text, byte, place in
            let message = Array("GET /".utf8) + text + Array(" HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            let slash = Array("/".utf8)
            let expected: Verdict
            switch byte {
            case 0x0a: expected = .refused(.bareLineEnd)
            case 0x00...0x20, 0x23, 0x7f...0xff: expected = .refused(.invalidTarget)
            case 0x3f: expected = .taken([slash + text[..<place], Array(text[(place + 1)...])])
            default: expected = .taken([slash + text, []])
            }
            if verdict(message, { [$0.path, $0.query] }) != expected { wrong.append(text) }
        }
        #expect(wrong == [])
    }

    @Test func reasons() {
        var wrong: [[UInt8]] = []
        forEachText(of: "r") { text, byte, _ in
            let message = Array("HTTP/1.1 200 ".utf8) + text + Array("\r\n\r\n".utf8)
            var parser = HTTP1HeadParser()
            let head = MessageHead()
            let outcome = withBytes(message) { parser.parse($0, into: head, as: .response) }
            let isRight: Bool
            switch byte {
            case 0x0a: isRight = outcome == .refused(.bareLineEnd)
            case 0x00...0x08, 0x0b...0x1f, 0x7f: isRight = outcome == .refused(.malformedStatusLine)
            default: isRight = outcome == .head(consumed: message.count) && Array(head.reason) == text
            }
            if !isRight { wrong.append(text) }
        }
        #expect(wrong == [])
    }

    /// A known name with one byte changed is that name only if the byte is the same letter in the other case.
    @Test func knownNames() {
        var wrong: [[UInt8]] = []
        for name in FieldName.allCases where name != .other {
            let wire = Array("\(name.wireName)".utf8)
            for place in wire.indices {
                for byte in UInt8.min...UInt8.max {
                    var text = wire
                    text[place] = byte
                    let folded = (0x41...0x5a).contains(byte) ? byte + 0x20 : byte
                    let found = text.withUnsafeBytes { FieldName($0) }
                    // A change can lead to another known name, but not to this one.
                    if (found == name) != (folded == wire[place]) { wrong.append(text) }
                }
            }
        }
        #expect(wrong == [])
    }

    @Test func otherNamesAreFoundInAnyCase() {
        let names: [StaticString] = ["z", "zz-", "zzz-1", "x-other", "x-others", "x-ratelimit-limit", "x-ratelimit-limit-requests"]
        for name in names {
            let wire = Array("\(name)".utf8)
            for place in wire.indices {
                for byte in Array("\(name)!-_`azAZ09~^".utf8) {
                    var text = wire
                    text[place] = byte
                    let head = parse(request("\(HTTPTests.text(text)): v\r\n")).head
                    let isSame = HTTPTests.text(text).lowercased() == "\(name)"
                    #expect((head.value(ofOther: name) != nil) == isSame, "\(HTTPTests.text(text))")
                }
            }
        }
    }
}
