/// Figures as people read them.
enum FigureText {
    /// `1,234,567`.
    static func count(_ number: Int) -> String {
        let digits = grouped(String(number.magnitude))
        return number < 0 ? "-" + digits : digits
    }

    /// Pico-USD in USD with so many decimals, rounded half away from zero: `1,234.5679`. What is there and would round to nothing is
    /// `<0.0001`, since nought means "free".
    static func usd(pico: Int128, decimals: Int) -> String {
        precondition((1...12).contains(decimals))
        let unit = (0..<(12 - decimals)).reduce(into: UInt128(1)) { unit, _ in unit *= 10 }
        let scale = UInt128(1_000_000_000_000) / unit
        let rounded = (pico.magnitude + unit / 2) / unit
        let sign = pico < 0 ? "-" : ""
        if rounded == 0, pico != 0 { return "\(sign)<0.\(String(repeating: "0", count: decimals - 1))1" }
        let fraction = String(rounded % scale)
        let zeros = String(repeating: "0", count: decimals - fraction.count)
        return "\(sign)\(grouped(String(rounded / scale))).\(zeros)\(fraction)"
    }

    private static func grouped(_ digits: String) -> String {
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
            result.append(digit)
        }
        return result
    }
}
