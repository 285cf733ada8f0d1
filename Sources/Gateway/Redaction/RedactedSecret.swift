/// A secret of the operator's, and how it is looked for in texts that others wrote.
package struct RedactedSecret: Sendable, Hashable {
    let secret: Secret
    /// True for keys, of which half is worth hiding too; false for what may consist of ordinary words, such as a media type.
    let matchesParts: Bool

    package init(_ secret: Secret, matchesParts: Bool = true) {
        self.secret = secret
        self.matchesParts = matchesParts
    }

    /// What may be secret in a header that is added to requests: the value, and each of its words, because a peer that echoes
    /// `Bearer abc…` may leave the first one out.
    static func all(in header: ProviderHeader) -> [RedactedSecret] {
        guard header.value.count >= RedactionLimits.headerBytesMin else { return [] }
        let isCredential = ["auth", "key", "token", "secret", "cookie"].contains { header.name.contains($0) }
        let words = header.value.withBytes { value in
            value.split(separator: UInt8(ascii: " ")).filter { $0.count >= RedactionLimits.headerBytesMin }
                .map { Secret(String(decoding: $0, as: UTF8.self)) }
        }
        return ([header.value] + words.filter { $0 != header.value }).map {
            RedactedSecret($0, matchesParts: isCredential)
        }
    }
}

extension ProviderConfiguration {
    /// What this provider is shown and nobody else may see.
    var redactedSecrets: [RedactedSecret] { keys.map { RedactedSecret($0) } + headers.flatMap(RedactedSecret.all) }
}

extension GatewayConfiguration {
    /// Everything that no log line may show. A new kind of secret joins here.
    var redactedSecrets: [RedactedSecret] {
        let passwords = providers.compactMap { $0.proxy?.credentials }.map { credentials in
            credentials.withPassword { Secret(String(decoding: $0, as: UTF8.self)) }
        }
        return providers.flatMap(\.redactedSecrets)
            + ([access.adminKey, access.viewerKey].compactMap { $0 } + passwords).map { RedactedSecret($0) }
    }
}
