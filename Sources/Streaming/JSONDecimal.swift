/// A JSON number without loss: `significand` times ten to the power of `exponent`, with a sign.
public struct JSONDecimal: Sendable, Equatable {
    public let isNegative: Bool
    public let significand: UInt64
    public let exponent: Int

    public init(isNegative: Bool, significand: UInt64, exponent: Int) {
        self.isNegative = isNegative
        self.significand = significand
        self.exponent = exponent
    }

    /// Reads a number that follows RFC 8259 section 6. Nil when its digits need more than 64 bits or its exponent is beyond +-9999.
    init?(_ text: UnsafeRawBufferPointer) {
        var significand: UInt64 = 0
        var exponent = 0
        // Zeros are counted and only written once a digit follows them, so that 1.000 and 1000 need one digit.
        var zeros = 0
        var isFraction = false
        var position = 0
        let isNegative = text.first == Ascii.minus
        if isNegative { position = 1 }
        while position < text.count {
            let byte = text[position]
            if byte == Ascii.point {
                isFraction = true
            } else if Ascii.isDigit(byte) {
                if isFraction { exponent -= 1 }
                zeros += 1
                if byte != Ascii.zero {
                    guard let next = Self.shifted(significand, by: zeros, adding: byte - Ascii.zero) else { return nil }
                    significand = next
                    zeros = 0
                }
            } else {
                break
            }
            position += 1
        }
        if position < text.count {
            guard let written = Self.writtenExponent(text, after: position) else { return nil }
            exponent += written
        }
        self.init(isNegative: isNegative, significand: significand, exponent: significand == 0 ? 0 : exponent + zeros)
    }

    /// The number as an integer, when it is one and fits (`1e3` and `12.0` are integers).
    public var int64: Int64? {
        guard significand != 0 else { return 0 }
        guard exponent >= 0, exponent < 20 else { return nil }
        var magnitude = significand
        for _ in 0..<exponent {
            let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            magnitude = product
        }
        if isNegative {
            return magnitude <= Int64.min.magnitude ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
        }
        return Int64(exactly: magnitude)
    }

    private static func shifted(_ value: UInt64, by places: Int, adding digit: UInt8) -> UInt64? {
        guard value != 0 else { return UInt64(digit) }
        guard places < 20 else { return nil }
        var value = value
        for _ in 0..<places {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            value = product
        }
        let (sum, overflow) = value.addingReportingOverflow(UInt64(digit))
        return overflow ? nil : sum
    }

    private static func writtenExponent(_ text: UnsafeRawBufferPointer, after marker: Int) -> Int? {
        var position = marker + 1
        guard position < text.count else { return nil }
        let isNegative = text[position] == Ascii.minus
        if isNegative || text[position] == Ascii.plus { position += 1 }
        var exponent = 0
        while position < text.count {
            exponent = exponent * 10 + Int(text[position] &- Ascii.zero)
            guard exponent <= 9999 else { return nil }
            position += 1
        }
        return isNegative ? -exponent : exponent
    }
}
