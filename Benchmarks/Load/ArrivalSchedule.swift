import Glibc

/// When the requests of an open loop are due: a sequence of times that no server can delay.
struct ArrivalSchedule: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        /// At equal distances.
        case even
        /// At random, independent of each other, as those of many clients are.
        case poisson
    }

    private let kind: Kind
    private let startNanoseconds: Int64
    private let rampSeconds: Double
    /// Arrivals a second after the ramp.
    private let rate: Double
    private var random: SeededRandom
    /// Expected number of arrivals up to the last one.
    private var expected = 0.0
    /// The next arrival, in monotonic nanoseconds.
    private(set) var next: Int64

    /// - Parameters:
    ///   - rate: arrivals a second; the rate rises evenly from 0 over the ramp.
    ///   - seed: the same seed makes the same times.
    init(_ kind: Kind, rate: Double, startNanoseconds: Int64, rampNanoseconds: Int64 = 0, seed: UInt64) {
        precondition(rate > 0, "an open loop has arrivals")
        self.kind = kind
        self.rate = rate
        self.startNanoseconds = startNanoseconds
        rampSeconds = Double(rampNanoseconds) / 1e9
        random = SeededRandom(seed: seed)
        next = startNanoseconds
        advance()
    }

    /// Goes on to the arrival after `next`.
    mutating func advance() {
        switch kind {
        case .even: expected += 1
        case .poisson: expected -= log(1 - Double.random(in: 0..<1, using: &random))
        }
        next = startNanoseconds + Int64((seconds(toExpect: expected) * 1e9).rounded())
    }

    /// The inverse of the expected count: rate t²/2r up to the ramp's end r, and rate (t - r/2) behind it.
    private func seconds(toExpect count: Double) -> Double {
        let duringRamp = rate * rampSeconds / 2
        return count < duringRamp ? (2 * count * rampSeconds / rate).squareRoot() : count / rate + rampSeconds / 2
    }
}

/// SplitMix64: enough for arrival times, and the same on every machine.
struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
