import Foundation

@testable import Streaming

extension Array where Element == UInt8 {
    init(_ text: String) { self = Array(text.utf8) }

    var text: String { String(decoding: self, as: UTF8.self) }
}

/// SplitMix64: the same numbers for the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Every way to cut `bytes` in two, the whole first.
func splitsInTwo(_ bytes: [UInt8]) -> [[[UInt8]]] {
    [[bytes]] + bytes.indices.dropFirst().map { [Array(bytes[..<$0]), Array(bytes[$0...])] }
}

/// `bytes` in pieces of 1 to `longest` bytes.
func randomPieces(_ bytes: [UInt8], longest: Int, using generator: inout SeededGenerator) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var position = 0
    while position < bytes.count {
        let end = min(bytes.count, position + Int.random(in: 1...longest, using: &generator))
        pieces.append(Array(bytes[position..<end]))
        position = end
    }
    return pieces
}

func singleBytes(_ bytes: [UInt8]) -> [[UInt8]] { bytes.map { [$0] } }

/// The recorded provider traffic beside the repository, if it is there.
enum Corpus {
    static let folder: URL? = {
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("shared/corpus")
            if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
        }
        return nil
    }()

    static func files(_ ending: String) -> [(name: String, bytes: [UInt8])] {
        guard let folder, let walk = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) else { return [] }
        let urls = walk.compactMap { $0 as? URL }.filter { $0.pathExtension == ending }.sorted { $0.path < $1.path }
        return urls.compactMap { url in (try? Data(contentsOf: url)).map { (url.lastPathComponent, [UInt8]($0)) } }
    }
}

struct ParsedEvent: Equatable, CustomStringConvertible {
    var name: String
    var data: String
    var hasData: Bool

    var description: String { "(\(name.debugDescription), \(data.debugDescription), \(hasData))" }

    init(_ event: SSEEvent) {
        name = String(decoding: event.name, as: UTF8.self)
        data = String(decoding: event.data, as: UTF8.self)
        hasData = event.hasData
    }
}

struct ParsedStream: Equatable {
    var events: [ParsedEvent] = []
    /// Where each event ended, from the start of the stream.
    var ends: [Int] = []
    var last: ParsedEvent?
    var unfinished = 0
}

func parseStream(_ pieces: [[UInt8]], eventBytesMax: Int = StreamingLimits.eventBytesMax) throws -> ParsedStream {
    var parser = SSEParser(eventBytesMax: eventBytesMax)
    var result = ParsedStream()
    var before = 0
    for piece in pieces {
        try piece.withUnsafeBytes { bytes in
            var cursor = SSECursor(bytes)
            while let event = try parser.next(&cursor) {
                result.events.append(ParsedEvent(event))
                result.ends.append(before + cursor.offset)
            }
        }
        before += piece.count
    }
    result.unfinished = parser.unfinishedBytes
    result.last = parser.finish().map(ParsedEvent.init)
    return result
}
