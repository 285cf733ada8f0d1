import HTTP
import Testing
import TestSupport

@testable import Gateway

/// The whole gateway with providers behind outbound proxies that the test plays.
@Suite struct ProxiedServiceTests {
    private static let body = #"{"model":"mock/m","messages":[]}"#
    private static let answer = #"{"id":"1","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#

    private static func proxy(_ listener: RawListener) throws -> ProxyServer {
        try ProxyServer(parsing: "http://alice:hunter22@127.0.0.1:\(listener.port)")
    }

    @Test func reachesItsProviderThroughTheProxy() throws {
        let listener = try RawListener()
        let proxy = try Self.proxy(listener)
        let rig = try GatewayRig { $0.providers[0].proxy = proxy }
        let client = try rig.connect()
        try client.post("/v1/chat/completions", Self.body)
        let socket = try listener.accept()
        let connect = try socket.readHead()
        #expect(connect.startLine == "CONNECT 127.0.0.1:\(rig.provider.port) HTTP/1.1")
        #expect(connect["proxy-authorization"] == "Basic YWxpY2U6aHVudGVyMjI=")
        // The provider's key is not the proxy's business.
        #expect(connect["authorization"] == nil)
        try socket.send("HTTP/1.1 200 OK\r\n\r\n")
        let request = try socket.readRequest()
        #expect(request["authorization"] == "Bearer \(GatewayRig.key)")
        #expect(request["proxy-authorization"] == nil)
        try socket.answerJSON("200 OK", Self.answer)
        #expect(try client.readResponse().status == 200)
        #expect(rig.provider.isQuiet)
    }

    @Test func answers502WhenTheProxyFails() throws {
        let listener = try RawListener()
        let proxy = try Self.proxy(listener)
        let rig = try GatewayRig { $0.providers[0].proxy = proxy }
        let client = try rig.connect()
        try client.post("/v1/chat/completions", Self.body)
        let socket = try listener.accept()
        _ = try socket.readHead()
        try socket.send("HTTP/1.1 407 Proxy Authentication Required\r\nX: alice:hunter22\r\nContent-Length: 0\r\n\r\n")
        let answer = try client.readResponse()
        #expect(answer.status == 502)
        #expect(answer.text.contains("upstream_failed") && answer.text.contains("outbound proxy"))
        for secret in ["alice", "hunter22", "127.0.0.1", "\(listener.port)"] { #expect(!answer.text.contains(secret)) }
        let books = try rig.books()
        #expect(books.contains(#""error_kind":"proxy_failed""#))
        #expect(books.contains(#""possibly_billed":false"#) || books.contains(#""possibly_billed":0"#))
    }

    /// Two providers of one address whose proxies differ, and a third without any.
    @Test func sharesNoConnectionBetweenProxies() throws {
        let listeners = [try RawListener(), try RawListener()]
        let proxies = try listeners.map { try Self.proxy($0) }
        let rig = try GatewayRig { configuration in
            var provider = configuration.providers[0]
            for (name, proxy) in zip(["first", "second"], proxies) {
                provider.name = name
                provider.proxy = proxy
                configuration.providers.append(provider)
            }
        }
        for name in ["first", "second", "mock"] {
            let client = try rig.connect()
            try client.post("/v1/chat/completions", #"{"model":"\#(name)/m","messages":[]}"#)
            let socket: RawSocket
            if name == "mock" {
                socket = try rig.provider.accept()
            } else {
                socket = try listeners[name == "first" ? 0 : 1].accept()
                _ = try socket.readHead()
                try socket.send("HTTP/1.1 200 OK\r\n\r\n")
            }
            _ = try socket.readRequest()
            try socket.answerJSON("200 OK", Self.answer)
            #expect(try client.readResponse().status == 200)
        }
    }
}
