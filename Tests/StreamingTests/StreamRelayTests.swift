import Testing

@testable import Streaming

/// Judges by the data: `c…` is content, `h` is hidden, `e` is a failure, `[DONE]` is the end, all else is lifecycle.
private struct ScriptedObserver: RelayObserver {
    var mayHide: Bool
    var seen: [String] = []

    mutating func observe(_ event: SSEEvent) -> EventVerdict {
        let data = String(decoding: event.data, as: UTF8.self)
        seen.append(data)
        if data.hasPrefix("c") || data.hasPrefix("{\"c") { return EventVerdict(.content) }
        if data.hasPrefix("h") { return EventVerdict(.lifecycle, isHidden: mayHide) }
        if data.hasPrefix("e") { return EventVerdict(.failure) }
        return EventVerdict(data == "[DONE]" ? .terminal : .lifecycle)
    }
}

private func makeRelay(mayHide: Bool = false, limits: RelayLimits = RelayLimits()) -> StreamRelay<ScriptedObserver> {
    StreamRelay(observer: ScriptedObserver(mayHide: mayHide), client: RelayClient(waitingSince: 0), limits: limits)
}

extension StreamRelay {
    fileprivate mutating func receive(_ text: String, now: UInt64 = 0, into sink: inout [UInt8]) throws -> RelayStatus {
        try receive([UInt8](text), now: now, into: &sink)
    }

    /// Lends a copy, which a relay that scrubs may change.
    fileprivate mutating func receive(changing piece: [UInt8], into sink: inout [UInt8]) throws -> RelayStatus {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 1)
        defer { copy.deallocate() }
        copy.copyBytes(from: piece)
        return try receive(UnsafeRawBufferPointer(copy), now: 0, into: &sink)
    }

    fileprivate mutating func receive(_ piece: [UInt8], now: UInt64 = 0, into sink: inout [UInt8]) throws -> RelayStatus {
        try piece.withUnsafeBytes { try receive($0, now: now, into: &sink) }
    }
}

private struct Outcome: Equatable {
    var sent: [UInt8] = []
    var ending = RelayEnding.truncated
    var isCommitted = false
    var counters = RelayCounters()
}

private func run(_ pieces: [[UInt8]], mayHide: Bool) throws -> Outcome {
    var relay = makeRelay(mayHide: mayHide)
    var outcome = Outcome()
    for piece in pieces { _ = try relay.receive(piece, into: &outcome.sent) }
    outcome.ending = relay.upstreamEnded(now: 0, into: &outcome.sent)
    outcome.isCommitted = relay.isCommitted
    outcome.counters = relay.counters
    return outcome
}

@Suite struct StreamRelayTests {
    @Test func framesAreHeldUntilContent() throws {
        var relay = makeRelay()
        var sent: [UInt8] = []
        #expect(try relay.receive("data: role\n\n: ping\n\n", into: &sent) == .holding)
        #expect(sent.isEmpty)
        #expect(try relay.receive("data: c1\n", now: 5, into: &sent) == .holding)
        #expect(try relay.receive("\n", now: 7, into: &sent) == .flowing)
        #expect(sent.text == "data: role\n\n: ping\n\ndata: c1\n\n")
        let (counters, retained) = (relay.counters, relay.retainedBytes)
        #expect(counters.firstContentAt == 7)
        #expect(counters.events == 2 && counters.contentEvents == 1)
        #expect(retained == 0)
    }

    /// What the caller could not change because it came in pieces is changed by the relay, wherever the pieces end.
    @Test func scrubsWholeEventsHoweverTheyWereCut() throws {
        let stream = Array("data: role\n\ndata: c secret 1\n\ndata: h secret\n\n: secret\n\ndata: c secret 2\r\n\r\ndata: [DONE] secret".utf8)
        var generator = SeededGenerator(seed: 7)
        let cuts = splitsInTwo(stream) + [singleBytes(stream)] + (0..<200).map { _ in randomPieces(stream, longest: 12, using: &generator) }
        for pieces in cuts {
            var sent: [UInt8] = []
            var relay = StreamRelay(
                observer: ScriptedObserver(mayHide: true), client: RelayClient(waitingSince: 0), scrub: { Self.mask($0) })
            for piece in pieces { _ = try relay.receive(changing: piece, into: &sent) }
            _ = relay.upstreamEnded(now: 0, into: &sent)
            #expect(sent.text == "data: role\n\ndata: c ****** 1\n\n: ******\n\ndata: c ****** 2\r\n\r\ndata: [DONE] ******", "\(pieces.map(\.text))")
        }
    }

