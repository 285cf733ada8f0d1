import Streaming

/// The tools that go to Anthropic, under names that it takes.
struct MessagesTools {
    let definitions: [ToolDefinition]
    /// What they are called there; as many as definitions.
    let names: [JSONText]
    /// Tools that are only called in the history: Anthropic wants to know every tool that a conversation speaks of.
    let pastNames: [JSONText]

    /// Tools that another provider runs are left out, and so are those that the client does not allow this time.
    init(_ conversation: Conversation, model: MessagesModel, turns: [ConversationTurn], plan: inout AnswerPlan) {
        var definitions: [ToolDefinition] = []
        var names: [JSONText] = []
        var allowed: Set<String>?
        if case .allowed(let names, _) = conversation.toolChoice { allowed = Set(names.map(\.string)) }
        for tool in conversation.tools where Self.isTaken(tool, allowed) {
            definitions.append(tool)
            if case .hosted = tool.kind {
                names.append(tool.name)
            } else {
                names.append(
                    ToolNames.providerName(tool.name, namespace: tool.namespace, isCustom: tool.isCustom, for: .messages, plan: &plan))
            }
        }
        var past: [String] = []
        if definitions.isEmpty {
            var seen: Set<String> = []
            for turn in turns {
                for part in turn.parts {
                    guard case .toolCall(let call) = part.content else { continue }
                    let name = ToolNames.providerName(call.name, namespace: call.namespace, isCustom: call.isCustom, for: .messages, plan: &plan)
                    if seen.insert(name.string).inserted { past.append(name.string) }
                }
            }
        }
        self.definitions = definitions
        self.names = names
        pastNames = past.map { .owned($0) }
    }

    /// - Parameter allowed: names of the tools that the client allows; nil for all.
    private static func isTaken(_ tool: ToolDefinition, _ allowed: Set<String>?) -> Bool {
        if case .hosted(let type) = tool.kind { return isAnthropics(type) }
        return allowed?.contains(tool.name.string) ?? true
    }

    /// Types of Anthropic's own tools end with a date: `web_search_20250305`.
    private static func isAnthropics(_ type: JSONText) -> Bool {
        let tail = type.string.utf8.suffix(9)
        return tail.count == 9 && tail.first == UInt8(ascii: "_") && tail.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    }
}

extension ToolDefinition {
    fileprivate var isCustom: Bool { if case .custom = kind { true } else { false } }
}
