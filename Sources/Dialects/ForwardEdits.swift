import Streaming

/// The smallest change that makes a client's body the upstream's, in the same dialect: everything else goes on byte for byte,
/// in its order, so that prompt caches stay warm and members that the gateway has never heard of work.
public struct ForwardEdits: Sendable, Equatable {
    /// True when the gateway, and not the client, asks for the usage chunk of a chat stream: the client must not see it.
    public let hidesUsageChunk: Bool

    /// JSON in place of a range of the body.
    private struct Edit: Sendable, Equatable {
        var range: Range<Int>
        var json: [UInt8]

        init(_ range: Range<Int>, _ json: String) {
            self.range = range
            self.json = Array(json.utf8)
        }

        init(_ range: Range<Int>, _ json: [UInt8]) {
            self.range = range
            self.json = json
        }
    }

    /// Lists without what another provider had put in them.
    private var states: [Edit] = []
    private let model: Edit?
    private let usage: Edit?

    /// - Parameters:
    ///   - facts: of the body that will be sent.
    ///   - upstreamModel: the model's name at the provider.
    ///   - acceptsStreamOptions: false for a provider that refuses `stream_options`; usage is then what it sends anyway.
    public init(_ facts: RequestFacts, upstreamModel: String, acceptsStreamOptions: Bool = true) {
        model = facts.model == upstreamModel || facts.modelRange.isEmpty ? nil : Self.modelEdit(facts, upstreamModel)
        usage = facts.dialect == .chat && facts.isStreaming && acceptsStreamOptions ? Self.usageEdit(facts) : nil
        hidesUsageChunk = usage != nil
    }

    /// Leaves out what providers of other dialects have put into the conversation: nobody but them understands it (docs/decisions/0022).
    ///
    /// - Parameters:
    ///   - body: the one that the edits are for.
    ///   - tape: is free for use during the call.
    public mutating func leaveOutMarkedStates(in body: UnsafeRawBufferPointer, dialect: Dialect, tape: JSONTape) {
        states = MarkedStates.edits(in: body, dialect: dialect, tape: tape).map { Edit($0.range, $0.json) }
    }

    /// True when the client's bytes can go on as they are.
    public var isEmpty: Bool { model == nil && usage == nil && states.isEmpty }

    /// Adds the edits to a splicer over the same body.
    public func apply(to splicer: inout JSONSplicer) {
        for edit in states { edit.json.withUnsafeBytes { splicer.replace(edit.range, with: $0) } }
        for edit in [model, usage] {
            if let edit { edit.json.withUnsafeBytes { splicer.replace(edit.range, with: $0) } }
        }
    }

    private static func modelEdit(_ facts: RequestFacts, _ name: String) -> Edit {
        var edit = Edit(facts.modelRange, "")
        JSONString.append(facts.dialect == .gemini ? "models/\(name)" : name, to: &edit.json)
        return edit
    }

    private static func usageEdit(_ facts: RequestFacts) -> Edit? {
        switch facts.usageOption {
        case .on:
            return nil
        case .absent:
            // Right behind the value of `stream`, which a streamed request has.
            guard let end = facts.streamRange?.upperBound else { return nil }
            return Edit(end..<end, ",\"stream_options\":{\"include_usage\":true}")
        case .null(let range):
            return Edit(range, "{\"include_usage\":true}")
        case .unset(let range, let isEmptyObject):
            let start = range.lowerBound + 1
            return Edit(start..<start, isEmptyObject ? "\"include_usage\":true" : "\"include_usage\":true,")
        case .off(let range):
            return Edit(range, "true")
        }
    }
}
