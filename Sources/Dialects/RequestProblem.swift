import Streaming

/// Why a client's body cannot be taken: always the client's to mend, status 400.
public enum RequestProblem: Error, Sendable, Equatable {
    /// No JSON (RFC 8259), with the offset of the byte at fault.
    case malformedJSON(JSONError)
    /// JSON, but no object.
    case notAnObject
    /// A member that must be there is not, or is null.
    case missing(member: StaticName)
    /// A member has the wrong type.
    case wrongType(member: StaticName, expected: StaticName)
    /// A member stands more than once: which one counts would depend on the reader.
    case repeated(member: StaticName)
    /// A member is empty.
    case empty(member: StaticName)
    /// A member is longer than `bytesMax`.
    case tooLong(member: StaticName, bytesMax: Int)
    /// What a member asks for cannot be had from the model's provider, whose dialect has no words for it.
    case notTranslatable(member: StaticName, reason: StaticName)
    /// A member has a value that means nothing.
    case invalid(member: StaticName, reason: StaticName)
    /// `stream_options` in a request that does not stream.
    case streamOptionsWithoutStream

    /// The kind to answer with.
    public var kind: ErrorKind {
        if case .notTranslatable = self { return .notTranslatable }
        return .invalidRequest
    }

    /// The member at fault, for `param` of OpenAI's dialects.
    public var param: String? {
        switch self {
        case .malformedJSON, .notAnObject: nil
        case .missing(let member), .wrongType(let member, _), .repeated(let member), .empty(let member),
            .tooLong(let member, _), .notTranslatable(let member, _), .invalid(let member, _):
            member.text
        case .streamOptionsWithoutStream: "stream_options"
        }
    }

    /// A sentence for the caller. It quotes nothing of the body.
    public var message: String {
        switch self {
        case .malformedJSON(let error) where error.reason == .empty:
            "The request body is empty; a JSON object is expected."
        case .malformedJSON(let error):
            "The request body is not valid JSON: \(error.reason.sentence) at byte \(error.offset)."
        case .notAnObject:
            "The request body must be a JSON object."
        case .missing(let member):
            "Missing required parameter: '\(member.text)'."
        case .wrongType(let member, let expected):
            "Invalid type for '\(member.text)': expected \(expected.text)."
        case .repeated(let member):
            "Parameter '\(member.text)' is given more than once."
        case .empty(let member):
            "Parameter '\(member.text)' must not be empty."
        case .tooLong(let member, let bytesMax):
            "Parameter '\(member.text)' is too long: at most \(bytesMax) bytes are allowed."
        case .notTranslatable(let member, let reason):
            "The model's provider cannot take '\(member.text)': \(reason.text)."
        case .invalid(let member, let reason):
            "Invalid value for '\(member.text)': \(reason.text)."
        case .streamOptionsWithoutStream:
            "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        }
    }

    /// This problem as an answer in a dialect.
    public func body(in dialect: Dialect, requestID: String?) -> ErrorBody {
        ErrorBody(dialect: dialect, kind: kind, message: message, param: param, requestID: requestID)
    }
}

extension JSONTape {
    /// Reads a client's body, which has to be an object.
    func object(_ body: UnsafeRawBufferPointer) throws(RequestProblem) -> JSONValue {
        let root: JSONValue
        do {
            root = try parse(body)
        } catch {
            throw .malformedJSON(error)
        }
        guard root.isObject else { throw .notAnObject }
        return root
    }
}

/// A name that stands in the source.
public struct StaticName: Sendable, Equatable, ExpressibleByStringLiteral {
    private let literal: StaticString

    public init(stringLiteral value: StaticString) { literal = value }

    public var text: String { literal.description }

    public static func == (left: StaticName, right: StaticName) -> Bool { left.text == right.text }
}

extension JSONError.Reason {
    fileprivate var sentence: String {
        switch self {
        case .empty: "no value"
        case .unexpectedEnd: "unexpected end"
        case .unexpectedByte: "unexpected character"
        case .trailingBytes: "something follows the object"
        case .byteOrderMark: "a byte order mark"
        case .invalidNumber: "invalid number"
        case .controlCharacter: "an unescaped control character in a string"
        case .invalidEscape: "invalid escape"
        case .loneSurrogate: "half of a surrogate pair"
        case .invalidUTF8: "invalid UTF-8"
        case .tooDeep: "nested too deeply"
        case .tooManyNodes: "too many values"
        case .tooLong: "too long"
        }
    }
}
