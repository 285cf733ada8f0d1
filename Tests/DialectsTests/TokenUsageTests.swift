import Testing

@testable import Dialects

@Suite struct TokenUsageTests {
    private func chat(_ json: String) -> TokenUsage? {
        json.borrowed { JSONReader().read($0) { TokenUsage(chat: $0) } }
    }

    private func responses(_ json: String) -> TokenUsage? {
        json.borrowed { JSONReader().read($0) { TokenUsage(responses: $0) } }
    }

    private func messages(_ json: String) -> TokenUsage? {
        json.borrowed { JSONReader().read($0) { TokenUsage(messages: $0) } }
    }

    private func gemini(_ json: String) -> TokenUsage? {
        json.borrowed { JSONReader().read($0) { TokenUsage(gemini: $0) } }
    }

    @Test func geminisPromptIncludesTheCacheAndItsCandidatesNoThoughts() {
        let usage = gemini(
            #"{"promptTokenCount":100,"cachedContentTokenCount":60,"toolUsePromptTokenCount":8,"candidatesTokenCount":20,"thoughtsTokenCount":5,"totalTokenCount":133}"#)
        #expect(usage?.input == 48)
        #expect(usage?.cacheRead == 60)
        #expect(usage?.output == 25)
        #expect(usage?.reasoning == 5)
        #expect(usage?.total == 133)
        #expect(gemini(#"{"promptTokenCount":3,"cachedContentTokenCount":9}"#)?.input == 0)
    }

    @Test func chatPromptIncludesTheCache() {
        let usage = chat(
            #"{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"prompt_tokens_details":{"cached_tokens":60},"completion_tokens_details":{"reasoning_tokens":5}}"#)
        #expect(usage?.input == 40)
        #expect(usage?.cacheRead == 60)
        #expect(usage?.output == 20)
        #expect(usage?.reasoning == 5)
        #expect(usage?.total == 120)
        #expect(usage?.isEstimated == false)
    }

    @Test func xaiCountsReasoningBesideTheCompletion() {
        let usage = chat(
            #"{"prompt_tokens":49,"completion_tokens":32,"total_tokens":264,"completion_tokens_details":{"reasoning_tokens":183}}"#)
        #expect(usage?.output == 215)
        #expect(usage?.total == 264)
    }

    @Test func deepSeekNamesItsHitsAtTheTop() {
        let usage = chat(#"{"prompt_tokens":339,"completion_tokens":83,"prompt_cache_hit_tokens":320,"prompt_cache_miss_tokens":19}"#)
        #expect(usage?.input == 19)
        #expect(usage?.cacheRead == 320)
    }

    @Test func openRouterTellsWritesAndCost() {
        let usage = chat(
            #"{"prompt_tokens":900,"completion_tokens":1,"cost":0.0145476,"prompt_tokens_details":{"cached_tokens":100,"cache_write_tokens":300}}"#)
        #expect(usage?.input == 500)
        #expect(usage?.cacheWrite == 300)
        #expect(usage?.reportedCostPicodollars == 14_547_600_000)
        #expect(chat(#"{"prompt_tokens":1,"cost":{"total_cost":1}}"#)?.reportedCostPicodollars == nil)
    }

    @Test func cachedBeyondThePromptNeverMakesInputNegative() {
        let usage = chat(#"{"prompt_tokens":7,"completion_tokens":8,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":161}}"#)
        #expect(usage?.input == 0)
        #expect(usage?.cacheRead == 161)
    }

    @Test(arguments: [
        "{}", "null", "[]", #"{"prompt_tokens":null,"completion_tokens":"7","prompt_tokens_details":[1],"completion_tokens_details":false}"#,
        #"{"prompt_tokens":-5,"completion_tokens":-1e300,"total_tokens":-9223372036854775808}"#,
        #"{"prompt_tokens":1e-400,"completion_tokens":0.9}"#,
    ])
    func rubbishCountsAsNothing(_ json: String) {
        #expect(chat(json) == TokenUsage())
        #expect(responses(json) == TokenUsage())
        #expect(messages(json) == TokenUsage())
        #expect(gemini(json) == TokenUsage())
    }

    @Test(arguments: ["9223372036854775807", "18446744073709551615", "1e15", "1000000000001", "5e19", "1e25"])
    func hugeCountsAreCutAndSumsDoNotOverflow(_ number: String) {
        let chat = chat(
            #"{"prompt_tokens":\#(number),"completion_tokens":\#(number),"total_tokens":\#(number),"prompt_tokens_details":{"cached_tokens":\#(number),"cache_write_tokens":\#(number)},"completion_tokens_details":{"reasoning_tokens":\#(number)}}"#)
        #expect(chat?.output == DialectLimits.tokensMax)
        #expect((chat?.total ?? 0) > 0)
        let messages = messages(
            #"{"input_tokens":\#(number),"cache_creation_input_tokens":\#(number),"cache_creation":{"ephemeral_5m_input_tokens":\#(number),"ephemeral_1h_input_tokens":\#(number)},"output_tokens":\#(number)}"#)
        #expect((messages?.total ?? 0) > DialectLimits.tokensMax)
        let gemini = gemini(
            #"{"promptTokenCount":\#(number),"cachedContentTokenCount":\#(number),"candidatesTokenCount":\#(number),"thoughtsTokenCount":\#(number)}"#)
        #expect(gemini?.output == 2 * DialectLimits.tokensMax && gemini?.input == 0)
    }

    @Test func fractionsAreCutOff() {
        #expect(chat(#"{"prompt_tokens":12.0,"completion_tokens":7.9}"#)?.input == 12)
        #expect(chat(#"{"prompt_tokens":12.0,"completion_tokens":7.9}"#)?.output == 7)
        #expect(chat(#"{"prompt_tokens":1.2e1,"completion_tokens":7}"#)?.input == 12)
    }

    @Test func responsesInputIncludesTheCache() {
        let usage = responses(
            #"{"input_tokens":573,"input_tokens_details":{"cached_tokens":448,"cache_write_tokens":25},"output_tokens":125,"output_tokens_details":{"reasoning_tokens":117},"total_tokens":698,"cost":1e-6}"#)
        #expect(usage?.input == 100)
        #expect(usage?.cacheRead == 448)
        #expect(usage?.cacheWrite == 25)
        #expect(usage?.output == 125)
        #expect(usage?.reasoning == 117)
        #expect(usage?.reportedCostPicodollars == 1_000_000)
    }

    @Test func messagesInputExcludesTheCacheAndWritesAreSplit() {
        let usage = messages(
            #"{"cache_creation":{"ephemeral_1h_input_tokens":100,"ephemeral_5m_input_tokens":279},"cache_creation_input_tokens":379,"cache_read_input_tokens":14714,"input_tokens":4,"output_tokens":290,"output_tokens_details":{"thinking_tokens":19}}"#)
        #expect(usage?.input == 4)
        #expect(usage?.cacheRead == 14714)
        #expect(usage?.cacheWrite5Minutes == 279)
        #expect(usage?.cacheWrite1Hour == 100)
        #expect(usage?.output == 290)
        #expect(usage?.reasoning == 19)
    }

    @Test func writesWithoutASplitAreOfFiveMinutes() {
        let usage = messages(#"{"cache_creation_input_tokens":379,"input_tokens":4,"output_tokens":2}"#)
        #expect(usage?.cacheWrite5Minutes == 379)
        #expect(usage?.cacheWrite1Hour == 0)
    }
}
