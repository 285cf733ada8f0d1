import Gateway
import Store

/// The query of `GET /usage`: refused with the reason that is there, or taken for what it says.
enum UsageCheck {
    /// 2026-11-24T12:00:00.000Z
    static let now: Int64 = 1_795_521_600_000

    static func query(_ bytes: UnsafeRawBufferPointer) throws(FuzzViolation) {
        let given = PercentCoding.parameters(of: bytes)
        try requireEqual(given, ReferenceQuery.parameters(bytes.array), "the two readings of the query do not agree")
        let values = given.filter { !$0.value.isEmpty }
        switch parsed(given) {
        case .failure(let reason): try check(reason, values)
        case .success(let query): try check(query, values)
        }
    }

    private static func parsed(_ values: [String: String]) -> Result<UsageQuery, UsageParameterError> {
        Result { () throws(UsageParameterError) in
            try UsageQuery(parameters: values.map { (name: $0.key, value: $0.value) }, now: now)
        }
    }

    private static func check(_ reason: UsageParameterError, _ values: [String: String]) throws(FuzzViolation) {
        let start = values["startTime"].flatMap(ReferenceTime.parse)
        let end = values["endTime"].flatMap(ReferenceTime.parse)
        let isFounded =
            switch reason {
            case .startTime: values["startTime"] != nil && start == nil
            case .endTime: values["endTime"] != nil && end == nil
            case .order: start ?? .min >= end ?? now + 1 || end == UTCTime.range.lowerBound
            case .timezone: values["timezone"] != nil
            case .format: values["format"].map { !["json", "csv"].contains($0.lowercased()) } ?? false
            case .limit: values["limit"].map { limit($0) == nil } ?? false
            case .cursor: values["cursor"] != nil
            }
        try require(isFounded && !reason.description.isEmpty, "refused for its \(reason), which has no fault: \(values)")
    }

    private static func check(_ query: UsageQuery, _ values: [String: String]) throws(FuzzViolation) {
        let end = values["endTime"].map(ReferenceTime.parse) ?? now + 1
        try requireEqual(query.end, end, "another end")
        let week = query.end - 7 * 86_400_000
        let start = values["startTime"].map(ReferenceTime.parse) ?? max(week, UTCTime.range.lowerBound)
        try requireEqual(query.start, start, "another start")
        try require(query.start < query.end, "an interval without anything in it")
        try requireEqual(query.zone, values["timezone"] ?? "UTC", "another zone")
        try requireEqual(query.limit, values["limit"].flatMap(limit), "another limit")
        try requireEqual(query.format.rawValue, values["format"]?.lowercased() ?? "json", "another format")
        try requireEqual(query.cursor?.description, values["cursor"], "another cursor")
        let name = query.exportFileName
        let shape = String(name.map { $0.isASCII && $0.isNumber ? "0" : $0 })
        try requireEqual(shape, "usage-0000-00-00-0000-00-00.csv", "a file name that is none: \(name)")

        var again = values
        again["startTime"] = UTCTime.text(query.start)
        again["endTime"] = UTCTime.text(query.end)
        try requireEqual(parsed(again), .success(query), "written anew it is another query")
    }

    /// A whole number from 1, as many records as one answer may have at most.
    private static func limit(_ text: String) -> Int? {
        guard ReferenceAddress.isDecimal(text), let number = Int(text), number > 0 else { return nil }
        return min(number, 1_000)
    }
}
