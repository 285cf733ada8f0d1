import Streaming

/// Reads providers' JSON: one tape, used again for every event of every stream of a loop.
///
/// Lenient where a provider may be sloppy: half of a surrogate pair, which a stream that cuts text anywhere can hold.
public final class JSONReader {
    private let tape = JSONTape(options: JSONOptions(acceptsLoneSurrogates: true))

    /// How often bytes were no JSON.
    private(set) var unreadableCount = 0

    public init() {}

    /// Hands the document's root to `body`, which may not keep it; nil when the bytes are no JSON.
    func read<Result>(_ bytes: UnsafeRawBufferPointer, _ body: (JSONValue) -> Result) -> Result? {
        do {
            return body(try tape.parse(bytes))
        } catch {
            unreadableCount &+= 1
            return nil
        }
    }
}

/// Questions that this module asks again and again. A null member counts as absent throughout.
extension JSONValue {
    var isObject: Bool { kind == .object }
    var isArray: Bool { kind == .array }
    var isString: Bool { kind == .string }
    var isNumber: Bool { kind == .number }

    var isNonEmptyString: Bool { stringBytes.map { !$0.isEmpty } ?? false }

    /// An object or array with something in it.
    var isFilledContainer: Bool { (isObject || isArray) && !isEmptyContainer }

    /// The last member of that name, unless it is null.
    func present(_ name: StaticString) -> JSONValue? {
        guard let member = self[name], !member.isNull else { return nil }
        return member
    }

    var firstElement: JSONValue? {
        var elements = elements
        return elements.next()
    }

    /// A number as a count: not negative, without its fraction, at most `DialectLimits.tokensMax`. Nil for anything else.
    var count: Int? {
        guard let decimal, !decimal.isNegative else { return nil }
        let limit = UInt64(DialectLimits.tokensMax)
        var value = decimal.significand
        if decimal.exponent < 0 {
            guard decimal.exponent > -20 else { return 0 }
            for _ in 0..<(-decimal.exponent) { value /= 10 }
        } else if value != 0 {
            guard decimal.exponent < 20 else { return DialectLimits.tokensMax }
            for _ in 0..<decimal.exponent where value < limit { value *= 10 }
        }
        return Int(min(value, limit))
    }

    /// The decoded string, nil for another kind. A string longer than `bytesMax` (as written) is cut at a character, or is
    /// nil when `cuts` is false.
    func string(bytesMax: Int, cuts: Bool) -> String? {
        guard let bytes = stringBytes else { return nil }
        if bytes.count <= bytesMax { return string }
        guard cuts else { return nil }
        return JSONString.decoded(UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.cut(bytes, at: bytesMax))))
    }

    /// The greatest length up to `limit` that ends behind a whole character: not inside of an escape, of a surrogate pair of two escapes
    /// or of a UTF-8 sequence.
    private static func cut(_ bytes: UnsafeRawBufferPointer, at limit: Int) -> Int {
        var end = 0
        var index = 0
        while index < limit {
            let length: Int
            switch bytes[index] {
            case UInt8(ascii: "\\"): length = escapeLength(bytes, at: index)
            case 0..<0x80: length = 1
            case 0..<0xE0: length = 2
            case 0..<0xF0: length = 3
            default: length = 4
            }
            index += length
            if index <= limit { end = index }
        }
        return end
    }

    /// The length of the escape at `index` of a valid string, with the second half of a surrogate pair where one follows.
    private static func escapeLength(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int {
        guard index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "u") else { return 2 }
        let isPair = isSurrogate(bytes, at: index, inSecondHalf: false) && isSurrogate(bytes, at: index + 6, inSecondHalf: true)
        return isPair ? 12 : 6
    }

    /// Whether `\uD8…` to `\uDB…` (a first half) or `\uDC…` to `\uDF…` (a second half) stands at `index`.
    private static func isSurrogate(_ bytes: UnsafeRawBufferPointer, at index: Int, inSecondHalf: Bool) -> Bool {
        guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u"),
            bytes[index + 2] | 0x20 == UInt8(ascii: "d")
        else { return false }
        switch bytes[index + 3] | 0x20 {
        case UInt8(ascii: "8"), UInt8(ascii: "9"), UInt8(ascii: "a"), UInt8(ascii: "b"): return !inSecondHalf
        case UInt8(ascii: "c")...UInt8(ascii: "f"): return inSecondHalf
        default: return false
        }
    }
}
