import CLinux
import Logging
import Store

/// swift-log's backend: text or JSON lines, handed to a `LogWriter`. Control characters are escaped in both, so that no
/// peer's text can forge a line, and the operator's secrets are masked in every line, wherever it has them from.
struct GatewayLogHandler: LogHandler {
    let writer: LogWriter
    let format: LogFormat
    let secrets: LogSecrets
    let threshold: LogThreshold
    var metadata: Logger.Metadata = [:]

    /// One for all loggers of the process: a reload moves it.
    var logLevel: Logger.Level {
        get { threshold.level.forLogger }
        set { threshold.level = LogLevel(rawValue: newValue.rawValue) ?? .info }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields: [String: String] = [:]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) { fields[key] = value.description }
        writer.write(
            secrets.masked(Self.line(format, level: event.level, message: event.message.description, fields: fields)))
    }

    /// The line of one event, without its line end.
    static func line(_ format: LogFormat, level: Logger.Level, message: String, fields: [String: String]) -> String {
        let time = UTCTime.text(ekai_realtime_ns() / 1_000_000)
        let fields = fields.sorted { $0.key < $1.key }
        switch format {
        case .text:
            var line = "\(time) \(level.rawValue.uppercased()) \(escaped(message))"
            for (key, value) in fields { line += " \(escaped(key))=\(quoted(value))" }
            return line
        case .json:
            var line = "{\"time\":\"\(time)\",\"level\":\"\(level.rawValue)\",\"message\":\"\(escaped(message))\""
            for (key, value) in fields { line += ",\"\(escaped(key))\":\"\(escaped(value))\"" }
            return line + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.unicodeScalars.allSatisfy { scalar in
            scalar.value > 0x20 && !isControl(scalar) && scalar != "\"" && scalar != "\\"
        }
        return isPlain ? text : "\"\(escaped(text))\""
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isControl(scalar):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// What moves a terminal's cursor, breaks a viewer's lines or turns the direction of the text around: C0 and C1, line and paragraph
    /// separators, bidirectional controls.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

extension LogLevel {
    /// The same level as swift-log calls it. Asked for every request: no text is compared.
    fileprivate var forLogger: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}
