import Glibc

/// Finds secrets in bytes and overwrites them in place with asterisks, whole or in parts, plain or encoded (`SecretForm`).
///
/// Built once, then immutable and shared by the loops; a scan allocates nothing. It looks at four bytes now and then instead of at every byte:
/// a run of R bytes that must be found holds one of the grams that stand R - 3 bytes apart, wherever it begins. A filter of one bit
/// for each hash of a gram says no to nearly everything; what it does not deny is compared with the forms and extended both ways.
/// Escapes (`%2F`, `\/`, `\u002f`) break the grams of a run, so each escape that stands for a character of a form is a place to look as well.
package final class SecretMatcher: Sendable {
    private static let gramBytes = 4

    /// The bytes of all forms, one after the other.
    private let text: [UInt8]
    /// Of each position in `text`: its form.
    private let formOfPosition: [Int32]
    private let forms: [Form]
    /// One bit for each hash.
    private let filter: [UInt64]
    private let hashShift: UInt32
    /// First position of each bucket of grams, and the next one of each position; -1 ends a chain.
    private let gramHeads: [Int32]
    private let gramNext: [Int32]
    /// The same by single bytes.
    private let byteHeads: [Int32]
    private let byteNext: [Int32]
    /// Bytes from one look to the next; zero when there is nothing to find.
    private let stride: Int

    private struct Form {
        var start: Int
        var end: Int
        var runBytesMin: Int
    }

    /// Bytes to overwrite.
    private struct Run {
        var start: Int
        var end: Int
    }

    /// - Parameter secrets: too short ones are left out (`RedactionLimits`).
    package init(_ secrets: [RedactedSecret]) {
        let spellings = secrets.flatMap { secret in
            secret.secret.withBytes { SecretForm.all(of: $0, matchesParts: secret.matchesParts) }
        }
        var text: [UInt8] = []
        var formOfPosition: [Int32] = []
        var forms: [Form] = []
        for spelling in spellings {
            forms.append(
                Form(start: text.count, end: text.count + spelling.bytes.count, runBytesMin: spelling.runBytesMin))
            formOfPosition += Array(repeating: Int32(forms.count - 1), count: spelling.bytes.count)
            text += spelling.bytes
        }
        let wanted = Int.bitWidth - (32 * text.count).leadingZeroBitCount
        let bits = min(max(wanted, RedactionLimits.filterBits.lowerBound), RedactionLimits.filterBits.upperBound)
        hashShift = UInt32(32 - bits)
        var filter = [UInt64](repeating: 0, count: 1 << (bits - 6))
        var gramHeads = [Int32](repeating: -1, count: 1 << (bits - 4))
        var gramNext = [Int32](repeating: -1, count: text.count)
        var byteHeads = [Int32](repeating: -1, count: 256)
        var byteNext = gramNext
        for form in forms {
            for position in form.start..<form.end {
                let byte = Int(text[position])
                byteNext[position] = byteHeads[byte]
                byteHeads[byte] = Int32(position)
                guard position + Self.gramBytes <= form.end else { continue }
                let hash = text.withUnsafeBytes { bytes in
                    Self.hash(bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self), 32 - UInt32(bits))
                }
                filter[hash >> 6] |= 1 << UInt64(hash & 63)
                gramNext[position] = gramHeads[hash >> 4]
                gramHeads[hash >> 4] = Int32(position)
            }
        }
        self.text = text
        self.formOfPosition = formOfPosition
        self.forms = forms
        self.filter = filter
        self.gramHeads = gramHeads
        self.gramNext = gramNext
        self.byteHeads = byteHeads
        self.byteNext = byteNext
        stride = forms.map(\.runBytesMin).min().map { $0 - Self.gramBytes + 1 } ?? 0
    }

    /// True when there is nothing to find.
    var isEmpty: Bool { forms.isEmpty }

    /// Overwrites every secret in `bytes`. A part that is cut off by an end of the bytes is found when what is left of it is long enough by itself.
    package func mask(in bytes: UnsafeMutableRawBufferPointer) {
        guard stride > 0, let base = bytes.baseAddress else { return }
        _ = scan(base, bytes.count) { run in
            memset(base + run.start, Int32(UInt8(ascii: "*")), run.end - run.start)
            return true
        }
    }

    /// `text` with its secrets overwritten; allocates only when there are some.
    package func masked(_ text: String) -> String {
        guard stride > 0 else { return text }
        let isClean = text.utf8.withContiguousStorageIfAvailable { bytes in
            bytes.baseAddress.map { base in scan(base, bytes.count) { _ in false } } ?? true
        }
        if isClean == true { return text }
        var bytes = Array(text.utf8)
        bytes.withUnsafeMutableBytes { mask(in: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Shows each run to `found`, which says whether to go on. Returns false when it said no. Escaped ones first: overwriting the plain part of
    /// one would hide its rest.
    @inline(__always)
    private func scan(_ base: UnsafeRawPointer, _ count: Int, _ found: (Run) -> Bool) -> Bool {
        scanEscaped(base, count, found) && scanPlain(base, count, found)
    }

    // MARK: Without escapes

    private static func hash(_ gram: UInt32, _ shift: UInt32) -> Int { Int((gram &* 0x9E37_79B1) >> shift) }

    @inline(__always)
    private func scanPlain(_ base: UnsafeRawPointer, _ count: Int, _ found: (Run) -> Bool) -> Bool {
        let shift = hashShift
        return filter.withUnsafeBufferPointer { filter in
            var at = stride - 1
            while at + Self.gramBytes <= count {
                let hash = Self.hash(base.loadUnaligned(fromByteOffset: at, as: UInt32.self), shift)
                guard filter[hash >> 6] & (1 << UInt64(hash & 63)) != 0, let run = plainRun(base, at, count, hash) else {
                    at += stride
                    continue
                }
                guard found(run) else { return false }
                at = run.end + stride - 1
            }
            return true
        }
    }

    /// The longest run of a form around the gram at `at`, if one is long enough.
    @inline(never)
    private func plainRun(_ base: UnsafeRawPointer, _ at: Int, _ count: Int, _ hash: Int) -> Run? {
        var best: Run?
        var position = Int(gramHeads[hash >> 4])
        while position >= 0 {
            defer { position = Int(gramNext[position]) }
            let form = forms[Int(formOfPosition[position])]
            let left = literalLength(base, before: at, downTo: 0, form, position)
            var end = at
            var inForm = position
            while end < count, inForm < form.end, base.load(fromByteOffset: end, as: UInt8.self) == text[inForm] {
                end += 1
                inForm += 1
            }
            guard end - at >= Self.gramBytes, end - at + left >= form.runBytesMin else { continue }
            if end - at + left > best.map({ $0.end - $0.start }) ?? 0 { best = Run(start: at - left, end: end) }
        }
        guard var run = best else { return nil }
        run.start = EscapedText.boundary(base, from: run.start)
        return run.start < run.end ? run : nil
    }

    /// How many bytes before `at` are those before `position` in the form.
    private func literalLength(
        _ base: UnsafeRawPointer, before at: Int, downTo lowest: Int, _ form: Form, _ position: Int
    ) -> Int {
        var length = 0
        while at - length > lowest, position - length > form.start,
            base.load(fromByteOffset: at - length - 1, as: UInt8.self) == text[position - length - 1]
        {
            length += 1
        }
        return length
    }

    // MARK: With escapes

    @inline(__always)
    private func scanEscaped(_ base: UnsafeRawPointer, _ count: Int, _ found: (Run) -> Bool) -> Bool {
        var escapes = EscapeCursor(base, count)
        // What lies before is part of an escape that was looked at.
        var lowest = 0
        while let at = escapes.next() {
            guard let unit = EscapedText.unit(base, at: at, count: count) else {
                escapes.skip(to: at + 1)
                continue
            }
            var end = at + unit.length
            if let byte = unit.byte, byteHeads[Int(byte)] >= 0,
                let run = escapedRun(base, at, end, count, lowest: lowest, byte)
            {
                guard found(run) else { return false }
                end = run.end
            }
            escapes.skip(to: end)
            lowest = end
        }
        return true
    }

    /// The longest run around the escape from `at` to `next`, which stands for `byte`. It is the first escape of any run that it is in:
    /// to its left stand plain characters only.
    @inline(never)
    private func escapedRun(
        _ base: UnsafeRawPointer, _ at: Int, _ next: Int, _ count: Int, lowest: Int, _ byte: UInt8
    ) -> Run? {
        var best: (run: Run, length: Int)?
        var position = Int(byteHeads[Int(byte)])
        while position >= 0 {
            defer { position = Int(byteNext[position]) }
            let form = forms[Int(formOfPosition[position])]
            let left = literalLength(base, before: at, downTo: lowest, form, position)
            var end = next
            var inForm = position + 1
            while end < count, inForm < form.end {
                let unit = EscapedText.unit(base, at: end, count: count)
                let character = unit.map(\.byte) ?? base.load(fromByteOffset: end, as: UInt8.self)
                guard character == text[inForm] else { break }
                end += unit?.length ?? 1
                inForm += 1
            }
            let length = inForm - position + left
            guard length >= form.runBytesMin, length > best?.length ?? 0 else { continue }
            best = (Run(start: at - left, end: end), length)
        }
        return best?.run
    }
}

/// Walks over the bytes that may begin an escape: percent signs and backslashes.
private struct EscapeCursor {
    private let base: UnsafeRawPointer
    private let count: Int
    private var percent: Int
    private var backslash: Int

    init(_ base: UnsafeRawPointer, _ count: Int) {
        self.base = base
        self.count = count
        percent = Self.find("%", base, from: 0, count)
        backslash = Self.find("\\", base, from: 0, count)
    }

    /// The next one, or nil. The same again until `skip`.
    func next() -> Int? {
        let at = min(percent, backslash)
        return at < count ? at : nil
    }

    /// Goes on at `position`.
    mutating func skip(to position: Int) {
        if percent < position { percent = Self.find("%", base, from: position, count) }
        if backslash < position { backslash = Self.find("\\", base, from: position, count) }
    }

    private static func find(_ byte: Unicode.Scalar, _ base: UnsafeRawPointer, from: Int, _ count: Int) -> Int {
        guard from < count, let found = memchr(base + from, Int32(byte.value), count - from) else { return count }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }
}
