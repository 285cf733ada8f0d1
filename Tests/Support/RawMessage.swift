/// A message as a test sees it: read with a parser of its own, so that no fault of the gateway's parser hides in it.
public struct RawMessage {
    /// Request line or status line.
    public var startLine: String
    /// In order, names in lower case.
    public var fields: [(name: String, value: String)]
    /// Without its framing.
    public var body: [UInt8]
    /// False when the connection ended before the body was whole.
    public var isWhole: Bool

    /// The status of a response.
    public var status: Int { Int(startLine.split(separator: " ").dropFirst().first ?? "") ?? 0 }
    public var text: String { String(decoding: body, as: UTF8.self) }

    public subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
}

extension RawSocket {
    /// Reads a response: its body by `Content-Length`, chunked, or up to the end.
    /// - Parameter hasBody: false for the answer to HEAD.
    public func readResponse(hasBody: Bool = true) throws -> RawMessage {
        var message = try readHead()
        guard hasBody, ![204, 304].contains(message.status), message.status >= 200 else { return message }
        if message["content-length"] == nil, message["transfer-encoding"] == nil {
            message.body = try readToEnd()
            message.isWhole = end == .finished
        } else {
            try readBody(&message)
        }
        return message
    }

    /// Reads a request.
    public func readRequest() throws -> RawMessage {
        var message = try readHead()
        try readBody(&message)
        return message
    }

    /// Reads a head and nothing of its body.
    public func readHead() throws -> RawMessage {
        var lines = try read(through: "\r\n\r\n").split(separator: "\r\n", omittingEmptySubsequences: true).map(String.init)
        let startLine = lines.isEmpty ? "" : lines.removeFirst()
        let fields = lines.map { line in
            let name = line.prefix { $0 != ":" }
            let value = line.dropFirst(name.count + 1).drop { $0 == " " }
            return (name: name.lowercased(), value: String(value))
        }
        return RawMessage(startLine: startLine, fields: fields, body: [], isWhole: true)
    }

    private func readBody(_ message: inout RawMessage) throws {
        do {
            if message["transfer-encoding"] == "chunked" {
                while true {
                    let line = try read(through: "\r\n")
                    guard let count = Int(line.dropLast(1), radix: 16) else {
                        throw TimedOut(description: "not a chunk size: \(line)")
                    }
                    if count == 0 { break }
                    message.body += try read(count: count)
                    _ = try read(through: "\r\n")
                }
                _ = try read(through: "\r\n")
            } else if let count = message["content-length"].flatMap({ Int($0) }) {
                message.body = try read(count: count)
            }
        } catch let problem as TimedOut {
            guard end != .open else { throw problem }
            message.body += try readToEnd()
            message.isWhole = false
        }
    }
}
