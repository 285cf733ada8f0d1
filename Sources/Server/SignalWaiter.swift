import Dispatch
import Foundation
import Glibc
import Synchronization

/// Takes SIGTERM, SIGINT and SIGHUP on a thread of its own, instead of in handlers, where next to nothing is allowed. It takes them from
/// the first moment on: also while the main thread reads a file that does not answer.
///
/// Made before any other thread: the mask is inherited.
final class SignalWaiter: Sendable {
    /// What is left to an orderly end after a second signal.
    private static let forcedMicroseconds: UInt32 = 900_000

    private let stops = Atomic(0)
    private let wantsReload = Atomic(false)
    private let news = DispatchSemaphore(value: 0)

    init() {
        var set = Self.set
        pthread_sigmask(SIG_BLOCK, &set, nil)
        // A peer that is gone is an error of its write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        Thread.detachNewThread { [self] in
            while true { take(Self.next()) }
        }
    }

    private static var set: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        sigaddset(&set, SIGINT)
        sigaddset(&set, SIGHUP)
        return set
    }

    private static func next() -> Int32 {
        var set = Self.set
        var number: Int32 = 0
        while sigwait(&set, &number) != 0 {}
        return number
    }

    private func take(_ number: Int32) {
        if number == SIGHUP {
            wantsReload.store(true, ordering: .releasing)
        } else if stops.add(1, ordering: .acquiringAndReleasing).newValue > 1 {
            // The promise is one second, also on a disk that does not answer.
            usleep(Self.forcedMicroseconds)
            _exit(1)
        }
        news.signal()
    }

    /// True once a second signal came: stop waiting for anything.
    var isForced: Bool { stops.load(ordering: .acquiring) > 1 }

    /// Blocks until the first signal that asks for a stop; a second one, later, sets `isForced`.
    /// - Parameter onReload: called on this thread for each SIGHUP until then. Several that come meanwhile are one.
    func waitForStop(onReload: () -> Void) {
        while stops.load(ordering: .acquiring) == 0 {
            if wantsReload.exchange(false, ordering: .acquiringAndReleasing) { onReload() } else { news.wait() }
        }
    }
}
