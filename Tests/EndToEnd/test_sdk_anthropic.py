"""The real anthropic SDK through the gateway: plain and streamed, sync and async, over HTTP and HTTPS upstreams."""

from __future__ import annotations

import asyncio
import time

import anthropic
import pytest

from conftest import Bed
from dialects import ENDINGS, INPUT_TOKENS, MESSAGES, OUTPUT_TOKENS, broken_stream
from gateway import CANCELLED, OK, eventually, tokens, upstream_model
from provider import Exchange

TEXTS = ("Grüße, ", "世界 ", "🌍!")
TEXT = "".join(TEXTS)
ROW = {"input_tokens": INPUT_TOKENS, "cache_write_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": OUTPUT_TOKENS,
       "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS}
ASKED = {"max_tokens": 64, "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture(params=["ant", "ant-tls"])
def model(request: pytest.FixtureRequest) -> str:
    """A model behind a plain and behind a TLS upstream."""
    return f"{request.param}/test-model"


@pytest.fixture
def sdk(bed: Bed):
    with anthropic.Anthropic(base_url=bed.gateway.url, api_key="client-key", max_retries=0, timeout=10) as sdk:
        yield sdk


async def answers(exchange: Exchange) -> None:
    if exchange.request.json.get("stream"):
        await exchange.stream(MESSAGES.stream(*TEXTS))
    else:
        await exchange.answer(MESSAGES.answer(TEXT))


def fails(body: bytes, status: int, headers: tuple[tuple[str, str], ...] = ()):
    async def handler(exchange: Exchange) -> None:
        await exchange.answer(body, status, headers)

    return handler


def test_call(bed: Bed, sdk: anthropic.Anthropic, model: str) -> None:
    bed.script(answers)
    raw = sdk.messages.with_raw_response.create(model=model, **ASKED)
    assert raw.parse().content[0].text == TEXT
    row = bed.gateway.row(raw.headers["x-request-id"])
    assert tokens(row) == ROW
    assert (row["provider"], upstream_model(row), row["outcome"], row["status"]) == (model.split("/")[0], "test-model", OK, 200)


def test_stream(bed: Bed, sdk: anthropic.Anthropic, model: str) -> None:
    bed.script(answers)
    with sdk.messages.stream(model=model, **ASKED) as stream:
        assert "".join(stream.text_stream) == TEXT
        message = stream.get_final_message()
        request_id = stream.response.headers["x-request-id"]
    assert (message.usage.input_tokens, message.usage.output_tokens, message.stop_reason) == (INPUT_TOKENS, OUTPUT_TOKENS, "end_turn")
    assert tokens(bed.gateway.row(request_id)) == ROW


def test_beta_path_and_header_reach_the_provider(bed: Bed, sdk: anthropic.Anthropic) -> None:
    bed.script(answers)
    message = sdk.beta.messages.create(model="ant/test-model", betas=["effort-2025-11-24"], extra_query={"beta": "true"}, **ASKED)
    assert message.content[0].text == TEXT
    request = bed.plain.only().request
    assert request.target == "/v1/messages?beta=true"
    assert request.header("anthropic-beta") == "effort-2025-11-24"


def test_async_call_and_stream(bed: Bed, model: str) -> None:
    async def run() -> None:
        async with anthropic.AsyncAnthropic(base_url=bed.gateway.url, api_key="client-key", max_retries=0, timeout=10) as sdk:
            message = await sdk.messages.create(model=model, **ASKED)
            assert message.content[0].text == TEXT
            async with sdk.messages.stream(model=model, **ASKED) as stream:
                assert (await stream.get_final_message()).content[0].text == TEXT

    bed.script(answers)
    asyncio.run(run())


def test_text_arrives_unchanged_one_byte_a_write(bed: Bed, sdk: anthropic.Anthropic) -> None:
    wire = b"".join(MESSAGES.stream(*TEXTS))

    async def handler(exchange: Exchange) -> None:
        await exchange.stream([wire[index : index + 1] for index in range(len(wire))])

    bed.script(handler)
    with sdk.messages.stream(model="ant/test-model", **ASKED) as stream:
        assert "".join(stream.text_stream) == TEXT


@pytest.mark.parametrize(("status", "kind", "error"), [
    (400, "invalid_request_error", anthropic.BadRequestError),
    (404, "not_found_error", anthropic.NotFoundError),
    (409, "conflict_error", anthropic.ConflictError),
    (413, "request_too_large", anthropic.APIStatusError),
    (429, "rate_limit_error", anthropic.RateLimitError),
    (500, "api_error", anthropic.InternalServerError),
    (529, "overloaded_error", anthropic.InternalServerError),
])
def test_upstream_errors_are_the_sdks_own(bed: Bed, sdk: anthropic.Anthropic, status: int, kind: str,
                                         error: type[anthropic.APIStatusError]) -> None:
    body = MESSAGES.error(kind, f"The provider's own words: {status}.")
    bed.script(fails(body, status, (("retry-after", "7"),) if status == 429 else ()))
    for stream in (False, True):
        with pytest.raises(error) as caught:
            sdk.messages.create(model="ant/test-model", stream=stream, **ASKED)
        assert caught.value.status_code == status
        assert caught.value.response.content == body
        if status == 429:
            assert caught.value.response.headers["retry-after"] == "7"


@pytest.mark.parametrize("status", [401, 402, 403])
def test_refused_provider_key_is_not_the_clients_fault(bed: Bed, status: int) -> None:
    bed.script(fails(MESSAGES.error("authentication_error", "invalid x-api-key"), status))
    with anthropic.Anthropic(base_url=bed.gateway.url, api_key="client-key", max_retries=2) as sdk:
        with pytest.raises(anthropic.InternalServerError) as caught:
            sdk.messages.create(model="ant/test-model", **ASKED)
    assert caught.value.status_code == 502
    assert caught.value.response.headers["x-should-retry"] == "false"
    assert MESSAGES.check_error(caught.value.response.content, "api_error")
    assert b"provider_auth_failed" in caught.value.response.content
    assert b"invalid x-api-key" not in caught.value.response.content
    assert len(bed.plain.exchanges) == 1, "the SDK was told not to try again"


@pytest.mark.parametrize("ending", ENDINGS)
def test_mid_stream_failure_is_an_error(bed: Bed, sdk: anthropic.Anthropic, ending: str) -> None:
    bed.script(broken_stream(MESSAGES, ending, error="overloaded_error"))
    seen = []
    with pytest.raises(anthropic.APIError):
        with sdk.messages.stream(model="ant/test-model", **ASKED) as stream:
            for text in stream.text_stream:
                seen.append(text)
    assert seen == ["part"]


def test_hang_up_mid_stream(bed: Bed, sdk: anthropic.Anthropic, model: str) -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.body(b"".join([*MESSAGES.opening(), MESSAGES.delta("some words that were seen")]))
        await exchange.silence()

    bed.script(handler)
    with sdk.messages.stream(model=model, **ASKED) as stream:
        assert next(stream.text_stream)
        request_id = stream.response.headers["x-request-id"]
        hung_up = time.monotonic()
    exchange = (bed.secure if "tls" in model else bed.plain).only()
    closed = eventually(lambda: exchange.closed_at, 2, "the provider's connection stayed open after the client hung up")
    assert closed - hung_up < 1
    row = bed.gateway.row(request_id)
    assert row["outcome"] == CANCELLED
    assert row["input_tokens"] == INPUT_TOKENS, "message_start said how many"
    assert row["output_tokens"] > 0
