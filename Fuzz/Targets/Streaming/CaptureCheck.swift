import Streaming

/// Members picked out of a passing document: the same however it comes cut, and what the whole document says.
enum CaptureCheck {
    static func members(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        for capturedBytesMax in [StreamingLimits.capturedBytesMax, 24] {
            let whole = run(Cutting.whole(bytes), capturedBytesMax)
            for cutting in Cutting.all(bytes) {
                try requireEqual(run(cutting, capturedBytesMax), whole, "a document that comes in pieces is another document")
            }
            for value in whole.values.compactMap(\.self) {
                try require(value.count <= capturedBytesMax, "more is kept than may be")
            }
            try requireAgreement(bytes, whole)
        }
    }

    /// On JSON the capture agrees with the tape.
    private static func requireAgreement(_ bytes: UnsafeRawBufferPointer, _ found: Run) throws(FuzzViolation) {
        let tape = JSONTape(options: JSONOptions(acceptsLoneSurrogates: true))
        guard let root = try? tape.parse(bytes) else { return }
        let isContainer = root.kind == .object || root.kind == .array
        try requireEqual(found.ending, isContainer ? .complete : .notJSON, "how a JSON document ends")
        for (index, name) in names.enumerated() {
            // A name that is written with escapes may be longer than the capture looks at.
            guard bytes.count <= StreamingLimits.capturedNameBytesMax, !found.isOversized[index] else { continue }
            try requireEqual(found.values[index], root[name]?.rawBytes.array, "the member \(name) is another")
        }
    }

    private static let names: [StaticString] = ["usage", "id", "error"]

    private struct Run: Equatable {
        var ending: JSONMemberCapture.Ending
        var values: [[UInt8]?]
        var isOversized: [Bool]
    }

    private static func run(_ pieces: Cutting, _ capturedBytesMax: Int) -> Run {
        var capture = JSONMemberCapture(names: names, capturedBytesMax: capturedBytesMax)
        for piece in pieces { piece.withUnsafeBytes { capture.push($0) } }
        var run = Run(ending: capture.ending, values: [], isOversized: [])
        for name in names {
            run.values.append(capture[name]?.array)
            run.isOversized.append(capture.isOversized(name))
        }
        return run
    }
}
