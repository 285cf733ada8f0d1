import Foundation
import Streaming
import Testing

@testable import Dialects

extension String {
    /// The text's UTF-8, borrowed for the call.
    func borrowed<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        Array(utf8).withUnsafeBytes(body)
    }
}

extension RelayObserver {
    /// Judges one event given as strings; no name means an unnamed event.
    mutating func observe(_ data: String, name: String = "") -> EventVerdict {
        let name = Array(name.utf8)
        let data = Array(data.utf8)
        return name.withUnsafeBytes { name in
            data.withUnsafeBytes { data in observe(SSEEvent(name: name, data: data, hasData: true)) }
        }
    }
}

/// SplitMix64, so that a failing seed can be run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension [UInt8] {
    /// Calls `body` with consecutive pieces; a nil `generator` gives the whole in one.
    func forEachPiece(_ generator: inout SeededGenerator?, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        try withUnsafeBytes { bytes in
            var start = 0
            while start < bytes.count {
                let length = generator == nil ? bytes.count : Int.random(in: 1...Swift.min(700, bytes.count - start), using: &generator!)
                let end = Swift.min(bytes.count, start + length)
                try body(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                start = end
            }
        }
    }
}

/// What came out of relaying a whole stream.
struct RelayedStream {
    var answer: ObservedAnswer
    var position: ResponsesPosition
    var ending: RelayEnding
    var output: [UInt8]
}

/// Sends a stream through the relay with the dialect's observer; `seed` splits it at random.
func relay(_ stream: [UInt8], _ dialect: Dialect, hidesUsageChunk: Bool = false, seed: UInt64? = nil) throws -> RelayedStream {
    var relay = StreamRelay(
        observer: StreamObserver(dialect, hidesUsageChunk: hidesUsageChunk, reader: JSONReader()),
        client: RelayClient(waitingSince: 0))
    var output: [UInt8] = []
    var generator = seed.map { SeededGenerator($0) }
    try stream.forEachPiece(&generator) { _ = try relay.receive($0, now: 1, into: &output) }
    let ending = relay.upstreamEnded(now: 2, into: &output)
    if !relay.isCommitted { relay.releaseHeld(now: 2, into: &output) }
    return RelayedStream(answer: relay.observer.answer, position: relay.observer.position, ending: ending, output: output)
}

/// A fixture of this folder.
func fixture(_ name: String, file: String = #filePath) throws -> [UInt8] {
    let url = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)")
    return Array(try Data(contentsOf: url))
}

func parsed(_ json: [UInt8]) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
}
