@testable import Gateway
@testable import HTTP

/// A request's head out of its text.
func head(_ line: String = "GET / HTTP/1.1", _ fields: String...) -> MessageHead {
    var parser = HTTP1HeadParser(limits: HTTP1Limits())
    let head = MessageHead()
    let lines = [line] + fields + (fields.contains { $0.hasPrefix("Host:") } ? [] : ["Host: localhost"])
    let text = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    let outcome = text.withUnsafeBytes { parser.parse($0, into: head, as: .request) }
    precondition(outcome == .head(consumed: text.count), "a test's head is well formed: \(outcome)")
    return head
}

/// Lends the bytes of a text.
func withBytes<Result>(_ text: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    Array(text.utf8).withUnsafeBytes(body)
}

/// What a head's writer writes.
struct TextSink: MessageSink {
    var text = ""

    mutating func append(_ bytes: UnsafeRawBufferPointer) { text += String(decoding: bytes, as: UTF8.self) }
}
