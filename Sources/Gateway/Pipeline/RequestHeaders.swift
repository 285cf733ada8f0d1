import Dialects
import HTTP

extension InferenceCall {
    /// What the head says about the call: the client's own id, and its session.
    func noteHeaders(of request: MessageHead) {
        clientRequestID = ClientRequestID.of(request)
        for name in [FieldName.xClaudeCodeSessionID, .sessionID, .threadID, .xSessionID] {
            if let session = request.value(of: name), !session.isEmpty, self.session == nil {
                self.session = UnsafeRawBufferPointer(rebasing: session.prefix(DialectLimits.hintBytesMax)).text
            }
        }
    }
}

extension MessageHead {
    /// JSON, sent as it is: a form or a plain text, which a foreign web page may post without asking, is refused.
    var holdsJSON: Bool {
        if let coding = value(of: .contentEncoding), !coding.starts(withIgnoringCase: "identity") { return false }
        guard let type = value(of: .contentType) else { return false }
        return type.starts(withIgnoringCase: "application/json")
    }
}

extension GatewayError {
    /// The request's head does not say that its body is JSON, sent as it is.
    static var notJSON: GatewayError {
        GatewayError(
            .unsupportedMediaType, .client, "The request needs Content-Type: application/json and no Content-Encoding.",
            label: "unsupported_media_type")
    }

    /// Nobody serves the model.
    convenience init(unknownModel model: String, nearest: [String]) {
        var message = "The model '\(model)' does not exist or no configured provider serves it."
        if !nearest.isEmpty { message += " Nearest: \(nearest.prefix(3).joined(separator: ", "))." }
        self.init(.modelNotFound, .client, message, label: "model_not_found", param: "model")
    }
}
