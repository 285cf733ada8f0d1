import HTTP

/// What a proxy sends while a tunnel is made: the same outcome however it comes cut, the same bytes left for the tunnel, and no tunnel
/// without the reply that makes one.
enum TunnelCheck {
    private static let host = "api.example"
    private static let port: UInt16 = 443

    static func connect(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        for credentials in [nil, ProxyCredentials(user: [0x75], password: [0x70], for: .http)] {
            let make = { ConnectTunnelMachine(host: host, port: port, credentials: credentials) }
            let whole = TunnelRun.of(make(), Cutting.whole(bytes))
            for cutting in Cutting.all(bytes) {
                try requireEqual(TunnelRun.of(make(), cutting), whole, "a reply that comes in pieces is another reply")
            }
            try require(bytes.array.suffix(whole.rest.count) == whole.rest[...], "what is left is not what came last")
            try require(whole.sent.count == 1, "more is sent than the request")
            try checkReplies(bytes.array.dropLast(whole.rest.count), whole)
        }
    }

    /// - Parameter consumed: what the machine is done with: whole heads.
    private static func checkReplies(_ consumed: ArraySlice<UInt8>, _ run: TunnelRun) throws(FuzzViolation) {
        guard let statuses = ReferenceReplies.statuses(consumed) else {
            throw FuzzViolation("what was consumed is not heads: \(Array(consumed).shown)")
        }
        let isInterim = { (status: Int) in (100...199).contains(status) && status != 101 }
        let earlier = statuses.dropLast()
        try require(earlier.allSatisfy(isInterim), "it went on behind a final reply: \(statuses)")
        let last = statuses.last ?? 0
        switch run.end {
        case .receive:
            try require(statuses.allSatisfy(isInterim), "it waits, although there was a reply: \(statuses)")
            try require(ReferenceReplies.statuses(run.rest[...])?.isEmpty ?? true, "it waits, although a reply is whole")
        case .established: try require((200...299).contains(last), "a tunnel without a reply of 2xx: \(statuses)")
        case .failed(.refused(let status)):
            try require(last == Int(status) && last != 407 && !(100...299).contains(last), "a status that was not said: \(statuses)")
        case .failed(.authenticationRequired): try requireEqual(last, 407, "nobody asked for credentials")
        case .failed(.malformed(.upgradeNotRequested)): try requireEqual(last, 101, "nobody upgraded")
        case .failed(.malformed(.tooManyInterimResponses)):
            try require(isInterim(last) && statuses.count > 4, "a few interim replies are too many: \(statuses)")
        case .failed(.malformed): try require(statuses.allSatisfy(isInterim), "a reply that was read is malformed: \(statuses)")
        case .failed, .send: throw FuzzViolation("an end that no reply of HTTP has: \(run.end)")
        }
    }

    static func socks5(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        let destinations: [SOCKS5Machine.Destination] = [
            .name(host), .address([192, 0, 2, 7]), .address([0x20, 0x01, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [7]),
        ]
        for destination in destinations {
            for credentials in [nil, ProxyCredentials(user: [0x75, 0x73], password: [0x70], for: .socks5)] {
                let reference = ReferenceSOCKS(destination, port: port, hasCredentials: credentials != nil)
                let expected = reference.run(bytes.array)
                for cutting in [Cutting.whole(bytes)] + Cutting.all(bytes) {
                    let found = TunnelRun.of(SOCKS5Machine(destination, port: port, credentials: credentials), cutting)
                    try requireEqual(found, expected, "the two readings of SOCKS do not agree")
                }
            }
        }
    }
}

/// A machine driven as `UpstreamConnector` does.
struct TunnelRun: Equatable {
    var sent: [[UInt8]] = []
    /// `receive` when there was nothing more for it.
    var end: TunnelAction = .receive
    /// Neither consumed nor looked at: once there is a tunnel, its first bytes.
    var rest: [UInt8] = []

    static func of<Machine: TunnelMachine & ~Copyable>(_ machine: consuming Machine, _ pieces: Cutting) -> TunnelRun {
        var run = TunnelRun()
        let pieces = pieces.makeIterator()
        var action = machine.start()
        loop: while true {
            switch action {
            case .send(let bytes): run.sent.append(bytes)
            case .receive:
                guard let piece = pieces.next() else { break loop }
                run.rest += piece
            case .established, .failed: break loop
            }
            let progress = run.rest.withUnsafeBytes { machine.receive($0) }
            run.rest.removeFirst(progress.consumed)
            action = progress.action
        }
        run.end = action
        while let piece = pieces.next() { run.rest += piece }
        return run
    }
}

/// The heads of responses, read line by line.
enum ReferenceReplies {
    /// The statuses of the heads that `bytes` are; nil when they are anything else, or end inside a head.
    static func statuses(_ bytes: ArraySlice<UInt8>) -> [Int]? {
        var statuses: [Int] = []
        var isInHead = false
        var rest = bytes
        while let end = rest.firstIndex(of: 0x0A) {
            let line = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
            if isInHead {
                isInHead = line != "\r"
                continue
            }
            guard line.utf8.count > 12, line.hasPrefix("HTTP/1.0 ") || line.hasPrefix("HTTP/1.1 "),
                let status = Int(String(decoding: Array(line.utf8)[9..<12], as: UTF8.self))
            else { return nil }
            statuses.append(status)
            isInHead = true
        }
        return isInHead || !rest.isEmpty ? nil : statuses
    }
}
