import HTTP

/// A server's connection from its first byte to its last: pipelined requests with bodies, answered one after the other.
enum ServerCheck {
    static func requests(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        for limits in [HTTP1Limits(), HeadCheck.smallLimits] {
            for readsBodies in [true, false] {
                let whole = run(Cutting.whole(bytes), limits, readsBodies: readsBodies)
                for cutting in Cutting.all(bytes) {
                    let cut = run(cutting, limits, readsBodies: readsBodies)
                    try requireEqual(cut.steps, whole.steps, "requests that come in pieces are other requests")
                    try requireEqual(cut.consumed, whole.consumed, "requests that come in pieces end elsewhere")
                }
                try require(whole.consumed <= bytes.count, "more was consumed than came")
                try requireReadable(whole)
            }
        }
    }

    /// What the server wrote, our own client reads: as many final answers as were given.
    private static func requireReadable(_ run: Driver) throws(FuzzViolation) {
        var answers = 0
        for step in run.steps { if case .answered = step { answers += 1 } }
        var unread = run.written
        var read = 0
        let head = MessageHead()
        while !unread.isEmpty {
            var parser = HTTP1HeadParser()
            guard case .head(let consumed) = unread.withUnsafeBytes({ parser.parse($0, into: head, as: .response) }) else {
                throw FuzzViolation("an answer is none: \(unread.shown)")
            }
            unread.removeFirst(consumed)
            if head.status >= 200 { read += 1 }
            // Only the answer to HEAD has fields without the body that they announce.
            if head.status < 200 || unread.isEmpty || unread.starts(with: Array("HTTP/1.1 ".utf8)) { continue }
            guard let framing = try? MessageFraming.ofResponse(head, to: .get) else { throw FuzzViolation("an answer without end") }
            var decoder = HTTP1BodyDecoder(framing)
            let progress = unread.withUnsafeMutableBytes { decoder.decode($0) }
            try requireEqual(Array(unread[..<progress.payloadCount]), Array("answer".utf8), "the answer's body is another")
            unread.removeFirst(progress.consumed)
        }
        try requireEqual(read, answers, "answers were lost on the wire")
    }

    private enum Step: Equatable {
        case request(HeadSummary, MessageFraming)
        case body([UInt8])
        case refused(HTTPRefusal)
        case http2Preface
        case answered(HTTP1ServerMachine.AfterResponse)
        case drained(closes: Bool)
        case closed(HTTP1ServerMachine.PeerClose)
    }

    /// Drives a machine as `HTTP1Connection` does, with a handler that answers at once or after the body.
    private struct Driver {
        var machine: HTTP1ServerMachine
        let readsBodies: Bool
        let head = MessageHead()
        var unread: [UInt8] = []
        var steps: [Step] = []
        var consumed = 0
        var written: [UInt8] = []
        var payload: [UInt8] = []
        var isDraining = false
        var isOver = false

        mutating func receive(_ piece: [UInt8]) {
            unread += piece
            while !isOver, goOn() {}
        }

        /// One transition. False when it takes more bytes.
        private mutating func goOn() -> Bool {
            if isDraining { return drain() }
            if machine.awaitsHead { return takeHead() }
            return takeBody()
        }

        private mutating func take(_ count: Int) {
            consumed += count
            unread.removeFirst(count)
        }

        private mutating func takeHead() -> Bool {
            switch unread.withUnsafeBytes({ machine.receiveHead($0, into: head) }) {
            case .needMore: return false
            case .http2Preface:
                steps.append(.http2Preface)
                isOver = true
            case .refused(let reason): refuse(reason)
            case .request(let count):
                take(count)
                steps.append(.request(HeadSummary(head), machine.requestFraming))
                payload = []
                if readsBodies, machine.startReadingBody() { written += Array("\(HTTP1ServerMachine.continueResponse)".utf8) }
                if !readsBodies || machine.isRequestWhole { answer(200) }
            }
            return true
        }

        private mutating func takeBody() -> Bool {
            let progress = unread.withUnsafeMutableBytes { machine.receiveBody($0) }
            payload += unread[..<progress.payloadCount]
            take(progress.consumed)
            switch progress.outcome {
            case .more: return false
            case .refused(let reason): refuse(reason)
            case .ended:
                steps.append(.body(payload))
                answer(200)
            }
            return true
        }

        private mutating func refuse(_ reason: HTTPRefusal) {
            steps.append(.refused(reason))
            answer(reason.status)
        }

        private mutating func answer(_ status: UInt16) {
            var sink = ArraySink()
            let plan = machine.beginResponse(status: status, body: .stream)
            sink.bytes += Array("HTTP/1.1 \(status) -\r\n".utf8)
            plan.writeFields(to: &sink)
            sink.bytes += Array("\r\n".utf8)
            Array("answer".utf8).withUnsafeBytes { machine.writeBody($0, to: &sink) }
            let after = machine.endResponse(to: &sink)
            written += sink.bytes
            steps.append(.answered(after))
            isDraining = after == .drain
            isOver = after != .drain && after != .nextRequest
        }

        private mutating func drain() -> Bool {
            switch unread.withUnsafeMutableBytes({ machine.drain($0) }) {
            case .needMore:
                take(unread.count)
                return false
            case .nextRequest(let count):
                take(count)
                isDraining = false
                steps.append(.drained(closes: false))
            case .close:
                consumed += unread.count
                unread = []
                steps.append(.drained(closes: true))
                isOver = true
            }
            return true
        }
    }

    private static func run(_ pieces: Cutting, _ limits: HTTP1Limits, readsBodies: Bool) -> Driver {
        var driver = Driver(machine: HTTP1ServerMachine(limits: limits), readsBodies: readsBodies)
        for piece in pieces where !driver.isOver { driver.receive(piece) }
        if !driver.isOver { driver.steps.append(.closed(driver.machine.peerClosed())) }
        // How much of a body that is too large came before that was seen is a question of timing.
        if driver.steps.contains(where: { [.drained(closes: true), .refused(.bodyTooLarge)].contains($0) }) { driver.consumed = 0 }
        return driver
    }
}
