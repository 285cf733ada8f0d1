/// Suggestions for a name that nobody has.
enum NearestNames {
    /// The known names within a few edits of `name`, nearest first, then in their own order.
    static func search(_ name: String, among known: some Sequence<String>) -> [String] {
        let wanted = Array(name.lowercased().utf8)
        guard !wanted.isEmpty, wanted.count <= RoutingLimits.modelNameBytesMax else { return [] }
        let editsMax = min(RoutingLimits.nearestEditsMax, max(1, wanted.count / 3))
        var found: [(edits: Int, name: String)] = []
        var rows = EditRows(columns: wanted.count)
        for candidate in known {
            guard abs(candidate.utf8.count - wanted.count) <= editsMax else { continue }
            guard let edits = rows.distance(from: candidate.lowercased(), to: wanted, atMost: editsMax) else { continue }
            let place = found.firstIndex { edits < $0.edits } ?? found.count
            guard place < RoutingLimits.nearestNamesMax else { continue }
            found.insert((edits, candidate), at: place)
            if found.count > RoutingLimits.nearestNamesMax { found.removeLast() }
        }
        return found.map(\.name)
    }
}

/// Levenshtein's two rows, reused from candidate to candidate.
private struct EditRows {
    private var previous: [Int]
    private var current: [Int]

    init(columns: Int) {
        previous = Array(repeating: 0, count: columns + 1)
        current = previous
    }

    /// Nil as soon as the distance must exceed the bound.
    mutating func distance(from candidate: String, to wanted: [UInt8], atMost bound: Int) -> Int? {
        for column in previous.indices { previous[column] = column }
        for (row, byte) in candidate.utf8.enumerated() {
            current[0] = row + 1
            var best = current[0]
            for column in wanted.indices {
                let substitution = previous[column] + (wanted[column] == byte ? 0 : 1)
                let edits = min(substitution, previous[column + 1] + 1, current[column] + 1)
                current[column + 1] = edits
                best = min(best, edits)
            }
            if best > bound { return nil }
            swap(&previous, &current)
        }
        let edits = previous[wanted.count]
        return edits <= bound ? edits : nil
    }
}
