/// An error in the words of each API.
struct ProviderError {
    let status: UInt16
    let message: String

    /// The answer's body.
    func body(_ format: WireFormat) -> String {
        switch format {
        case .chat, .responses:
            #"{"error":{"message":"\#(message)","type":"\#(openAIType)","param":null,"code":\#(status == 429 ? "\"rate_limit_exceeded\"" : "null")}}"#
        case .messages:
            #"{"type":"error","error":{"type":"\#(anthropicType)","message":"\#(message)"},"request_id":"req_bench"}"#
        case .gemini:
            #"{"error":{"code":\#(status),"message":"\#(message)","status":"\#(geminiStatus)"}}"#
        }
    }

    private var openAIType: String {
        switch status {
        case 429: "requests"
        case 500...: "server_error"
        default: "invalid_request_error"
        }
    }

    private var anthropicType: String {
        switch status {
        case 404: "not_found_error"
        case 429: "rate_limit_error"
        case 500...: "api_error"
        default: "invalid_request_error"
        }
    }

    private var geminiStatus: String {
        switch status {
        case 404: "NOT_FOUND"
        case 429: "RESOURCE_EXHAUSTED"
        case 500...: "INTERNAL"
        default: "INVALID_ARGUMENT"
        }
    }
}
