import HTTP

/// What an upstream sends back, from its first byte to its close.
enum ClientCheck {
    static func responses(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        for limits in [HTTP1Limits(), HeadCheck.smallLimits] {
            for method in [HTTPMethod.post, .head, .connect] {
                let whole = run(Cutting.whole(bytes), method, limits)
                for cutting in Cutting.all(bytes) {
                    try requireEqual(run(cutting, method, limits), whole, "a response that comes in pieces is another response")
                }
                try require(whole.consumed <= bytes.count, "more was consumed than came")
                if whole.isReusable {
                    try requireEqual(whole.consumed, bytes.count, "a connection is kept with bytes that nobody asked for")
                }
            }
        }
    }

    private struct Run: Equatable {
        var interim: [UInt16] = []
        var head: HeadSummary?
        var framing: MessageFraming?
        var payload: [UInt8] = []
        var refusal: HTTPRefusal?
        var close: HTTP1ClientMachine.PeerClose?
        var consumed = 0
        /// Before the upstream closed.
        var isReusable = false
        var isTunnel = false
    }

    /// Drives a machine as `UpstreamExchange` does, with a request that is written already.
    private struct Driver {
        var machine: HTTP1ClientMachine
        let head = MessageHead()
        var run = Run()
        var unread: [UInt8] = []

        init(_ method: HTTPMethod, _ limits: HTTP1Limits) {
            machine = HTTP1ClientMachine(limits: limits)
            var sink = ArraySink()
            _ = machine.beginRequest(method: method, body: .none)
            _ = machine.endRequest(to: &sink)
            machine.noteWritten(1)
        }

        mutating func receive(_ piece: [UInt8]) {
            unread += piece
            while run.refusal == nil, !unread.isEmpty, goOn() {}
        }

        private mutating func take(_ count: Int) {
            run.consumed += count
            unread.removeFirst(count)
        }

        private mutating func goOn() -> Bool {
            if run.head == nil { return takeHead() }
            if machine.isTunnel { return false }
            if machine.isResponseWhole {
                machine.receiveWhileIdle(count: unread.count)
                return false
            }
            return takeBody()
        }

        private mutating func takeHead() -> Bool {
            switch unread.withUnsafeBytes({ machine.receiveHead($0, into: head) }) {
            case .needMore: return false
            case .interim(let status, let consumed):
                run.interim.append(status)
                take(consumed)
            case .response(let consumed):
                run.head = HeadSummary(head)
                run.framing = machine.responseFraming
                run.isTunnel = machine.isTunnel
                take(consumed)
            case .refused(let reason): run.refusal = reason
            }
            return true
        }

        private mutating func takeBody() -> Bool {
            let progress = unread.withUnsafeMutableBytes { machine.receiveBody($0) }
            run.payload += unread[..<progress.payloadCount]
            take(progress.consumed)
            switch progress.outcome {
            case .more: return false
            case .refused(let reason): run.refusal = reason
            case .ended: break
            }
            return true
        }
    }

    private static func run(_ pieces: Cutting, _ method: HTTPMethod, _ limits: HTTP1Limits) -> Run {
        var driver = Driver(method, limits)
        for piece in pieces { driver.receive(piece) }
        driver.run.isReusable = driver.machine.isReusable
        driver.run.close = driver.machine.peerClosed()
        return driver.run
    }
}
