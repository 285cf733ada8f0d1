import HTTP
import Testing

/// Every limit of a head at its edge: the last size that passes and the first that does not.
@Suite struct HTTP1LimitTests {
    @Test func targetLength() {
        let limit = HTTP1Limits().targetBytesMax
        let longest = "/" + String(repeating: "a", count: limit - 1)
        #expect(isHead(parse(request("", line: "GET \(longest) HTTP/1.1")).outcome))
        #expect(parse(request("", line: "GET \(longest)a HTTP/1.1")).outcome == .refused(.targetTooLong))
        #expect(HTTPRefusal.targetTooLong.status == 414)
    }

    @Test func anEndlessTargetIsRefusedBeforeItsLineEnds() {
        var limits = HTTP1Limits()
        limits.targetBytesMax = 64
        let line = "GET /" + String(repeating: "a", count: 200)
        #expect(parse(line, limits: limits).outcome == .refused(.targetTooLong))
        #expect(parse(String(line.prefix(60)), limits: limits).outcome == .needMore)
    }

    @Test func headLength() {
        var limits = HTTP1Limits()
        limits.headBytesMax = 300
        let frame = request("x: \r\n").utf8.count
        let fits = request("x: \(String(repeating: "v", count: 300 - frame))\r\n")
        #expect(fits.utf8.count == 300)
        #expect(parse(fits, limits: limits).outcome == .head(consumed: 300))
        let over = request("x: \(String(repeating: "v", count: 301 - frame))\r\n")
        #expect(parse(over, limits: limits).outcome == .refused(.headTooLarge))
        #expect(parse(String(over.dropLast(4)) + "vvvvvv", limits: limits).outcome == .refused(.headTooLarge))
        #expect(HTTPRefusal.headTooLarge.status == 431)
    }

    @Test func fieldCount() {
        let fields = { (count: Int) in (0..<count).map { "x-\($0): v\r\n" }.joined() }
        #expect(isHead(parse(request(fields(99))).outcome))
        #expect(parse(request(fields(100))).outcome == .refused(.tooManyFields))
        #expect(HTTPRefusal.tooManyFields.status == 431)
    }

    /// A client that drips bytes costs linear work: each call looks only at what is new, so that a long field value in small pieces
    /// is parsed right and in time (a quadratic search over 60,000 calls would take minutes).
    @Test func dripsAreNotSearchedAgain() {
        let message = request("x: \(String(repeating: "v", count: 60_000))\r\n")
        let bytes = Array(message.utf8)
        var parser = HTTP1HeadParser()
        let head = MessageHead()
        var outcome = HTTP1HeadParser.Outcome.needMore
        bytes.withUnsafeBytes { whole in
            for count in 1...bytes.count where outcome == .needMore {
                outcome = parser.parse(UnsafeRawBufferPointer(rebasing: whole[..<count]), into: head, as: .request)
            }
        }
        #expect(outcome == .head(consumed: bytes.count))
    }

    /// Random damage to valid heads: any outcome is right, a trap or a consumed count out of range is not; and what is accepted
    /// is accepted alike byte by byte.
    @Test func damagedHeadsNeverTrap() {
        var generator = SeededGenerator(seed: 9_112)
        let seeds = HTTP1HeadParserTests.accepted + HTTP1HeadParserTests.responses.map(\.0)
        let spice: [UInt8] = [0, 9, 10, 13, 32, 35, 37, 42, 44, 47, 58, 59, 63, 64, 91, 93, 127, 128, 255]
        for round in 0..<4_000 {
            var bytes = Array(seeds.randomElement(using: &generator)?.utf8 ?? "".utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[index] = spice.randomElement(using: &generator) ?? 0
                case 1: bytes.insert(spice.randomElement(using: &generator) ?? 0, at: index)
                case 2: bytes.remove(at: index)
                default: bytes.removeSubrange(index..<min(bytes.count, index + 5))
                }
            }
            let kind: MessageHead.Kind = round % 2 == 0 ? .request : .response
            var parser = HTTP1HeadParser()
            let head = MessageHead()
            let outcome = withBytes(bytes) { parser.parse($0, into: head, as: kind) }
            if case .head(let consumed) = outcome { #expect(consumed > 0 && consumed <= bytes.count) }
            _ = summary(head)
            var split = HTTP1HeadParser()
            let other = MessageHead()
            var result = HTTP1HeadParser.Outcome.needMore
            for count in 0...bytes.count where result == .needMore {
                result = withBytes(bytes[..<count]) { split.parse($0, into: other, as: kind) }
            }
            #expect(result == outcome, "round \(round): \(text(bytes).debugDescription)")
        }
    }

    private func isHead(_ outcome: HTTP1HeadParser.Outcome) -> Bool {
        if case .head = outcome { true } else { false }
    }
}
