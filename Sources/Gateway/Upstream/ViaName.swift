import HTTP

/// What a gateway calls itself in `Via` (RFC 9110 section 7.6.3): a pseudonym that differs from one process to the next, so that two
/// gateways in a row are not taken for one whose request came back.
struct ViaName: Sendable, Equatable {
    /// The whole element of the field: `1.1 ekai-gateway-0123456789abcdef`.
    let text: String
    private let pseudonym: [UInt8]

    init(number: UInt64) {
        let digits = String(number, radix: 16)
        let name = "ekai-gateway-" + String(repeating: "0", count: 16 - digits.count) + digits
        text = "1.1 " + name
        pseudonym = Array(name.utf8)
    }

    static func random() -> ViaName { ViaName(number: .random(in: .min ... .max)) }

    /// True when a request that carries `via` has passed this gateway before.
    func stands(in via: UnsafeRawBufferPointer) -> Bool {
        pseudonym.withUnsafeBytes { ByteSearch.firstIndex(of: $0, in: via) != nil }
    }
}