    /// An event that is too long to wait for is scrubbed as far as it waited.
    @Test func scrubsTheWindowOfALongEvent() throws {
        var sent: [UInt8] = []
        var relay = StreamRelay(
            observer: ScriptedObserver(mayHide: false), client: RelayClient(waitingSince: 0), limits: RelayLimits(hideWindowBytesMax: 16),
            scrub: { Self.mask($0) })
        _ = try relay.receive(changing: [UInt8]("data: c1\n\ndata: c secr"), into: &sent)
        _ = try relay.receive(changing: [UInt8]("et and more"), into: &sent)
        #expect(sent.text == "data: c1\n\ndata: c ****** and more")
        _ = try relay.receive(changing: [UInt8](" and more\n\n"), into: &sent)
        #expect(sent.text == "data: c1\n\ndata: c ****** and more and more\n\n")
    }

    private static func mask(_ bytes: UnsafeMutableRawBufferPointer) {
        let word = Array("secret".utf8)
        guard bytes.count >= word.count else { return }
        for start in 0...(bytes.count - word.count) where bytes[start..<(start + word.count)].elementsEqual(word) {
            for index in start..<(start + word.count) { bytes[index] = UInt8(ascii: "*") }
        }
    }

    @Test func anUnfinishedEventWaitsUntilItIsWhole() throws {
        var relay = makeRelay()
        var sent: [UInt8] = []
        _ = try relay.receive("data: c1\n\ndata: c", into: &sent)
        #expect(sent.text == "data: c1\n\n")
        _ = try relay.receive("2\n", into: &sent)
        #expect(sent.text == "data: c1\n\n")
        _ = try relay.receive("\n", into: &sent)
        #expect(sent.text == "data: c1\n\ndata: c2\n\n")
    }

    @Test func unfinishedEventsLongerThanTheWindowFlowOn() throws {
        var relay = makeRelay(mayHide: true, limits: RelayLimits(hideWindowBytesMax: 16))
        var sent: [UInt8] = []
        _ = try relay.receive("data: c1\n\ndata: h", into: &sent)
        #expect(sent.text == "data: c1\n\n")
        _ = try relay.receive("idden\n\ndata: c2345678", into: &sent)
        #expect(sent.text == "data: c1\n\n")
        _ = try relay.receive("9", into: &sent)
        _ = try relay.receive("0\n", into: &sent)
        #expect(sent.text == "data: c1\n\ndata: c234567890\n")
        _ = try relay.receive("\ndata: hidden but far too long for it", into: &sent)
        _ = try relay.receive("\n\n", into: &sent)
        #expect(sent.text == "data: c1\n\ndata: c234567890\n\ndata: hidden but far too long for it\n\n")
        let counters = relay.counters
        #expect(counters.hiddenEvents == 1)
    }

    @Test func aFailureBeforeContentKeepsWhatIsHeld() throws {
        var relay = makeRelay()
        var sent: [UInt8] = []
        #expect(try relay.receive("data: role\n\nevent: error\ndata: e\n\ndata: [DO", into: &sent) == .failedBeforeContent)
        #expect(sent.isEmpty)
        relay.releaseHeld(now: 1, into: &sent)
        #expect(try relay.receive("NE]\n\n", into: &sent) == .failed)
        #expect(sent.text == "data: role\n\nevent: error\ndata: e\n\ndata: [DONE]\n\n")
        let ending = relay.upstreamEnded(now: 2, into: &sent)
        #expect(ending == .failed)
    }

    @Test func aFailureBeforeContentCanBeDiscarded() throws {
        var relay = makeRelay()
        var sent: [UInt8] = []
        _ = try relay.receive("data: role\n\ndata: e\n\ndata: c\n\ndata: [DONE]\n\n", into: &sent)
        let isCommitted = relay.isCommitted
        relay.discardHeld()
        let (retained, isHeadCommitted) = (relay.retainedBytes, relay.client.isHeadCommitted)
        #expect(sent.isEmpty && !isCommitted && retained == 0 && !isHeadCommitted)
    }

