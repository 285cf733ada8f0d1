/// The version of the program.
package enum GatewayVersion {
    package static let current = "0.2.0"
}
