import Streaming
import Synchronization

/// The small JSON documents that the gateway writes of itself.
enum StatusDocuments {
    /// `GET /config/status`.
    static func configStatus(_ configuration: GatewayConfiguration, _ context: GatewayContext) -> String {
        var names = KnownProvider.all.map(\.name)
        for provider in configuration.providers where !names.contains(provider.name) { names.append(provider.name) }
        let providers = names.map { name in
            "\(quoted(name)):\(configuration.providers.contains { $0.name == name })"
        }
        let port = context.boundPort.load(ordering: .relaxed)
        return #"{"providers":{\#(providers.joined(separator: ","))},"mode":"\#(configuration.mode.rawValue)","#
            + #""hasApiKeys":\#(configuration.hasAPIKeys),"x402Enabled":false,"#
            + #""server":{"port":\#(port),"dashboardPort":null,"version":"\#(GatewayContext.version)"}}"#
    }

    /// `text` as a JSON string.
    static func quoted(_ text: String) -> String {
        var sink = TextSink()
        JSONString.append(text, to: &sink)
        return String(decoding: sink.bytes, as: UTF8.self)
    }

    private struct TextSink: ByteSink {
        var bytes: [UInt8] = []
        mutating func append(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }
    }
}
