import ArgumentParser
import Foundation
import Reactor

/// Where requests go, and what they say. Made once, shared by the loops.
struct LoadTarget: Sendable {
    let format: WireFormat
    /// In order of preference.
    let addresses: [SocketAddress]
    /// Of an https server; nil for plain TCP.
    let tls: ClientTLSContext?
    private let streamed: RequestBytes
    private let whole: RequestBytes

    /// Resolves the host, and renders the two requests that will be sent.
    /// - Parameters:
    ///   - base: `http://127.0.0.1:3001` or `https://…/v1`; the format's path is added, and a version before it when the base has no path.
    ///   - bodyBytes: size of the request's body, made up with text.
    ///   - trust: which certificates an https server may show.
    /// - Throws: `ValidationError` for what is no URL, no host, or no authority file.
    init(
        base: String, format: WireFormat, model: String, apiKey: String?, bodyBytes: Int,
        trust: ClientTLSContext.Trust = .system
    ) throws {
        guard let url = URLComponents(string: base), let host = url.host, !host.isEmpty,
            url.scheme == "http" || url.scheme == "https"
        else { throw ValidationError("`\(base)` is not a base URL such as http://127.0.0.1:3001") }
        guard url.user == nil, url.query == nil else { throw ValidationError("a base URL has neither a user nor a query; a key goes into --api-key") }
        let isSecure = url.scheme == "https"
        guard let port = UInt16(exactly: url.port ?? (isSecure ? 443 : 80)) else {
            throw ValidationError("`\(base)` has no valid port")
        }
        let bareHost = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        addresses = try Self.addresses(of: bareHost, port: port)
        self.format = format
        do throws(ClientTLSFailure) {
            tls = isSecure ? try ClientTLSContext(trust, host: bareHost) : nil
        } catch {
            throw ValidationError(error.description)
        }
        if let apiKey, apiKey.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
            throw ValidationError("--api-key must not contain control characters")
        }
        var prefix = url.percentEncodedPath
        while prefix.hasSuffix("/") { prefix.removeLast() }
        if prefix.isEmpty { prefix = format == .gemini ? "/v1beta" : "/v1" }
        let pathModel = model.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(.init(charactersIn: "-._~/"))) ?? model
        let authority = url.port == nil ? host : "\(host):\(port)"
        func request(isStreaming: Bool) -> RequestBytes {
            let body = format.requestBody(model: model, isStreaming: isStreaming, bodyBytes: bodyBytes)
            return RequestBytes(
                "POST \(prefix + format.path(model: pathModel, isStreaming: isStreaming)) HTTP/1.1\r\nhost: \(authority)\r\n"
                    + "content-length: \(body.utf8.count)\r\n\(format.requestFields(apiKey: apiKey))\r\n\(body)")
        }
        streamed = request(isStreaming: true)
        whole = request(isStreaming: false)
    }

    /// Head and body, ready to send.
    func request(isStreaming: Bool) -> RequestBytes { isStreaming ? streamed : whole }

    private static func addresses(of host: String, port: UInt16) throws -> [SocketAddress] {
        if let literal = SocketAddress(literal: host, port: port) { return [literal] }
        switch Resolver.systemLookUp(host) {
        case .success(let addresses): return addresses.map { $0.with(port: port) }
        case .failure(let failure): throw ValidationError("`\(host)`: \(failure)")
        }
    }
}
