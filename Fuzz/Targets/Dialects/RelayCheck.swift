import Dialects
import Streaming

/// A provider's stream on its way to a client of the same dialect.
enum RelayCheck {
    static func stream(_ bytes: UnsafeRawBufferPointer, _ dialect: Dialect) throws(FuzzViolation) {
        for hidesUsage in dialect == .chat ? [false, true] : [false] {
            let whole = try RelayRun(Cutting.whole(bytes), dialect, hidesUsage: hidesUsage)
            let cuttings = Cutting.all(bytes)
            for cutting in cuttings {
                try requireSame(try RelayRun(cutting, dialect, hidesUsage: hidesUsage), whole, hidesUsage: hidesUsage)
            }
            // The shortest pieces there are: each is a place for a heartbeat and for a bound.
            try checkHeartbeats(bytes, cuttings[0], dialect, hidesUsage: hidesUsage, whole)
            try checkSmallLimits(bytes, cuttings[0], dialect, hidesUsage: hidesUsage)
            try AnswerCheck.checkCounts(whole.answer)
            try requireEqual(UInt64(bytes.count), whole.counters.bytesIn, "bytes in are miscounted")
            if hidesUsage {
                try requireOnlyUsageHidden(bytes.array, whole)
            } else {
                try requirePassedOn(bytes, whole.sent)
                try requireEqual(whole.counters.hiddenEvents, 0, "an event is hidden that the client asked for")
            }
        }
    }

    private static func requireSame(_ cut: RelayRun, _ whole: RelayRun, hidesUsage: Bool) throws(FuzzViolation) {
        try requireEqual(cut.answer, whole.answer, "a stream that comes in pieces is another answer")
        try requireEqual(cut.position, whole.position, "a stream that comes in pieces stands elsewhere")
        try requireEqual(cut.ending, whole.ending, "a stream that comes in pieces ends otherwise")
        try requireEqual(cut.isCommitted, whole.isCommitted, "a stream that comes in pieces is committed or not")
        try requireEqual(cut.counters.events, whole.counters.events, "events are counted otherwise")
        try requireEqual(cut.counters.contentEvents, whole.counters.contentEvents, "content is counted otherwise")
        try requireEqual(cut.counters.hiddenEvents, whole.counters.hiddenEvents, "hidden events are counted otherwise")
        if hidesUsage {
            // Cutting an event out may leave the LF of its last CRLF behind, a blank line that no client sees.
            try requireEqual(cut.events, whole.events, "a stream that comes in pieces has other events")
        } else {
            let end = withoutHalfLineEnd(whole.sent)
            try requireEqual(withoutHalfLineEnd(cut.sent), end, "a stream that comes in pieces is another stream")
        }
    }

    /// Without the LF of a last CRLF. A CR that is a blank line ends its event at once, unless the line before ended with CRLF; an LF that
    /// comes later belongs to what follows, and is not passed on when that is cut short.
    private static func withoutHalfLineEnd(_ bytes: [UInt8]) -> [UInt8] {
        bytes.suffix(2) == [0x0D, 0x0A] ? bytes.dropLast() : bytes
    }

    /// The provider's own bytes, and all of them but for an event that was cut short.
    private static func requirePassedOn(_ bytes: UnsafeRawBufferPointer, _ sent: [UInt8]) throws(FuzzViolation) {
        try require(bytes.starts(with: sent), "the client got other bytes than the provider sent: \(sent.shown)")
        var parser = SSEParser()
        var wholeEventsEnd = 0
        do throws(SSEParserError) {
            try parser.parse(bytes) { _, end in wholeEventsEnd = end }
        } catch {
            throw FuzzViolation("the parser gave up: \(error)")
        }
        let needed = withoutHalfLineEnd(Array(bytes[..<wholeEventsEnd])).count
        try require(sent.count >= needed, "the client did not get all whole events")
        if parser.isAtEventBoundary { try requireEqual(sent.count, bytes.count, "the client did not get all bytes") }
    }

    /// What is missing at the client are bare usage chunks, and an event that was cut short at the end.
    private static func requireOnlyUsageHidden(_ bytes: [UInt8], _ run: RelayRun) throws(FuzzViolation) {
        let upstream = ReferenceEvents.parse(bytes).filter(\.hasData)
        var rest = run.events[...]
        var hidden: UInt64 = 0
        for (index, event) in upstream.enumerated() {
            if event == rest.first {
                rest.removeFirst()
            } else if isBareUsage(event.data) {
                hidden += 1
            } else {
                try require(index == upstream.count - 1, "an event is missing at the client: \(event)")
            }
        }
        try require(rest.isEmpty, "the client got events that the provider did not send: \(rest)")
        try require(run.counters.hiddenEvents <= hidden, "more events were hidden than are missing")
    }

    private static func isBareUsage(_ data: [UInt8]) -> Bool {
        guard var root = ReferenceJSON.parse(data, acceptsLoneSurrogates: true) else { return false }
        if case .array(let elements) = root, let first = elements.first { root = first }
        guard case .object? = root.all("usage").last else { return false }
        switch root.all("choices").last {
        case nil, .null, .array([]), .object([]): return true
        case .array, .object: return false
        default: return true
        }
    }

    /// Heartbeats stand between events only; and a stream that was cut off ends with an event of ours that the client can read.
    private static func checkHeartbeats(
        _ bytes: UnsafeRawBufferPointer, _ cutting: Cutting, _ dialect: Dialect, hidesUsage: Bool, _ whole: RelayRun
    ) throws(FuzzViolation) {
        // A byte order mark counts at the very start only: behind a heartbeat it would be a part of its line.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return }
        let beating = try RelayRun(cutting, dialect, hidesUsage: hidesUsage, heartbeatNanoseconds: 1)
        try requireEqual(beating.events, whole.events, "heartbeats change the events")
        try requireEqual(beating.answer, whole.answer, "heartbeats change the answer")

        let ended = try RelayRun(cutting, dialect, hidesUsage: hidesUsage, heartbeatNanoseconds: 1, endsAsGateway: true)
        guard ended.ending == .truncated, !ended.sent.isEmpty else { return }
        let ours = ReferenceEvents.parse(ended.gatewayEnding)
        try requireEqual(Array(ReferenceEvents.parse(ended.sent).suffix(ours.count)), ours, "the error at the end is not readable")
        for event in ours {
            try require(ReferenceJSON.parse(event.data) != nil, "the error at the end is no JSON: \(event)")
        }
    }

    /// With little room the relay commits early and lets long events flow; the client still gets a beginning of the provider's bytes.
    private static func checkSmallLimits(
        _ bytes: UnsafeRawBufferPointer, _ cutting: Cutting, _ dialect: Dialect, hidesUsage: Bool
    ) throws(FuzzViolation) {
        let limits = RelayLimits(heldBytesMax: 64, hideWindowBytesMax: 32, heartbeatNanoseconds: 0)
        let run = try RelayRun(cutting, dialect, hidesUsage: hidesUsage, limits: limits)
        if !hidesUsage { try requirePassedOn(bytes, run.sent) }
    }
}
