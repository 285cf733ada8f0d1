import ArgumentParser
import Dialects
import Foundation
import HTTP

/// Where requests go, and what they say. Made once, shared by the loops.
struct LoadTarget: Sendable {
    let endpoint: UpstreamEndpoint
    /// The value of `Host`.
    let authority: String
    let path: String
    let dialect: Dialect
    let apiKey: String?
    let body: RequestBytes

    /// - Parameters:
    ///   - base: `http://127.0.0.1:3001` or `https://…/v1`; the dialect's path is added, `/v1` only when the base has no path.
    ///   - bodyBytes: least size of the request's body, made up with text.
    /// - Throws: `ValidationError` for anything that is no URL.
    init(base: String, dialect: Dialect, model: String, isStreaming: Bool, apiKey: String?, bodyBytes: Int) throws {
        guard let url = URLComponents(string: base), let host = url.host, !host.isEmpty,
            url.scheme == "http" || url.scheme == "https"
        else { throw ValidationError("`\(base)` is not a base URL such as http://127.0.0.1:3001") }
        let isSecure = url.scheme == "https"
        guard let port = UInt16(exactly: url.port ?? (isSecure ? 443 : 80)) else {
            throw ValidationError("`\(base)` has no valid port")
        }
        let bareHost = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        endpoint = UpstreamEndpoint(
            origin: Origin(scheme: isSecure ? .https : .http, host: bareHost, port: port),
            tls: isSecure ? TLSClientContext() : nil)
        authority = url.port == nil ? host : "\(host):\(port)"
        var prefix = url.path
        while prefix.hasSuffix("/") { prefix.removeLast() }
        path = (prefix.isEmpty ? "/v1" : prefix) + Self.suffix(of: dialect)
        self.dialect = dialect
        self.apiKey = apiKey
        body = RequestBytes(Self.request(dialect, model: model, isStreaming: isStreaming, bodyBytes: bodyBytes))
    }

    private static func suffix(of dialect: Dialect) -> String {
        switch dialect {
        case .chat: "/chat/completions"
        case .messages: "/messages"
        case .responses: "/responses"
        }
    }

    private static func request(_ dialect: Dialect, model: String, isStreaming: Bool, bodyBytes: Int) -> String {
        let head = "{\"model\":\"\(model)\",\"stream\":\(isStreaming),"
        let limit = dialect == .messages ? "\"max_tokens\":4096," : ""
        let conversation = dialect == .responses ? "\"input\":\"" : "\"messages\":[{\"role\":\"user\",\"content\":\""
        let end = dialect == .responses ? "\"}" : "\"}]}"
        let empty = head + limit + conversation + end
        let text = String(repeating: "Tell me a story. ", count: max(1, (bodyBytes - empty.utf8.count) / 17 + 1))
        return head + limit + conversation + text + end
    }

    /// Writes the request's fields, framing excepted.
    func writeFields(to sink: inout any MessageSink) {
        field(.host, authority, to: &sink)
        HeadWriter.field(.contentType, "application/json", to: &sink)
        if dialect == .messages { HeadWriter.field(.anthropicVersion, "2023-06-01", to: &sink) }
        guard let apiKey else { return }
        if dialect == .messages {
            field(.xAPIKey, apiKey, to: &sink)
        } else {
            field(.authorization, "Bearer \(apiKey)", to: &sink)
        }
    }

    private func field(_ name: FieldName, _ value: String, to sink: inout any MessageSink) {
        var value = value
        value.withUTF8 { HeadWriter.field(name, UnsafeRawBufferPointer($0), to: &sink) }
    }
}

/// Bytes at a fixed address, borrowed by every request that sends them.
final class RequestBytes: Sendable {
    // Written once in `init`, read only afterwards.
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

    init(_ text: String) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
        copy.copyBytes(from: text.utf8)
        bytes = UnsafeRawBufferPointer(copy)
    }

    deinit { bytes.deallocate() }
}
