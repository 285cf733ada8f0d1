import CLinux
import Dialects
import HTTP
import Streaming

/// The head of an answer that comes from a provider, sent with its first bytes and not before: until then an error can still
/// have a status of its own.
final class AnswerHead {
    private let exchange: any ServerExchange
    private let call: InferenceCall
    private let upstream: UpstreamExchange
    private let status: UInt16
    private let body: OutgoingBody
    private let isEventStream: Bool
    /// Where the body is the gateway's own: its type, in place of the provider's.
    private let contentType: StaticString?

    init(
        _ exchange: any ServerExchange, call: InferenceCall, upstream: UpstreamExchange, status: UInt16,
        body: OutgoingBody, isEventStream: Bool, contentType: StaticString? = nil
    ) {
        self.exchange = exchange
        self.call = call
        self.upstream = upstream
        self.status = status
        self.body = body
        self.isEventStream = isEventStream
        self.contentType = contentType
    }

    /// Sends the head, once.
    func send() {
        guard !exchange.isHeadSent else { return }
        call.status = Int(status)
        exchange.sendHead(status, body: body) { fields in
            let response = upstream.response
            if let contentType {
                fields.add(.contentType, contentType)
            } else if let type = response.value(of: .contentType) {
                fields.add(.contentType, type)
            }
            if isEventStream {
                fields.add(.cacheControl, "no-cache")
                fields.add(.xAccelBuffering, "no")
            }
            for index in 0..<response.fieldCount {
                let field = response.field(at: index)
                if Self.isPassedOn(field, inOtherWords: contentType != nil) { fields.add(peerName: field.nameBytes, field.value) }
            }
            Self.addOwnFields(call, to: &fields)
            let overhead = call.overheadMicroseconds(nowNanoseconds: ekai_monotonic_ns())
            call.answeredOverheadMicroseconds = overhead
            fields.add(.xEkaiOverheadUS, UInt64(clamping: overhead))
        }
        // A long stream has no further use for the response's head.
        upstream.releaseHead()
    }

    /// What every answer of an inference endpoint carries.
    static func addOwnFields(_ call: InferenceCall, to fields: inout any FieldWriter) {
        fields.add(.xRequestID, call.shownRequestID)
        if call.dialect == .messages { fields.add(.requestID, call.shownRequestID) }
        if let origin = call.tokenCountOrigin { fields.add(.xEkaiTokenCount, origin.rawValue) }
        guard call.attempts > 0 else { return }
        fields.add(.xEkaiProvider, call.provider)
        if let model = call.target?.upstreamModel { fields.addText(.xEkaiModel, model) }
        fields.add(.xEkaiAttempts, UInt64(clamping: call.attempts))
        if let id = call.upstreamRequestID { fields.addText(.xEkaiUpstreamRequestID, id) }
    }

    /// Fields of a provider's response that its client may act on; the rest concerns the provider and us.
    ///
    /// - Parameter inOtherWords: for a client of another dialect, to which the provider's own fields say nothing.
    static func isPassedOn(_ field: MessageHead.Field, inOtherWords: Bool = false) -> Bool {
        guard !inOtherWords else { return field.name == .retryAfter || field.name == .retryAfterMS }
        switch field.name {
        case .retryAfter, .retryAfterMS, .xShouldRetry, .contentEncoding, .contentLanguage, .openaiVersion,
            .openaiProcessingMS:
            return true
        case .other:
            return field.nameBytes.starts(withIgnoringCase: "anthropic-ratelimit-")
                || field.nameBytes.starts(withIgnoringCase: "x-ratelimit-")
        default:
            return false
        }
    }
}

extension FieldWriter {
    /// Text that is not ours: left out when it could break the head.
    mutating func addText(_ name: FieldName, _ value: String) {
        var value = value
        value.withUTF8 { value in
            let wire = name.wireName
            add(
                peerName: UnsafeRawBufferPointer(start: wire.utf8Start, count: wire.utf8CodeUnitCount),
                UnsafeRawBufferPointer(value))
        }
    }
}

/// Where a relay's bytes go: the client's connection, the head first.
struct AnswerSink: ByteSink {
    let exchange: any ServerExchange
    let head: AnswerHead

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        head.send()
        exchange.send(bytes)
    }
}
