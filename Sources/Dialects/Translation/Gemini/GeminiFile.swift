import Streaming

/// Addresses of files in Gemini's requests.
enum GeminiFile {
    /// Whether the file lies where only Google's models can read it.
    static func isKeptByGoogle(_ address: JSONText) -> Bool {
        let address = address.string
        return address.hasPrefix("gs://") || address.hasPrefix("files/")
            || address.hasPrefix("https://generativelanguage.googleapis.com/")
    }

    /// Whether Gemini itself reads what is at the address.
    static func isReadByGemini(_ address: JSONText) -> Bool {
        if isKeptByGoogle(address) { return true }
        let address = address.string
        return ["https://www.youtube.com/", "https://youtube.com/", "https://m.youtube.com/", "https://youtu.be/"].contains { address.hasPrefix($0) }
    }
}
