import Testing

@testable import Gateway

@Suite struct CrossOriginTests {
    private func names(_ list: String) -> String {
        withBytes(list) { String(decoding: CrossOrigin.fieldNames(in: $0), as: UTF8.self) }
    }

    @Test(arguments: [
        ("authorization,content-type", "authorization, content-type"), (" X-Api-Key ,\tx-stainless-os", "X-Api-Key, x-stainless-os"),
        ("", ""), (",,", ""), ("a, b c, d:, é, *", "a, *"), ("a\u{7F},b", "b"),
    ]) func listsFieldNamesOnly(_ list: String, _ expected: String) {
        #expect(names(list) == expected)
    }

    @Test func listsNoMoreThanTheLimit() {
        let long = names(String(repeating: "x-abcdefg,", count: 5_000))
        #expect(long.utf8.count <= AccessLimits.allowHeadersBytesMax)
        #expect(long.utf8.count > AccessLimits.allowHeadersBytesMax - 20)
        #expect(long.hasSuffix("x-abcdefg"))
    }

    @Test func tellsTheOriginItself() {
        let fields = withBytes("https://app.example") { CrossOrigin.commonFields(for: $0) }
        #expect(fields.map(\.name) == [.accessControlAllowOrigin, .vary, .accessControlExposeHeaders])
        #expect(fields.map { String(decoding: $0.value, as: UTF8.self) }.prefix(2) == ["https://app.example", "Origin"])
    }
}
