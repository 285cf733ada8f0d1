import Streaming

/// Counts a request's cache marks (`cache_control`) in Anthropic's order: tools, system, messages. Of more than it takes the last ones stay: a mark
/// covers everything in front of it.
struct CacheMarks {
    private var dropped: Int

    init(tools: [ToolDefinition], system: [ConversationPart], turns: [ConversationTurn]) {
        var count = 0
        for tool in tools where Self.isMark(tool.cacheControl) { count += 1 }
        for part in system {
            if case .text(let text) = part.content, !text.isBlank, Self.isMark(part.cacheControl) { count += 1 }
        }
        for turn in turns {
            for part in turn.parts {
                if Self.isMark(part.cacheControl) { count += 1 }
                guard case .toolResult(let result) = part.content else { continue }
                for part in result.parts where Self.isMark(part.cacheControl) { count += 1 }
            }
        }
        dropped = max(0, count - DialectLimits.cacheMarksMax)
    }

    /// The mark, if it goes along. Asked once for each part, in the order in which they stand.
    mutating func next(_ mark: JSONValue?) -> JSONValue? {
        guard let mark, Self.isMark(mark) else { return nil }
        guard dropped > 0 else { return mark }
        dropped -= 1
        return nil
    }

    private static func isMark(_ value: JSONValue?) -> Bool { value?.isObject ?? false }
}
