import Streaming

/// Turns the calls of the tool that stands for structured output (`AnswerPlan.outputTool`) into what they are: the answer's text.
///
/// Stands between an answer's parser and its writer. The arguments' pieces become text as they come, `toolCalls` becomes `complete` when no other
/// tool was called, and the calls of other tools keep numbers without a gap.
struct OutputToolFilter {
    private let name: String?
    /// The calls of the output tool, in their order. One, unless the model is stubborn.
    private var outputCalls: [Int] = []
    /// Whether the latest of them has any arguments yet.
    private var hasArguments = false
    private var hasOtherCalls = false

    init(_ plan: AnswerPlan) {
        name = plan.outputTool
    }

    /// What the writer shall see of a step; nil for one that it shall not see.
    mutating func apply(_ event: AnswerEvent) -> AnswerEvent? {
        guard let name else { return event }
        switch event {
        case .toolCall(let call, let id, let tool):
            guard tool.string != name else {
                outputCalls.append(call)
                hasArguments = false
                return nil
            }
            hasOtherCalls = true
            return .toolCall(call: shifted(call), id: id, name: tool)
        case .toolArguments(let call, let text):
            guard outputCalls.contains(call) else { return .toolArguments(call: shifted(call), text) }
            hasArguments = hasArguments || !text.isEmpty
            return .text(text)
        case .toolCallEnded(let call):
            guard outputCalls.contains(call) else { return .toolCallEnded(call: shifted(call)) }
            return hasArguments ? nil : .text(JSONText("{}"))
        case .finish(.toolCalls, let stopText):
            return .finish(outputCalls.isEmpty || hasOtherCalls ? .toolCalls : .complete, stopText: stopText)
        default:
            return event
        }
    }

    /// A call's number among those that the writer sees.
    private func shifted(_ call: Int) -> Int {
        var shifted = call
        for output in outputCalls where output < call { shifted -= 1 }
        return shifted
    }
}
