/// One server-sent event (WHATWG HTML section 9.2), borrowed: the pointers are valid only inside the call that hands it over.
public struct SSEEvent {
    /// The value of the last `event:` field; empty when there was none.
    public var name: UnsafeRawBufferPointer
    /// The `data:` lines, joined with one LF; empty when there was none.
    public var data: UnsafeRawBufferPointer
    /// False for a block of comments, or of fields other than `data`, which dispatches nothing but still travels on.
    public var hasData: Bool

    public init(name: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer, hasData: Bool) {
        self.name = name
        self.data = data
        self.hasData = hasData
    }
}
