"""Counting tokens: exactly through providers that count, by an estimate elsewhere, for clients of three dialects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import anthropic
import openai
import pytest
from prometheus_client.parser import text_string_to_metric_families

from client import Answer, exchange
from conftest import SECRETS
from dialects import compact
from gateway import Gateway, eventually
from provider import Exchange, Provider

MESSAGES, RESPONSES, GEMINI = "/v1/messages/count_tokens", "/v1/responses/input_tokens", "/v1beta/models/{model}:countTokens"
SECRET_GOOGLE = "AIza-provider-google-778899"
TURN = [{"role": "user", "content": "How many tokens are in here?"}]
CONTENTS = [{"role": "user", "parts": [{"text": "How many tokens are in here?"}]}]
TOOL = {"name": "weather", "description": "Tells the weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}


@pytest.fixture(scope="module")
def gateway(binary: Path, plain_provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    plain = plain_provider.url
    config = {
        "providers": [
            {"name": "ant", "kind": "anthropic", "base_url": f"{plain}/v1", "api_keys": [SECRETS["ant"]]},
            {"name": "oai", "kind": "openai", "profile": "openai", "base_url": f"{plain}/v1", "api_keys": [SECRETS["oai"]]},
            {"name": "gem", "kind": "gemini", "base_url": f"{plain}/v1beta", "api_keys": [SECRET_GOOGLE]},
            {"name": "local", "kind": "openai-chat", "base_url": f"{plain}/v1"},
            {"name": "dead", "kind": "anthropic", "base_url": "http://127.0.0.1:9/v1", "api_keys": [SECRETS["ant"]]},
        ],
        "models": [{"name": "alias-claude", "targets": ["ant/claude-real"]}],
    }
    with Gateway(tmp_path_factory.mktemp("counting"), config) as gateway:
        yield gateway


@pytest.fixture
def provider(plain_provider: Provider) -> Iterator[Provider]:
    plain_provider.script(Provider._unscripted)
    yield plain_provider
    assert not plain_provider.failures


def answers(body: bytes, status: int = 200, headers: tuple[tuple[str, str], ...] = ()):
    async def handler(exchange: Exchange) -> None:
        await exchange.answer(body, status, headers)

    return handler


def post(gateway: Gateway, path: str, body: dict | bytes, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return exchange(gateway.port, "POST", path, body if isinstance(body, bytes) else compact(body), headers=headers)


def asked(client: str, model: str) -> tuple[str, dict]:
    """Path and body of a client's question."""
    if client == "gemini":
        return GEMINI.format(model=model), {"contents": CONTENTS}
    if client == "responses":
        return RESPONSES, {"model": model, "input": TURN}
    return MESSAGES, {"model": model, "messages": TURN}


def told(client: str, answer: Answer) -> int:
    """The count that a client of a dialect reads; nothing else may stand in the answer."""
    value = answer.json
    if client == "responses":
        assert value.pop("object") == "response.input_tokens"
    (name, count), = value.items()
    assert name == ("totalTokens" if client == "gemini" else "input_tokens")
    return count


# Exact, in the client's dialect


EXACT = {
    "messages": ("ant/claude-x", "/v1/messages/count_tokens", b'{ "input_tokens" : 14 , "new":1}', "x-api-key", SECRETS["ant"]),
    "responses": ("oai/gpt-x", "/v1/responses/input_tokens", b'{"object":"response.input_tokens",  "input_tokens":14}', "authorization",
                  f"Bearer {SECRETS['oai']}"),
    "gemini": ("gem/gemini-x", "/v1beta/models/gemini-x:countTokens", b'{"totalTokens": 14,"promptTokensDetails":[]}', "x-goog-api-key", SECRET_GOOGLE),
}


