"""Two loops share a thousand concurrent streams; no stream gets another's bytes, and every row is right."""

from __future__ import annotations

import asyncio
from pathlib import Path

import client
from client import Answer
from conftest import post_bytes, providers
from dialects import CHAT, data
from gateway import OK, Gateway, eventually
from provider import Exchange, Provider

STREAMS = 1000
EVENTS = 20


def events(number: int) -> list[bytes]:
    """The stream of one number: its texts and its token counts are like no other's."""
    usage = data({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [],
                  "usage": {"prompt_tokens": number + 1, "completion_tokens": number + 2, "total_tokens": 2 * number + 3}})
    finish, _, done = CHAT.closing("")
    return [*CHAT.opening(), *(CHAT.delta(f"<{number}:{index}>") for index in range(EVENTS)), finish, usage, done]


async def numbered(exchange: Exchange) -> None:
    await exchange.stream(events(exchange.request.json["x_number"]), pause=0.01)


def test_thousand_streams_on_two_loops(binary: Path, plain_provider: Provider, tmp_path: Path) -> None:
    async def run(port: int) -> list[Answer]:
        return await asyncio.gather(*(client.stream(port, post_bytes(CHAT, stream=True, x_number=number)) for number in range(STREAMS)))

    plain_provider.script(numbered)
    with Gateway(tmp_path, {"providers": providers(plain_provider.url)}, env={"EKAI_LOOPS": "2"}) as gateway:
        before = gateway.thread_ticks()
        answers = asyncio.run(run(gateway.port))
        after = gateway.thread_ticks()
        for number, answer in enumerate(answers):
            *shown, _, done = events(number)
            assert (answer.status, answer.complete) == (200, True)
            assert answer.body == b"".join([*shown, done]), f"stream {number}"

        spent = sorted((ticks - before.get(thread, ("", 0))[1] for thread, (_, ticks) in after.items()), reverse=True)
        print(f"CPU ticks a thread: {spent}")
        assert spent[1] >= 0.25 * spent[0] > 0, "one loop did nearly all the work"

        eventually(lambda: gateway.row_count() == STREAMS, 5, "rows are missing")
        rows = {row["request_id"]: row for row in gateway.query("SELECT * FROM usage_records")}
        assert len(rows) == STREAMS
        for number, answer in enumerate(answers):
            row = rows[answer.header("x-request-id")]
            assert (row["outcome"], row["input_tokens"], row["output_tokens"]) == (OK, number + 1, number + 2)
    assert len(plain_provider.exchanges) == STREAMS and not plain_provider.failures
