import Dialects
import Glibc
import HTTP

/// The fields of a request to a provider: the client's own where they concern the model's work, the operator's credentials, and
/// nothing that belongs to the connection or to the client's identity.
enum UpstreamRequestHead {
    /// Writes every field but the framing.
    ///
    /// - Parameters:
    ///   - dialect: the provider's.
    ///   - isTranslated: the client speaks another one: its fields say nothing to this provider.
    static func write(
        for provider: Provider, from request: MessageHead, _ dialect: Dialect, isTranslated: Bool, via: ViaName,
        to sink: inout any MessageSink
    ) {
        provider.requestFields(for: dialect).withBytes { sink.append($0) }
        writeField(.via, via.text, to: &sink)
        if dialect == .messages, !provider.setsAnthropicVersion, isTranslated || request.value(of: .anthropicVersion) == nil {
            // Anthropic refuses a request without one; a client that sends none means the only version there is.
            HeadWriter.field(.anthropicVersion, "2023-06-01", to: &sink)
        }
        guard !isTranslated else { return }
        for index in 0..<request.fieldCount {
            let field = request.field(at: index)
            guard isForwarded(field), !request.isNominatedByConnection(field), !isSet(field, by: provider) else { continue }
            HeadWriter.peerField(field.nameBytes, field.value, to: &sink)
        }
    }

    /// What does not depend on the request: host, credentials, formats, the operator's headers. A secret, as the key is part of it.
    static func fixedFields(
        authority: String, authentication: ProviderAuthentication, key: Secret?, headers: [ProviderHeader]
    ) -> Secret {
        var sink: any MessageSink = FieldList()
        writeField(.host, authority, to: &sink)
        if let key { writeCredentials(authentication, key, to: &sink) }
        HeadWriter.field(.contentType, "application/json", to: &sink)
        // What the client accepts is the gateway's to decode: it would have to read a compressed stream.
        HeadWriter.field(.acceptEncoding, "identity", to: &sink)
        for header in headers { writeHeader(header, to: &sink) }
        return Secret(bytes: (sink as? FieldList)?.bytes ?? [])
    }

    private struct FieldList: MessageSink {
        var bytes: [UInt8] = []

        mutating func append(_ more: UnsafeRawBufferPointer) { bytes += more }
    }

    /// An allow-list (contracts.md section 6): a field that nobody thought of stays here.
    static func isForwarded(_ field: MessageHead.Field) -> Bool {
        switch field.name {
        case .accept, .userAgent, .openaiBeta, .originator, .anthropicVersion, .anthropicBeta, .sessionID, .threadID:
            return true
        case .other, .xSessionID, .xClaudeCodeSessionID, .xClaudeCodeAgentID, .xClaudeCodeParentAgentID:
            let name = field.nameBytes
            let families: [StaticString] = ["anthropic-", "x-codex-", "x-stainless-", "x-claude-code-"]
            if families.contains(where: { name.starts(withIgnoringCase: $0) }) { return true }
            let names: [StaticString] = ["x-client-request-id", "x-app", "session_id", "x-session-id"]
            return names.contains { name.count == $0.utf8CodeUnitCount && name.starts(withIgnoringCase: $0) }
        default:
            return false
        }
    }

    private static func isSet(_ field: MessageHead.Field, by provider: Provider) -> Bool {
        provider.headers.contains { header in
            header.name.utf8.count == field.nameBytes.count
                && zip(header.name.utf8, field.nameBytes).allSatisfy { pair in
                    pair.0 == ((0x41...0x5A).contains(pair.1) ? pair.1 | 0x20 : pair.1)
                }
        }
    }

    private static func writeCredentials(_ authentication: ProviderAuthentication, _ key: Secret, to sink: inout any MessageSink) {
        var name = authentication.headerName
        name.withUTF8 { sink.append(UnsafeRawBufferPointer($0)) }
        write(": ", to: &sink)
        var prefix = authentication.valuePrefix
        prefix.withUTF8 { sink.append(UnsafeRawBufferPointer($0)) }
        key.withBytes { sink.append($0) }
        write("\r\n", to: &sink)
    }

    private static func write(_ text: StaticString, to sink: inout any MessageSink) {
        sink.append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private static func writeHeader(_ header: ProviderHeader, to sink: inout any MessageSink) {
        var name = header.name
        name.withUTF8 { name in
            header.value.withBytes { value in
                _ = HeadWriter.peerField(UnsafeRawBufferPointer(name), value, to: &sink)
            }
        }
    }

    private static func writeField(_ name: FieldName, _ value: String, to sink: inout any MessageSink) {
        var value = value
        value.withUTF8 { HeadWriter.field(name, UnsafeRawBufferPointer($0), to: &sink) }
    }
}
