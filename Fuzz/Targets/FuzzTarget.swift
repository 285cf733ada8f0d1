/// A property that input broke: what the fuzzer reports besides crashes.
package struct FuzzViolation: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// One thing to fuzz: takes any bytes, and throws when a property does not hold for them.
///
/// Inputs are what the name says and nothing else (a request as it comes over the wire, a JSON document): ways of cutting, limits and
/// other choices are not read from them but tried one after the other, or drawn from a generator that the input seeds.
package struct FuzzTarget: Sendable {
    /// The name of its corpus and of its dictionary.
    package let name: String
    package let check: @Sendable (UnsafeRawBufferPointer) throws(FuzzViolation) -> Void
}

extension FuzzTarget {
    /// Every target there is.
    package static let all: [FuzzTarget] = [
        FuzzTarget(name: "http1-request-head", check: HeadCheck.request),
        FuzzTarget(name: "http1-response-head", check: HeadCheck.response),
        FuzzTarget(name: "http1-requests", check: ServerCheck.requests),
        FuzzTarget(name: "http1-responses", check: ClientCheck.responses),
        FuzzTarget(name: "chunked", check: ChunkedCheck.decode),
        FuzzTarget(name: "chunked-round-trip", check: ChunkedCheck.roundTrip),
        FuzzTarget(name: "sse", check: EventCheck.parse),
        FuzzTarget(name: "json", check: JSONCheck.document),
        FuzzTarget(name: "json-capture", check: CaptureCheck.members),
        FuzzTarget(name: "stream-chat") { bytes throws(FuzzViolation) in try RelayCheck.stream(bytes, .chat) },
        FuzzTarget(name: "stream-responses") { bytes throws(FuzzViolation) in try RelayCheck.stream(bytes, .responses) },
        FuzzTarget(name: "stream-messages") { bytes throws(FuzzViolation) in try RelayCheck.stream(bytes, .messages) },
        FuzzTarget(name: "stream-gemini") { bytes throws(FuzzViolation) in try RelayCheck.stream(bytes, .gemini) },
        FuzzTarget(name: "answer", check: AnswerCheck.whole),
        FuzzTarget(name: "request-facts", check: RequestCheck.facts),
        FuzzTarget(name: "translate-request-chat") { bytes throws(FuzzViolation) in try RequestTranslationCheck.requests(bytes, .chat) },
        FuzzTarget(name: "translate-request-responses") { bytes throws(FuzzViolation) in try RequestTranslationCheck.requests(bytes, .responses) },
        FuzzTarget(name: "translate-request-messages") { bytes throws(FuzzViolation) in try RequestTranslationCheck.requests(bytes, .messages) },
        FuzzTarget(name: "translate-request-gemini") { bytes throws(FuzzViolation) in try RequestTranslationCheck.requests(bytes, .gemini) },
        FuzzTarget(name: "translate-stream-chat") { bytes throws(FuzzViolation) in try AnswerTranslationCheck.stream(bytes, .chat) },
        FuzzTarget(name: "translate-stream-responses") { bytes throws(FuzzViolation) in try AnswerTranslationCheck.stream(bytes, .responses) },
        FuzzTarget(name: "translate-stream-messages") { bytes throws(FuzzViolation) in try AnswerTranslationCheck.stream(bytes, .messages) },
        FuzzTarget(name: "translate-stream-gemini") { bytes throws(FuzzViolation) in try AnswerTranslationCheck.stream(bytes, .gemini) },
        FuzzTarget(name: "translate-answer", check: AnswerTranslationCheck.documents),
        FuzzTarget(name: "configuration-yaml", check: ConfigurationCheck.document),
        FuzzTarget(name: "configuration-env", check: ConfigurationCheck.environmentFile),
        FuzzTarget(name: "base-url", check: ConfigurationCheck.baseURL),
        FuzzTarget(name: "proxy-connect", check: TunnelCheck.connect),
        FuzzTarget(name: "proxy-socks5", check: TunnelCheck.socks5),
        FuzzTarget(name: "proxy-address", check: ProxyAddressCheck.parse),
        FuzzTarget(name: "no-proxy", check: NoProxyCheck.list),
        FuzzTarget(name: "secrets", check: SecretCheck.mask),
        FuzzTarget(name: "forwarded-for", check: AddressCheck.forwardedFor),
        FuzzTarget(name: "ip-network", check: AddressCheck.network),
        FuzzTarget(name: "host", check: BrowserCheck.host),
        FuzzTarget(name: "origin", check: BrowserCheck.origin),
        FuzzTarget(name: "credentials", check: CredentialCheck.head),
        FuzzTarget(name: "usage-query", check: UsageCheck.query),
        FuzzTarget(name: "time", check: TimeCheck.time),
    ]

    package static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// Throws when `condition` does not hold.
func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(FuzzViolation) {
    if !condition { throw FuzzViolation(message()) }
}

/// Throws when two values that must be equal are not, and shows both.
func requireEqual<Value: Equatable>(
    _ found: Value, _ expected: Value, _ message: @autoclosure () -> String
) throws(FuzzViolation) {
    if found != expected { throw FuzzViolation("\(message())\n     found: \(found)\n  expected: \(expected)") }
}
