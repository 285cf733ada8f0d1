import HTTP
import Routing

/// The shape in which a client wants to hear of models.
enum ModelShape: Equatable, Sendable {
    case openAI
    /// For clients that send `anthropic-version`.
    case anthropic
    /// Under `/v1beta`.
    case gemini

    init(of head: MessageHead) {
        self = head.path.starts(with: "/v1beta/") ? .gemini : head.value(of: .anthropicVersion) != nil ? .anthropic : .openAI
    }
}

/// `GET /v1/models` and `GET /v1beta/models` in their three shapes.
enum ModelDocuments {
    /// Models of a page when the client asks for no number.
    static let limitDefault = 1_000
    /// When the models came to be is known to nobody here; the clients want a number.
    private static let createdSeconds = 1_700_000_000
    private static let createdText = "2023-11-14T22:13:20Z"

    /// The list, filtered by `provider`, `search`, and cut by `limit` and `offset` (Gemini's clients: `pageSize` and `pageToken`).
    static func list(_ models: [ServedModel], _ parameters: [String: String], _ shape: ModelShape) -> String {
        var chosen = models[...]
        if let provider = parameters["provider"] { chosen = chosen.filter { $0.provider == provider }[...] }
        if let search = parameters["search"]?.lowercased() {
            chosen = chosen.filter { $0.id.lowercased().contains(search) }[...]
        }
        // Anthropic's paging goes by ids.
        if let id = parameters["after_id"] {
            chosen = chosen.firstIndex { $0.id == id }.map { chosen[($0 + 1)...] } ?? []
        }
        if let id = parameters["before_id"], let end = chosen.firstIndex(where: { $0.id == id }) { chosen = chosen[..<end] }
        let (offsetName, limitName) = shape == .gemini ? ("pageToken", "pageSize") : ("offset", "limit")
        let offset = max(0, parameters[offsetName].flatMap { Int($0) } ?? 0)
        chosen = chosen.dropFirst(offset)
        let limit = min(max(1, parameters[limitName].flatMap { Int($0) } ?? limitDefault), limitDefault)
        let page = chosen.prefix(limit)
        let hasMore = chosen.count > page.count
        let data = page.map { one($0, shape) }.joined(separator: ",")
        switch shape {
        case .openAI: return #"{"object":"list","data":[\#(data)]}"#
        case .gemini:
            let next = hasMore ? #","nextPageToken":"\#(offset + limit)""# : ""
            return #"{"models":[\#(data)]\#(next)}"#
        case .anthropic:
            let first = page.first.map { StatusDocuments.quoted($0.id) } ?? "null"
            let last = page.last.map { StatusDocuments.quoted($0.id) } ?? "null"
            return #"{"data":[\#(data)],"has_more":\#(hasMore),"first_id":\#(first),"last_id":\#(last)}"#
        }
    }

    /// One model.
    static func one(_ model: ServedModel, _ shape: ModelShape) -> String {
        let id = StatusDocuments.quoted(model.id)
        var members: String
        switch shape {
        case .openAI:
            members = #""id":\#(id),"object":"model","created":\#(createdSeconds),"owned_by":\#(StatusDocuments.quoted(model.provider ?? "ekai"))"#
        case .anthropic:
            members = #""type":"model","id":\#(id),"display_name":\#(id),"created_at":"\#(createdText)""#
        case .gemini:
            members = #""name":\#(StatusDocuments.quoted("models/" + model.id)),"displayName":\#(id)"#
            if let tokens = model.facts?.contextTokens { members += #","inputTokenLimit":\#(tokens)"# }
            if let tokens = model.facts?.outputTokensMax { members += #","outputTokenLimit":\#(tokens)"# }
            members += #","supportedGenerationMethods":[\#(methods)]"#
        }
        if shape != .openAI, let provider = model.provider { members += #","provider":\#(StatusDocuments.quoted(provider))"# }
        if shape != .gemini, let context = model.facts?.contextTokens { members += #","context_length":\#(context)"# }
        if let price = model.price { members += #","pricing":{\#(pricing(price.base))}"# }
        return "{\(members)}"
    }

    /// Tokens are counted for every model, exactly or by an estimate.
    private static let methods = #""generateContent","streamGenerateContent","countTokens""#

    /// USD per million tokens; a price that is unknown is left out.
    private static func pricing(_ rates: Routing.ModelPrice.Rates) -> String {
        [
            ("input", rates.input), ("output", rates.output), ("cache_read", rates.cacheRead),
            ("cache_write_5m", rates.cacheWrite5m), ("cache_write_1h", rates.cacheWrite1h),
        ]
        .compactMap { name, rate in rate.map { "\"\(name)\":\(perMillion($0))" } }
        .joined(separator: ",")
    }

    /// Pico-USD a token are micro-USD a million tokens: an exact decimal with six digits behind the point.
    private static func perMillion(_ picoPerToken: Int64) -> String {
        let whole = picoPerToken / 1_000_000
        let digits = String(picoPerToken % 1_000_000 + 1_000_000).dropFirst()
        guard let last = digits.lastIndex(where: { $0 != "0" }) else { return String(whole) }
        return "\(whole).\(digits[...last])"
    }
}
