import Streaming

/// The calls of a history, so that each result finds its own.
///
/// Gemini's calls mostly have no ids: those get one by their place, the same whenever the history comes again. A result belongs to the call of its id,
/// else to the first call of its name that has no result yet.
struct GeminiCallBook {
    /// Calls of one id or of one name, those with a result at the front passed over.
    private struct Queue {
        var places: [Int] = []
        var next = 0
    }

    private var ids: [JSONText] = []
    private var isAnswered: [Bool] = []
    private var byID: [String: Queue] = [:]
    private var byName: [String: Queue] = [:]

    /// Notes a call and gives its id.
    mutating func add(id: JSONText?, name: JSONText, turn: Int, index: Int) -> JSONText {
        let id = id ?? .owned("call_g\(turn)_\(index)")
        byID[id.string, default: Queue()].places.append(ids.count)
        byName[name.string, default: Queue()].places.append(ids.count)
        ids.append(id)
        isAnswered.append(false)
        return id
    }

    /// The id of the call that a result belongs to; one of its own when there is none.
    mutating func answer(id: JSONText?, name: JSONText?, turn: Int, index: Int) -> JSONText {
        let place = id.flatMap { open(in: &byID[$0.string]) } ?? name.flatMap { open(in: &byName[$0.string]) }
        guard let place else { return id ?? .owned("call_g\(turn)_r\(index)") }
        isAnswered[place] = true
        return ids[place]
    }

    private func open(in queue: inout Queue?) -> Int? {
        while let place = queue.flatMap({ $0.next < $0.places.count ? $0.places[$0.next] : nil }) {
            guard isAnswered[place] else { return place }
            queue?.next += 1
        }
        return nil
    }
}