    @Test func aFailureAfterContentIsPassedOn() throws {
        let outcome = try run([[UInt8]("data: c\n\ndata: e\n\n")], mayHide: false)
        #expect(outcome.sent.text == "data: c\n\ndata: e\n\n")
        #expect(outcome.ending == .failed)
    }

    @Test func heldBytesHaveABound() throws {
        var relay = makeRelay(limits: RelayLimits(heldBytesMax: 32))
        var sent: [UInt8] = []
        #expect(try relay.receive("data: 0123456789\n\n", into: &sent) == .holding)
        #expect(try relay.receive("data: 0123456789", into: &sent) == .flowing)
        #expect(sent.text == "data: 0123456789\n\n")
        _ = try relay.receive("0\n\n", into: &sent)
        #expect(sent.text == "data: 0123456789\n\ndata: 01234567890\n\n")
    }

    @Test func endings() throws {
        let cases: [(stream: String, ending: RelayEnding, sent: String)] = [
            ("data: c\n\ndata: [DONE]\n\n", .complete, "data: c\n\ndata: [DONE]\n\n"),
            ("data: c\n\ndata: [DONE]\n", .complete, "data: c\n\ndata: [DONE]\n"),
            ("data: c\n\ndata: [DONE]", .complete, "data: c\n\ndata: [DONE]"),
            ("data: [DONE]", .complete, "data: [DONE]"),
            ("data: c\n\n", .truncated, "data: c\n\n"),
            ("data: c\n\ndata: [DO", .truncated, "data: c\n\ndata: [DO"),
            ("data: role\n\n", .truncated, ""),
            ("data: {\"c\":[1", .truncated, ""),
            ("data: {\"c\":[1]}", .truncated, "data: {\"c\":[1]}"),
            ("", .truncated, ""),
        ]
        for (stream, ending, sent) in cases {
            for pieces in splitsInTwo([UInt8](stream)) {
                let outcome = try run(pieces, mayHide: false)
                #expect(outcome.ending == ending, "\(stream.debugDescription)")
                #expect(outcome.sent.text == sent, "\(stream.debugDescription) at \(pieces[0].count)")
            }
        }
    }

    @Test func aTruncatedAnswerThatWasHeldCanStillBeReleasedWhole() throws {
        var relay = makeRelay()
        var sent: [UInt8] = []
        _ = try relay.receive("data: role\n\ndata: {\"x", into: &sent)
        #expect(relay.upstreamEnded(now: 0, into: &sent) == .truncated)
        #expect(sent.isEmpty)
        relay.releaseHeld(now: 0, into: &sent)
        relay.endOpenEvent(now: 0, into: &sent)
        relay.endOpenEvent(now: 0, into: &sent)
        #expect(sent.text == "data: role\n\ndata: {\"x\n\n")
    }

    @Test func anEventOfTheGatewayFollowsABrokenOne() throws {
        var relay = makeRelay()
        var sent: [UInt8] = []
        _ = try relay.receive("data: c\n\ndata: {\"c", into: &sent)
        #expect(relay.upstreamEnded(now: 0, into: &sent) == .truncated)
        relay.endOpenEvent(now: 0, into: &sent)
        #expect(sent.text == "data: c\n\n")

        // Only an event that is longer than the window can be cut where the client has seen a part of it.
        var long = makeRelay(limits: RelayLimits(hideWindowBytesMax: 4))
        sent = []
        _ = try long.receive("data: c\n\ndata: {\"c", into: &sent)
        #expect(long.upstreamEnded(now: 0, into: &sent) == .truncated)
        long.endOpenEvent(now: 0, into: &sent)
        #expect(sent.text == "data: c\n\ndata: {\"c\n\n")
    }

