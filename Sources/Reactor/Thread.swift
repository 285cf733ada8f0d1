import CLinux
import Glibc

/// A detached or joinable POSIX thread with a name.
public struct Thread: @unchecked Sendable {
    // @unchecked: pthread_t is an opaque number on Linux; joining from another thread is its purpose.
    private let handle: pthread_t

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a thread that runs `body` once.
    /// - Parameter name: at most 15 bytes, for `ps` and `top`.
    /// - Returns: nil when the system grants no thread.
    public static func startIfPossible(name: String, _ body: @escaping @Sendable () -> Void) -> Thread? {
        var handle = pthread_t()
        let boxed = Unmanaged.passRetained(Body(body)).toOpaque()
        let result = pthread_create(&handle, nil, { argument in
            Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
            return nil
        }, boxed)
        guard result == 0 else {
            Unmanaged<Body>.fromOpaque(boxed).release()
            return nil
        }
        ekai_name_thread(handle, String(name.prefix(15)))
        return Thread(handle: handle)
    }

    /// The same at start-up, where there is nothing to do without the thread: traps when the system grants none.
    @discardableResult
    public static func start(name: String, _ body: @escaping @Sendable () -> Void) -> Thread {
        guard let thread = startIfPossible(name: name, body) else { preconditionFailure("no thread for \(name)") }
        return thread
    }

    /// Waits until the thread ended. Once for each thread.
    public func join() { pthread_join(handle, nil) }

    /// Lets the thread end by itself; it cannot be joined any more.
    public func detach() { pthread_detach(handle) }
}
