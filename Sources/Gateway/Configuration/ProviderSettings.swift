import Dialects

/// The keys of an entry of `providers`. All but the timeouts depend on one another: `ProviderReader` takes them.
enum ProviderSettings {
    static let provider: [Setting<ProviderConfiguration>] = [
        .own("name", values: "1 to 64 of `a-z 0-9 - . _`, not `demo`", "required; it stands before the `/` of model names"),
        .own(
            "kind", standard: "the known provider's", values: ProviderKind.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", "),
            "which dialects it speaks: `openai` is chat and responses, `anthropic` is messages, `gemini` is Gemini"),
        .own(
            "base_url", standard: "the known provider's", values: "`http://` or `https://`",
            "with path, without user name and query. `EKAI_<NAME>_BASE_URL` wins over it"),
        .own(
            "api_keys", values: "a list",
            "the variable's key comes first, when both are there. This version uses the **first** one"),
        .own(
            "auth", standard: "by kind", values: ProviderAuthentication.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", "),
            "the header that carries the key: `x-goog-api-key` for Gemini, `x-api-key` for `anthropic`, else `bearer`"),
        .own(
            "dialects", standard: "by kind",
            values: "a mapping of " + ProviderDialect.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", "),
            "to paths under the base URL; replaces the kind's"),
        .own(
            "models", standard: "the catalogue's, for a known name", values: "a list of names",
            "`\"*\"` takes every name that nothing else claims. Targets of `models` entries count as listed. With a list, other names are refused, also as `name/model`"),
        .own("headers", values: "a mapping", "header fields added to each request; the values are treated as secrets"),
        .own("ca_file", values: "a path", "PEM file with authorities to trust beside the system's"),
        .own(
            "proxy", standard: "`HTTPS_PROXY`, for https", values: "`http://…`, `socks5://…`, `socks5h://…`, `none`",
            "the outbound proxy that its connections go through, as `http://user:password@host:port`; `none` goes around `HTTPS_PROXY`"),
        .own("http", standard: "auto", values: "`auto`, `1.1`", "version of HTTP; `auto` is 1.1 in this version"),
        .own(
            "profile", standard: "its name, else by kind", values: ProviderProfile.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", "),
            "whose habits it has, such as refusing `stream_options`. `compatible`, which any other OpenAI-format server has, means the oldest and most common members only"),
    ]

    static let timeouts: [Setting<ProviderTimeouts>] = [
        .duration("connect", \.connectMilliseconds, 10...3_600_000, "look-up, connect, proxy and TLS handshake together"),
        .duration(
            "first_byte", \.firstByteMilliseconds, 10...3_600_000,
            "until the head of a streamed answer; five times that for an answer in one piece"),
        .duration(
            "first_token", \.firstTokenMilliseconds, 10...3_600_000, "from that head to the first content of a stream"),
        .duration("idle", \.idleMilliseconds, 10...3_600_000, "silence inside an answer"),
    ]

    static let keys = YAMLKeys(provider, sections: ["timeouts"])
}

/// The keys of an entry of `models`; `ModelReader` takes them.
enum ModelSettings {
    static let model: [Setting<ModelConfiguration>] = [
        .own("name", values: "1 to 256 visible ASCII characters", "required: what clients ask for"),
        .own("targets", values: "a list", "with one `provider/model` (more than one is refused by this version)"),
        .own("provider", values: "a provider's name", "instead of `targets`: that provider serves it under this very name"),
        .own("price", standard: "the catalogue's", values: "a mapping", "USD per million tokens, see below"),
        .own("context", standard: "the catalogue's", values: "1 to 100000000", "tokens"),
    ]

    static let price: [Setting<ModelPrice>] = [
        .own("input", values: Self.priceValues, "input tokens that no cache had"),
        .own("output", values: Self.priceValues, "output tokens"),
        .own("cache_read", values: Self.priceValues, "input tokens that a prompt cache had"),
        .own("cache_write", values: Self.priceValues, "input tokens written to a prompt cache"),
    ]

    private static let priceValues = "below 1000000, at most 6 decimals"
}
