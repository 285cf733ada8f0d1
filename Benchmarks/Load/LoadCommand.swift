import ArgumentParser
import Foundation

/// `Benchmarks load`: requests to any base URL.
struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Ask a gateway or a provider for answers, and time every event.",
        discussion: """
            Closed loop: a connection asks again when its answer has ended. With --rate the loop is open: requests are due at times \
            that do not depend on the server, and their latencies count from then, so that a stall counts for all who had to wait. \
            One-way delay is read from the stamps that `Benchmarks provider` puts into its tokens; both must run on one machine. \
            Exit status 1 when no request ended well.
            """)

    @OptionGroup(title: "Where") var server: ServerOptions
    @OptionGroup(title: "How much") var amount: AmountOptions
    @OptionGroup(title: "Which requests and clients") var kind: KindOptions
    @OptionGroup(title: "What is told") var output: OutputOptions

    func validate() throws {
        guard kind.stalledReaders + kind.slowReaders <= amount.connections else {
            throw ValidationError("stalled and slow readers are among the connections: there are more of them than --connections")
        }
        if amount.rate != nil, kind.stalledReaders + kind.slowReaders + amount.loops > amount.connections {
            throw ValidationError("with --rate each loop needs a connection that is neither stalled nor slow")
        }
    }

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        let target = try LoadTarget(
            base: server.url, format: server.format, model: server.model, apiKey: server.apiKey, bodyBytes: kind.bodyBytes,
            trust: server.trust)
        let plan = amount.plan(kind)
        let progress = output.progress || ProgressLine.isWatched && !output.quiet ? ProgressLine() : nil
        var before = 0.0
        let began = Date()
        let result = try LoadRunner(plan: plan, target: target, processes: output.pid) { sample in
            progress?.show(sample, length: sample.second - before)
            before = sample.second
        }.run()
        progress?.end()
        let report = LoadReport(result)
        if output.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            print(String(decoding: try encoder.encode(report), as: UTF8.self))
        } else if !output.quiet {
            print(report.text)
        }
        if let folder = output.report {
            let facts = RunFacts(
                command: CommandLine.arguments, url: server.url, format: server.format, model: server.model, began: began, seed: report.seed)
            let path = try ReportPage(result: result, report: report, facts: facts).write(into: folder)
            if !output.quiet, !output.json { print("report: \(path)") }
        }
        fflush(nil)
        // The loops' threads stand in epoll_wait; there is nothing left for them to do.
        Foundation.exit(report.endedWell > 0 ? 0 : 1)
    }
}

extension WireFormat: ExpressibleByArgument {}
extension ArrivalSchedule.Kind: ExpressibleByArgument {}

/// The server under test, and how it is spoken to.
struct ServerOptions: ParsableArguments {
    @Option(help: "Base URL; /v1 is added when it has no path (/v1beta for gemini).")
    var url = "http://127.0.0.1:3001"
    @Option(help: "chat, responses, messages or gemini.")
    var format: WireFormat = .chat
    @Option(help: "The model to ask for.")
    var model = "bench"
    @Option(help: "Key to send, if the server wants one.")
    var apiKey: String?
    @Option(help: "PEM file with the authorities to trust, for https.")
    var caFile: String?
    @Flag(help: "Trust any certificate.")
    var insecure = false

    var trust: ClientTLSContext.Trust { insecure ? .everybody : caFile.map { .authorities(file: $0) } ?? .system }

    func validate() throws {
        if insecure, caFile != nil { throw ValidationError("--insecure trusts anybody: --ca-file says whom; take one of them") }
    }
}

/// How many requests, when, and for how long.
struct AmountOptions: ParsableArguments {
    @Option(help: "Connections, each with one request at a time.")
    var connections = 64
    @Option(help: "Requests a second, whatever the server does (open loop). At most --connections are open at once; others wait.")
    var rate: Double?
    @Option(help: "Arrivals of an open loop: even or poisson.")
    var arrivals: ArrivalSchedule.Kind = .poisson
    @Option(help: "Makes the arrivals the same again. Default: a new one, which is printed.")
    var seed: UInt64?
    @Option(help: "Seconds in which new requests begin.")
    var duration = 10.0
    @Option(help: "Requests of each connection, one after the other, in place of a time.")
    var streams: Int?
    @Option(help: "Seconds over which the connections start, or the rate rises.")
    var ramp = 0.0
    @Option(help: "Event loops of the load generator, each a thread.")
    var loops = 1

