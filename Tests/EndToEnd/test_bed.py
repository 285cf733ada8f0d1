"""The test bed tested on itself: real SDKs talk to the scripted provider with no gateway between, so that a failure elsewhere in this
suite is the gateway's."""

from __future__ import annotations

import asyncio
import ssl
import time

import anthropic
import httpx
import openai
import pytest

import client
import replay
from client import Client, request
from dialects import ALL, CHAT, INPUT_TOKENS, MESSAGES, OUTPUT_TOKENS, RESPONSES, Dialect, compact, parse_events
from gateway import eventually
from provider import Exchange, Provider

TEXTS = ("Grüße, ", "世界 ", "🌍!")
TEXT = "".join(TEXTS)


@pytest.fixture
def provider(plain_provider: Provider):
    yield plain_provider
    assert not plain_provider.failures


def post(provider: Provider, dialect: Dialect = CHAT, **more: object) -> bytes:
    return request("POST", dialect.path, compact(dialect.request(**more)))


def test_sdks_call_and_stream_from_the_provider(provider: Provider) -> None:
    async def handler(exchange: Exchange) -> None:
        dialect = next(each for each in ALL if each.path == exchange.request.target)
        if exchange.request.json.get("stream"):
            await exchange.stream(dialect.stream(*TEXTS))
        else:
            await exchange.answer(dialect.answer(TEXT))

    provider.script(handler)
    with openai.OpenAI(base_url=f"{provider.url}/v1", api_key="k", max_retries=0) as sdk:
        asked = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
        assert sdk.chat.completions.create(**asked).choices[0].message.content == TEXT
        chunks = list(sdk.chat.completions.create(**asked, stream=True))
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == TEXT
        assert chunks[-1].usage.completion_tokens == OUTPUT_TOKENS
        assert sdk.responses.create(model="m", input="hi").output_text == TEXT
        with sdk.responses.stream(model="m", input="hi") as events:
            assert events.get_final_response().output_text == TEXT
    with anthropic.Anthropic(base_url=provider.url, api_key="k", max_retries=0) as sdk:
        asked = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
        assert sdk.messages.create(**asked).content[0].text == TEXT
        with sdk.messages.stream(**asked) as events:
            message = events.get_final_message()
        assert (message.content[0].text, message.usage.input_tokens, message.usage.output_tokens) == (TEXT, INPUT_TOKENS, OUTPUT_TOKENS)
    assert len(provider.exchanges) == 6


@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
def test_framings_carry_the_same_bytes(provider: Provider, framing: str) -> None:
    events = CHAT.stream(*TEXTS)
    whole = b"".join(events)

    async def handler(exchange: Exchange) -> None:
        await exchange.stream([whole[index : index + 1] for index in range(len(whole))], framing=framing, length=len(whole))

    provider.script(handler)
    with Client(provider.port) as connection:
        answer = connection.send(post(provider)).answer()
        assert (answer.body, answer.complete) == (whole, True)
        assert connection.closed_by_peer(0.5) == (framing == "close")


def test_decoder_reads_the_same_however_bytes_are_split() -> None:
    wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\nc\r\n, w\r\n0\r\n\r\nld\r\n0\r\nt: 1\r\n\r\nHTTP/1.1"
    for split in range(1, len(wire)):
        decoder = client.Decoder()
        done = decoder.feed(wire[:split])
        assert done or decoder.feed(wire[split:])
        rest = bytes(decoder.rest) + (wire[split:] if done else b"")
        assert (decoder.answer.body, rest) == (b"hello, w\r\n0\r\n\r\nld", b"HTTP/1.1")


def test_provider_keeps_a_connection_and_sees_bytes_as_sent(provider: Provider) -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.answer(exchange.request.body)

    provider.script(handler)
    body = b'{ "odd" :\t1.0e+2}'
    with Client(provider.port) as connection:
        assert connection.exchange("POST", "/a", body).body == body
        chunked = request("POST", "/b?x=1", headers=(("transfer-encoding", "chunked"), ("X-Two", "1"), ("x-two", "2")))
        assert connection.send(chunked + b"3\r\n{ }\r\n0\r\n\r\n").answer().body == b"{ }"
    first, second = provider.exchanges
    assert first.connection is second.connection
    assert second.request.head == chunked and second.request.all("x-two") == ["1", "2"] and second.request.target == "/b?x=1"


def test_provider_knows_when_its_peer_closes(provider: Provider) -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.silence()

    provider.script(handler)
    connection = Client(provider.port).send(post(provider))
    eventually(lambda: provider.exchanges, 2, "the provider got no request")
    assert provider.only().closed_at is None
    closed = time.monotonic()
    connection.close()
    assert eventually(lambda: provider.only().closed_at, 2, "the provider did not see the close") - closed < 0.5


