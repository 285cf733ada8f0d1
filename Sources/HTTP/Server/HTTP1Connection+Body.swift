import Reactor

/// Request bodies: read whole, or thrown away.
extension HTTP1Connection {
    func readBody() async throws(BodyFailure) -> RequestBody {
        var storage = ByteAccumulator()
        var share = 0
        do {
            try await readBody(into: &storage, share: &share)
        } catch {
            server.bodyBudget.give(share)
            throw error
        }
        return RequestBody(storage, budget: server.bodyBudget, share: share)
    }

    private func readBody(into storage: inout ByteAccumulator, share: inout Int) async throws(BodyFailure) {
        if machine.isRequestWhole { return }
        if machine.startReadingBody() {
            let text = HTTP1ServerMachine.continueResponse
            transport.send(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        }
        var announced = Int.max
        if case .length(let count) = machine.requestFraming { announced = Int(count) }
        let started = loop.now
        if !unread.isEmpty {
            let (consumed, failure) = take(unread.bytes, into: &storage, announced: announced, share: &share)
            unread.consume(consumed)
            // What came with the head may be 64 KiB, and a request may wait long for its provider.
            if unread.isEmpty { unread.release() }
            if let failure { throw failure }
        }
        while !machine.isRequestWhole {
            switch transport.receive(limit: .max) {
            case .bytes(let bytes):
                let (consumed, failure) = take(bytes, into: &storage, announced: announced, share: &share)
                if consumed < bytes.count { unread.append(UnsafeRawBufferPointer(rebasing: bytes[consumed...])) }
                if let failure { throw failure }
            case .wouldBlock:
                let earned = Int64(storage.count / limits.bodyBytesPerSecond) * 1_000_000_000
                let deadline = started + limits.bodyTimeoutNanoseconds + earned
                timer.schedule(atNanoseconds: deadline)
                let signals = await wakeup.wait(for: [.downstreamReadable, .downstreamGone, .timer, .stopping])
                if signals.contains(.stopping) { throw .stopping }
                if signals.contains(.timer), loop.now >= deadline {
                    // Waiting for the rest of it once more would reward the drip.
                    machine.closeAfterResponse()
                    throw .timedOut
                }
            case .end:
                _ = machine.peerClosed()
                throw .clientGone
            case .failed:
                throw .clientGone
            }
        }
    }

    /// Decodes `bytes` in place and keeps the payload. The bytes consumed are gone also when it fails: what follows them is not
    /// this body.
    private func take(
        _ bytes: UnsafeMutableRawBufferPointer, into storage: inout ByteAccumulator, announced: Int, share: inout Int
    ) -> (consumed: Int, failure: BodyFailure?) {
        let progress = machine.receiveBody(bytes)
        if progress.payloadCount > 0 {
            guard server.bodyBudget.take(progress.payloadCount) else { return (progress.consumed, .overloaded) }
            share += progress.payloadCount
            storage.append(
                UnsafeRawBufferPointer(rebasing: bytes[..<progress.payloadCount]), limitHint: announced)
        }
        if case .refused(let reason) = progress.outcome { return (progress.consumed, .refused(reason)) }
        return (progress.consumed, nil)
    }

    /// Throws the rest of an unread body away, within bounds of size and time. True when the next request can follow.
    func drainBody() async -> Bool {
        let deadline = loop.now + limits.bodyTimeoutNanoseconds
        if !unread.isEmpty, let isOpen = drain(unread.bytes, areUnread: true) { return isOpen }
        while true {
            switch transport.receive(limit: .max) {
            case .bytes(let bytes):
                if let isOpen = drain(bytes, areUnread: false) { return isOpen }
            case .wouldBlock:
                timer.schedule(atNanoseconds: deadline)
                let signals = await wakeup.wait(for: [.downstreamReadable, .downstreamGone, .timer, .stopping])
                if signals.contains(.stopping) || signals.contains(.timer) && loop.now >= deadline { return false }
            case .end, .failed:
                return false
            }
        }
    }

    private func drain(_ bytes: UnsafeMutableRawBufferPointer, areUnread: Bool) -> Bool? {
        switch machine.drain(bytes) {
        case .needMore:
            if areUnread { unread.release() }
            return nil
        case .close:
            return false
        case .nextRequest(let consumed):
            if areUnread {
                unread.consume(consumed)
            } else if consumed < bytes.count {
                unread.append(UnsafeRawBufferPointer(rebasing: bytes[consumed...]))
            }
            return true
        }
    }
}
