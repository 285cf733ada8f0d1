/// What a relay is up to, after each batch.
public enum RelayStatus: Sendable, Equatable {
    /// No content yet; what came is held and another provider could still take over.
    case holding
    /// The attempt failed before any content: discard what is held and fall over, or release it and let the failure be the answer.
    case failedBeforeContent
    /// Content flows.
    case flowing
    /// The provider's failure has been passed on after content: nothing of the gateway's own needs to follow.
    case failed
    /// The end mark was seen and passed on.
    case complete
}

/// How a stream ended.
public enum RelayEnding: Sendable, Equatable {
    /// The dialect's end mark was seen: the answer is whole.
    case complete
    /// The provider said that it failed. Passed on if the attempt was committed, else held.
    case failed
    /// Neither: the body ended, well framed or not, without an end mark. An error to the client, never a success.
    case truncated
}