@pytest.mark.parametrize("client", EXACT)
def test_exact_byte_for_byte(gateway: Gateway, provider: Provider, client: str) -> None:
    model, target, body, credential, key = EXACT[client]
    provider.script(answers(body, headers=(("request-id", "req_up"),)))
    path, question = asked(client, model)
    question["unheard_of"] = {"a": [1, "\u00e9"]}
    answer = post(gateway, path, question, headers=(("authorization", "Bearer client"), ("x-api-key", "client")))
    assert (answer.status, answer.body) == (200, body)
    assert answer.header("x-ekai-token-count") == "exact"
    assert answer.header("x-ekai-provider") == model.split("/")[0]
    assert answer.header("x-ekai-upstream-request-id") == "req_up"
    request = provider.only().request
    assert request.target == target
    assert request.header(credential) == key
    assert "client" not in request.head.decode().replace("user-agent", "")
    if client == "gemini":
        assert request.body == compact(question)
    else:
        assert request.body == compact(question | {"model": model.split("/")[1]})


def test_query_and_betas_go_on(gateway: Gateway, provider: Provider) -> None:
    provider.script(answers(b'{"input_tokens":3}'))
    answer = post(gateway, MESSAGES + "?beta=true", {"model": "alias-claude", "messages": TURN}, headers=(("anthropic-beta", "x-1"),))
    assert answer.status == 200
    request = provider.only().request
    assert (request.target, request.header("anthropic-beta"), request.json["model"]) == (MESSAGES + "?beta=true", "x-1", "claude-real")
    assert request.header("anthropic-version") == "2023-06-01"


def test_wrapped_gemini_request(gateway: Gateway, provider: Provider) -> None:
    provider.script(answers(b'{"totalTokens":3}'))
    wrapped = {"generateContentRequest": {"model": "models/gem/gemini-x", "contents": CONTENTS}}
    assert post(gateway, "/v1/models/gem/gemini-x:countTokens?key=client", wrapped).json == {"totalTokens": 3}
    request = provider.only().request
    assert request.target == "/v1beta/models/gemini-x:countTokens"
    assert request.json["generateContentRequest"] == {"model": "models/gemini-x", "contents": CONTENTS}


# Exact, in another dialect


@pytest.mark.parametrize("client, server", [(client, server) for client in EXACT for server in EXACT if client != server])
def test_exact_across_dialects(gateway: Gateway, provider: Provider, client: str, server: str) -> None:
    model, target, body, credential, key = EXACT[server]
    provider.script(answers(body))
    path, question = asked(client, model)
    answer = post(gateway, path, question)
    assert answer.status == 200, answer.body
    assert (told(client, answer), answer.header("x-ekai-token-count")) == (14, "exact")
    request = provider.only().request
    assert (request.target, request.header(credential)) == (target, key)
    sent = request.json
    if server == "messages":
        assert set(sent) <= {"model", "messages", "system", "tools", "tool_choice", "thinking", "output_config"}
    elif server == "responses":
        assert set(sent) <= {"model", "input", "instructions", "conversation", "previous_response_id", "parallel_tool_calls", "reasoning", "text",
                             "tool_choice", "tools", "truncation"}
    else:
        assert set(sent) == {"generateContentRequest"} and sent["generateContentRequest"]["model"] == "models/gemini-x"
    assert "How many tokens are in here?" in json.dumps(sent)


# Estimates


@pytest.mark.parametrize("client", EXACT)
def test_estimate_where_nobody_counts(gateway: Gateway, provider: Provider, client: str) -> None:
    path, question = asked(client, "local/llama")
    answer = post(gateway, path, question)
    assert (answer.status, answer.header("x-ekai-token-count")) == (200, "estimate")
    assert 8 <= told(client, answer) <= 20
    assert answer.header("x-ekai-provider") is None and answer.header("content-type") == "application/json"
    assert not provider.exchanges


