import Streaming

/// How an answer's content blocks are put down: as events of a stream, or as elements of a document's `content`.
///
/// `MessagesBlockSequence` calls in strict order: a block begins, takes its pieces, ends; never two are open.
protocol MessagesBlockForm {
    init()

    /// What stands before the first block.
    func beginMessage(_ frame: MessagesAnswerFrame, to writer: inout JSONWriter)
    /// What stands behind the last block of `blocks`.
    func endMessage(_ frame: MessagesAnswerFrame, after blocks: MessagesBlockSequence<Self>, to writer: inout JSONWriter)

    mutating func beginText(_ index: Int, to writer: inout JSONWriter)
    mutating func beginThinking(_ index: Int, to writer: inout JSONWriter)
    mutating func beginToolUse(_ index: Int, id: JSONText, name: JSONText, to writer: inout JSONWriter)

    /// A piece of the open block's text or thinking.
    mutating func text(_ index: Int, _ piece: JSONText, to writer: inout JSONWriter)
    mutating func thinking(_ index: Int, _ piece: JSONText, to writer: inout JSONWriter)
    mutating func arguments(_ index: Int, _ piece: JSONText, to writer: inout JSONWriter)

    mutating func endText(_ index: Int, to writer: inout JSONWriter)
    /// Ends a block of thinking with what its provider wants back; nil for thinking of a provider that wants nothing.
    mutating func endThinking(_ index: Int, state: ProviderState?, to writer: inout JSONWriter)
    /// - Parameter isEmpty: no arguments came at all, which stands for `{}`.
    mutating func endToolUse(_ index: Int, isEmpty: Bool, to writer: inout JSONWriter)

    /// A whole block of redacted thinking.
    mutating func redacted(_ index: Int, state: ProviderState, to writer: inout JSONWriter)
}

extension ProviderState {
    /// Writes the state as a string of an Anthropic block: Anthropic's own as it is, another's marked.
    func write(to writer: inout JSONWriter, own: Origin) {
        writer.beginString()
        if origin == own {
            writer.appendToString(value)
        } else {
            appendMarked(to: &writer)
        }
        writer.endString()
    }
}
