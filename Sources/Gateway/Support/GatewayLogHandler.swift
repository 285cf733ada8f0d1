import CLinux
import Logging
import Store

/// swift-log's backend: text or JSON lines, handed to a `LogWriter`. Control characters are escaped in both, so that no
/// peer's text can forge a line.
struct GatewayLogHandler: LogHandler {
    let writer: LogWriter
    let format: LogFormat
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let time = UTCTime.text(ekai_realtime_ns() / 1_000_000)
        switch format {
        case .text:
            var line = "\(time) \(event.level.rawValue.uppercased()) \(Self.escaped(event.message.description))"
            for (key, value) in fields { line += " \(key)=\(Self.quoted(value.description))" }
            writer.write(line)
        case .json:
            var line = "{\"time\":\"\(time)\",\"level\":\"\(event.level.rawValue)\""
            line += ",\"message\":\"\(Self.escaped(event.message.description))\""
            for (key, value) in fields {
                line += ",\"\(Self.escaped(key))\":\"\(Self.escaped(value.description))\""
            }
            writer.write(line + "}")
        }
    }

    private static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x7F && $0 != 0x5C }
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
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                result += "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
