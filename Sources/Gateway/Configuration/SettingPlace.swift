/// Where a setting was said, for faults that show only later: a file that cannot be used, an address that turns out to be our own.
package struct SettingPlace: Sendable, Hashable {
    package var source: ConfigurationSource
    package var line: Int?
    package var field: String

    /// The fault as a problem of the configuration.
    package func problem(_ message: String) -> ConfigurationProblem {
        ConfigurationProblem(source: source, line: line, field: field, message: message)
    }
}

extension Located {
    var place: SettingPlace { SettingPlace(source: source, line: line, field: field) }
}
