"""What the gateway costs while nothing happens: memory of open silent streams, memory at rest, time to be ready."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from client import Decoder
from conftest import post_bytes, providers
from dialects import CHAT
from gateway import Gateway, eventually
from provider import Exchange, Provider

STREAMS = 1000
BASE = 100  # streams open before the first measurement
STREAM_BYTES_MAX = 12 * 1024
REST_BYTES_MAX = 30 * 1024 * 1024
START_SECONDS_MAX = 0.5


@pytest.fixture
def gateway(binary: Path, plain_provider: Provider, tmp_path: Path):
    with Gateway(tmp_path, {"providers": providers(plain_provider.url)}) as gateway:
        yield gateway


def test_idle_open_streams_are_small(gateway: Gateway, plain_provider: Provider) -> None:
    async def silent(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.body(CHAT.opening()[0] + CHAT.delta("hello"))
        await exchange.silence()

    async def open_stream() -> asyncio.StreamWriter:
        """A stream whose first event has arrived."""
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(post_bytes(CHAT, stream=True))
        decoder = Decoder()
        while decoder.answer is None or b"hello" not in decoder.answer.body:
            data = await reader.read(4096)
            assert data, "closed while it was to stay open"
            decoder.feed(data)
        assert decoder.answer.status == 200
        return writer

    async def open_streams(count: int) -> list[asyncio.StreamWriter]:
        writers: list[asyncio.StreamWriter] = []
        while len(writers) < count:
            writers += await asyncio.gather(*(open_stream() for _ in range(min(50, count - len(writers)))))
        return writers

    async def run() -> int:
        writers = await open_streams(BASE)
        before = gateway.memory("RssAnon")
        writers += await open_streams(STREAMS)
        growth = gateway.memory("RssAnon") - before
        for writer in writers:
            writer.close()
        return growth

    plain_provider.script(silent)
    growth = asyncio.run(run())
    print(f"{STREAMS} idle streams: RssAnon +{growth / STREAMS / 1024:.1f} KiB a stream")
    assert len(plain_provider.exchanges) == BASE + STREAMS
    assert growth <= STREAMS * STREAM_BYTES_MAX
    eventually(lambda: all(exchange.closed_at for exchange in plain_provider.exchanges), 5, "upstream connections stayed open")
    assert not plain_provider.failures


def test_memory_at_rest(gateway: Gateway) -> None:
    print(f"at rest: VmRSS {gateway.memory('VmRSS') / 1024 / 1024:.1f} MiB")
    assert gateway.memory("VmRSS") <= REST_BYTES_MAX


def test_start_to_ready(binary: Path, plain_provider: Provider, tmp_path: Path) -> None:
    """The best of five starts: the promise is about the gateway, not about what else the machine does."""
    gateway = Gateway(tmp_path, {"providers": providers(plain_provider.url)})
    times = []
    for _ in range(5):
        started = time.monotonic()
        gateway.start()
        times.append(time.monotonic() - started)
        gateway.stop()
    print("start to ready: " + ", ".join(f"{each * 1000:.0f} ms" for each in times))
    assert min(times) < START_SECONDS_MAX
