/// Everything that can be set, with its default. Complete and checked: who holds one needs to check nothing.
package struct GatewayConfiguration: Sendable, Hashable {
    /// How `/config/status` calls the way providers are paid.
    package enum Mode: String, Sendable {
        /// With the operator's own keys (or servers).
        case byok
        /// No provider at all: the built-in one answers.
        case demo
    }

    package var server = ServerConfiguration()
    package var access = AccessConfiguration()
    /// YAML's first, in its order, then those that only the environment names.
    package var providers: [ProviderConfiguration] = []
    package var models: [ModelConfiguration] = []
    package var databasePath = "data/usage.db"
    /// Days that a row of the books is kept; 0 for ever.
    package var retentionDays = 90
    /// Whether calls become rows of the books.
    package var recordsUsage = true
    /// Pause between the demo provider's tokens.
    package var demoPaceMilliseconds = 30
    package var logLevel = LogLevel.info
    /// Nil: text on a terminal, else JSON.
    package var logFormat: LogFormat?
    /// Names of the variables that `.env` set, for the log.
    package var environmentFileNames: [String] = []
    /// What is set and has no effect in this version: to be logged as warnings.
    package var notices: [String] = []

    package init() {}

    /// Clients need a key.
    package var hasOwnKeys: Bool { access.hasKeys }
    /// Days that a row of the books is kept; nil for ever.
    var keptDays: Int? { retentionDays == 0 ? nil : retentionDays }
    package var mode: Mode { providers.isEmpty ? .demo : .byok }
    package var hasAPIKeys: Bool { providers.contains { !$0.keys.isEmpty } }
}

package struct ServerConfiguration: Sendable, Hashable {
    package var listen = ListenAddress.loopback
    /// 0 picks a free one.
    package var port: UInt16 = 3001
    /// False: with TLS only.
    package var isPlain = true
    package var tls: TLSConfiguration?
    /// Nil: as many as this process has CPUs.
    package var loops: Int?
    package var limits = ServerLimits()
    /// Silence after which a stream carries a comment.
    package var heartbeatMilliseconds = 15_000
    /// Between `/readyz` 503 and the end of accepting.
    package var drainDelayMilliseconds = 0
    /// For streams to finish after that.
    package var drainTimeoutMilliseconds = 30_000
}

/// The gateway API over TLS, beside the plain port.
package struct TLSConfiguration: Sendable, Hashable {
    /// 0 picks a free one.
    package var port: UInt16 = 3443
    package var certificateFile = ""
    package var privateKeyFile = ""
    /// Where the two stand.
    package var certificatePlace: SettingPlace?
    package var privateKeyPlace: SettingPlace?
}

package struct ServerLimits: Sendable, Hashable {
    package var bodyBytesMax = 32 << 20
    package var inflightBodyBytesMax = 512 << 20
    package var headBytesMax = 64 << 10
    package var handshakeTimeoutMilliseconds = 10_000
    package var headerTimeoutMilliseconds = 10_000
    package var bodyTimeoutMilliseconds = 30_000
    package var idleTimeoutMilliseconds = 75_000
    package var writeTimeoutMilliseconds = 60_000
}

/// A name that clients may ask for, and what stands behind it.
package struct ModelConfiguration: Sendable, Hashable {
    package var name: String
    /// Where requests for it go, the preferred one first: one at most in this version. Empty: the catalogue knows; only price or
    /// context are set here.
    package var targets: [ModelTarget] = []
    package var price: ModelPrice?
    package var contextTokens: Int?
}

/// `anthropic/claude-haiku-4-5`: a configured provider and its own name of the model.
package struct ModelTarget: Sendable, Hashable {
    package var provider: String
    package var model: String
}

/// swift-log's levels.
package enum LogLevel: String, Sendable, Hashable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
}

package enum LogFormat: String, Sendable, Hashable, CaseIterable {
    case text, json
}