def test_provider_feels_backpressure(provider: Provider) -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        while True:
            await exchange.body(b"x" * 4096)

    provider.script(handler)
    with Client(provider.port, receive_buffer=4096) as connection:
        connection.send(post(provider))
        eventually(lambda: provider.exchanges and provider.only().accepted_bytes > 4096, 2, "nothing was written")
        time.sleep(0.2)
        stalled = provider.only().accepted_bytes
        time.sleep(0.2)
        assert provider.only().accepted_bytes == stalled < 512 * 1024
        taken = 0
        while taken < 4 * stalled:
            taken += len(connection.socket.recv(65536))
        assert provider.only().accepted_bytes > stalled


def test_provider_resets_and_truncates(provider: Provider) -> None:
    async def reset(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.body(b"data")
        exchange.reset()

    provider.script(reset)
    with Client(provider.port) as connection:
        connection.send(post(provider))
        with pytest.raises(ConnectionResetError):
            while connection.socket.recv(4096):
                pass

    async def truncate(exchange: Exchange) -> None:
        await exchange.head(framing="length", length=100)
        await exchange.body(b"data")
        exchange.close()

    provider.script(truncate)
    answer = client.exchange(provider.port, "POST", "/", b"{}")
    assert (answer.body, answer.complete) == (b"data", False)


def test_tls_provider_is_trusted_through_its_authority_only(secure_provider: Provider, authority) -> None:
    whole = b"".join(CHAT.stream(*TEXTS))

    async def handler(exchange: Exchange) -> None:
        await exchange.stream([whole[index : index + 1] for index in range(len(whole))])

    secure_provider.script(handler)
    trusted = ssl.create_default_context(cafile=str(authority.ca_file))
    with httpx.Client(verify=trusted) as http:
        assert http.post(f"{secure_provider.url}/v1/chat/completions", json={}).content == whole
    with pytest.raises(httpx.ConnectError), httpx.Client() as http:
        http.post(f"{secure_provider.url}/v1/chat/completions", json={})
    assert len(secure_provider.exchanges) == 1


def test_asynchronous_client_reads_many_streams(provider: Provider) -> None:
    async def handler(exchange: Exchange) -> None:
        await exchange.stream(MESSAGES.stream(*TEXTS))

    async def run() -> list[client.Answer]:
        return await asyncio.gather(*(client.stream(provider.port, post(provider, MESSAGES)) for _ in range(100)))

    provider.script(handler)
    answers = asyncio.run(run())
    assert all(answer.complete and answer.body == b"".join(MESSAGES.stream(*TEXTS)) for answer in answers)


def test_error_tails_are_told_from_other_endings() -> None:
    for dialect in ALL:
        tail = dialect.stream_error("api_error", "gone")
        assert dialect.is_error_tail(tail)
        assert not dialect.is_error_tail(tail + tail), "two errors are not one"
        assert not dialect.is_error_tail(dialect.closing("x")[-1])
        assert not dialect.is_error_tail(tail[:-1])
        others = [each for each in ALL if each is not dialect]
        assert not any(other.is_error_tail(tail) for other in others)
    assert parse_events(RESPONSES.delta("a"))[0][0] == "response.output_text.delta"


def test_recordings_are_read_with_their_usage() -> None:
    assert replay.usage("openai-chat", b'data: {"usage":null}\n\ndata: {"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":1,'
                        b'"total_tokens":303,"prompt_tokens_details":{"cached_tokens":11},"completion_tokens_details":'
                        b'{"reasoning_tokens":290}}}\n\ndata: [DONE]\n\n', True) == replay.Usage(1, 0, 11, 291)
    assert replay.usage("anthropic", b'{"usage":{"input_tokens":4,"cache_creation_input_tokens":379,"cache_read_input_tokens":14714,'
                        b'"output_tokens":290}}', False) == replay.Usage(4, 379, 14714, 290)
    assert replay.usage("anthropic", b"".join(MESSAGES.stream("x")), True) == replay.Usage(INPUT_TOKENS, 0, 0, OUTPUT_TOKENS)
    assert replay.usage("openai-responses", b"".join(RESPONSES.stream("x")), True) == replay.Usage(INPUT_TOKENS, 0, 0, OUTPUT_TOKENS)
    assert replay.usage("openai-chat", b'data: {"choices":[]}\n\n', True) is None
    events = CHAT.stream("a", "b")
    assert replay.without_usage_chunk(b"".join(events)) == b"".join(CHAT.shown(events))


def test_corpus_is_whole(corpus_or_skip: list[replay.Recording]) -> None:
    """The recordings that the replay tests rely on are there, and every one of them can be served."""
    assert {each.format for each in corpus_or_skip} == set(replay.DIALECTS)
    for recording in corpus_or_skip:
        assert recording.answer and isinstance(recording.request(), dict)
        assert replay.split_randomly(recording.answer, 7) != [] and b"".join(replay.split_randomly(recording.answer, 7)) == recording.answer
