import CLinux
import Glibc

/// Comparing borrowed bytes with text known at compile time, without making strings.
extension UnsafeRawBufferPointer {
    /// True when these are exactly the bytes of `text`.
    func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && starts(with: text)
    }

    /// True when these begin with the bytes of `text`.
    func starts(with text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount, let baseAddress else { return text.utf8CodeUnitCount == 0 }
        return memcmp(baseAddress, text.utf8Start, text.utf8CodeUnitCount) == 0
    }

    /// True when these begin with the bytes of `text`, which is in lower case, in whatever case they are.
    func starts(withIgnoringCase text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount else { return false }
        for index in 0..<text.utf8CodeUnitCount {
            let byte = self[index]
            let lower = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
            if lower != text.utf8Start[index] { return false }
        }
        return true
    }

    /// A copy as text; bytes that are no UTF-8 become U+FFFD.
    var text: String { String(decoding: self, as: UTF8.self) }
}

/// Percent-encoding (RFC 3986 section 2.1) of paths and queries.
package enum PercentCoding {
    /// `bytes` with `%xx` resolved; a malformed escape stays as it is. `+` is a plus sign.
    static func decoded(_ bytes: UnsafeRawBufferPointer, plusIsSpace: Bool = false) -> String {
        let result = [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
            count = decode(bytes, into: UnsafeMutableRawBufferPointer(buffer), plusIsSpace: plusIsSpace)
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Writes the same into `buffer`, which has room for as many bytes. Returns how many they become.
    static func decode(
        _ bytes: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer, plusIsSpace: Bool = false
    ) -> Int {
        var count = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%"), index + 2 < bytes.count, let high = nibble(bytes[index + 1]),
                let low = nibble(bytes[index + 2])
            {
                buffer[count] = high << 4 | low
                index += 3
            } else {
                buffer[count] = plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte
                index += 1
            }
            count += 1
        }
        return count
    }

    /// `text` with every byte escaped that is neither unreserved (RFC 3986 section 2.3) nor among `kept`.
    static func encoded(_ text: String, keeping kept: StaticString) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.append(byte)
            case _ where (0..<kept.utf8CodeUnitCount).contains { kept.utf8Start[$0] == byte }:
                result.append(byte)
            default:
                result.append(UInt8(ascii: "%"))
                result.append(digit(byte >> 4))
                result.append(digit(byte & 0xF))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }

    /// The parameters of a query, decoded; of a name given twice the first counts.
    package static func parameters(of query: UnsafeRawBufferPointer?) -> [String: String] {
        guard let query else { return [:] }
        var result: [String: String] = [:]
        for pair in query.split(separator: UInt8(ascii: "&")).prefix(64) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = decoded(UnsafeRawBufferPointer(rebasing: parts[0]), plusIsSpace: true)
            let value = parts.count > 1 ? decoded(UnsafeRawBufferPointer(rebasing: parts[1]), plusIsSpace: true) : ""
            if result[name] == nil { result[name] = value }
        }
        return result
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}

/// Finding bytes in bytes.
enum ByteSearch {
    /// The first offset at or after `start` where `needle`, which is not empty, stands.
    static func firstIndex(
        of needle: UnsafeRawBufferPointer, in bytes: UnsafeRawBufferPointer, from start: Int = 0
    ) -> Int? {
        guard let base = bytes.baseAddress, let needleBase = needle.baseAddress, start <= bytes.count,
            let found = ekai_memmem(base + start, bytes.count - start, needleBase, needle.count)
        else { return nil }
        return found - base
    }
}
