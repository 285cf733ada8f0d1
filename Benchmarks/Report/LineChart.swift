import Foundation

/// A plot of lines, as inline SVG. Colours are the page's.
struct LineChart {
    struct Series {
        let name: String
        /// In rising order of x.
        let points: [(x: Double, y: Double)]
        /// Which of the page's colours.
        let colour: Int
        var isDashed = false
    }

    let title: String
    let xLabel: String
    let yLabel: String
    let x: ChartScale
    let y: ChartScale
    let series: [Series]
    let xText: (Double) -> String
    let yText: (Double) -> String
    /// True for a plot that has a row of the page for itself.
    var isWide = false

    private var width: Double { isWide ? 1_050 : 520 }
    private var height: Double { isWide ? 340 : 260 }
    private var xMarksMax: Int { isWide ? 12 : 8 }
    private static let left = 74.0
    private static let right = 16.0
    private static let top = 12.0
    private static let bottom = 46.0
    /// More points than this get no circle to hover over.
    private static let circlesMax = 240

    /// The figure: heading, legend and plot.
    var html: String {
        let legend = series.map {
            "<li><svg viewBox=\"0 0 24 8\" class=\"key\"><line class=\"s\($0.colour)\($0.isDashed ? " dashed" : "")\" x1=\"0\" y1=\"4\" x2=\"24\" y2=\"4\"/></svg>\(HTMLText.escaped($0.name))</li>"
        }
        return """
            <figure\(isWide ? " class=\"wide\"" : "")><figcaption>\(HTMLText.escaped(title))</figcaption><ul class="legend">\(legend.joined())</ul>
            <svg class="plot" viewBox="0 0 \(Int(width)) \(Int(height))" role="img" aria-label="\(HTMLText.escaped(title))">
            \(axes)
            \(series.map(line).joined(separator: "\n"))
            </svg></figure>
            """
    }

    private func place(_ point: (x: Double, y: Double)) -> (x: Double, y: Double) {
        (
            Self.left + x.position(point.x) * (width - Self.left - Self.right),
            height - Self.bottom - y.position(point.y) * (height - Self.top - Self.bottom)
        )
    }

    private var axes: String {
        let (low, high) = (place((x.domain.lowerBound, y.domain.lowerBound)), place((x.domain.upperBound, y.domain.upperBound)))
        var parts: [String] = []
        for mark in y.marks(atMost: 6, yText) {
            let level = Self.number(place((x.domain.lowerBound, mark.value)).y)
            parts.append("<line class=\"grid\" x1=\"\(Self.number(low.x))\" y1=\"\(level)\" x2=\"\(Self.number(high.x))\" y2=\"\(level)\"/>")
            parts.append(text(mark.label, x: low.x - 8, y: place((0, mark.value)).y + 4, anchor: "end"))
        }
        for mark in x.marks(atMost: xMarksMax, xText) {
            let column = place((mark.value, y.domain.lowerBound)).x
            parts.append(
                "<line class=\"grid\" x1=\"\(Self.number(column))\" y1=\"\(Self.number(low.y))\" x2=\"\(Self.number(column))\" y2=\"\(Self.number(high.y))\"/>")
            // The last one must not stand out of the picture.
            let anchor = column > high.x - 12 ? "end" : "middle"
            parts.append(text(mark.label, x: min(column, width - 2), y: low.y + 18, anchor: anchor))
        }
        parts.append(
            "<path class=\"axis\" d=\"M\(Self.number(low.x)) \(Self.number(high.y))V\(Self.number(low.y))H\(Self.number(high.x))\"/>")
        parts.append(text(xLabel, x: (low.x + high.x) / 2, y: height - 8, anchor: "middle", isTitle: true))
        let middle = Self.number((low.y + high.y) / 2)
        parts.append(
            "<text class=\"title\" text-anchor=\"middle\" transform=\"translate(14 \(middle)) rotate(-90)\">\(HTMLText.escaped(yLabel))</text>")
        return parts.joined(separator: "\n")
    }

    private func text(_ label: String, x: Double, y: Double, anchor: String, isTitle: Bool = false) -> String {
        "<text\(isTitle ? " class=\"title\"" : "") x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" text-anchor=\"\(anchor)\">\(HTMLText.escaped(label))</text>"
    }

    private func line(_ series: Series) -> String {
        let drawn = y.kind == .logarithmic ? series.points.filter { $0.y > 0 } : series.points
        let places = drawn.map(place)
        let path = places.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
        var parts = ["<polyline class=\"s\(series.colour)\(series.isDashed ? " dashed" : "")\" points=\"\(path)\"/>"]
        if places.count <= Self.circlesMax {
            for (point, place) in zip(drawn, places) {
                let said = "\(series.name): \(yText(point.y)) at \(x.kind == .percentile ? percentile(point.x) : xText(point.x))"
                parts.append(
                    "<circle class=\"d\(series.colour)\" cx=\"\(Self.number(place.x))\" cy=\"\(Self.number(place.y))\" r=\"\(places.count > 60 ? 4 : 2.5)\"\(places.count > 60 ? " fill-opacity=\"0\"" : "")><title>\(HTMLText.escaped(said))</title></circle>")
            }
        }
        return parts.joined(separator: "\n")
    }

    private func percentile(_ value: Double) -> String { String(format: "%.6g %%", value) }

    /// A coordinate: a tenth of a pixel is enough.
    private static func number(_ value: Double) -> String { String(format: "%.1f", value) }
}
