import Foundation
import Glibc
import Synchronization

/// Takes SIGTERM, SIGINT and SIGHUP on threads of its own, instead of in handlers, where next to nothing is allowed.
///
/// Made before any other thread: the mask is inherited.
final class SignalWaiter: Sendable {
    /// What is left to an orderly end after a second signal.
    private static let forcedMicroseconds: UInt32 = 900_000

    private let forced = Atomic(false)

    init() {
        var set = Self.set
        pthread_sigmask(SIG_BLOCK, &set, nil)
        // A peer that is gone is an error of its write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
    }

    private static var set: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        sigaddset(&set, SIGINT)
        sigaddset(&set, SIGHUP)
        return set
    }

    /// True once a second signal came: stop waiting for anything.
    var isForced: Bool { forced.load(ordering: .acquiring) }

    /// Blocks until the first signal that asks for a stop; a second one, later, sets `isForced`.
    /// - Parameter onReload: called on this thread for each SIGHUP until then. Several that come meanwhile are one.
    func waitForStop(onReload: () -> Void) {
        while wait() == SIGHUP { onReload() }
        Thread.detachNewThread { [self] in
            // There is nothing left to reload for.
            while wait() == SIGHUP {}
            forced.store(true, ordering: .releasing)
            // The promise is one second, also on a disk that does not answer.
            usleep(Self.forcedMicroseconds)
            _exit(1)
        }
    }

    private func wait() -> Int32 {
        var set = Self.set
        var number: Int32 = 0
        while sigwait(&set, &number) != 0 {}
        return number
    }
}
