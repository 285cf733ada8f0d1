import Dialects
import HTTP

/// Path and query of a request to a provider.
enum UpstreamTarget {
    /// - Parameters:
    ///   - path: the provider's for `dialect`, its base URL's path included.
    ///   - dialect: the one that the provider is spoken to in.
    ///   - operation: what is asked for. It stands in Gemini's path; of the others' only counting has one of its own.
    ///   - isJSONArray: a Gemini stream that is no event stream.
    ///   - model: its name at the provider.
    ///   - query: the client's, where it speaks the provider's dialect: `?beta=true` and the like go on, providers read them.
    static func text(
        path: String, dialect: Dialect, operation: InferenceRoute.Operation, isJSONArray: Bool, model: String,
        query: UnsafeRawBufferPointer?
    ) -> String {
        let isEventStream = dialect == .gemini && operation == .stream && !isJSONArray
        var target = path
        if dialect == .gemini {
            target += "/\(segment(model)):\(operation.method)"
        } else if operation == .countTokens {
            target += InferenceRoute.countingSuffix(of: dialect)
        }
        var parameters = isEventStream ? ["alt=sse"] : []
        // A key in the query is the client's credential, whichever dialect it comes in.
        for parameter in query?.split(separator: UInt8(ascii: "&")) ?? [] {
            let name = PercentCoding.decoded(UnsafeRawBufferPointer(rebasing: parameter.prefix { $0 != UInt8(ascii: "=") }))
            if name.lowercased() == "key" || dialect == .gemini && isSystem(name) || isEventStream && name == "alt" { continue }
            parameters.append(UnsafeRawBufferPointer(rebasing: parameter).text)
        }
        if !parameters.isEmpty { target += "?" + parameters.joined(separator: "&") }
        return target
    }

    /// Google's system parameters that change what an answer holds or is written in, or say whose it is: its usage has to be read along, and the account
    /// is the operator's.
    private static func isSystem(_ name: String) -> Bool {
        name.hasPrefix("$") || ["fields", "callback", "access_token", "oauth_token"].contains(name)
    }

    /// A model's name within a path. Slashes stay, since servers with such names expect them, unless a segment would lead elsewhere (RFC 3986
    /// section 5.2.4): a client names the model, and must not reach with our key what it may not ask for.
    private static func segment(_ model: String) -> String {
        let segments = model.split(separator: "/", omittingEmptySubsequences: false)
        let leadsElsewhere = segments.contains { $0.isEmpty || $0 == "." || $0 == ".." }
        return PercentCoding.encoded(model, keeping: leadsElsewhere ? ":@" : "/:@")
    }
}
