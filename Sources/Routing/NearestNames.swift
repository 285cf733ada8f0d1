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
            guard place < RoutingLimits.nearestNamesMax, !found.contains(where: { $0.name == candidate }) else { continue }
            found.insert((edits, candidate), at: place)
            if found.count > RoutingLimits.nearestNamesMax { found.removeLast() }
        }
        return found.map(\.name)
    }
}

/// The last three rows of the table of optimal string alignment, reused from candidate to candidate.
private struct EditRows {
    private var beforePrevious: [Int]
    private var previous: [Int]
    private var current: [Int]

    init(columns: Int) {
        previous = Array(repeating: 0, count: columns + 1)
        beforePrevious = previous
        current = previous
    }

    /// Nil as soon as the distance must exceed the bound.
    mutating func distance(from candidate: String, to wanted: [UInt8], atMost bound: Int) -> Int? {
        for column in previous.indices { previous[column] = column }
        var lastByte: UInt8 = 0
        for (row, byte) in candidate.utf8.enumerated() {
            current[0] = row + 1
            var best = current[0]
            for column in wanted.indices {
                let substitution = previous[column] + (wanted[column] == byte ? 0 : 1)
                var edits = min(substitution, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, wanted[column] == lastByte, wanted[column - 1] == byte {
                    edits = min(edits, beforePrevious[column - 1] + 1)
                }
                current[column + 1] = edits
                best = min(best, edits)
            }
            // A swap reaches back two rows, so the row before counts too.
            if best > bound, row == 0 || previous.allSatisfy({ $0 > bound }) { return nil }
            lastByte = byte
            swap(&beforePrevious, &previous)
            swap(&previous, &current)
        }
        let edits = previous[wanted.count]
        return edits <= bound ? edits : nil
    }
}
