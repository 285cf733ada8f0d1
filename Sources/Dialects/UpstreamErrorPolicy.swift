/// What a client gets when its upstream answered with an error status. Pure.
public enum UpstreamErrorPolicy: Sendable, Equatable {
    /// Status and body travel on byte for byte (after the caller's scan for secrets): clients match the wording.
    case pass
    /// The gateway answers itself, with this kind and its status in the client's dialect; the upstream's text goes to the log.
    case replace(ErrorKind)
    /// The gateway answers with this kind in the client's dialect and keeps the upstream's message text.
    case translate(ErrorKind)

    /// - Parameters:
    ///   - status: the upstream's, not 2xx.
    ///   - isSameDialect: whether client and upstream speak alike.
    ///   - refusesKey: the body says that it is our key which is wrong: Google does so with status 400.
    public init(status: Int, isSameDialect: Bool, refusesKey: Bool = false) {
        switch status {
        case 400 where refusesKey:
            self = .replace(.providerAuthFailed)
        case 401, 402, 403:
            self = .replace(.providerAuthFailed)
        case 408:
            self = .replace(.timeout)
        case 400, 404, 409, 410, 413, 415, 422, 424, 425, 429, 451, 500...599:
            self = isSameDialect ? .pass : .translate(ErrorKind(upstreamStatus: status))
        default:
            // 1xx and 3xx have no place here; the other 4xx (405, 407, 411, 414, 421, 431 …) are about how the gateway asked.
            self = .replace(.upstreamFailed)
        }
    }
}