@pytest.mark.parametrize("status, body", [
    (404, b"<html>Not Found</html>"), (404, b'{"detail":"Not Found"}'), (404, b'{"error":{"message":"Unknown request URL: POST /v1/messages/count_tokens"}}'),
    (405, b'{"detail":"Method Not Allowed"}'), (501, b""),
])
@pytest.mark.parametrize("client", ["messages", "responses"])
def test_estimate_where_the_endpoint_is_missing(gateway: Gateway, provider: Provider, client: str, status: int, body: bytes) -> None:
    provider.script(answers(body, status))
    path, question = asked(client, EXACT[client][0])
    answer = post(gateway, path, question)
    assert (answer.status, answer.header("x-ekai-token-count")) == (200, "estimate")
    assert 8 <= told(client, answer) <= 20
    assert answer.header("x-ekai-attempts") == "1"


def test_estimate_grows_with_what_is_sent(gateway: Gateway) -> None:
    def count(**more: object) -> int:
        return told("messages", post(gateway, MESSAGES, {"model": "local/llama", "messages": TURN} | more))

    bare = count()
    assert count(system="Answer in one word.") > bare
    assert count(tools=[TOOL]) > bare
    assert count(messages=TURN + [{"role": "assistant", "content": "x " * 500}]) >= bare + 500
    assert count(max_tokens=7, stream=True, metadata={"user_id": "long " * 50}) == bare


# Errors


def test_missing_model_is_the_providers_error(gateway: Gateway, provider: Provider) -> None:
    body = compact({"type": "error", "error": {"type": "not_found_error", "message": "model: claude-x"}, "request_id": "req_up"})
    provider.script(answers(body, 404))
    answer = post(gateway, *asked("messages", "ant/claude-x"))
    assert (answer.status, answer.body, answer.header("x-ekai-token-count")) == (404, body, None)


@pytest.mark.parametrize("status", [400, 413, 429, 500, 529])
def test_the_providers_errors_pass(gateway: Gateway, provider: Provider, status: int) -> None:
    body = compact({"type": "error", "error": {"type": "any_error", "message": f"{SECRETS['ant']} max_tokens: Extra inputs are not permitted"}})
    provider.script(answers(body, status, headers=(("retry-after", "7"),)))
    answer = post(gateway, *asked("messages", "ant/claude-x"))
    assert answer.status == status
    assert b"Extra inputs are not permitted" in answer.body and SECRETS["ant"].encode() not in answer.body
    assert answer.header("retry-after") == "7" and answer.header("x-ekai-token-count") is None


@pytest.mark.parametrize("status", [401, 403])
def test_the_operators_key_is_refused(gateway: Gateway, provider: Provider, status: int) -> None:
    provider.script(answers(b'{"type":"error","error":{"type":"authentication_error","message":"bad key"}}', status))
    answer = post(gateway, *asked("messages", "ant/claude-x"))
    assert (answer.status, answer.json["error"]["type"], answer.header("x-should-retry")) == (502, "api_error", "false")


@pytest.mark.parametrize("body", [b"", b"{}", b'{"input_tokens":"many"}', b"<html>", b'{"input_tokens":1}' + b" " * 70_000])
def test_an_answer_without_a_count(gateway: Gateway, provider: Provider, body: bytes) -> None:
    provider.script(answers(body))
    answer = post(gateway, *asked("messages", "ant/claude-x"))
    assert (answer.status, answer.json["error"]["type"], answer.header("x-ekai-token-count")) == (502, "api_error", None)


def test_a_cut_answer(gateway: Gateway, provider: Provider) -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.head(content_type="application/json", framing="length", length=100)
        await exchange.body(b'{"input_tokens":1}')
        exchange.close()

    provider.script(handler)
    answer = post(gateway, *asked("messages", "ant/claude-x"))
    assert (answer.status, answer.json["error"]["type"]) == (502, "api_error")


def test_a_dead_provider(gateway: Gateway) -> None:
    answer = post(gateway, *asked("messages", "dead/claude-x"))
    assert (answer.status, answer.json["error"]["type"], answer.header("x-ekai-token-count")) == (502, "api_error", None)


