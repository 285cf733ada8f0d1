import Streaming

/// Hears what happens to the items of an answer: a stream's writer says it to the client, a whole answer's need not.
protocol ResponsesItemListener {
    mutating func itemOpened(_ item: ResponsesItem, at index: Int, to writer: inout JSONWriter)
    mutating func partOpened(_ item: ResponsesItem, at index: Int, to writer: inout JSONWriter)
    /// `range` of the item's text is new.
    mutating func textGrew(_ item: ResponsesItem, at index: Int, by range: Range<Int>, to writer: inout JSONWriter)
    mutating func partClosed(_ item: ResponsesItem, at index: Int, to writer: inout JSONWriter)
    mutating func itemClosed(_ item: ResponsesItem, at index: Int, to writer: inout JSONWriter)
}
