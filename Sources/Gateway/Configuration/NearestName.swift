/// Finds what somebody who mistyped a name may have meant.
enum NearestName {
    /// The valid name with the fewest slips (a character more, less, other, or two swapped) from `name`; nil when all are far from it.
    static func of(_ name: String, among valid: [String]) -> String? {
        let slipsMax = max(2, name.count / 3)
        return valid.map { (name: $0, slips: distance(Array(name.lowercased()), Array($0.lowercased()))) }
            .filter { $0.slips <= slipsMax }
            .min { $0.slips < $1.slips }?.name
    }

    /// Optimal string alignment distance.
    static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var twoBack: [Int] = []
        var previous = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let substitution = previous[column] + (left[row] == right[column] ? 0 : 1)
                var best = min(substitution, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, twoBack[column - 1] + 1)
                }
                current.append(best)
            }
            (twoBack, previous) = (previous, current)
        }
        return previous[right.count]
    }
}
