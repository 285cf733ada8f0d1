/// When the tokens of one stream are due. A value.
///
/// The first comes at its time, the others `pace` apart, but for the first gap, which is between half and one and a half of it: streams
/// that begin together do not march in step, and their mean is the pace.
struct TokenClock {
    private(set) var dueNanoseconds: Int64
    private let paceNanoseconds: Int64
    private var gapNanoseconds: Int64

    /// - Parameter phase: of the stream among the others, 0 to 1.
    init(_ shape: AnswerShape, startedNanoseconds: Int64, phase: Double) {
        dueNanoseconds = startedNanoseconds + Int64(shape.firstTokenDelayMilliseconds) * 1_000_000
        paceNanoseconds = Int64(shape.paceMilliseconds) * 1_000_000
        gapNanoseconds = Int64(Double(paceNanoseconds) * (0.5 + phase))
    }

    /// The token that was due has been sent.
    mutating func advance() {
        dueNanoseconds += gapNanoseconds
        gapNanoseconds = paceNanoseconds
    }

    /// Phases of streams in the order in which they begin: spread evenly, however many there are (the multiples of the golden section).
    struct Phases {
        private var position: UInt32 = 0

        mutating func next() -> Double {
            position &+= 0x9E37_79B9
            return Double(position) / Double(UInt32.max)
        }
    }
}
