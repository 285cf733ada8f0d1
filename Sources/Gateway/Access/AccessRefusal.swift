import Dialects

/// Why a request may not come in, and what it is told.
enum AccessRefusal: String, Sendable, CaseIterable {
    /// No key, or none of ours.
    case unauthorized
    /// A key of ours that may not do this.
    case forbidden
    /// The request names another host than the gateway.
    case foreignHost = "foreign_host"
    /// The request comes from a page that may not call the gateway.
    case foreignOrigin = "foreign_origin"

    /// 401 or 403, in every dialect.
    var status: UInt16 { self == .unauthorized ? 401 : 403 }

    var kind: ErrorKind { self == .unauthorized ? .authenticationFailed : .permissionDenied }

    /// Says what to do; never what was sent.
    var message: String {
        switch self {
        case .unauthorized:
            "This gateway asks for one of its own keys, as `Authorization: Bearer` or `x-api-key`. Its operator has them; a provider's "
                + "key is none."
        case .forbidden:
            "The key may not be used for this: a viewer's key reads usage, status and metrics, the admin key does everything."
        case .foreignHost: "The Host of the request is not this gateway. Its operator can add the name to server.hosts."
        case .foreignOrigin:
            "Pages of other origins may not call this gateway. Its operator can add the origin to server.cors_origins."
        }
    }
}
