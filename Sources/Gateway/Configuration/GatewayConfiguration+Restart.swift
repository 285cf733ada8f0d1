extension GatewayConfiguration {
    /// Settings fixed at start in which `other` differs from this one: a reload cannot change them.
    func restartNeeded(for other: GatewayConfiguration) -> [String] {
        var names: [String] = []
        if server.listen != other.server.listen { names.append("server.host") }
        if server.port != other.server.port { names.append("server.port") }
        if server.isPlain != other.server.isPlain { names.append("server.plain") }
        if server.tls?.port != other.server.tls?.port { names.append("server.tls.port") }
        if server.loops != other.server.loops { names.append("EKAI_LOOPS") }
        if databasePath != other.databasePath { names.append("usage.database") }
        if logFormat != other.logFormat { names.append("LOG_FORMAT") }
        if demoPaceMilliseconds != other.demoPaceMilliseconds { names.append("demo.pace") }
        return names
    }
}
