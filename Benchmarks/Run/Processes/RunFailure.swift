/// Why a scenario or a server of it could not run.
struct RunFailure: Error, CustomStringConvertible {
    let description: String
}
