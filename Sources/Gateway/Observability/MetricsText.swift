/// Writes Prometheus' text exposition format, version 0.0.4.
struct MetricsText {
    /// A family's type.
    enum Kind: String { case counter, gauge, histogram }

    /// A label and its value; the name is ours, the value may be anything.
    typealias Label = (name: String, value: String)

    static let contentType: StaticString = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    /// Begins a family. All its samples follow before the next one begins.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// One sample. `value` is a number as the format wants it.
    mutating func sample(_ name: String, _ labels: [Label] = [], _ value: String) {
        text += name
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }.joined(separator: ",") + "}"
        }
        text += " \(value)\n"
    }

    /// A family of one sample without labels.
    mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: String) {
        family(name, kind, help)
        sample(name, [], value)
    }

    /// A histogram's samples, in seconds: cumulative buckets, sum, count.
    mutating func histogram(_ name: String, _ labels: [Label], _ histogram: Histogram) {
        var sum: UInt64 = 0
        for (index, count) in histogram.counts.enumerated() {
            sum &+= count
            let bounds = histogram.bounds.nanoseconds
            let bound = index < bounds.count ? Self.seconds(bounds[index]) : "+Inf"
            sample(name + "_bucket", labels + [("le", bound)], "\(sum)")
        }
        sample(name + "_sum", labels, Self.seconds(histogram.sumNanoseconds))
        sample(name + "_count", labels, "\(sum)")
    }

    /// Nanoseconds in seconds, exactly.
    static func seconds(_ nanoseconds: UInt64) -> String { decimal(Int128(nanoseconds), digits: 9) }

    /// `units` of 10^-`digits`, exactly, without needless zeros.
    static func decimal(_ units: Int128, digits: Int) -> String {
        var text = "\(units.magnitude)"
        if text.count <= digits { text = String(repeating: "0", count: digits + 1 - text.count) + text }
        var fraction = text.suffix(digits)
        while fraction.last == "0" { fraction.removeLast() }
        let whole = (units < 0 ? "-" : "") + text.dropLast(digits)
        return fraction.isEmpty ? whole : "\(whole).\(fraction)"
    }

    /// Backslash, line feed, and in label values the quote.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
