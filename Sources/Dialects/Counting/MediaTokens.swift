/// Judges how many tokens a picture or a document makes. Providers count pixels and pages, which only a decoder could tell; the size of the file is
/// what there is.
enum MediaTokens {
    /// Google counts a picture, or a tile of a large one, as this.
    private static let geminiPicture = 258
    /// A picture that the provider fetches: about 1,024 by 768.
    private static let fetchedPicture = 800
    private static let pictureMin = 64
    private static let pictureMax = 1_600
    /// Bytes of a compressed picture for a token (750 pixels at about 0.3 bytes each).
    private static let pictureBytesPerToken = 225
    /// The beginning of a document counts as text, what is beyond mostly as its pictures and fonts.
    private static let documentTextBytesMax = 32_768
    private static let documentTextBytesPerToken = 8
    private static let documentRestBytesPerToken = 60

    /// Of data in base64.
    static func count(base64Bytes: Int, isDocument: Bool, _ family: ModelFamily) -> Int {
        let bytes = base64Bytes / 4 * 3
        guard !isDocument else {
            let text = min(bytes, documentTextBytesMax) / documentTextBytesPerToken
            return max(geminiPicture, text + max(0, bytes - documentTextBytesMax) / documentRestBytesPerToken)
        }
        return family == .gemini ? geminiPicture : min(max(bytes / pictureBytesPerToken, pictureMin), pictureMax)
    }

    /// Of something at an address.
    static func unknown(_ family: ModelFamily) -> Int { family == .gemini ? geminiPicture : fetchedPicture }
}
