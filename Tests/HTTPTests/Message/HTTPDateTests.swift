import Glibc
import HTTP
import Testing

@Suite struct HTTPDateTests {
    @Test(arguments: [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),  // the example of RFC 9110 section 5.6.7
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        (-1, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (Int64.max, "Fri, 31 Dec 9999 23:59:59 GMT"),
        (Int64.min, "Thu, 01 Jan 1970 00:00:00 GMT"),
    ] as [(Int64, String)])
    func table(_ second: Int64, _ expected: String) {
        #expect(HTTPDate(secondsSinceEpoch: second).withBytes { text($0) } == expected)
    }

    @Test func agreesWithTheCLibrary() {
        var generator = SeededGenerator(seed: 9_110)
        var date = HTTPDate(secondsSinceEpoch: 0)
        for _ in 0..<2_000 {
            let second = Int64.random(in: 0...253_402_300_799, using: &generator)
            var time = time_t(second)
            var parts = tm()
            gmtime_r(&time, &parts)
            var buffer = [CChar](repeating: 0, count: 64)
            let count = strftime(&buffer, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            let expected = String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            date.update(secondsSinceEpoch: second)
            #expect(date.withBytes { text($0) } == expected, "second \(second)")
        }
    }
}
