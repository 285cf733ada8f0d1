import HTTP
import Testing

@Suite struct FieldNameTests {
    @Test(arguments: FieldName.allCases.filter { $0 != .other })
    func isRecognisedInEveryCase(_ name: FieldName) {
        let wire = "\(name.wireName)"
        #expect(!wire.isEmpty)
        #expect(wire == wire.lowercased())
        for spelling in [wire, wire.uppercased(), wire.capitalized(atDashes: true)] {
            #expect(withBytes(spelling) { FieldName($0) } == name, "\(spelling)")
        }
    }

    @Test func namesDiffer() {
        #expect(Set(FieldName.allCases.map { "\($0.wireName)" }).count == FieldName.allCases.count)
    }

    @Test(arguments: FieldName.allCases.filter { $0 != .other })
    func neighboursAreOther(_ name: FieldName) {
        let wire = "\(name.wireName)"
        for near in [wire + "x", "z" + wire, String(wire.dropLast()) + "~", String(wire.dropLast()) + "\u{1}"] {
            #expect(withBytes(near) { FieldName($0) } == .other, "\(near)")
        }
    }

    @Test func emptyAndLongNamesAreOther() {
        #expect(withBytes("") { FieldName($0) } == .other)
        #expect(withBytes(String(repeating: "a", count: 5_000)) { FieldName($0) } == .other)
    }

    @Test func onlyTheLettersFoldCase() {
        // 0x0d | 0x20 is '-': a careless fold would take this for content-length.
        #expect(withBytes("content\rlength") { FieldName($0) } == .other)
        #expect(withBytes("CONTENT-LENGTH") { FieldName($0) } == .contentLength)
    }

    @Test func hopByHopNames() {
        for name: FieldName in [.connection, .keepAlive, .te, .trailer, .transferEncoding, .upgrade, .proxyAuthorization] {
            #expect(name.isHopByHop)
        }
        for name: FieldName in [.other, .authorization, .contentType, .via, .cookie] { #expect(!name.isHopByHop) }
    }
}

extension String {
    fileprivate func capitalized(atDashes: Bool) -> String {
        split(separator: "-", omittingEmptySubsequences: false)
            .map { $0.prefix(1).uppercased() + $0.dropFirst() }
            .joined(separator: "-")
    }
}

@Suite struct HTTPMethodTests {
    @Test(arguments: HTTPMethod.allCases.filter { $0 != .other })
    func knownMethods(_ method: HTTPMethod) {
        #expect(withBytes("\(method.wireName)") { HTTPMethod($0) } == method)
        #expect(withBytes("\(method.wireName)".lowercased()) { HTTPMethod($0) } == .other)
    }

    @Test(arguments: ["", "G", "GEX", "PUSH", "QUERY", "PROPFIND", "XXXT", "POSTS"])
    func otherMethods(_ name: String) {
        #expect(withBytes(name) { HTTPMethod($0) } == .other)
    }
}