    @Test func heartbeatsComeAfterSilenceAndBetweenEvents() throws {
        // A window so small that the client sees unfinished events.
        var relay = makeRelay(limits: RelayLimits(hideWindowBytesMax: 4, heartbeatNanoseconds: 10))
        var sent: [UInt8] = []
        var deadline = relay.nextHeartbeatDeadline
        #expect(deadline == 10)
        #expect(!relay.heartbeat(now: 9, into: &sent))
        _ = try relay.receive("data: role\n\nda", now: 9, into: &sent)
        #expect(relay.heartbeat(now: 10, into: &sent))
        let (isHeadCommitted, isCommitted) = (relay.client.isHeadCommitted, relay.isCommitted)
        #expect(isHeadCommitted && !isCommitted)
        #expect(sent.text == ": keep-alive\n\n")
        deadline = relay.nextHeartbeatDeadline
        #expect(deadline == 20)

        _ = try relay.receive("ta: c\n\ndata: c", now: 15, into: &sent)
        deadline = relay.nextHeartbeatDeadline
        #expect(deadline == nil)
        #expect(!relay.heartbeat(now: 100, into: &sent))
        _ = try relay.receive("\n\n", now: 101, into: &sent)
        #expect(!relay.heartbeat(now: 110, into: &sent))
        #expect(relay.heartbeat(now: 111, into: &sent))
        #expect(sent.text == ": keep-alive\n\ndata: role\n\ndata: c\n\ndata: c\n\n: keep-alive\n\n")

        _ = try relay.receive("data: [DONE]\n\n", now: 112, into: &sent)
        #expect(!relay.heartbeat(now: 1000, into: &sent))
    }

    @Test func theNextAttemptKnowsWhatTheClientHasSeen() throws {
        var first = makeRelay(limits: RelayLimits(heartbeatNanoseconds: 10))
        var sent: [UInt8] = []
        first.heartbeat(now: 12, into: &sent)
        let limits = RelayLimits(heartbeatNanoseconds: 10)
        let second = StreamRelay(observer: ScriptedObserver(mayHide: false), client: first.client, limits: limits)
        let (isHeadCommitted, deadline) = (second.client.isHeadCommitted, second.nextHeartbeatDeadline)
        #expect(isHeadCommitted)
        #expect(deadline == 22)
    }

    @Test func anEventBeyondItsBoundIsAnError() throws {
        var relay = makeRelay(limits: RelayLimits(eventBytesMax: 8))
        var sent: [UInt8] = []
        #expect(throws: SSEParserError.eventTooLong(limit: 8)) { try relay.receive("data: c\n\ndata: 0123456789", into: &sent) }
        #expect(sent.text == "data: c\n\n")
        let isAtBoundary = relay.clientIsAtEventBoundary
        #expect(isAtBoundary)
        #expect(relay.upstreamEnded(now: 0, into: &sent) == .truncated)
    }

    @Test func anyStreamLeavesAsItsBlocksSayHoweverItIsCut() throws {
        for seed in UInt64(1)...60 {
            var generator = SeededGenerator(seed: seed)
            let lineEnd = Bool.random(using: &generator) ? "\n" : "\r\n"
            var stream = ""
            var expected = ""
            let kinds = ["role", "c text", "hidden", ": comment", "", "c ż🎈", "x\ndata: y"]
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                let kind = kinds[Int.random(in: 0..<kinds.count, using: &generator)]
                let lines = kind.hasPrefix(":") ? "\(kind)\n\n" : kind.isEmpty ? "\n" : "data: \(kind)\n\n"
                let block = lines.replacing("\n", with: lineEnd)
                stream += block
                if kind != "hidden" { expected += block }
            }
            let end = "data: [DONE]\(lineEnd)\(lineEnd)"
            let bytes = [UInt8](stream + end)
            var cuts = splitsInTwo(bytes) + [singleBytes(bytes)]
            for longest in [2, 5, 30] { cuts.append(randomPieces(bytes, longest: longest, using: &generator)) }
            let whole = try run([bytes], mayHide: true)
            #expect(whole.sent.text == expected + end, "seed \(seed)")
            for pieces in cuts {
                #expect(try run(pieces, mayHide: true) == whole, "seed \(seed)")
                #expect(try run(pieces, mayHide: false).sent == bytes, "seed \(seed)")
            }
        }
    }

    @Test func watermarksAdviseOnceForEachCrossing() {
        var marks = Watermarks(high: 10, low: 4)
        let advice = [3, 9, 10, 20, 5, 4, 0, 12].map { marks.update(queued: $0) }
        #expect(advice == [.none, .none, .pause, .none, .none, .resume, .none, .pause])
    }
}
