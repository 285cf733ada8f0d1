/// Money as the gateway counts it: whole 10^-12 USD.
enum Picodollars {
    /// Reads the decimal text of a JSON number (`0.0014925`, `6.25e-05`) exactly: no floating point is involved. A half
    /// of 10^-12 USD and more rounds up. Nil when the text is no JSON number, is negative, or exceeds
    /// `DialectLimits.costPicodollarsMax`.
    static func parse(_ text: UnsafeRawBufferPointer) -> Int64? {
        var digits: UInt64 = 0
        var scale = 12  // the power of ten that `digits` is still to be multiplied with
        var roundUp = false
        var index = 0
        var sawDigit = false
        var sawPoint = false
        var cut = false  // digits beyond what fits: counted in `scale`, the first one rounds
        loop: while index < text.count {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                sawDigit = true
                if sawPoint { scale -= 1 }
                let digit = UInt64(byte - UInt8(ascii: "0"))
                if cut {
                    scale += 1
                } else if digits > (UInt64.max - 9) / 10 {
                    cut = true
                    scale += 1
                    roundUp = digit >= 5
                } else {
                    digits = digits * 10 + digit
                }
            case UInt8(ascii: "."):
                guard !sawPoint, sawDigit else { return nil }
                sawPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                break loop
            default:
                return nil
            }
            index += 1
        }
        guard sawDigit else { return nil }
        if index < text.count {
            guard let exponent = exponent(text, after: index) else { return nil }
            scale += exponent
        }
        return scaled(digits, by: scale, roundUp: cut && roundUp)
    }

    /// The signed exponent behind the `e` at `index`, cut to what can matter.
    private static func exponent(_ text: UnsafeRawBufferPointer, after index: Int) -> Int? {
        var index = index + 1
        guard index < text.count else { return nil }
        var isNegative = false
        if text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
            isNegative = text[index] == UInt8(ascii: "-")
            index += 1
        }
        guard index < text.count else { return nil }
        var value = 0
        while index < text.count {
            guard case UInt8(ascii: "0")...UInt8(ascii: "9") = text[index] else { return nil }
            value = min(value * 10 + Int(text[index] - UInt8(ascii: "0")), 1_000_000)
            index += 1
        }
        return isNegative ? -value : value
    }

    private static func scaled(_ digits: UInt64, by scale: Int, roundUp: Bool) -> Int64? {
        guard digits != 0 else { return 0 }
        var value = digits
        if scale >= 0 {
            for _ in 0..<scale {
                let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                guard !overflow else { return nil }
                value = product
            }
            if scale == 0, roundUp { value = value == .max ? value : value + 1 }
        } else {
            guard scale >= -20 else { return 0 }
            for _ in 0..<(-scale - 1) { value /= 10 }
            value = value / 10 + (value % 10 >= 5 ? 1 : 0)
        }
        guard value <= UInt64(DialectLimits.costPicodollarsMax) else { return nil }
        return Int64(value)
    }
}