    func validate() throws {
        guard (1...LoadLimits.connectionsMax).contains(connections) else { throw ValidationError("--connections must be 1 to 9,800") }
        guard (1...LoadLimits.loopsMax).contains(loops), loops <= connections else {
            throw ValidationError("--loops must be 1 to 256, and no more than --connections")
        }
        guard duration >= 0, ramp >= 0, duration < 1e6, ramp < 1e6 else { throw ValidationError("times must be 0 to 1,000,000 seconds") }
        if let streams, streams < 1 { throw ValidationError("--streams must be at least 1") }
        if let rate {
            guard rate > 0, rate <= LoadLimits.rateMax else { throw ValidationError("--rate must be above 0, and at most 1,000,000") }
            if streams != nil { throw ValidationError("--streams counts the requests of a closed loop, which --rate opens: take --duration") }
        }
    }

    func plan(_ kind: KindOptions) -> LoadPlan {
        var plan = LoadPlan()
        plan.connections = connections
        if let rate {
            plan.pace = .open(rate: rate, arrivals: arrivals, seed: seed ?? .random(in: 0...0xffff_ffff))
        }
        plan.requestsPerConnection = streams
        plan.durationNanoseconds = Int64(duration * 1e9)
        plan.rampNanoseconds = Int64(ramp * 1e9)
        plan.streamedShare = kind.whole ? 0 : kind.streamedShare
        plan.stalledReaders = kind.stalledReaders
        plan.slowReaders = kind.slowReaders
        plan.slowBytesPerSecond = kind.slowBytesPerSecond
        plan.hangUpShare = kind.hangUpShare
        plan.hangUpAfterEvents = kind.hangUpAfterEvents
        plan.loops = loops
        return plan
    }
}

/// What is asked for, and how clients behave.
struct KindOptions: ParsableArguments {
    @Option(help: "Which part of the requests asks for a stream, 0 to 1.")
    var streamedShare = 1.0
    @Flag(help: "Ask for answers in one piece: --streamed-share 0.")
    var whole = false
    @Option(help: "Bytes of a request's body.")
    var bodyBytes = 1_024
    @Option(help: "Of the connections: so many read the head and the first events, then nothing until the end of --duration.")
    var stalledReaders = 0
    @Option(help: "Of the connections: so many read slowly.")
    var slowReaders = 0
    @Option(help: "Bytes a second that a slow reader takes.")
    var slowBytesPerSecond = 1_024
    @Option(help: "Which part of the streams is left before its end, 0 to 1.")
    var hangUpShare = 0.0
    @Option(help: "Events after which it is left.")
    var hangUpAfterEvents = 1

    func validate() throws {
        guard (0...1).contains(streamedShare), (0...1).contains(hangUpShare) else { throw ValidationError("shares must be 0 to 1") }
        guard (0...LoadLimits.bodyBytesMax).contains(bodyBytes) else { throw ValidationError("--body-bytes must be 0 to 64 MiB") }
        guard stalledReaders >= 0, slowReaders >= 0, stalledReaders <= LoadLimits.connectionsMax, slowReaders <= LoadLimits.connectionsMax
        else { throw ValidationError("--stalled-readers and --slow-readers must be 0 to 9,800") }
        guard (1...1_000_000_000).contains(slowBytesPerSecond) else {
            throw ValidationError("--slow-bytes-per-second must be 1 to 1,000,000,000")
        }
        guard hangUpAfterEvents >= 1 else { throw ValidationError("--hang-up-after-events must be at least 1") }
    }
}

/// What the run prints and writes.
struct OutputOptions: ParsableArguments {
    @Option(parsing: .singleValue, help: "A process whose CPU time and memory are watched, such as the server under test. Repeatable.")
    var pid: [Int32] = []
    @Flag(help: "Print the result as JSON, times in microseconds.")
    var json = false
    @Option(help: "Write a page with plots, load-report.html, into this directory.")
    var report: String?
    @Flag(help: "Print a line a second on standard error, also where that is no terminal.")
    var progress = false
    @Flag(help: "Print neither progress nor table.")
    var quiet = false

    func validate() throws {
        guard pid.count <= LoadLimits.processesMax else { throw ValidationError("--pid can be given 16 times") }
        for pid in pid where ProcessFigures(of: pid) == nil { throw ValidationError("there is no process \(pid)") }
    }
}
