/// A strict reader of Prometheus' text format 0.0.4, with a parser of its own, so that no fault of the writer hides in it.
struct Exposition {
    struct Sample: Equatable {
        var name: String
        var labels: [String: String]
        var value: String
    }

    struct Fault: Error, CustomStringConvertible {
        var description: String
    }

    private(set) var types: [String: String] = [:]
    private(set) var samples: [Sample] = []

    /// - Throws: `Fault` for anything that the format does not allow, or that a scraper would take for something else.
    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Fault(description: "the last line has no end") }
        var helped: Set<String> = []
        var family = ""
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("# HELP ") {
                family = String(line.dropFirst(7).prefix { $0 != " " })
                guard Self.isName(family), helped.insert(family).inserted else { throw Fault(description: "HELP: \(line)") }
            } else if line.hasPrefix("# TYPE ") {
                let words = line.split(separator: " ")
                guard words.count == 4, words[2] == family, types[family] == nil, ["counter", "gauge", "histogram"].contains(words[3]) else {
                    throw Fault(description: "TYPE: \(line)")
                }
                types[family] = String(words[3])
            } else {
                let sample = try Self.sample(line)
                let suffixes = types[family] == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
                guard types[family] != nil, suffixes.contains(where: { family + $0 == sample.name }) else {
                    throw Fault(description: "a sample outside its family: \(line)")
                }
                if types[family] == "counter", !family.hasSuffix("_total") { throw Fault(description: "a counter without _total: \(family)") }
                guard !samples.contains(where: { $0.name == sample.name && $0.labels == sample.labels }) else {
                    throw Fault(description: "a series twice: \(line)")
                }
                samples.append(sample)
            }
        }
        try checkHistograms()
    }

    /// The value of the one series with these labels among its own.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        let found = samples.filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
        return found.count == 1 ? Double(found[0].value) : nil
    }

    /// Buckets ascend, end at `+Inf`, never sink, and agree with the count.
    private func checkHistograms() throws {
        for (family, type) in types where type == "histogram" {
            let buckets = samples.filter { $0.name == family + "_bucket" }
            var series: [[String: String]: [(bound: Double, count: Double)]] = [:]
            for bucket in buckets {
                var labels = bucket.labels
                guard let text = labels.removeValue(forKey: "le"), let bound = text == "+Inf" ? .infinity : Double(text),
                    let count = Double(bucket.value)
                else { throw Fault(description: "a bucket of \(family)") }
                series[labels, default: []].append((bound, count))
            }
            for (labels, buckets) in series {
                let pairs = zip(buckets, buckets.dropFirst())
                guard pairs.allSatisfy({ $0.bound < $1.bound && $0.count <= $1.count }), buckets.last?.bound == .infinity,
                    buckets.last?.count == value(family + "_count", labels), value(family + "_sum", labels) != nil
                else { throw Fault(description: "the buckets of \(family) \(labels)") }
            }
        }
    }

    private static func sample(_ line: Substring) throws -> Sample {
        var rest = line
        let name = String(rest.prefix { $0 != "{" && $0 != " " })
        rest.removeFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest.removeFirst()
            while rest.first != "}" {
                let label = String(rest.prefix { $0 != "=" })
                rest = rest.dropFirst(label.count)
                guard rest.hasPrefix("=\""), isName(label), !label.contains(":") else { throw Fault(description: "a label: \(line)") }
                rest = rest.dropFirst(2)
                guard labels.updateValue(try quoted(&rest, line), forKey: label) == nil else { throw Fault(description: "a label twice: \(line)") }
                if rest.first == "," { rest.removeFirst() } else if rest.first != "}" { throw Fault(description: "labels: \(line)") }
            }
            rest.removeFirst()
        }
        guard isName(name), rest.first == " ", Double(rest.dropFirst()) != nil else { throw Fault(description: "a value: \(line)") }
        return Sample(name: name, labels: labels, value: String(rest.dropFirst()))
    }

    private static func quoted(_ rest: inout Substring, _ line: Substring) throws -> String {
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return value
            case "\\":
                switch rest.popFirst() {
                case "\\": value += "\\"
                case "\"": value += "\""
                case "n": value += "\n"
                default: throw Fault(description: "an escape: \(line)")
                }
            default: value.append(character)
            }
        }
        throw Fault(description: "a label without end: \(line)")
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, !("0"..."9").contains(first) else { return false }
        return text.unicodeScalars.allSatisfy { $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_" || $0 == ":") }
    }
}
