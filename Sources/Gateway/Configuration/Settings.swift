/// Every setting with a fixed place; those of providers and models stand with their readers.
enum Settings {
    private static let hour = 3_600_000

    static let host: Setting<ServerConfiguration> =
        .value(
            "host", \.listen, values: "an IPv4 or IPv6 address, `localhost`, or `unix:/absolute/path`",
            "where the gateway listens. `localhost` is 127.0.0.1 and ::1. Addresses off loopback need `EKAI_ADMIN_KEY`",
            show: { $0 == ListenAddress.loopback ? "localhost" : nil }
        ) { (text) throws(ValueFault) in try ListenAddress.parse(text) }
        .also(flag: SettingFlag(name: "--host") { $0.host }, variable: "HOST")

    static let server: [Setting<ServerConfiguration>] = [
        host,
        .port("port", \.port, "port of the gateway API; the chosen one is logged and written by `--ports-file`")
            .also(flag: SettingFlag(name: "--port") { $0.port }, variable: "PORT"),
        .value(
            nil, \.loops, values: "1 to 256", "event loops, a thread each; the default is the CPUs that this process may use",
            show: { $0.map { String($0) } }
        ) { (text) throws(ValueFault) in try ValueParsing.integer(text, in: 1...256) }
        .also(flag: SettingFlag(name: "--loops") { $0.loops }, variable: "EKAI_LOOPS"),
        .boolean("plain", \.isPlain, "also serve without TLS, on `port`; `false` needs `tls`"),
        .duration("heartbeat", \.heartbeatMilliseconds, 1000...hour, "silence after which a stream carries a comment"),
        .duration(
            "drain_delay", \.drainDelayMilliseconds, 0...hour,
            "how long the listeners stay open, with `/readyz` 503, once a stop was asked for"),
        .duration("drain_timeout", \.drainTimeoutMilliseconds, 0...hour, "how long answers may take to finish after that"),
    ]

    /// Names and origins: they stand in the section `server` and decide about access.
    static let names: [Setting<AccessConfiguration>] = [
        .list(
            "hosts", \.hosts, values: "a list of names and addresses",
            "names of the gateway besides `localhost` and addresses: a request that names another host is refused where that is dangerous"
        ) { (text) throws(ValueFault) in try AccessConfiguration.host(text) },
        .list(
            "cors_origins", \.corsOrigins, values: "a list of origins, or `\"*\"` with an admin key",
            "web pages that may call the gateway, such as `https://app.example.com`"
        ) { (text) throws(ValueFault) in try AccessConfiguration.corsOrigin(text) },
        .list(
            "trusted_proxies", \.trustedProxies, values: "a list of addresses and networks, `unix`",
            "whose `X-Forwarded-For` names the client; grants nothing"
        ) { (text) throws(ValueFault) in try TrustedProxy(parsing: text) },
    ]

    static let viewerKey: Setting<AccessConfiguration> =
        .value(
            "viewer_key", \.viewerKey, values: keyValues, "reads usage, status and metrics, and calls no model",
            show: { _ in nil }
        ) { (text) throws(ValueFault) in try AccessConfiguration.key(text) }
        .also(variable: "EKAI_VIEWER_KEY")

    static let access: [Setting<AccessConfiguration>] = [
        .value(
            "admin_key", \.adminKey, values: keyValues, "opens everything; with it the gateway may listen off loopback",
            show: { _ in nil }
        ) { (text) throws(ValueFault) in try AccessConfiguration.key(text) }
        .also(variable: "EKAI_ADMIN_KEY"),
        viewerKey,
    ]

    private static let keyValues =
        "\(AccessLimits.keyBytes.lowerBound) to \(AccessLimits.keyBytes.upperBound) visible ASCII characters"

    static let metrics: [Setting<AccessConfiguration>] = [
        .boolean("public", \.metricsArePublic, "`/metrics` needs no key")
    ]

    static let tls: [Setting<TLSConfiguration>] = [
        .port("port", \.port, "port of the gateway API over TLS"),
        .file("certificate", \.certificateFile, "PEM file with the certificate and its chain, the server's own first; required"),
        .file("private_key", \.privateKeyFile, "PEM file with its key, unencrypted; required"),
    ]

    static let limits: [Setting<ServerLimits>] = [
        .size("body_max", \.bodyBytesMax, 1024...(1 << 30), "one request body; beyond it 413"),
        .size(
            "inflight_body_max", \.inflightBodyBytesMax, 1024...(1 << 40),
            "all request bodies in memory; beyond it 503. At least `body_max`"),
        .size("head_max", \.headBytesMax, 4096...(1 << 20), "one request head; beyond it 431"),
        .duration("handshake_timeout", \.handshakeTimeoutMilliseconds, 100...hour, "for a client's whole TLS handshake"),
        .duration("header_timeout", \.headerTimeoutMilliseconds, 100...hour, "for a whole head; beyond it 408"),
        .duration(
            "body_timeout", \.bodyTimeoutMilliseconds, 100...hour,
            "for a whole body, plus 1s for every 64KiB that came; beyond it 408"),
        .duration("idle_timeout", \.idleTimeoutMilliseconds, 100...hour, "between two requests of a connection"),
        .duration(
            "write_timeout", \.writeTimeoutMilliseconds, 100...hour,
            "the time in which a client must take 4KiB of what waits for it; else its connection is reset"),
    ]

    static let usage: [Setting<GatewayConfiguration>] = [
        .file("database", \.databasePath, "the usage database; missing folders are made")
            .also(flag: SettingFlag(name: "--database") { $0.database }, variable: "DATABASE_PATH"),
        .integer(
            "retention_days", \.retentionDays, 0...36_500, "days that a row is kept; older ones go at night. 0 keeps all of them"),
        .boolean(
            "enabled", \.recordsUsage,
            "whether a row is written for each request. `false` leaves the books as they are; `/metrics` counts all the same"),
        .own("store_bodies", standard: "false", values: "`false`", "recording of bodies; `true` is refused by this version"),
    ]

    static let demo: [Setting<GatewayConfiguration>] = [
        .duration("pace", \.demoPaceMilliseconds, 0...60_000, "pause between the demo provider's words")
    ]

    static let logs: [Setting<GatewayConfiguration>] = [
        .value(
            nil, \.logLevel, values: LogLevel.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", "),
            "least level that is logged", show: { $0.rawValue }
        ) { (text) throws(ValueFault) in try ValueParsing.choice(text.lowercased()) }
        .also(flag: SettingFlag(name: "--log-level") { $0.logLevel }, variable: "LOG_LEVEL"),
        .value(
            nil, \.logFormat, values: "`text`, `json`", "the default is text on a terminal, else JSON",
            show: { $0?.rawValue }
        ) { (text) throws(ValueFault) in try ValueParsing.choice(text.lowercased()) }
        .also(flag: SettingFlag(name: "--log-format") { $0.logFormat }, variable: "LOG_FORMAT"),
    ]

    // MARK: Keys

    static let rootKeys = YAMLKeys(
        known: ["server", "access", "providers", "models", "usage", "metrics", "demo"],
        later: ["routing", "keys", "teams", "budgets", "x402"])
    static let serverKeys = YAMLKeys(server, sections: names.compactMap(\.key) + ["limits", "tls"], later: ["dashboard_port"])
}
