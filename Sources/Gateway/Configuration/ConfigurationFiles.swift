import Foundation

/// The only part of the configuration that touches the disk.
package enum ConfigurationFiles {
    /// What is read when nobody names a document.
    package static let defaultDocument = "ekai.yaml"
    package static let environmentFile = ".env"
    /// A configuration larger than this is none.
    static let bytesMax = 4 << 20

    /// Reads `.env` and the document under `directory`: the one that `--config` or `EKAI_CONFIG` names, which must exist, or else
    /// `ekai.yaml`, which may. Relative paths are relative to `directory`.
    /// - Parameter documentMustExist: also `ekai.yaml`: there was one at start, and a reload without it would drop every key.
    package static func read(
        overrides: ConfigurationOverrides, environment: [String: String], directory: String = ".",
        documentMustExist: Bool = false
    ) -> Result<ConfigurationInput, ConfigurationFailure> {
        var input = ConfigurationInput(overrides: overrides, environment: environment)
        do throws(ConfigurationProblem) {
            let environmentSource = ConfigurationSource.environmentFile(Self.environmentFile)
            input.environmentFile = try file(
                Located(value: Self.environmentFile, source: environmentSource, line: nil, field: ""), in: directory, mustExist: false)
            let variables = Variables(
                environment: environment,
                file: input.environmentFile.map { EnvironmentFile(text: $0.text, path: $0.path) })
            let flag = overrides.config.map { Located(value: $0, source: .flag, line: nil, field: "--config") }
            let named = flag ?? variables["EKAI_CONFIG"]
            let unnamed = Located(value: defaultDocument, source: .document(defaultDocument), line: nil, field: "")
            input.document = try file(named ?? unnamed, in: directory, mustExist: named != nil || documentMustExist)
            return .success(input)
        } catch {
            return .failure(ConfigurationFailure(problems: [error]))
        }
    }

    private static func file(
        _ path: Located<String>, in directory: String, mustExist: Bool
    ) throws(ConfigurationProblem) -> ConfigurationFile? {
        let url = URL(fileURLWithPath: path.value, relativeTo: URL(fileURLWithPath: directory, isDirectory: true))
        var isDirectory = ObjCBool(false)
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
            if mustExist { throw path.problem("there is no such file: \(path.value)") }
            return nil
        }
        guard !isDirectory.boolValue, let data = try? Data(contentsOf: url) else {
            throw path.problem("the file cannot be read")
        }
        guard data.count <= bytesMax, let text = String(bytes: data, encoding: .utf8) else {
            throw path.problem("the file is not UTF-8 text of at most 4 MiB")
        }
        return ConfigurationFile(path: path.value, text: text)
    }
}
