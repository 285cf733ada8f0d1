import CLinux
import Glibc

/// A system call that failed: its name and `errno`.
public struct SystemError: Error, Equatable, CustomStringConvertible {
    /// The call, for the log line.
    public let call: String
    /// `errno` as it was right after the call.
    public let code: Int32

    /// Takes `errno` as it stands.
    public init(_ call: String) { self.init(call, code: ekai_errno()) }

    public init(_ call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    public var description: String { "\(call): \(String(cString: strerror(code)))" }
}
