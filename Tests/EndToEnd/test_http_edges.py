"""HTTP at the edges, by raw sockets: framing, keep-alive, pipelining, limits; and the endpoints that are not model calls."""

from __future__ import annotations

import csv
import io
import json
import re
import socket
import time

import pytest

from client import Client, exchange, request
from conftest import Bed, post_bytes
from dialects import CHAT, INPUT_TOKENS, MESSAGES, OUTPUT_TOKENS, RESPONSES, Dialect, compact
from provider import Exchange


@pytest.fixture
def port(bed: Bed) -> int:
    """The gateway's port, in front of a provider that answers with the text it was sent."""
    async def handler(exchange: Exchange) -> None:
        dialect = next(each for each in (CHAT, RESPONSES, MESSAGES) if exchange.request.target.startswith(each.path))
        await exchange.answer(dialect.answer(exchange.request.json.get("x_text", "ok")))

    bed.script(handler)
    return bed.gateway.port


# Errors in the dialect of the path

@pytest.mark.parametrize("body", [b"{", b"", b'{"model":"oai/m",}', b'{"model":"oai/m"} x', b'"text"', b"[]", b"\xff\xfe", b'{"model":"\xff"}',
                                  b'{"model":"oai/m","x":"\x01"}', b'{"model":"oai/m","x":01}', b'{"model":"oai/m","x":"\\ud800"}',
                                  b'{"messages":[],"input":"x"}', b'{"model":7,"messages":[],"input":"x"}',
                                  b'{"model":"oai/m","x":' + b"[" * 200 + b"]" * 200 + b"}"], ids=range(14))
def test_malformed_body_is_400_in_the_dialect(bed: Bed, port: int, dialect: Dialect, body: bytes) -> None:
    answer = exchange(port, "POST", dialect.path, body, headers=(("content-length", str(len(body))), ("content-type", "application/json")))
    assert answer.status == 400
    dialect.check_error(answer.body, "invalid_request_error")
    assert bed.plain.exchanges == []


def test_unknown_model_is_404_in_the_dialect(bed: Bed, port: int, dialect: Dialect) -> None:
    answer = bed.post(dialect, model="no-such-model-anywhere")
    assert answer.status == 404
    if dialect is MESSAGES:
        error = dialect.check_error(answer.body, "not_found_error")
    else:
        error = dialect.check_error(answer.body, code="model_not_found")
    assert "no-such-model-anywhere" in error["message"]
    assert bed.plain.exchanges == []


def test_oversized_body_is_413_before_it_is_sent(port: int, dialect: Dialect) -> None:
    with Client(port) as connection:
        headers = (("content-length", str(33 * 1024 * 1024)), ("content-type", "application/json"))
        answer = connection.send(request("POST", dialect.path, headers=headers)).answer()
        assert answer.status == 413
        dialect.check_error(answer.body, "request_too_large" if dialect is MESSAGES else None)


def test_oversized_chunked_body_is_413(port: int) -> None:
    headers = (("transfer-encoding", "chunked"), ("content-type", "application/json"))
    block = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    with Client(port) as connection:
        connection.send(request("POST", CHAT.path, headers=headers))
        try:
            for _ in range(34):
                connection.send(block)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused while we were still sending
        assert connection.answer().status == 413


def test_content_type_and_encoding_must_be_ours(bed: Bed, port: int, dialect: Dialect) -> None:
    body = compact(dialect.request())
    for headers in ((("content-type", "text/plain"),), (("content-type", "application/json"), ("content-encoding", "br"))):
        answer = exchange(port, "POST", dialect.path, body, headers=headers)
        assert answer.status == 415
        dialect.check_error(answer.body)
    assert exchange(port, "POST", dialect.path, body, headers=(("content-type", "application/json; charset=utf-8"),)).status == 200
    assert len(bed.plain.exchanges) == 1


def test_foreign_host_and_origin_are_refused(bed: Bed, port: int) -> None:
    """A page in the operator's browser must not spend the operator's keys (DNS rebinding, cross-site requests)."""
    body = compact(CHAT.request())
    with Client(port) as connection:
        assert connection.send(request("POST", CHAT.path, body, host="evil.example")).answer().status in (403, 421)
    assert exchange(port, "POST", CHAT.path, body, headers=(("origin", "https://evil.example"),)).status == 403
    assert bed.plain.exchanges == []
    with Client(port) as connection:
        assert connection.send(request("POST", CHAT.path, body, host=f"localhost:{port}")).answer().status == 200


