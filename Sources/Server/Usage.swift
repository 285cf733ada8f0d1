import ArgumentParser
import Foundation
import Gateway
import Store

/// Which usage database a command reads.
struct DatabaseOptions: ParsableArguments {
    @Option(name: .long, help: "YAML configuration file. Default: $EKAI_CONFIG, or ekai.yaml when it exists.")
    var config: String?
    @Option(name: .long, help: "Path of the usage database. Default: as serve finds it, by DATABASE_PATH or the configuration.")
    var database: String?

    func validate() throws {
        if database?.isEmpty == true { throw ValidationError("--database: must be the path of a file") }
    }

    /// The path. A flag needs no configuration, so that the books of another machine can be read; else exit code 78 for a bad one.
    func path(environment: [String: String]) throws -> String {
        if let database { return database }
        var overrides = ConfigurationOverrides()
        overrides.config = config
        let result = ConfigurationFiles.read(overrides: overrides, environment: environment)
            .flatMap(GatewayConfiguration.load)
        switch result {
        case .success(let configuration): return configuration.databasePath
        case .failure(let failure):
            StandardError.write("\(failure)")
            throw ExitCode(ConfigurationFailure.exitCode)
        }
    }
}

/// `ekai-gateway usage`: what the books say, read from the file, whether a gateway runs or not.
struct Usage: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show requests, tokens and costs from the usage database.",
        discussion: """
            The database is only read, and a gateway that runs does not notice. The interval ends before --to.
            Times are 2026-01-31T12:00:00Z, 2026-01-31, 7d or 24h (ago); as --to, a date includes its day.
            """)

    @OptionGroup var options: DatabaseOptions
    @Option(name: .long, help: "Beginning of the interval. Default: 7d.")
    var from: String?
    @Option(name: .long, help: "End of the interval. Default: now.")
    var to: String?
    @Option(name: .long, help: "IANA time zone that days are cut in, and dates are read in. Default: UTC.")
    var timezone: String?
    @Option(
        name: .long, parsing: .singleValue,
        help: "provider, model, day, key or status; several with commas. Default: provider,model.")
    var by: [String] = []
    @Flag(name: .long, help: "Show single requests, newest first, instead of sums.")
    var records = false
    @Option(name: .long, help: "Requests that --records shows. Default: 100, and all with --format csv.")
    var limit: Int?
    @Option(name: .long, help: "table, json or csv. Default: table.")
    var format: String?

    /// Before anything is opened, so that a wrong option is told as one.
    func validate() throws {
        _ = try parameters()
    }

    func run() throws {
        let parameters = try parameters()
        let path = try options.path(environment: ProcessInfo.processInfo.environment)
        do {
            try Self.show(parameters, UsageBooks(path: path))
        } catch {
            StandardError.write("ekai-gateway: \(error)")
            throw ExitCode(1)
        }
    }

    private func parameters() throws -> ReportParameters {
        do throws(ReportParameterError) {
            return try ReportParameters(
                from: from, to: to, timezone: timezone, by: by, format: format, showsRecords: records, limit: limit,
                now: Int64(Date().timeIntervalSince1970 * 1_000))
        } catch {
            throw ValidationError(error.description)
        }
    }

    private static func show(_ parameters: ReportParameters, _ books: UsageBooks) throws {
        switch (parameters.format, parameters.showsRecords) {
        case (.table, false): try write(Array(books.summary(parameters.summaryQuery).table().utf8))
        case (.json, false): try write(books.summary(parameters.summaryQuery).json() + [0x0A])
        case (.csv, false): try write(books.summary(parameters.summaryQuery).csv())
        case (.table, true): try write(Array(books.report(parameters.recordsQuery).table().utf8))
        case (.json, true): try write(books.report(parameters.recordsQuery).json() + [0x0A])
        case (.csv, true):
            try books.exportCSV(parameters.recordsQuery) { piece in
                try write(piece)
                return true
            }
        }
    }

    private static func write(_ text: [UInt8]) throws {
        try FileHandle.standardOutput.write(contentsOf: Data(text))
    }
}
