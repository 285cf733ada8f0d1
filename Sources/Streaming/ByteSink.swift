/// Somewhere that bytes are appended to: a connection's outbound queue in the gateway, an array in a test.
///
/// The bytes are borrowed for the call; a sink that needs them longer copies them.
public protocol ByteSink: ~Copyable {
    mutating func append(_ bytes: UnsafeRawBufferPointer)
}
