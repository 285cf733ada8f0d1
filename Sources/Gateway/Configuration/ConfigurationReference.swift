/// The tables of docs/configuration.md, made of the settings that the readers use. A test compares them with the page.
package enum ConfigurationReference {
    /// The tables by the name that stands at their place in the page.
    package static var tables: [(name: String, text: String)] {
        [
            ("flags", flags),
            ("variables", variables),
            ("providers-by-variable", knownProviders),
            ("server", section(Settings.server, ServerConfiguration())),
            ("server.names", section(Settings.names, AccessConfiguration())),
            ("server.tls", section(Settings.tls, TLSConfiguration())),
            ("server.limits", section(Settings.limits, ServerLimits())),
            ("access", section(Settings.access, AccessConfiguration())),
            ("metrics", section(Settings.metrics, AccessConfiguration())),
            ("providers", section(ProviderSettings.provider, nil)),
            ("providers.timeouts", section(ProviderSettings.timeouts, ProviderTimeouts())),
            ("models", section(ModelSettings.model, nil)),
            ("models.price", section(ModelSettings.price, nil)),
            ("usage", section(Settings.usage, GatewayConfiguration())),
            ("demo", section(Settings.demo, GatewayConfiguration())),
            ("later", later),
        ]
    }

    private static func section<Target>(_ settings: [Setting<Target>], _ standard: Target?) -> String {
        let rows = settings.filter { $0.key != nil }.map { setting in
            let value = setting.standardText(of: standard)
            return ["`\(setting.key ?? "")`", value ?? "–", setting.values, setting.meaning]
        }
        return table(["key", "default", "values", "meaning"], rows)
    }

    private static var flags: String {
        var rows = [["`--config`", "`EKAI_CONFIG`", "the YAML file"]]
        func add<Target>(_ section: String, _ settings: [Setting<Target>]) {
            for setting in settings {
                guard let flag = setting.flag else { continue }
                let places = [setting.variable, setting.key.map { section + $0 }].compactMap { $0 }
                rows.append(["`\(flag.name)`", places.map { "`\($0)`" }.joined(separator: ", "), setting.meaning])
            }
        }
        add("server.", Settings.server)
        add("usage.", Settings.usage)
        add("", Settings.logs)
        return table(["flag", "the same as", "meaning"], rows)
    }

    private static var variables: String {
        var rows: [[String]] = []
        func add<Target>(_ settings: [Setting<Target>], _ standard: Target) {
            for setting in settings {
                guard let variable = setting.variable else { continue }
                rows.append(["`\(variable)`", setting.standard(standard) ?? "–", setting.values, setting.meaning])
            }
        }
        add(Settings.server, ServerConfiguration())
        add(Settings.access, AccessConfiguration())
        add(Settings.usage, GatewayConfiguration())
        add(Settings.logs, GatewayConfiguration())
        rows += VariableRules.documented.map { ["`\($0.name)`", "–", $0.values, $0.meaning] }
        return table(["variable", "default", "values", "meaning"], rows)
    }

    private static var knownProviders: String {
        let rows = KnownProvider.all.map { provider in
            let keys = provider.keyVariables.map { "`\($0)`" }.joined(separator: ", else ")
            let variables =
                provider.needsKey
                ? keys : provider.baseURLVariables.map { "`\($0)`" }.joined(separator: ", ") + " (key, where one is wanted: \(keys))"
            let dialects = (provider.dialects ?? provider.kind.dialects).map(\.rawValue).joined(separator: ", ")
            return ["`\(provider.name)`", variables, "`\(provider.baseURL)`", dialects]
        }
        return table(["provider", "variable", "address", "dialects"], rows)
    }

    private static var later: String {
        let keys =
            Settings.rootKeys.later + Settings.serverKeys.later.map { "server." + $0 }
            + ProviderSettings.keys.later.map { "providers[]." + $0 }
        return keys.map { "`\($0)`" }.joined(separator: ", ") + "\n"
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> String {
        let line = "|" + String(repeating: "---|", count: head.count) + "\n"
        let lines = ([head] + rows).map { "| " + $0.joined(separator: " | ") + " |\n" }
        return lines[0] + line + lines.dropFirst().joined()
    }
}
