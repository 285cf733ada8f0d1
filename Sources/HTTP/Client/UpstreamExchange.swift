import Reactor

/// One request to a provider and its response. Loop-confined; belongs to one task.
///
/// `perform` sends the request and waits for the response's head; then `receiveBody` and `waitForBody` in turn until the end;
/// `close` gives the connection back or ends it, whichever is right, and is owed in every case.
public final class UpstreamExchange {
    private let client: UpstreamClient
    private let endpoint: UpstreamEndpoint
    private let task: UpstreamTask
    private let timeouts: UpstreamTimeouts
    private var connection: UpstreamConnection?
    /// When the response's head must be there; counts from the connection.
    private var responseDeadline: Int64 = 0

    /// - Parameters:
    ///   - wakeup: where the calling task sleeps; shared with its downstream side.
    ///   - timer: sets `.timer` on `wakeup`.
    public init(
        client: UpstreamClient, endpoint: UpstreamEndpoint, timeouts: UpstreamTimeouts, wakeup: Wakeup, timer: LoopTimer
    ) {
        self.client = client
        self.endpoint = endpoint
        self.timeouts = timeouts
        task = UpstreamTask(loop: client.loop, wakeup: wakeup, timer: timer)
    }

    deinit { precondition(connection == nil, "an exchange is closed before it is dropped") }

    /// The response's head. Valid after `perform`, until `close` or `releaseHead`.
    public var response: MessageHead {
        guard let connection else { preconditionFailure("there is a response after perform, until close") }
        return connection.response
    }

    /// The length of the response's body, where its head says it.
    public var bodyLength: UInt64? {
        if case .length(let count) = connection?.machine.responseFraming { return count }
        return nil
    }

    /// True once a byte of the request may have reached the provider.
    public var isPossiblyBilled: Bool {
        connection?.noteWritten()
        return connection?.machine.isPossiblyBilled ?? false
    }

    // MARK: Request

    /// Sends a POST and waits for the head of its response. Sends again, on another connection, only a request of which no byte was
    /// written when its connection closed.
    /// - Parameters:
    ///   - target: path and query.
    ///   - fields: writes the request's fields, `Host` included, framing excepted.
    ///   - body: in order; borrowed until the exchange is closed.
    public func perform(
        target: String, body: [UpstreamBodyPart], fields: (inout any MessageSink) -> Void
    ) async throws(UpstreamFailure) {
        for _ in 0...UpstreamLimits.resendsMax {
            let connection = try await open()
            self.connection = connection
            responseDeadline = client.loop.now + timeouts.firstByteNanoseconds
            if try await send(connection, target: target, body: body, fields: fields) { return }
            if try await receiveHead(connection) { return }
            close()
        }
        throw UpstreamFailure(.closedBeforeResponse, isPossiblyBilled: false)
    }

    /// Sends the request. True when its response came before it was sent in full; the rest is not sent then.
    private func send(
        _ connection: UpstreamConnection, target: String, body: [UpstreamBodyPart],
        fields: (inout any MessageSink) -> Void
    ) async throws(UpstreamFailure) -> Bool {
        let plan = connection.begin(.post, bodyBytes: body.reduce(0) { $0 + $1.bytes.count })
        HeadStage.gather(for: connection.transport) { head in
            var target = target
            target.withUTF8 { HeadWriter.requestLine(.post, target: UnsafeRawBufferPointer($0), to: &head) }
            plan.writeFields(to: &head)
            var writer: any MessageSink = head
            fields(&writer)
            HeadWriter.end(to: &head)
        }
        for part in body {
            guard try await send(part, on: connection) else {
                connection.machine.abandonRequest()
                return true
            }
        }
        var end = UpstreamConnection.Sink(transport: connection.transport)
        let isWhole = connection.machine.endRequest(to: &end)
        precondition(isWhole, "the length sent is the length said")
        return false
    }

