import COpenSSL

/// The latest session of each origin, least recently used out first. Owns one reference of each session.
///
/// Sessions travel as addresses (`UInt`), because a pointer may not cross the boundary of the lock that this value lives in;
/// OpenSSL counts their references atomically.
struct TLSSessionCache: ~Copyable {
    private struct Entry {
        var origin: String
        var session: UInt
    }

    /// Least recently used first. At most `max` entries: a scan beats a linked hash at this size.
    private var entries: [Entry] = []
    private let max: Int

    init(max: Int) {
        precondition(max >= 0)
        self.max = max
    }

    deinit {
        for entry in entries { Self.free(entry.session) }
    }

    var count: Int { entries.count }

    /// Takes over the caller's reference.
    mutating func store(_ session: UInt, for origin: String) {
        remove(origin)
        guard max > 0 else { return Self.free(session) }
        if entries.count == max { Self.free(entries.removeFirst().session) }
        entries.append(Entry(origin: origin, session: session))
    }

    /// A reference that the caller must free, or nil. The session stays: servers accept a ticket more than once, and connections of
    /// one gateway to one provider have nothing to hide from each other (RFC 8446 appendix C.4 is about clients' privacy).
    mutating func session(for origin: String) -> UInt? {
        guard let index = entries.firstIndex(where: { $0.origin == origin }) else { return nil }
        let entry = entries.remove(at: index)
        guard let session = OpaquePointer(bitPattern: entry.session), SSL_SESSION_is_resumable(session) == 1,
            SSL_SESSION_up_ref(session) == 1
        else {
            Self.free(entry.session)
            return nil
        }
        entries.append(entry)
        return entry.session
    }

    mutating func remove(_ origin: String) {
        guard let index = entries.firstIndex(where: { $0.origin == origin }) else { return }
        Self.free(entries.remove(at: index).session)
    }

    private static func free(_ session: UInt) {
        SSL_SESSION_free(OpaquePointer(bitPattern: session))
    }
}
