import Dialects
import Testing

@testable import Gateway

@Suite struct UpstreamTargetTests {
    private func target(
        _ dialect: Dialect, _ operation: InferenceRoute.Operation = .answer, model: String = "m", query: String? = nil, isJSONArray: Bool = false
    ) -> String {
        let path = dialect == .gemini ? "/v1beta/models" : "/v1/x"
        guard let query else {
            return UpstreamTarget.text(path: path, dialect: dialect, operation: operation, isJSONArray: isJSONArray, model: model, query: nil)
        }
        return Array(query.utf8).withUnsafeBytes {
            UpstreamTarget.text(path: path, dialect: dialect, operation: operation, isJSONArray: isJSONArray, model: model, query: $0)
        }
    }

    @Test(arguments: [
        (nil, "/v1/x"), ("", "/v1/x"), ("beta=true", "/v1/x?beta=true"), ("key=mine", "/v1/x"), ("a=1&k%65y=mine&&b=%20", "/v1/x?a=1&b=%20"),
        ("KEY=mine&keys=1&key", "/v1/x?keys=1"), ("alt=sse", "/v1/x?alt=sse"),
    ] as [(String?, String)]) func theQueryGoesOnWithoutTheClientsKey(_ query: String?, _ expected: String) {
        #expect(target(.messages, query: query) == expected)
    }

    @Test func geminisPathHasModelAndMethod() {
        #expect(target(.gemini, .generate) == "/v1beta/models/m:generateContent")
        #expect(target(.gemini, .answer) == "/v1beta/models/m:generateContent")
        #expect(target(.gemini, .countTokens, query: "key=a") == "/v1beta/models/m:countTokens")
        #expect(target(.gemini, .stream) == "/v1beta/models/m:streamGenerateContent?alt=sse")
        #expect(target(.gemini, .stream, query: "fields=a&callback=f&access_token=t&$alt=proto&x=1") == "/v1beta/models/m:streamGenerateContent?alt=sse&x=1")
        #expect(target(.gemini, .stream, query: "key=a&alt=json&alt=sse&x=1") == "/v1beta/models/m:streamGenerateContent?alt=sse&x=1")
        #expect(target(.gemini, .stream, query: "alt=json&x=1", isJSONArray: true) == "/v1beta/models/m:streamGenerateContent?alt=json&x=1")
        #expect(target(.gemini, .stream, isJSONArray: true) == "/v1beta/models/m:streamGenerateContent")
    }

    @Test(arguments: [
        ("gemini-2.5-flash", "gemini-2.5-flash"), ("a/b:c@1", "a/b:c@1"), ("a b?c#d%e", "a%20b%3Fc%23d%25e"), ("ü", "%C3%BC"),
        ("../files/x", "..%2Ffiles%2Fx"), ("a/./b", "a%2F.%2Fb"), ("a//b", "a%2F%2Fb"), ("/a", "%2Fa"), ("..", ".."), ("a..b/c", "a..b/c"),
        ("x\r\ny", "x%0D%0Ay"), ("a\\..\\b", "a%5C..%5Cb"),
    ]) func aModelLeadsNowhereElse(_ model: String, _ segment: String) {
        #expect(target(.gemini, .generate, model: model) == "/v1beta/models/\(segment):generateContent")
    }
}
