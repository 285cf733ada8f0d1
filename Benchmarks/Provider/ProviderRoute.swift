import Dialects
import Glibc
import HTTP

/// What a client orders: everything that an answer depends on.
struct ProviderOrder: Hashable {
    var format: WireFormat
    var model: String
    var isStreaming: Bool
    /// A chat stream shall tell its usage.
    var includesUsage = false
}

/// What a request's head asks for. Only how a path ends counts, so that any base URL will do.
enum ProviderRoute: Equatable {
    /// A list of models, in the shape of this format.
    case models(WireFormat)
    /// An answer whose model and streaming stand in the body.
    case answer(WireFormat, Dialect)
    /// An answer whose model and streaming stand in the path: Gemini.
    case gemini(model: String, isStreaming: Bool)
    /// A streamed Gemini answer that is no event stream.
    case geminiArray
    case nothing

    init(_ head: MessageHead) {
        self.init(
            method: head.method, path: head.path, query: head.query, isAnthropic: head.value(of: .anthropicVersion) != nil,
            isGoogle: head.value(of: .xGoogAPIKey) != nil)
    }

    init(method: HTTPMethod, path: UnsafeRawBufferPointer, query: UnsafeRawBufferPointer?, isAnthropic: Bool, isGoogle: Bool) {
        self = .nothing
        switch method {
        case .get:
            guard Self.ends(path, "/models") else { return }
            self = .models(isAnthropic ? .messages : isGoogle || Self.ends(path, "/v1beta/models") ? .gemini : .chat)
        case .post:
            if Self.ends(path, "/chat/completions") {
                self = .answer(.chat, .chat)
            } else if Self.ends(path, "/messages") {
                self = .answer(.messages, .messages)
            } else if Self.ends(path, "/responses") {
                self = .answer(.responses, .responses)
            } else {
                takeGemini(path, query)
            }
        default: break
        }
    }

    /// `…/models/<model>:<method>`; the model may have slashes and colons.
    private mutating func takeGemini(_ path: UnsafeRawBufferPointer, _ query: UnsafeRawBufferPointer?) {
        let text = String(decoding: path, as: UTF8.self)
        guard let colon = text.lastIndex(of: ":"), let models = text.firstRange(of: "/models/"), models.upperBound < colon
        else { return }
        let model = String(text[models.upperBound..<colon])
        switch text[text.index(after: colon)...] {
        case "generateContent": self = .gemini(model: model, isStreaming: false)
        case "streamGenerateContent":
            let isEvents = query?.split(separator: UInt8(ascii: "&")).contains { $0.elementsEqual("alt=sse".utf8) } ?? false
            self = isEvents ? .gemini(model: model, isStreaming: true) : .geminiArray
        default: break
        }
    }

    private static func ends(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count >= count, let base = bytes.baseAddress else { return false }
        return memcmp(base + bytes.count - count, text.utf8Start, count) == 0
    }
}

/// The lists of models, for gateways that look at one when they start.
enum ModelList {
    private static let names = ["bench"] + AnswerFault.Kind.allCases.map { "fault-\($0.rawValue)" }

    static func body(_ format: WireFormat) -> String {
        switch format {
        case .chat, .responses:
            let models = names.map { #"{"id":"\#($0)","object":"model","created":\#(AnswerFigures.created),"owned_by":"bench"}"# }
            return #"{"object":"list","data":[\#(models.joined(separator: ","))]}"#
        case .messages:
            let models = names.map { #"{"type":"model","id":"\#($0)","display_name":"\#($0)","created_at":"2023-11-14T22:13:20Z"}"# }
            return #"{"data":[\#(models.joined(separator: ","))],"has_more":false,"first_id":"\#(names[0])","last_id":"\#(names[names.count - 1])"}"#
        case .gemini:
            let models = names.map { #"{"name":"models/\#($0)","displayName":"\#($0)","supportedGenerationMethods":["generateContent"]}"# }
            return #"{"models":[\#(models.joined(separator: ","))]}"#
        }
    }
}
