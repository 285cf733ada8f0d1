import ArgumentParser
import Foundation
import Gateway

/// `Benchmarks provider`: serves the mock provider until a signal ends the process.
struct ProviderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider",
        abstract: "A provider that streams made-up tokens, each with the time at which it was sent.",
        discussion: """
            Speaks OpenAI chat completions, OpenAI Responses and Anthropic Messages on every path that ends like theirs. The model \
            `bench` answers as the options say; `bench-1000` with 1,000 tokens; `bench-1000-5` with a pause of 5 ms between them.
            """)

    @Option(help: "Port on 127.0.0.1; 0 picks a free one.")
    var port: UInt16 = 0
    @OptionGroup var shape: AnswerShapeOptions
    @Option(help: "Event loops.")
    var loops = 1
    @Option(help: "Write the bound port to this file, as JSON.")
    var portsFile: String?

    func validate() throws {
        guard (1...256).contains(loops) else { throw ValidationError("--loops must be 1 to 256") }
    }

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        let provider = try MockProvider(shape.shape, port: port, loops: loops)
        if let portsFile {
            try Data("{\"port\":\(provider.port)}\n".utf8).write(to: URL(fileURLWithPath: portsFile), options: .atomic)
        }
        print("mock provider on http://127.0.0.1:\(provider.port)/v1")
        withExtendedLifetime(provider) { while true { pause() } }
    }
}

/// The command line's words for an `AnswerShape`.
struct AnswerShapeOptions: ParsableArguments {
    @Option(help: "Tokens of an answer, one event each.")
    var tokens = 200
    @Option(help: "Milliseconds between two tokens; 0 sends as fast as the client takes them.")
    var pace = 0
    @Option(help: "Milliseconds before the first token.")
    var firstTokenDelay = 0
    @Option(help: "Bytes of text in each token; at least 20, for the time stamp.")
    var bytesPerToken = 32

    var shape: AnswerShape {
        AnswerShape(
            tokens: tokens, paceMilliseconds: pace, firstTokenDelayMilliseconds: firstTokenDelay, bytesPerToken: bytesPerToken)
    }

    func validate() throws {
        guard (0...100_000_000).contains(tokens) else { throw ValidationError("--tokens must be 0 to 100,000,000") }
        guard (0...3_600_000).contains(pace), (0...3_600_000).contains(firstTokenDelay) else {
            throw ValidationError("--pace and --first-token-delay must be 0 to 3,600,000")
        }
        guard (TimeStamp.byteCount...1_000_000).contains(bytesPerToken) else {
            throw ValidationError("--bytes-per-token must be \(TimeStamp.byteCount) to 1,000,000")
        }
    }
}
