/// Which part of the books to read.
public struct UsageQuery: Sendable, Hashable {
    public enum Format: String, Sendable, Hashable {
        case json
        case csv
    }

    /// A place between two records of the newest-first order. Travels as text between an answer and the next request.
    public struct Cursor: Sendable, Hashable, CustomStringConvertible {
        /// The time stamp and number of the last record that was shown.
        public var timestampMilliseconds: Int64
        public var id: Int64

        public init(timestampMilliseconds: Int64, id: Int64) {
            self.timestampMilliseconds = timestampMilliseconds
            self.id = id
        }

        /// Reads what ``description`` wrote; nil for anything else.
        public init?(_ text: String) {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, let timestamp = Int64(parts[0]), let id = Int64(parts[1]), id > 0,
                UTCTime.range.contains(timestamp), text == "\(timestamp).\(id)"
            else { return nil }
            self.init(timestampMilliseconds: timestamp, id: id)
        }

        public var description: String { "\(timestampMilliseconds).\(id)" }
    }

    /// The interval is `[start, end)`, in milliseconds since 1970 UTC.
    public var start: Int64
    public var end: Int64
    /// An IANA zone: where its days begin and end, costs per day and the export's name are cut.
    public var zone: String
    public var format: Format
    /// Records to show; nil means ``StoreLimits/recordsDefault`` in JSON and all in CSV. A JSON answer never holds more than
    /// ``StoreLimits/recordsMax``.
    public var limit: Int?
    /// Where the page before this one ended; totals are of the whole interval all the same.
    public var cursor: Cursor?

    public init(
        start: Int64, end: Int64, zone: String = "UTC", format: Format = .json, limit: Int? = nil, cursor: Cursor? = nil
    ) {
        self.start = start
        self.end = end
        self.zone = zone
        self.format = format
        self.limit = limit
        self.cursor = cursor
    }

    /// The name of the attachment that an export becomes: `usage-YYYY-MM-DD-YYYY-MM-DD.csv`, the days of start and end.
    public var exportFileName: String {
        let days = DayCalendar(zone: zone) ?? .utc
        return "usage-\(days.day(of: start))-\(days.day(of: end)).csv"
    }
}
