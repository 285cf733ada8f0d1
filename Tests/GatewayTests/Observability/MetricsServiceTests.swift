import Testing
import TestSupport

@testable import Gateway

/// `GET /metrics` of a whole gateway.
@Suite struct MetricsServiceTests {
    private func scrape(_ rig: GatewayRig) throws -> Exposition {
        let client = try rig.connect()
        try client.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let answer = try client.readResponse()
        #expect(answer.status == 200)
        #expect(answer["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(answer["cache-control"] == "no-store")
        return try Exposition(answer.text)
    }

    @Test func countsAStreamAndItsTokens() throws {
        let rig = try GatewayRig()
        let client = try rig.connect()
        try client.post("/v1/chat/completions", #"{"model":"priced","stream":true,"messages":[]}"#)
        let provider = try rig.provider.accept()
        _ = try provider.readRequest()
        let stream = StreamSample.chat.stream
        let through = StreamSample.chat.eventsThroughContent
        try provider.sendStreamHead(stream.utf8.count)
        try provider.send(through)
        _ = try client.readHead()
        let during = try scrape(rig)
        #expect(during.value("ekai_streams_active") == 1)
        #expect(during.value("ekai_connections_active") == 2)
        try provider.send(String(stream.dropFirst(through.count)))
        try rig.settle(try rig.connect())
        let after = try scrape(rig)
        let labels = ["provider": "mock", "model": "priced-upstream"]
        #expect(after.value("ekai_streams_active") == 0)
        #expect(after.value("ekai_requests_total", labels.merging(["endpoint": "/v1/chat/completions", "status": "200"]) { $1 }) == 1)
        #expect(after.value("ekai_tokens_total", labels.merging(["kind": "input"]) { $1 }) == 7)
        #expect(after.value("ekai_tokens_total", labels.merging(["kind": "output"]) { $1 }) == 5)
        // 7 tokens at 1 USD a million, 5 at 2.
        #expect(after.samples.first { $0.name == "ekai_cost_usd_total" }?.value == "0.000017")
        #expect(after.value("ekai_upstream_attempts_total", ["provider": "mock", "outcome": "ok"]) == 1)
        for family in ["ekai_time_to_first_token_seconds", "ekai_overhead_seconds", "ekai_request_duration_seconds"] {
            #expect(after.value("\(family)_count", ["endpoint": "/v1/chat/completions"]) == 1)
        }
    }

    @Test func countsWhatItRefuses() throws {
        let rig = try GatewayRig()
        for request in ["GET /nothing HTTP/1.1\r\nHost: a", "GET /none HTTP/1.1\r\nHost: localhost", "GET / HTTP/3.0\r\nHost: localhost"] {
            let client = try rig.connect()
            try client.send(request + "\r\n\r\n")
            _ = try client.readResponse()
        }
        let client = try rig.connect()
        try client.post("/v1/messages", "not JSON")
        #expect(try client.readResponse().status == 400)
        try client.post("/v1/messages", #"{"model":"mock/","max_tokens":1,"messages":[]}"#)
        #expect(try client.readResponse().status == 404)
        let read = try scrape(rig)
        for (status, endpoint) in [("403", "other"), ("404", "other"), ("505", "other"), ("400", "/v1/messages"), ("404", "/v1/messages")] {
            #expect(read.value("ekai_requests_total", ["endpoint": endpoint, "status": status, "model": ""]) == 1, "\(status) \(endpoint)")
        }
        #expect(!read.samples.contains { $0.name == "ekai_upstream_attempts_total" })
    }

    @Test func showsNoSecretAndAnswersHead() throws {
        let rig = try GatewayRig()
        let client = try rig.connect()
        try client.send("HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n\r\nPOST /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try client.readResponse(hasBody: false).status == 200)
        #expect(try client.readResponse().status == 405)
        #expect(!(try scrape(rig)).samples.contains { $0.labels.values.contains { $0.contains("sk-") } })
    }
}