@pytest.mark.parametrize("client, status", [("messages", "not_found_error"), ("responses", "not_found_error"), ("gemini", None)])
def test_an_unknown_model(gateway: Gateway, client: str, status: str | None) -> None:
    answer = post(gateway, *asked(client, "nobody-has-this"))
    assert answer.status == 404
    assert answer.json["error"].get("type") == status


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"messages":[]}', b'{"model":7}', b""])
def test_bad_requests(gateway: Gateway, body: bytes) -> None:
    answer = post(gateway, MESSAGES, body, headers=(("content-type", "application/json"), ("content-length", str(len(body)))))
    assert (answer.status, answer.json["error"]["type"]) == (400, "invalid_request_error")


def test_only_json_by_post(gateway: Gateway) -> None:
    assert exchange(gateway.port, "GET", MESSAGES).status == 405
    assert post(gateway, MESSAGES, b"a=b", headers=(("content-type", "text/plain"),)).status == 415


# SDKs


def test_anthropic_sdk(gateway: Gateway, provider: Provider) -> None:
    provider.script(answers(b'{"input_tokens":21}'))
    with anthropic.Anthropic(base_url=gateway.url, api_key="client", max_retries=0, timeout=10) as sdk:
        assert sdk.messages.count_tokens(model="ant/claude-x", messages=TURN, tools=[TOOL], system="s").input_tokens == 21
        assert sdk.beta.messages.count_tokens(model="ant/claude-x", messages=TURN).input_tokens == 21
        raw = sdk.messages.with_raw_response.count_tokens(model="local/llama", messages=TURN)
        assert raw.headers["x-ekai-token-count"] == "estimate" and raw.parse().input_tokens >= 8
        with pytest.raises(anthropic.NotFoundError):
            sdk.messages.count_tokens(model="nobody-has-this", messages=TURN)
        with pytest.raises(anthropic.InternalServerError):
            sdk.messages.count_tokens(model="dead/claude-x", messages=TURN)
    assert "token-counting" in provider.exchanges[1].request.header("anthropic-beta")


def test_openai_sdk(gateway: Gateway, provider: Provider) -> None:
    provider.script(answers(b'{"object":"response.input_tokens","input_tokens":22}'))
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key="client", max_retries=0, timeout=10) as sdk:
        assert sdk.responses.input_tokens.count(model="oai/gpt-x", input="hi", instructions="s").input_tokens == 22
        raw = sdk.responses.input_tokens.with_raw_response.count(model="local/llama", input="hi")
        assert raw.headers["x-ekai-token-count"] == "estimate" and raw.parse().object == "response.input_tokens"
        with pytest.raises(openai.NotFoundError):
            sdk.responses.input_tokens.count(model="nobody-has-this", input="hi")


# Books and metrics


def counted(gateway: Gateway, endpoint: str, name: str = "ekai_requests_total", **labels: str) -> float:
    families = text_string_to_metric_families(gateway.get("/metrics")[1].decode())
    return sum(sample.value for family in families for sample in family.samples
               if sample.name == name and ({"endpoint": endpoint} | labels).items() <= sample.labels.items())


def test_counted_and_not_booked(gateway: Gateway, provider: Provider) -> None:
    provider.script(answers(b'{"input_tokens":21}'))
    before = (gateway.row_count(), counted(gateway, MESSAGES), counted(gateway, "/v1/messages"), counted(gateway, RESPONSES))
    assert post(gateway, *asked("messages", "ant/claude-x")).status == 200
    assert post(gateway, *asked("messages", "local/llama")).status == 200
    assert post(gateway, *asked("responses", "local/llama")).status == 200
    assert post(gateway, *asked("gemini", "local/llama")).status == 200
    eventually(lambda: counted(gateway, RESPONSES) == before[3] + 1, 3, "the metrics did not move")
    assert counted(gateway, MESSAGES) == before[1] + 2
    assert counted(gateway, MESSAGES, provider="ant", status="200") >= 1
    assert counted(gateway, "/v1beta/models:countTokens", status="200") >= 1
    assert counted(gateway, MESSAGES, "ekai_request_duration_seconds_count") >= 2
    assert counted(gateway, "/v1/messages") == before[2]
    assert gateway.row_count() == before[0] == 0
