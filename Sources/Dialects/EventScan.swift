import Glibc

/// A quick look at one event's JSON, in place of reading it: is there anything that only an exact reading can judge, and
/// how much text does it carry? Nothing is allocated, and only names of seven bytes and deltas are looked at closely.
///
/// The look is one-sided. `needsExactReading` may be set for nothing (a text that quotes JSON), but a top-level member
/// `usage` or `error` that is not null sets it always, for valid JSON: such a member is written as `"usage"`, white
/// space, a colon, or with escapes in the name, and any backslash outside of a walked `delta` counts as suspect.
/// `textBytes` counts only strings that an exact reading would count too.
struct EventScan {
    /// A member `usage` or `error` that is not null may be there, at whatever depth; or the JSON is not what it seems.
    private(set) var needsExactReading = false
    /// Bytes of generated text in members named `delta`: the strings of the object, or the string that it is.
    private(set) var textBytes = 0

    private let base: UnsafeRawPointer
    private let count: Int

    /// Looks at a whole event.
    init(_ bytes: UnsafeRawBufferPointer) {
        self.init(bytes, firstDeltaOnly: false)
    }

    /// The bytes of generated text in the first member named `delta`; for dialects whose event names have already decided
    /// what the event is.
    static func deltaTextBytes(_ bytes: UnsafeRawBufferPointer) -> Int {
        EventScan(bytes, firstDeltaOnly: true).textBytes
    }

    private init(_ bytes: UnsafeRawBufferPointer, firstDeltaOnly: Bool) {
        guard let base = bytes.baseAddress, bytes.count >= 8 else {
            let nothing: StaticString = ""
            self.base = UnsafeRawPointer(nothing.utf8Start)
            count = 0
            needsExactReading = true
            return
        }
        self.base = base
        count = bytes.count
        run(firstDeltaOnly: firstDeltaOnly)
    }

    /// `"usage"`, `"error"` and `"delta"` are all seven bytes long with a quote at either end: one pass finds the three,
    /// many positions at a time.
    private mutating func run(firstDeltaOnly: Bool) {
        let quotes: UInt64 = 0x2222_2222_2222_2222
        var at = 0
        var outsideFrom = 0
        scan: while at &+ 8 <= count {
            at = skipQuiet(from: at)
            var hits: UInt64
            if at &+ 14 <= count {
                hits = Bytes.zeroBytes((Bytes.word(base, at) ^ quotes) | (Bytes.word(base, at &+ 6) ^ quotes))
            } else {
                // The tail: each position by itself; a member needs its colon, so eight bytes are there.
                hits = 0x80
            }
            while hits != 0 {
                let candidate = at &+ hits.trailingZeroBitCount >> 3
                hits &= hits &- 1
                guard candidate &+ 8 <= count else { continue }
                switch Bytes.word(base, candidate) & 0x00FF_FFFF_FFFF_FFFF {
                case Self.usageName, Self.errorName:
                    if !firstDeltaOnly, isPresent(at: candidate &+ 7) {
                        needsExactReading = true
                        return
                    }
                case Self.deltaName:
                    guard let end = walkDelta(at: candidate &+ 7) else { continue }
                    if firstDeltaOnly { return }
                    noteBackslashes(from: outsideFrom, to: candidate)
                    outsideFrom = end
                    at = end
                    continue scan
                default:
                    continue
                }
            }
            at &+= at &+ 14 <= count ? 8 : 1
        }
        noteBackslashes(from: outsideFrom, to: count)
    }

    /// Passes over whole blocks of sixteen positions at which no seven-byte name begins.
    @inline(__always)
    private func skipQuiet(from start: Int) -> Int {
        let quotes = SIMD16<UInt8>(repeating: UInt8(ascii: "\""))
        var at = start
        while at &+ 22 <= count {
            let opening = base.loadUnaligned(fromByteOffset: at, as: SIMD16<UInt8>.self)
            let closing = base.loadUnaligned(fromByteOffset: at &+ 6, as: SIMD16<UInt8>.self)
            let both = unsafeBitCast((opening .== quotes) .& (closing .== quotes), to: SIMD2<UInt64>.self)
            guard both.x | both.y == 0 else { break }
            at &+= 16
        }
        return at
    }

