"""The real openai SDK through the gateway: chat and Responses, plain and streamed, sync and async, over HTTP and HTTPS upstreams."""

from __future__ import annotations

import asyncio
import time

import openai
import pytest

from conftest import Bed
from dialects import CHAT, Dialect, ENDINGS, INPUT_TOKENS, OUTPUT_TOKENS, RESPONSES, broken_stream
from gateway import CANCELLED, OK, eventually, tokens, upstream_model
from provider import Exchange

TEXTS = ("Grüße, ", "世界 ", "🌍!")
TEXT = "".join(TEXTS)
ROW = {"input_tokens": INPUT_TOKENS, "cache_write_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": OUTPUT_TOKENS,
       "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS}
MESSAGES = [{"role": "user", "content": "hi"}]
OPENAI = pytest.mark.parametrize("dialect", [CHAT, RESPONSES], ids=lambda each: each.name)


@pytest.fixture(params=["oai", "oai-tls"])
def model(request: pytest.FixtureRequest) -> str:
    """A model behind a plain and behind a TLS upstream."""
    return f"{request.param}/test-model"


@pytest.fixture
def sdk(bed: Bed):
    with openai.OpenAI(base_url=f"{bed.gateway.url}/v1", api_key="client-key", max_retries=0, timeout=10) as sdk:
        yield sdk


def answers(dialect: Dialect):
    async def handler(exchange: Exchange) -> None:
        if exchange.request.json.get("stream"):
            await exchange.stream(dialect.stream(*TEXTS))
        else:
            await exchange.answer(dialect.answer(TEXT))

    return handler


def fails(body: bytes, status: int, headers: tuple[tuple[str, str], ...] = ()):
    async def handler(exchange: Exchange) -> None:
        await exchange.answer(body, status, headers)

    return handler


def call(sdk: openai.OpenAI, dialect: Dialect, model: str = "oai/test-model", **more: object):
    """A call by the SDK: `with_raw_response` gives the headers too."""
    if dialect is CHAT:
        return sdk.chat.completions.with_raw_response.create(model=model, messages=MESSAGES, **more)
    return sdk.responses.with_raw_response.create(model=model, input="hi", **more)


def test_chat_call(bed: Bed, sdk: openai.OpenAI, model: str) -> None:
    bed.script(answers(CHAT))
    raw = call(sdk, CHAT, model)
    completion = raw.parse()
    assert completion.choices[0].message.content == TEXT
    assert completion.usage.completion_tokens == OUTPUT_TOKENS
    row = bed.gateway.row(raw.headers["x-request-id"])
    assert tokens(row) == ROW
    assert (row["provider"], upstream_model(row), row["outcome"], row["status"]) == (model.split("/")[0], "test-model", OK, 200)


def test_chat_stream(bed: Bed, sdk: openai.OpenAI, model: str) -> None:
    bed.script(answers(CHAT))
    raw = call(sdk, CHAT, model, stream=True)
    chunks = list(raw.parse())
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == TEXT
    assert all(chunk.usage is None for chunk in chunks), "usage that was not asked for"
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert tokens(bed.gateway.row(raw.headers["x-request-id"])) == ROW


def test_chat_stream_with_usage(bed: Bed, sdk: openai.OpenAI) -> None:
    bed.script(answers(CHAT))
    with sdk.chat.completions.stream(model="oai/test-model", messages=MESSAGES, stream_options={"include_usage": True}) as events:
        completion = events.get_final_completion()
    assert completion.choices[0].message.content == TEXT
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (INPUT_TOKENS, OUTPUT_TOKENS)


def test_responses_call(bed: Bed, sdk: openai.OpenAI, model: str) -> None:
    bed.script(answers(RESPONSES))
    raw = call(sdk, RESPONSES, model)
    assert raw.parse().output_text == TEXT
    assert tokens(bed.gateway.row(raw.headers["x-request-id"])) == ROW


def test_responses_stream(bed: Bed, sdk: openai.OpenAI, model: str) -> None:
    bed.script(answers(RESPONSES))
    raw = call(sdk, RESPONSES, model, stream=True)
    events = list(raw.parse())
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == TEXT
    assert events[-1].type == "response.completed" and events[-1].response.usage.output_tokens == OUTPUT_TOKENS
    assert tokens(bed.gateway.row(raw.headers["x-request-id"])) == ROW
    with sdk.responses.stream(model=model, input="hi") as stream:
        assert stream.get_final_response().output_text == TEXT


def test_async_calls_and_streams(bed: Bed, model: str) -> None:
    async def run() -> None:
        async with openai.AsyncOpenAI(base_url=f"{bed.gateway.url}/v1", api_key="client-key", max_retries=0, timeout=10) as sdk:
            bed.script(answers(CHAT))
            completion = await sdk.chat.completions.create(model=model, messages=MESSAGES)
            assert completion.choices[0].message.content == TEXT
            stream = await sdk.chat.completions.create(model=model, messages=MESSAGES, stream=True)
            assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == TEXT
            bed.script(answers(RESPONSES))
            assert (await sdk.responses.create(model=model, input="hi")).output_text == TEXT
            async with sdk.responses.stream(model=model, input="hi") as events:
                assert (await events.get_final_response()).output_text == TEXT

    asyncio.run(run())


@OPENAI
def test_text_arrives_unchanged_one_byte_a_write(bed: Bed, sdk: openai.OpenAI, dialect: Dialect) -> None:
    wire = b"".join(dialect.stream(*TEXTS))

    async def handler(exchange: Exchange) -> None:
        await exchange.stream([wire[index : index + 1] for index in range(len(wire))])

    bed.script(handler)
    events = list(call(sdk, dialect, stream=True).parse())
    if dialect is CHAT:
        text = "".join(chunk.choices[0].delta.content or "" for chunk in events)
    else:
        text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == TEXT


@OPENAI
@pytest.mark.parametrize(("status", "kind", "code", "error"), [
    (400, "invalid_request_error", "context_length_exceeded", openai.BadRequestError),
    (404, "invalid_request_error", "model_not_found", openai.NotFoundError),
    (409, "invalid_request_error", None, openai.ConflictError),
    (422, "invalid_request_error", None, openai.UnprocessableEntityError),
    (429, "rate_limit_error", "rate_limit_exceeded", openai.RateLimitError),
    (500, "api_error", None, openai.InternalServerError),
    (503, "overloaded_error", None, openai.InternalServerError),
])
def test_upstream_errors_are_the_sdks_own(bed: Bed, sdk: openai.OpenAI, dialect: Dialect, status: int, kind: str, code: str | None,
                                         error: type[openai.APIStatusError]) -> None:
    body = dialect.error(kind, f"The provider's own words: {status}.", code)
    bed.script(fails(body, status, (("retry-after", "7"),) if status == 429 else ()))
    for stream in (False, True):
        with pytest.raises(error) as caught:
            call(sdk, dialect, stream=stream)
        assert caught.value.status_code == status
        assert caught.value.response.content == body
        assert (caught.value.code, caught.value.type) == (code, kind)
        if status == 429:
            assert caught.value.response.headers["retry-after"] == "7"


@OPENAI
@pytest.mark.parametrize("status", [401, 402, 403])
def test_refused_provider_key_is_not_the_clients_fault(bed: Bed, dialect: Dialect, status: int) -> None:
    bed.script(fails(dialect.error("authentication_error", "Incorrect API key provided: sk-provi****3d."), status))
    with openai.OpenAI(base_url=f"{bed.gateway.url}/v1", api_key="client-key", max_retries=2) as sdk:
        with pytest.raises(openai.InternalServerError) as caught:
            call(sdk, dialect)
    assert caught.value.status_code == 502
    assert caught.value.response.headers["x-should-retry"] == "false"
    assert dialect.check_error(caught.value.response.content, "api_error", "provider_auth_failed")
    assert b"Incorrect API key" not in caught.value.response.content
    assert len(bed.plain.exchanges) == 1, "the SDK was told not to try again"


@OPENAI
def test_unreachable_and_untrusted_providers(bed: Bed, sdk: openai.OpenAI, dialect: Dialect) -> None:
    bed.script(answers(dialect))
    for name in ("oai-dead", "oai-untrusted"):
        with pytest.raises(openai.InternalServerError) as caught:
            call(sdk, dialect, f"{name}/test-model")
        assert caught.value.status_code in (502, 503)
        dialect.check_error(caught.value.response.content)
    assert bed.secure.exchanges == [], "a request went to a provider whose certificate is not trusted"


@OPENAI
@pytest.mark.parametrize("ending", ENDINGS)
def test_mid_stream_failure_is_an_error(bed: Bed, sdk: openai.OpenAI, dialect: Dialect, ending: str) -> None:
    bed.script(broken_stream(dialect, ending, error="api_error"))
    seen = []
    try:
        for event in call(sdk, dialect, stream=True).parse():
            seen.append(event)
    except openai.APIError as error:
        assert error.message
        raised = True
    else:
        raised = False
    if dialect is CHAT:
        assert raised, "a chat stream that broke off ended quietly"
        assert seen[-1].choices[0].delta.content == "part"
    else:
        assert any(event.type == "response.output_text.delta" and event.delta == "part" for event in seen)
        assert raised or [event.type for event in seen[-2:]] == ["error", "response.failed"]


@OPENAI
def test_hang_up_mid_stream(bed: Bed, sdk: openai.OpenAI, dialect: Dialect, model: str) -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.body(b"".join([*dialect.opening(), dialect.delta("some words that were seen")]))
        await exchange.silence()

    bed.script(handler)
    raw = call(sdk, dialect, model, stream=True)
    stream = raw.parse()
    next(iter(stream))
    hung_up = time.monotonic()
    stream.response.close()
    check_cancelled(bed, model, raw.headers["x-request-id"], hung_up)


def test_async_hang_up_mid_stream(bed: Bed, model: str) -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.body(b"".join([*CHAT.opening(), CHAT.delta("some words that were seen")]))
        await exchange.silence()

    async def run() -> tuple[str, float]:
        async with openai.AsyncOpenAI(base_url=f"{bed.gateway.url}/v1", api_key="client-key", max_retries=0) as sdk:
            stream = await sdk.chat.completions.create(model=model, messages=MESSAGES, stream=True)
            async for _ in stream:
                break
            hung_up = time.monotonic()
            await stream.close()
            return stream.response.headers["x-request-id"], hung_up

    bed.script(handler)
    check_cancelled(bed, model, *asyncio.run(run()))


def check_cancelled(bed: Bed, model: str, request_id: str, hung_up: float) -> None:
    exchange = (bed.secure if "tls" in model else bed.plain).only()
    closed = eventually(lambda: exchange.closed_at, 2, "the provider's connection stayed open after the client hung up")
    assert closed - hung_up < 1
    row = bed.gateway.row(request_id)
    assert row["outcome"] == CANCELLED
    assert row["input_tokens"] > 0 and row["output_tokens"] > 0
