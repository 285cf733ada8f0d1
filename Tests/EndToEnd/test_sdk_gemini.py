"""The real google-genai SDK through the gateway: plain and streamed, sync and async, over HTTP and HTTPS upstreams."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from google import genai
from google.genai import errors, types

from client import exchange as send
from conftest import SECRETS, Bed
from dialects import ENDINGS, GEMINI, INPUT_TOKENS, OUTPUT_TOKENS, broken_stream
from gateway import CANCELLED, OK, TRUNCATED, eventually, tokens, upstream_model
from provider import Exchange

TEXTS = ("Grüße, ", "世界 ", "🌍!")
TEXT = "".join(TEXTS)
ROW = {"input_tokens": INPUT_TOKENS, "cache_write_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": OUTPUT_TOKENS,
       "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS}


def client(bed: Bed, version: str = "v1beta") -> genai.Client:
    return genai.Client(api_key="client-key", http_options=types.HttpOptions(base_url=bed.gateway.url, api_version=version, timeout=10_000))


@pytest.fixture
def sdk(bed: Bed):
    with client(bed) as sdk:
        yield sdk


@pytest.fixture(params=["gem", "gem-tls"])
def model(request: pytest.FixtureRequest) -> str:
    """A model behind a plain and behind a TLS upstream."""
    return f"{request.param}/test-model"


async def answers(exchange: Exchange) -> None:
    if ":streamGenerateContent" in exchange.request.target:
        await exchange.stream(GEMINI.stream(*TEXTS))
    elif ":countTokens" in exchange.request.target:
        await exchange.answer(b'{"totalTokens":31}')
    else:
        await exchange.answer(GEMINI.answer(TEXT))


def fails(body: bytes, status: int, headers: tuple[tuple[str, str], ...] = ()):
    async def handler(exchange: Exchange) -> None:
        await exchange.answer(body, status, headers)

    return handler


@pytest.mark.parametrize("version", ["v1beta", "v1"])
def test_call(bed: Bed, model: str, version: str) -> None:
    bed.script(answers)
    with client(bed, version) as sdk:
        answer = sdk.models.generate_content(model=model, contents="hi")
    assert answer.text == TEXT
    assert (answer.usage_metadata.prompt_token_count, answer.usage_metadata.candidates_token_count) == (INPUT_TOKENS, OUTPUT_TOKENS)
    request = (bed.secure if "tls" in model else bed.plain).only().request
    assert request.target == "/v1beta/models/test-model:generateContent"
    assert request.header("x-goog-api-key") == SECRETS["gem"] and b"client-key" not in request.head + request.body
    row = bed.gateway.row(answer.sdk_http_response.headers["x-request-id"])
    assert tokens(row) == ROW
    assert (row["provider"], upstream_model(row), row["outcome"], row["status"]) == (model.split("/")[0], "test-model", OK, 200)
    assert (row["endpoint"], row["client_dialect"], row["stream"]) == ("/v1beta/models", "gemini", 0)


def test_stream(bed: Bed, sdk: genai.Client, model: str) -> None:
    bed.script(answers)
    chunks = list(sdk.models.generate_content_stream(model=model, contents="hi"))
    assert "".join(chunk.text or "" for chunk in chunks) == TEXT
    assert chunks[-1].candidates[0].finish_reason == types.FinishReason.STOP
    assert chunks[-1].usage_metadata.candidates_token_count == OUTPUT_TOKENS
    assert (bed.secure if "tls" in model else bed.plain).only().request.target == "/v1beta/models/test-model:streamGenerateContent?alt=sse"
    row = bed.gateway.row(chunks[0].sdk_http_response.headers["x-request-id"])
    assert tokens(row) == ROW and row["stream"] == 1 and row["outcome"] == OK


def test_chat_with_a_tool_and_its_signature(bed: Bed, sdk: genai.Client) -> None:
    """A call with a thought signature goes back as it came, as Gemini 3 demands."""
    call = {"functionCall": {"name": "weather", "args": {"city": "Zürich"}}, "thoughtSignature": "c2lnbmF0dXJl"}

    async def handler(exchange: Exchange) -> None:
        contents = exchange.request.json["contents"]
        await exchange.answer(GEMINI.whole([call] if len(contents) == 1 else [{"text": "sunny"}]))

    bed.script(handler)
    tool = types.Tool(function_declarations=[types.FunctionDeclaration(name="weather", parameters_json_schema={"type": "object"})])
    config = types.GenerateContentConfig(tools=[tool], automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True))
    chat = sdk.chats.create(model="gem/test-model", config=config)
    assert chat.send_message("weather?").function_calls[0].args == {"city": "Zürich"}
    assert chat.send_message(types.Part.from_function_response(name="weather", response={"output": "sun"})).text == "sunny"
    returned = bed.plain.exchanges[1].request.json["contents"][1]["parts"][0]
    assert returned["functionCall"] == call["functionCall"] and returned["thoughtSignature"] == call["thoughtSignature"]


def test_count_tokens_stands_in_no_book(bed: Bed, sdk: genai.Client) -> None:
    bed.script(answers)
    counted = sdk.models.count_tokens(model="gem/test-model", contents="hi")
    assert counted.total_tokens == 31
    assert counted.sdk_http_response.headers["x-ekai-token-count"] == "exact"
    called = sdk.models.generate_content(model="gem/test-model", contents="hi")
    assert bed.gateway.row(called.sdk_http_response.headers["x-request-id"])
    rows = bed.gateway.query("SELECT 1 FROM usage_records WHERE request_id = ?", counted.sdk_http_response.headers["x-request-id"])
    assert not rows


def test_async_call_and_stream(bed: Bed, model: str) -> None:
    async def run() -> None:
        async with client(bed).aio as sdk:
            assert (await sdk.models.generate_content(model=model, contents="hi")).text == TEXT
            chunks = [chunk async for chunk in await sdk.models.generate_content_stream(model=model, contents="hi")]
            assert "".join(chunk.text or "" for chunk in chunks) == TEXT

    bed.script(answers)
    asyncio.run(run())


def test_text_arrives_unchanged_one_byte_a_write(bed: Bed, sdk: genai.Client) -> None:
    wire = b"".join(GEMINI.stream(*TEXTS))

    async def handler(exchange: Exchange) -> None:
        await exchange.stream([wire[index : index + 1] for index in range(len(wire))])

    bed.script(handler)
    assert "".join(chunk.text or "" for chunk in sdk.models.generate_content_stream(model="gem/test-model", contents="hi")) == TEXT


@pytest.mark.parametrize(("status", "name", "error"), [
    (400, "INVALID_ARGUMENT", errors.ClientError), (404, "NOT_FOUND", errors.ClientError), (429, "RESOURCE_EXHAUSTED", errors.ClientError),
    (500, "INTERNAL", errors.ServerError), (503, "UNAVAILABLE", errors.ServerError),
])
def test_upstream_errors_are_the_sdks_own(bed: Bed, sdk: genai.Client, status: int, name: str, error: type[errors.APIError]) -> None:
    body = GEMINI.error(name, f"The provider's own words: {status}.", str(status))
    bed.script(fails(body, status))
    with pytest.raises(error) as caught:
        sdk.models.generate_content(model="gem/test-model", contents="hi")
    assert (caught.value.code, caught.value.status, caught.value.details) == (status, name, json.loads(body))
    with pytest.raises(error) as caught:
        list(sdk.models.generate_content_stream(model="gem/test-model", contents="hi"))
    assert caught.value.code == status


@pytest.mark.parametrize(("status", "reason"), [(401, ""), (403, ""), (400, "API_KEY_INVALID")])
def test_refused_provider_key_is_not_the_clients_fault(bed: Bed, sdk: genai.Client, status: int, reason: str) -> None:
    error = json.loads(GEMINI.error("INVALID_ARGUMENT", "API key not valid", str(status)))
    error["error"]["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}]
    bed.script(fails(json.dumps(error, separators=(",", ":")).encode(), status))
    with pytest.raises(errors.ServerError) as caught:
        sdk.models.generate_content(model="gem/test-model", contents="hi")
    assert caught.value.code == 502 and "provider_auth_failed" in caught.value.message
    assert "not valid" not in str(caught.value.details)
    assert caught.value.response.headers["x-should-retry"] == "false"


def test_our_errors_are_the_sdks_own(bed: Bed, sdk: genai.Client) -> None:
    for call in (sdk.models.generate_content, lambda **more: list(sdk.models.generate_content_stream(**more))):
        with pytest.raises(errors.ClientError) as caught:
            call(model="no-such-model", contents="hi")
        assert (caught.value.code, caught.value.status) == (404, "NOT_FOUND") and "no-such-model" in caught.value.message


@pytest.mark.parametrize("ending", ENDINGS)
def test_mid_stream_failure_is_an_error(bed: Bed, sdk: genai.Client, ending: str) -> None:
    bed.script(broken_stream(GEMINI, ending, error="UNAVAILABLE"))
    seen = []
    with pytest.raises(errors.ServerError) as caught:
        for chunk in sdk.models.generate_content_stream(model="gem/test-model", contents="hi"):
            seen.append(chunk.text or "")
            request_id = chunk.sdk_http_response.headers["x-request-id"]
    assert "".join(seen) == "part" and caught.value.code == (503 if ending == "error event" else 502)
    if ending != "error event":
        assert bed.gateway.row(request_id)["outcome"] == TRUNCATED


def test_hang_up_mid_stream(bed: Bed, sdk: genai.Client, model: str) -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.body(b"".join([*GEMINI.opening(), GEMINI.delta("some words that were seen")]))
        await exchange.silence()

    bed.script(handler)
    stream = sdk.models.generate_content_stream(model=model, contents="hi")
    first = next(chunk for chunk in stream if chunk.text)
    stream.close()
    sdk.close()
    hung_up = time.monotonic()
    exchange = (bed.secure if "tls" in model else bed.plain).only()
    closed = eventually(lambda: exchange.closed_at, 2, "the provider's connection stayed open after the client hung up")
    assert closed - hung_up < 1
    row = bed.gateway.row(first.sdk_http_response.headers["x-request-id"])
    assert row["outcome"] == CANCELLED and row["input_tokens"] == INPUT_TOKENS and row["output_tokens"] > 0


def test_models_are_listed_in_pages(bed: Bed, sdk: genai.Client) -> None:
    names = [each.name for each in sdk.models.list(config={"page_size": 1})]
    assert {"models/own-gpt", "models/own-claude", "models/own-gemini"} <= set(names) and len(names) == len(set(names))
    one = sdk.models.get(model="own-gemini")
    assert one.name == "models/own-gemini" and "countTokens" in one.supported_actions
    with pytest.raises(errors.ClientError) as caught:
        sdk.models.get(model="no-such-model")
    assert (caught.value.code, caught.value.status) == (404, "NOT_FOUND")


def test_array_arrives_element_by_element(bed: Bed) -> None:
    """Without `alt=sse` a stream is one JSON array: it goes on as it comes, and its last counts are booked."""
    elements = [GEMINI.element(text) for text in TEXTS] + [GEMINI.element("", last=True)]
    wire = b"[" + b",\r\n".join(elements) + b"]"

    async def handler(exchange: Exchange) -> None:
        assert "alt" not in exchange.request.target
        await exchange.stream([wire[index : index + 7] for index in range(0, len(wire), 7)], content_type="application/json; charset=UTF-8")

    bed.script(handler)
    answer = send(bed.gateway.port, "POST", "/v1beta/models/gem/test-model:streamGenerateContent?key=client-key", b'{"contents":[]}',
                  headers=(("content-type", "application/json"),))
    assert answer.status == 200 and answer.body == wire
    assert tokens(bed.gateway.row(answer.header("x-request-id"))) == ROW
