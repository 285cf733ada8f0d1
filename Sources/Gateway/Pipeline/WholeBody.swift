import HTTP

/// A response's body that is read to its end.
final class WholeBody {
    private var store = ByteAccumulator()

    var count: Int { store.count }

    /// Lends the bytes to `work`, which does not keep them: they are as long as this object is.
    func withBytes<Result, Failure: Error>(_ work: (UnsafeRawBufferPointer) throws(Failure) -> Result) throws(Failure) -> Result {
        try work(UnsafeRawBufferPointer(store.bytes))
    }

    func append(_ bytes: UnsafeRawBufferPointer) { store.append(bytes) }
}

extension RelayLane {
    /// The whole body of the response, the operator's secrets masked.
    ///
    /// - Parameter bytesMax: a longer one is an error of the provider.
    func wholeBody(bytesMax: Int) async throws(GatewayError) -> WholeBody {
        let body = WholeBody()
        do throws(UpstreamFailure) {
            while body.count <= bytesMax, let bytes = try await nextPiece() {
                call.noteUpstreamBytes()
                body.append(bytes)
            }
        } catch {
            throw GatewayError(error, provider: provider.name)
        }
        guard body.count <= bytesMax else {
            throw GatewayError(
                .upstreamFailed, .upstream, "\(provider.name) sent an oversized answer.", label: "oversized_answer", isPossiblyBilled: true)
        }
        body.withBytes { provider.maskSecrets(in: $0) }
        return body
    }

    /// Answers with a body of the gateway's making, in the client's dialect.
    func answer(_ bytes: UnsafeRawBufferPointer, contentType: StaticString? = "application/json") {
        let head = AnswerHead(
            exchange, call: call, upstream: upstream, status: 200, body: .length(UInt64(bytes.count)), isEventStream: false,
            contentType: contentType)
        head.send()
        exchange.send(bytes)
        exchange.finish()
    }
}
