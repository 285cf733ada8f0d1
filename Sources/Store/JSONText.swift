/// Writes JSON (RFC 8259) front to back, members in the order given, amounts of money as exact decimals.
struct JSONText {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    mutating func open(_ bracket: Unicode.Scalar) {
        bytes.append(UInt8(ascii: bracket))
        needsComma = false
    }

    mutating func close(_ bracket: Unicode.Scalar) {
        bytes.append(UInt8(ascii: bracket))
        needsComma = true
    }

    /// Goes before an element of an array.
    mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    mutating func name(_ name: String) {
        separate()
        string(name)
        bytes.append(UInt8(ascii: ":"))
    }

    mutating func member(_ name: String, _ value: String?) {
        self.name(name)
        if let value { string(value) } else { null() }
    }

    mutating func member(_ name: String, _ value: Int?) {
        self.name(name)
        if let value { bytes.append(contentsOf: String(value).utf8) } else { null() }
    }

    mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// An amount in pico-USD, written in USD.
    mutating func member(_ name: String, usd value: Int128?) {
        self.name(name)
        if let value { bytes.append(contentsOf: USDText.decimal(pico: value).utf8) } else { null() }
    }

    private mutating func null() {
        bytes.append(contentsOf: "null".utf8)
    }

    private mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): bytes += Array("\\n".utf8)
            case UInt8(ascii: "\r"): bytes += Array("\\r".utf8)
            case UInt8(ascii: "\t"): bytes += Array("\\t".utf8)
            case 0..<0x20, 0x7F:
                let digits = Array("0123456789abcdef".utf8)
                bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

/// Amounts of money as text.
enum USDText {
    /// Pico-USD as a plain decimal of USD: `0.00014`, never `1.4e-04`, without zeros at the end.
    static func decimal(pico: Int128) -> String {
        let unit: Int128 = 1_000_000_000_000
        let amount = pico.magnitude.quotientAndRemainder(dividingBy: unit.magnitude)
        let sign = pico < 0 ? "-" : ""
        guard amount.remainder != 0 else { return "\(sign)\(amount.quotient)" }
        let digits = String(amount.remainder)
        var fraction = String(repeating: "0", count: 12 - digits.count) + digits
        while fraction.last == "0" { fraction.removeLast() }
        return "\(sign)\(amount.quotient).\(fraction)"
    }
}
