import Reactor

/// The TLS handshake of one accepted connection, within its deadline and its loop's share of steps. Its memory is gone when data flows.
struct ServerHandshake {
    let server: HTTPServer
    let connection: HTTP1Connection

    /// What a client is told, in plain text, that speaks HTTP to the port where TLS is spoken.
    private static let plainAnswer: StaticString = """
        HTTP/1.1 400 Bad Request\r
        Connection: close\r
        Content-Type: text/plain; charset=utf-8\r
        Content-Length: 39\r
        \r
        This port speaks TLS: use https:// here
        """

    /// Makes the handshake. False when it failed, took too long, or the server stopped; the connection is then to be closed.
    func run() async -> Bool {
        let (loop, transport) = (connection.loop, connection.transport)
        let deadline = loop.now + server.limits.handshakeTimeoutNanoseconds
        do throws(TLSFailure) {
            try transport.startHandshake()
        } catch {
            return false
        }
        while true {
            if server.takeHandshakeStep() {
                do throws(TLSFailure) {
                    if try transport.continueHandshake() { return true }
                } catch {
                    await refuse(error)
                    return false
                }
            } else {
                transport.socket.yieldReading()
            }
            connection.timer.schedule(atNanoseconds: deadline)
            let signals = await connection.wakeup.wait(for: [.downstreamReadable, .downstreamGone, .timer, .stopping])
            if signals.contains(.stopping) { return false }
            if signals.contains(.timer), loop.now >= deadline { return false }
        }
    }

    /// An alert of ours waits to be sent; somebody who mistook the port gets a sentence instead.
    private func refuse(_ failure: TLSFailure) async {
        let socket = connection.transport.socket
        guard failure == .plainHTTP else { return socket.flushNow() }
        let text = Self.plainAnswer
        socket.send(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        socket.shutdownSending()
        // It may still be sending a request, whose unread bytes would turn the close into a reset.
        await connection.linger { socket.receive(into: connection.loop.scratch) }
    }
}
