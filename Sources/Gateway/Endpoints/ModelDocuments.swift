import Routing

/// `GET /v1/models` in its two shapes: OpenAI's, and Anthropic's for clients that send `anthropic-version`.
enum ModelDocuments {
    /// Models of a page when the client asks for no number.
    static let limitDefault = 1_000
    /// When the models came to be is known to nobody here; the clients want a number.
    private static let createdSeconds = 1_700_000_000
    private static let createdText = "2023-11-14T22:13:20Z"

    /// The list, filtered by `provider`, `search`, and cut by `limit` and `offset`.
    static func list(_ models: [ServedModel], _ parameters: [String: String], isAnthropic: Bool) -> String {
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
        chosen = chosen.dropFirst(max(0, parameters["offset"].flatMap { Int($0) } ?? 0))
        let limit = min(max(1, parameters["limit"].flatMap { Int($0) } ?? limitDefault), limitDefault)
        let page = chosen.prefix(limit)
        let data = page.map { one($0, isAnthropic: isAnthropic) }.joined(separator: ",")
        guard isAnthropic else { return #"{"object":"list","data":[\#(data)]}"# }
        let first = page.first.map { StatusDocuments.quoted($0.id) } ?? "null"
        let last = page.last.map { StatusDocuments.quoted($0.id) } ?? "null"
        return #"{"data":[\#(data)],"has_more":\#(chosen.count > page.count),"first_id":\#(first),"last_id":\#(last)}"#
    }

    /// One model.
    static func one(_ model: ServedModel, isAnthropic: Bool) -> String {
        let id = StatusDocuments.quoted(model.id)
        var members =
            isAnthropic
            ? #""type":"model","id":\#(id),"display_name":\#(id),"created_at":"\#(createdText)""#
            : #""id":\#(id),"object":"model","created":\#(createdSeconds),"owned_by":\#(StatusDocuments.quoted(model.provider ?? "ekai"))"#
        if isAnthropic, let provider = model.provider { members += #","provider":\#(StatusDocuments.quoted(provider))"# }
        if let context = model.facts?.contextTokens { members += #","context_length":\#(context)"# }
        if let price = model.price { members += #","pricing":{\#(pricing(price.base))}"# }
        return "{\(members)}"
    }

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
