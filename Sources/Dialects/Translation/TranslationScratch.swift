import Streaming

/// Room to write in, shared by the streams of a loop: one that waits for its provider owns none.
public final class TranslationScratch {
    /// Empty whenever no stream is writing.
    var writer = JSONWriter()

    public init() {}
}
