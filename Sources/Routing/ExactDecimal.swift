/// Decimal numbers read into scaled integers without passing through floating point.
public enum ExactDecimal {
    /// What to do with digits finer than the scale.
    public enum Excess: Sendable {
        /// The number is refused: it cannot be held exactly.
        case refuse
        /// The nearest held number, halves away from zero.
        case round
    }

    /// Reads a JSON-style number (`0.15`, `-1`, `3.75e-05`) as an integer multiple of 10^-`scale`.
    ///
    /// - Returns: nil when the text is no such number, does not fit, or has finer digits that `excess` refuses.
    public static func parse(_ text: some StringProtocol, scale: Int, excess: Excess = .refuse) -> Int64? {
        var copy = String(text)
        return copy.withUTF8 { parse(UnsafeRawBufferPointer($0), scale: scale, excess: excess) }
    }

    /// Reads ASCII digits; see the reading of a string.
    public static func parse(_ bytes: UnsafeRawBufferPointer, scale: Int, excess: Excess = .refuse) -> Int64? {
        guard let number = Parts(bytes) else { return nil }
        return number.scaled(by: scale, excess: excess)
    }
}

/// A number as read: sign, up to 19 significant digits, and the power of ten that they stand for.
private struct Parts {
    private var isNegative = false
    private var digits: UInt64 = 0
    private var exponent = 0
    /// The first digit that found no room.
    private var firstCut: UInt8?
    /// A digit other than zero found no room.
    private var cutAnything = false

    init?(_ bytes: UnsafeRawBufferPointer) {
        var index = bytes.startIndex
        let end = bytes.endIndex
        if index < end, bytes[index] == UInt8(ascii: "-") {
            isNegative = true
            index += 1
        }
        let wholeStart = index
        while index < end, let digit = Self.digit(bytes[index]) {
            append(digit, isFraction: false)
            index += 1
        }
        guard index > wholeStart else { return nil }
        if index < end, bytes[index] == UInt8(ascii: ".") {
            index += 1
            let fractionStart = index
            while index < end, let digit = Self.digit(bytes[index]) {
                append(digit, isFraction: true)
                index += 1
            }
            guard index > fractionStart else { return nil }
        }
        if index < end, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            var sign = 1
            if index < end, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
                sign = bytes[index] == UInt8(ascii: "-") ? -1 : 1
                index += 1
            }
            let powerStart = index
            var power = 0
            while index < end, let digit = Self.digit(bytes[index]) {
                power = min(power * 10 + Int(digit), 10_000)
                index += 1
            }
            guard index > powerStart else { return nil }
            exponent += sign * power
        }
        guard index == end else { return nil }
    }

    func scaled(by scale: Int, excess: ExactDecimal.Excess) -> Int64? {
        guard digits != 0 else { return 0 }
        var value = digits
        var shift = exponent + scale
        var isInexact = cutAnything
        var lastCut = firstCut ?? 0
        while shift > 0 {
            if cutAnything { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            value = product
            shift -= 1
        }
        while shift < 0 {
            if value == 0 {
                lastCut = 0
                break
            }
            lastCut = UInt8(value % 10)
            isInexact = isInexact || lastCut != 0
            value /= 10
            shift += 1
        }
        if isInexact {
            guard excess == .round else { return nil }
            if lastCut >= 5 { value = value.addingReportingOverflow(1).overflow ? value : value + 1 }
        }
        guard let signed = Int64(exactly: value) else { return nil }
        return isNegative ? -signed : signed
    }

    private mutating func append(_ digit: UInt8, isFraction: Bool) {
        let (tens, overflow) = digits.multipliedReportingOverflow(by: 10)
        let (sum, carry) = tens.addingReportingOverflow(UInt64(digit))
        if overflow || carry || firstCut != nil {
            if firstCut == nil { firstCut = digit }
            cutAnything = cutAnything || digit != 0
            if !isFraction { exponent += 1 }
            return
        }
        digits = sum
        if isFraction { exponent -= 1 }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        let value = byte &- UInt8(ascii: "0")
        return value < 10 ? value : nil
    }
}
