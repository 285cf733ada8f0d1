import HTTP

/// The same numbers for the same seed (SplitMix64), so that a failure can be run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// What a machine writes, for looking at.
extension [UInt8]: MessageSink {
    public mutating func append(_ bytes: UnsafeRawBufferPointer) { append(contentsOf: bytes) }
}

func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

func text(_ bytes: UnsafeRawBufferPointer?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// Calls `body` with a copy of `string`'s bytes in memory of exactly that size, so that reading past the end is caught by a sanitizer.
func withBytes<Result>(_ string: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withBytes(Array(string.utf8), body)
}

func withBytes<Result>(_ bytes: some Collection<UInt8>, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    return body(UnsafeRawBufferPointer(copy))
}

/// What a head says, as one comparable text.
func summary(_ head: MessageHead) -> String {
    var lines: [String] = []
    switch head.kind {
    case .request:
        lines.append("\(head.method) \(text(head.methodBytes)) \(text(head.target)) \(head.version) \(head.targetForm)")
        lines.append("path=\(text(head.path)) query=\(text(head.query) ?? "-") authority=\(text(head.authority) ?? "-")")
    case .response:
        lines.append("\(head.status) \(text(head.reason)) \(head.version)")
    }
    head.forEachField { lines.append("\($0.name) \(text($0.nameBytes))=\(text($0.value))") }
    return lines.joined(separator: "\n")
}

/// Parses a whole message head in one call.
func parse(
    _ string: String, as kind: MessageHead.Kind = .request, limits: HTTP1Limits = HTTP1Limits()
) -> (outcome: HTTP1HeadParser.Outcome, head: MessageHead) {
    var parser = HTTP1HeadParser(limits: limits)
    let head = MessageHead()
    return (withBytes(string) { parser.parse($0, into: head, as: kind) }, head)
}

/// A request head with these field lines, each with its own CR LF, and a Host.
func request(_ fields: String, line: String = "POST /v1/messages HTTP/1.1") -> String {
    "\(line)\r\nHost: gateway\r\n\(fields)\r\n"
}