    /// Sends one part of the body: at once and without a copy on a plain connection, record by record behind the watermark under TLS.
    /// False when the response came meanwhile.
    private func send(_ part: UpstreamBodyPart, on connection: UpstreamConnection) async throws(UpstreamFailure) -> Bool {
        var sink = UpstreamConnection.Sink(transport: connection.transport, owner: part.owner)
        guard connection.transport.isSecure else {
            connection.machine.writeBody(part.bytes, to: &sink)
            return true
        }
        let deadline = responseDeadline
        var rest = part.bytes
        while rest.count > 0 {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(UpstreamLimits.receiveBytesMax))
            connection.machine.writeBody(piece, to: &sink)
            rest = UnsafeRawBufferPointer(rebasing: rest[piece.count...])
            while connection.transport.isAboveHighWatermark, !connection.socket.isPeerGone {
                let signals: Signals = [.upstreamDrained, .upstreamReadable, .upstreamGone]
                let taken = try await task.wait(for: signals, until: deadline, .send, isBilled: true)
                if taken.contains(.upstreamReadable), try hasAnsweredEarly(connection) { return false }
            }
        }
        return true
    }

    /// A provider may refuse a request before it has read it, and then never read the rest.
    private func hasAnsweredEarly(_ connection: UpstreamConnection) throws(UpstreamFailure) -> Bool {
        switch connection.receiveHead() {
        case .response: return true
        case .failed(let failure): throw failure
        case .wouldBlock, .unsent: return false
        }
    }

    // MARK: Response

    /// Waits for the response's head. False when the request may be sent again.
    private func receiveHead(_ connection: UpstreamConnection) async throws(UpstreamFailure) -> Bool {
        let deadline = responseDeadline
        while true {
            switch connection.receiveHead() {
            case .response: return true
            case .unsent: return false
            case .failed(let failure): throw failure
            case .wouldBlock:
                let signals: Signals = [.upstreamReadable, .upstreamGone]
                do throws(UpstreamFailure) {
                    _ = try await task.wait(for: signals, until: deadline, .firstByte, isBilled: false)
                } catch {
                    // Known only now: the request was written while the task waited.
                    throw UpstreamFailure(error.kind, isPossiblyBilled: isPossiblyBilled)
                }
            }
        }
    }

    /// What is there of the body, without waiting; valid until the next receive on this loop.
    public func receiveBody() -> UpstreamBody {
        guard let connection else { return .end }
        return connection.receiveBody()
    }

    /// Waits until there may be more of the body.
    /// - Throws: `timedOut` with `phase` when the deadline passes first; `clientGone`; `stopping`.
    public func waitForBody(
        until deadlineNanoseconds: Int64, _ phase: UpstreamFailure.Phase
    ) async throws(UpstreamFailure) {
        let signals: Signals = [.upstreamReadable, .upstreamGone]
        _ = try await task.wait(for: signals, until: deadlineNanoseconds, phase, isBilled: true)
    }

    /// Gives the response's head back, once nobody looks at it any more: a long stream then owns less.
    public func releaseHead() { connection?.response.release() }

    /// Ends the exchange: the connection goes back to the pool when the response was read to its end, and is closed otherwise,
    /// which cancels the request at the provider.
    public func close() {
        guard let connection else { return }
        self.connection = nil
        client.giveBack(connection.id, isReusable: connection.isReusable)
    }

    // MARK: Connecting

    private func open() async throws(UpstreamFailure) -> UpstreamConnection {
        let deadline = client.loop.now + timeouts.connectNanoseconds
        while true {
            switch try await client.lease(endpoint.origin, task, deadlineNanoseconds: deadline) {
            case .reuse(let id):
                guard let connection = client.connection(id), connection.isReusable, connection.isQuiet() else {
                    client.giveBack(id, isReusable: false)
                    continue
                }
                task.wakeup.clear([.upstreamReadable, .upstreamDrained, .upstreamGone])
                connection.socket.wakeup = task.wakeup
                return connection
            case .connect(let id):
                let connector = UpstreamConnector(
                    client: client, endpoint: endpoint, task: task, deadlineNanoseconds: deadline)
                do throws(UpstreamFailure) {
                    let connection = try await connector.connect(id)
                    client.opened(connection)
                    return connection
                } catch {
                    client.connectFailed(id)
                    throw error
                }
            case .wait, .refused:
                throw UpstreamFailure(.poolExhausted, isPossiblyBilled: false)
            }
        }
    }
}
