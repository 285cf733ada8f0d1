import ArgumentParser
import Dialects
import Foundation

/// `Benchmarks load`: streams against any base URL.
struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Stream answers from a gateway or a provider, and time every event.",
        discussion: """
            One-way delay and time to first token are read from the stamps that `Benchmarks provider` puts into its tokens; both \
            ends must run on one machine. The loop is closed: a connection asks again when its answer is whole.
            """)

    @Option(help: "Base URL; /v1 is added when it has no path.")
    var url = "http://127.0.0.1:3001"
    @Option(help: "Connections, each with one stream at a time.")
    var connections = 64
    @Option(help: "Streams of each connection, one after the other. Default: as many as --duration allows.")
    var streams: Int?
    @Option(help: "Seconds in which connections begin new streams.")
    var duration = 10.0
    @Option(help: "Seconds over which the connections start.")
    var ramp = 0.0
    @Option(help: "chat, messages or responses.")
    var dialect: Dialect = .chat
    @Option(help: "The model to ask for.")
    var model = "bench"
    @Flag(help: "Ask for answers in one piece.")
    var whole = false
    @Option(help: "Least bytes of a request's body.")
    var bodyBytes = 1024
    @Option(help: "Key to send, if the server wants one.")
    var apiKey: String?
    @Option(help: "Event loops of the load generator.")
    var loops = 1
    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        guard (1...9_800).contains(connections) else { throw ValidationError("--connections must be 1 to 9,800") }
        guard (1...256).contains(loops) else { throw ValidationError("--loops must be 1 to 256") }
        guard duration >= 0, ramp >= 0, duration < 1e6, ramp < 1e6 else { throw ValidationError("times must not be negative") }
        guard (0...(64 << 20)).contains(bodyBytes) else { throw ValidationError("--body-bytes must be 0 to 64 MiB") }
        if let streams, streams < 1 { throw ValidationError("--streams must be at least 1") }
    }

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        let target = try LoadTarget(
            base: url, dialect: dialect, model: model, isStreaming: !whole, apiKey: apiKey, bodyBytes: bodyBytes)
        let plan = LoadPlan(
            connections: connections, streamsPerConnection: streams, durationMilliseconds: Int(duration * 1_000),
            rampMilliseconds: Int(ramp * 1_000), loops: loops)
        let report = try LoadRunner.run(plan, target)
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            print(String(decoding: try encoder.encode(report), as: UTF8.self))
        } else {
            print(report.text)
        }
        fflush(nil)
        // The loops' threads stand in epoll_wait; there is nothing left for them to do.
        Foundation.exit(report.errorCount == 0 && report.streams > 0 ? 0 : 1)
    }
}

extension Dialect: ExpressibleByArgument {}
