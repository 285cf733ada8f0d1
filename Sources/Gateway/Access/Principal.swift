/// Who sends a request, as far as its credential tells.
enum Principal: Sendable, Hashable {
    /// Nobody known: there are no keys, or the route asks for none.
    case anonymous
    /// The holder of a client's key.
    case client(id: String)
    /// The holder of the viewer's key: reads usage and status.
    case viewer
    /// The holder of the admin key: may do everything.
    case admin

    /// How the books name the key that was used.
    var keyID: String? {
        switch self {
        case .anonymous: nil
        case .client(let id): id
        case .viewer: "viewer"
        case .admin: "admin"
        }
    }

    /// Whether this principal has `right`, once there are keys.
    func has(_ right: Right) -> Bool {
        switch (right, self) {
        case (.open, _), (_, .admin), (.client, .client), (.viewer, .viewer): true
        case (.client, .anonymous), (.client, .viewer), (.viewer, .anonymous), (.viewer, .client), (.admin, .anonymous),
            (.admin, .client), (.admin, .viewer):
            false
        }
    }
}

/// What a route asks for, once there are keys.
enum Right: Sendable, Hashable, CaseIterable {
    /// Nothing.
    case open
    /// A client's key or the admin key: what costs money.
    case client
    /// The viewer's key or the admin key: what shows the operator's affairs.
    case viewer
    /// The admin key: what changes something.
    case admin
}
