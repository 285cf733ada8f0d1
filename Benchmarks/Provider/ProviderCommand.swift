import ArgumentParser
import Foundation
import Gateway
import HTTP

/// `Benchmarks provider`: serves the mock provider until a signal ends the process.
struct ProviderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider",
        abstract: "A provider that streams made-up tokens, each with the time at which it was sent.",
        discussion: """
            Speaks OpenAI chat completions, OpenAI Responses, Anthropic Messages and Gemini on every path that ends like theirs, and \
            lists its models. The model `bench` answers as the options say; \
            `bench-<tokens>-<pace ms>-<first token delay ms>-<bytes per token>` as its name says, with as many of the four as wanted.

            Faults: `fault-<name>` is one of error500, error429 (Retry-After: 7), reset-head (RST before the head); or, after five tokens or \
            as many as `fault-<name>-<tokens>` says: reset-stream (RST), stall (silence), truncated (FIN), unmarked (the HTTP body \
            ends, the end mark is missing), malformed (an event that is no JSON), bigevent (an event of 1 MB).

            Each token of a paced stream is a send of its own; without a pace as many go together as the client takes, unless \
            --flush-each is given. The first gap of a paced stream is between half and one and a half of the pace, so that streams \
            which begin together do not march in step.
            """)

    @Option(help: "Port on 127.0.0.1; 0 picks a free one.")
    var port: UInt16 = 0
    @OptionGroup var shape: AnswerShapeOptions
    @Flag(help: "Send each event by itself, also where tokens have no pace.")
    var flushEach = false
    @Option(help: "Event loops.")
    var loops = 1
    @Flag(help: "Speak TLS on a second port, with a certificate for localhost made for the occasion unless one is given.")
    var tls = false
    @Option(help: "The port of TLS; 0 picks a free one.")
    var tlsPort: UInt16 = 0
    @Option(help: "Certificate for the second port: PEM.")
    var tlsCert: String?
    @Option(help: "Its key: PEM, without a passphrase.")
    var tlsKey: String?
    @Option(
        help: "Write the bound ports to this file, as JSON. A certificate made for the occasion stands beside it: `ca_file`.")
    var portsFile: String?

    private struct Ports: Encodable {
        let port: UInt16
        let tlsPort: UInt16?
        let caFile: String?
    }

    func validate() throws {
        guard (1...256).contains(loops) else { throw ValidationError("--loops must be 1 to 256") }
        guard (tlsCert == nil) == (tlsKey == nil) else { throw ValidationError("--tls-cert and --tls-key belong together") }
    }

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        Self.raiseDescriptorLimit()
        let isMade = tls && tlsCert == nil
        var certificate: ServerCertificate?
        if let tlsCert, let tlsKey {
            certificate = try ServerCertificate(certificateFile: tlsCert, keyFile: tlsKey)
        } else if isMade {
            certificate = try .selfSigned()
        }
        let provider = try MockProvider(
            shape.shape, port: port, tls: try certificate?.context(), tlsPort: tlsPort, sendsEachEvent: flushEach, loops: loops)
        var caFile: URL?
        if isMade, let certificate {
            let file = Self.caFile(portsFile: portsFile, port: provider.port)
            try certificate.certificate.write(to: file, options: .atomic)
            caFile = file
        }
        if let portsFile { try write(Ports(port: provider.port, tlsPort: provider.tlsPort, caFile: caFile?.path), to: portsFile) }
        print("mock provider on http://127.0.0.1:\(provider.port)/v1")
        if let port = provider.tlsPort { print("and on https://localhost:\(port)/v1" + (caFile.map { ", certificate \($0.path)" } ?? "")) }
        fflush(nil)
        withExtendedLifetime(provider) { while true { pause() } }
    }

    private func write(_ ports: Ports, to file: String) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try (try encoder.encode(ports) + Data("\n".utf8)).write(to: URL(fileURLWithPath: file), options: .atomic)
    }

    /// Beside the ports file, with its name: `ports.json` has `ports-ca.pem`.
    private static func caFile(portsFile: String?, port: UInt16) -> URL {
        guard let portsFile else {
            return FileManager.default.temporaryDirectory.appendingPathComponent("ekai-provider-\(port)-ca.pem")
        }
        let file = URL(fileURLWithPath: portsFile)
        return file.deletingLastPathComponent().appendingPathComponent(file.deletingPathExtension().lastPathComponent + "-ca.pem")
    }

    /// As many descriptors as this process may have: shells give it 1,024.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
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
        guard (0...AnswerShape.tokensMax).contains(tokens) else { throw ValidationError("--tokens must be 0 to 100,000,000") }
        let milliseconds = 0...AnswerShape.millisecondsMax
        guard milliseconds.contains(pace), milliseconds.contains(firstTokenDelay) else {
            throw ValidationError("--pace and --first-token-delay must be 0 to 3,600,000")
        }
        guard (TimeStamp.byteCount...AnswerShape.bytesPerTokenMax).contains(bytesPerToken) else {
            throw ValidationError("--bytes-per-token must be \(TimeStamp.byteCount) to 1,000,000")
        }
    }
}