    /// Whether a member name that ends before `index` has a value other than null.
    private func isPresent(at index: Int) -> Bool {
        guard let value = valueStart(at: index) else { return false }
        return base.load(fromByteOffset: value, as: UInt8.self) != UInt8(ascii: "n")
    }

    /// Where the value of the member begins whose name ends before `index`; nil when that was no name.
    private func valueStart(at index: Int) -> Int? {
        var index = skipSpace(from: index)
        guard index < count, base.load(fromByteOffset: index, as: UInt8.self) == UInt8(ascii: ":") else { return nil }
        index = skipSpace(from: index &+ 1)
        return index < count ? index : nil
    }

    private func skipSpace(from start: Int) -> Int {
        var index = start
        while index < count, Bytes.isSpace(base.load(fromByteOffset: index, as: UInt8.self)) { index &+= 1 }
        return index
    }

    /// Counts the text of a `delta` whose name ends before `index`. Gives the offset behind it, nil when it holds no text
    /// (null, a number) or was no member.
    private mutating func walkDelta(at index: Int) -> Int? {
        guard let start = valueStart(at: index) else { return nil }
        switch base.load(fromByteOffset: start, as: UInt8.self) {
        case UInt8(ascii: "\""):
            let end = Bytes.stringEnd(base, from: start &+ 1, to: count)
            guard end < count else { break }
            textBytes &+= end &- start &- 1
            return end &+ 1
        case UInt8(ascii: "{"):
            return walkObject(from: start)
        default:
            return nil
        }
        needsExactReading = true
        return nil
    }

    /// Counts the strings of the object at `start` that are generated text, at any depth, and gives the offset behind it.
    private mutating func walkObject(from start: Int) -> Int? {
        var index = start
        var depth = 0
        var memberIsText = true
        while index < count {
            switch base.load(fromByteOffset: index, as: UInt8.self) {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth &+= 1
                index &+= 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth &-= 1
                index &+= 1
                if depth == 0 { return index }
            case UInt8(ascii: "\""):
                let end = Bytes.stringEnd(base, from: index &+ 1, to: count)
                let next = skipSpace(from: end &+ 1)
                guard next < count else {
                    needsExactReading = true
                    return nil
                }
                if base.load(fromByteOffset: next, as: UInt8.self) == UInt8(ascii: ":") {
                    memberIsText = !Self.isBookkeeping(UnsafeRawBufferPointer(start: base + index + 1, count: end &- index &- 1))
                } else if memberIsText {
                    textBytes &+= end &- index &- 1
                }
                index = next
            default:
                index &+= 1
            }
        }
        needsExactReading = true
        return nil
    }

    private mutating func noteBackslashes(from start: Int, to end: Int) {
        if start < end, memchr(base + start, Int32(UInt8(ascii: "\\")), end &- start) != nil { needsExactReading = true }
    }

    /// Members of a delta whose strings nobody generated as tokens: `role`, `type`, `id`, `format`, `signature`.
    @inline(__always)
    static func isBookkeeping(_ name: UnsafeRawBufferPointer) -> Bool {
        switch name.count {
        case 2: name.equals("id")
        case 4: name.equals("role") || name.equals("type")
        case 6: name.equals("format")
        case 9: name.equals("signature")
        default: false
        }
    }

    // The names with their quotes, as the low seven bytes of a little-endian word.
    private static var usageName: UInt64 { 0x22_65_67_61_73_75_22 }
    private static var errorName: UInt64 { 0x22_72_6F_72_72_65_22 }
    private static var deltaName: UInt64 { 0x22_61_74_6C_65_64_22 }
}