def test_unknown_path_is_404(port: int) -> None:
    for path in ("/v1/completions", "/nope", "/v1/../usage", "/v1//models"):
        answer = exchange(port, "GET" if path == "/nope" else "POST", path, b"" if path == "/nope" else b"{}")
        assert answer.status == 404, path
        assert answer.json["error"]["message"]


@pytest.mark.parametrize(("method", "path", "allowed"), [
    ("GET", "/v1/chat/completions", {"POST"}), ("DELETE", "/v1/messages", {"POST"}), ("POST", "/usage", {"GET"}), ("PUT", "/v1/models", {"GET"}),
    ("POST", "/health", {"GET"}),
])
def test_wrong_method_is_405_with_allow(port: int, method: str, path: str, allowed: set[str]) -> None:
    answer = exchange(port, method, path, headers=(("content-length", "0"),) if method != "GET" else ())
    assert answer.status == 405
    assert allowed <= {name.strip() for name in answer.header("allow").split(",")}
    assert method not in answer.header("allow")


def test_websocket_attempt_on_responses_is_refused_at_once(port: int) -> None:
    headers = (("connection", "Upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13"), ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="))
    start = time.monotonic()
    assert exchange(port, "GET", "/v1/responses", headers=headers).status == 426
    assert time.monotonic() - start < 0.5


# Connections

def test_connection_is_kept_and_closed_on_request(port: int) -> None:
    with Client(port) as connection:
        for number in range(5):
            answer = connection.exchange("POST", CHAT.path, compact(CHAT.request(x_text=f"answer {number}")))
            assert answer.body == CHAT.answer(f"answer {number}")
        answer = connection.exchange("GET", "/livez", headers=(("connection", "close"),))
        assert answer.status == 200 and (answer.header("connection") or "").lower() == "close"
        assert connection.closed_by_peer()


def test_pipelined_requests_are_answered_in_order(port: int) -> None:
    texts = [f"answer {number}" for number in range(20)]
    with Client(port) as connection:
        connection.send(b"".join(post_bytes(CHAT, x_text=text) for text in texts))
        assert [connection.answer().json["choices"][0]["message"]["content"] for _ in texts] == texts


def test_request_may_come_a_byte_at_a_time(port: int) -> None:
    with Client(port) as connection:
        for byte in post_bytes(CHAT, x_text="slowly"):
            connection.send(bytes([byte]))
        assert connection.answer().body == CHAT.answer("slowly")


def test_head_has_no_body(port: int) -> None:
    with Client(port) as connection:
        whole = connection.exchange("GET", "/livez")
        head = connection.exchange("HEAD", "/livez")
        assert (head.status, head.body) == (200, b"")
        assert head.header("content-length") in (None, str(len(whole.body)))
        assert connection.exchange("GET", "/livez").status == 200, "the connection stays in step after HEAD"


def test_expect_100_continue(port: int) -> None:
    body = compact(CHAT.request(x_text="continued"))
    with Client(port) as connection:
        connection.send(request("POST", CHAT.path, headers=(("expect", "100-continue"), ("content-type", "application/json"),
                                                            ("content-length", str(len(body))))))
        assert connection.socket.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert connection.send(body).answer().body == CHAT.answer("continued")


def test_http_1_0_client_gets_a_close_delimited_answer(bed: Bed, port: int) -> None:
    async def stream(exchange: Exchange) -> None:
        await exchange.stream(CHAT.stream("old ", "client"))

    bed.script(stream)
    data = post_bytes(CHAT, stream=True).replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    with Client(port) as connection:
        answer = connection.send(data).answer()
        assert answer.header("transfer-encoding") is None
        assert answer.complete and answer.body == b"".join(CHAT.shown(CHAT.stream("old ", "client")))
    with Client(port) as connection:
        connection.send(b"GET /livez HTTP/1.0\r\n\r\n")
        assert connection.answer().status == 200 and connection.closed_by_peer()


SMUGGLED = b"GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
HOST = b"host: 127.0.0.1\r\n"
POST = b"POST /v1/chat/completions HTTP/1.1\r\n" + HOST + b"content-type: application/json\r\n"


@pytest.mark.parametrize("data", [
    pytest.param(POST + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, id="CL and TE"),
    pytest.param(POST + b"transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n" + SMUGGLED, id="TE and CL"),
    pytest.param(POST + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{} " + SMUGGLED, id="two CL"),
    pytest.param(POST + b"content-length: 2\r\ncontent-length: 2\r\n\r\n{}" + SMUGGLED, id="two equal CL"),
    pytest.param(POST + b"content-length: 2, 2\r\n\r\n{}" + SMUGGLED, id="list CL"),
    pytest.param(POST + b"content-length: +2\r\n\r\n{}" + SMUGGLED, id="signed CL"),
    pytest.param(POST + b"content-length: 99999999999999999999\r\n\r\n{}", id="huge CL"),
    pytest.param(POST + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, id="TE list"),
    pytest.param(POST + b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED, id="TE other"),
    pytest.param(POST + b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, id="TE twice"),
    pytest.param(POST.replace(b"1.1", b"1.0") + b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, id="1.0 and TE"),
    pytest.param(POST + b"content-length : 2\r\n\r\n{}" + SMUGGLED, id="space before colon"),
    pytest.param(POST + b"x: a\r\n b\r\ncontent-length: 2\r\n\r\n{}" + SMUGGLED, id="obs-fold"),
    pytest.param(POST + b"x: a\rb\r\ncontent-length: 2\r\n\r\n{}" + SMUGGLED, id="bare CR"),
    pytest.param(POST.replace(b"\r\n", b"\n") + b"content-length: 2\n\n{}" + SMUGGLED, id="bare LF"),
    pytest.param(POST + b"x: a\0b\r\ncontent-length: 2\r\n\r\n{}" + SMUGGLED, id="NUL"),
    pytest.param(POST + b"transfer-encoding: chunked\r\n\r\n-1\r\n\r\n" + SMUGGLED, id="negative chunk"),
    pytest.param(POST + b"transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n" + SMUGGLED, id="huge chunk"),
    pytest.param(POST + b"transfer-encoding: chunked\r\n\r\n2\r\n{}xx0\r\n\r\n" + SMUGGLED, id="chunk without CRLF"),
    pytest.param(b"GET /livez HTTP/1.1\r\n\r\n" + SMUGGLED, id="no host"),
    pytest.param(b"GET /livez HTTP/1.1\r\n" + HOST + HOST + b"\r\n" + SMUGGLED, id="two hosts"),
    pytest.param(b"GET  /livez HTTP/1.1\r\n" + HOST + b"\r\n" + SMUGGLED, id="two spaces"),
    pytest.param(b"hello\r\n\r\n" + SMUGGLED, id="not HTTP"),
])
def test_ambiguous_framing_is_refused_once_and_closed(bed: Bed, port: int, data: bytes) -> None:
    with Client(port) as connection:
        answer = connection.send(data).answer()
        assert answer.status in ((400, 413) if b"99999999999999999999" in data or b"fffffffffffffffff" in data else (400,))
        assert connection.closed_by_peer(), "more came after the refusal"
    assert bed.plain.exchanges == []


@pytest.mark.parametrize(("data", "status"), [
    pytest.param(b"GET /" + b"a" * 17_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414, id="target"),
    pytest.param(b"GET /livez HTTP/1.1\r\n" + HOST + b"x: " + b"a" * 66_000 + b"\r\n\r\n", 431, id="head"),
    pytest.param(b"GET /livez HTTP/1.1\r\n" + HOST + b"x: 1\r\n" * 101 + b"\r\n", 431, id="fields"),
    pytest.param(b"GET /livez HTTP/3.0\r\n" + HOST + b"\r\n", 505, id="version"),
])
def test_limits_of_the_head(port: int, data: bytes, status: int) -> None:
    with Client(port) as connection:
        try:
            connection.send(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert connection.answer().status == status
        assert connection.closed_by_peer()


def test_half_closed_client_counts_as_gone(bed: Bed) -> None:
    async def silent(exchange: Exchange) -> None:
        await exchange.silence()

    bed.script(silent)
    with Client(bed.gateway.port) as connection:
        connection.send(post_bytes(CHAT, stream=True))
        deadline = time.monotonic() + 2
        while not bed.plain.exchanges and time.monotonic() < deadline:
            time.sleep(0.005)
        connection.socket.shutdown(socket.SHUT_WR)
        while bed.plain.only().closed_at is None and time.monotonic() < deadline:
            time.sleep(0.005)
        assert bed.plain.only().closed_at is not None


# Endpoints

def test_models_in_both_shapes(port: int) -> None:
    openai = exchange(port, "GET", "/v1/models").json
    assert openai["object"] == "list"
    names = {model["id"] for model in openai["data"]}
    assert {"own-gpt", "own-claude"} <= names
    assert all(model["object"] == "model" and isinstance(model["created"], int) and model["owned_by"] for model in openai["data"])
    anthropic = exchange(port, "GET", "/v1/models?limit=1000", headers=(("anthropic-version", "2023-06-01"),)).json
    assert {model["id"] for model in anthropic["data"]} == names
    assert all(model["type"] == "model" and model["display_name"] and re.match(r"\d{4}-\d\d-\d\dT.*Z$", model["created_at"])
               for model in anthropic["data"])
    assert (anthropic["has_more"], anthropic["first_id"], anthropic["last_id"]) == (
        False, anthropic["data"][0]["id"], anthropic["data"][-1]["id"])


def test_one_model(port: int) -> None:
    assert exchange(port, "GET", "/v1/models/own-gpt").json["id"] == "own-gpt"
    missing = exchange(port, "GET", "/v1/models/no/such/model")
    assert missing.status == 404 and missing.json["error"]["code"] == "model_not_found"


def test_usage_json_and_csv(bed: Bed, port: int) -> None:
    answer = bed.post(CHAT)
    row = bed.gateway.row(answer.header("x-request-id"))
    usage = exchange(port, "GET", "/usage").json
    assert {"totalRequests", "totalCost", "totalTokens", "costByProvider", "costByModel", "records"} <= set(usage)
    record = next(each for each in usage["records"] if each["request_id"] == row["request_id"])
    assert record["id"] == row["id"]
    assert (record["provider"], record["model"], record["payment_method"], record["currency"]) == ("oai", row["model"], "api_key", "USD")
    assert (record["input_tokens"], record["output_tokens"], record["total_tokens"]) == (INPUT_TOKENS, OUTPUT_TOKENS, INPUT_TOKENS + OUTPUT_TOKENS)
    assert record["total_cost"] is None, "a price that nobody knows is not 0"
    assert record["timestamp"].endswith("Z") and record["created_at"]
    ids = [each["id"] for each in usage["records"]]
    assert ids == sorted(ids, reverse=True) and len(ids) <= 100
    assert len(exchange(port, "GET", "/usage?limit=1").json["records"]) == 1

    table = exchange(port, "GET", "/usage?format=csv")
    assert table.header("content-type").startswith("text/csv")
    assert re.search(r'attachment; *filename="?usage-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv"?', table.header("content-disposition"))
    lines = list(csv.DictReader(io.StringIO(table.body.decode(), newline="")))
    assert table.body.split(b"\r\n")[0].decode() == (
        "request_id,provider,model,timestamp,input_tokens,cache_write_input_tokens,cache_read_input_tokens,output_tokens,total_tokens,"
        "input_cost_usd,cache_write_cost_usd,cache_read_cost_usd,output_cost_usd,total_cost_usd,payment_method")
    line = next(each for each in lines if each["request_id"] == row["request_id"])
    assert (line["input_tokens"], line["output_tokens"]) == (str(INPUT_TOKENS), str(OUTPUT_TOKENS))


@pytest.mark.parametrize(("query", "message"), [
    ("startTime=yesterday", "Invalid startTime format. Use RFC3339 (e.g., 2024-01-01T00:00:00Z)"),
    ("endTime=1", "Invalid endTime format. Use RFC3339 (e.g., 2024-01-01T00:00:00Z)"),
    ("startTime=2025-01-02T00:00:00Z&endTime=2025-01-01T00:00:00Z", "startTime must be before endTime"),
    ("timezone=Mars/Olympus", "Invalid timezone. Use IANA format (e.g., America/New_York, UTC)"),
])
def test_usage_refuses_bad_parameters(port: int, query: str, message: str) -> None:
    answer = exchange(port, "GET", f"/usage?{query}")
    assert (answer.status, answer.json) == (400, {"error": message})


def test_usage_interval_is_half_open(port: int) -> None:
    assert exchange(port, "GET", "/usage?startTime=2020-01-01T00:00:00Z&endTime=2020-01-02T00:00:00%2B02:00").json["records"] == []


def test_health_and_status(port: int) -> None:
    for path in ("/health", "/livez", "/readyz"):
        answer = exchange(port, "GET", path)
        assert answer.status == 200 and answer.json["status"] == "ok"
        assert answer.json["version"] and answer.json["timestamp"]
    status = exchange(port, "GET", "/config/status").json
    assert (status["mode"], status["hasApiKeys"], status["x402Enabled"]) == ("byok", True, False)
    assert status["providers"]["oai"] is True and status["providers"]["ant"] is True
    assert status["server"]["port"] == port and status["server"]["version"]
    assert "dashboardPort" in status["server"]


def test_probes_of_claude_code(port: int) -> None:
    for method, path in (("HEAD", "/"), ("GET", "/"), ("HEAD", "/api/hello")):
        assert exchange(port, method, path).status == 200


def test_errors_name_no_internals(port: int) -> None:
    for answer in (exchange(port, "POST", CHAT.path, b"{"), exchange(port, "GET", "/nope")):
        assert not re.search(rb"/work|\.swift|sk-|Optional\(", answer.body)
        json.loads(answer.body)
