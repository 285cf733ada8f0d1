"""A client that does not read holds its provider back and costs a bounded amount of memory; a client that leaves frees all of it at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from client import Answer, Client, Decoder
from conftest import post_bytes, providers
from dialects import CHAT, MESSAGES, parse_events
from gateway import CANCELLED, Gateway, eventually
from provider import Exchange, Provider

STALLED = 200
STALLED_BYTES_MAX = 13 * 1024 * 1024
# Everything between provider and client: both ends' socket buffers on both hops and at most 64 KiB in the gateway.
ACCEPTED_BYTES_MAX = 2 * 1024 * 1024
FILLER = "x" * 1000


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def gateway(binary: Path, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway of its own, warmed up: what it needs once is not counted as a stream's."""
    with Gateway(tmp_path_factory.mktemp("gateway"), {"providers": providers(provider.url)}) as gateway:
        async def short(exchange: Exchange) -> None:
            await exchange.stream(CHAT.stream("warm"))

        provider.script(short)
        clients = [Client(gateway.port).send(post_bytes(CHAT, stream=True)) for _ in range(20)]
        for each in clients:
            assert each.answer().status == 200
            each.close()
        yield gateway


async def endless(exchange: Exchange) -> None:
    """Streams as fast as it may, until the client is gone; a request with `x_paced` gets 100 events that tell the time instead."""
    await exchange.head()
    await exchange.body(CHAT.opening()[0])
    if exchange.request.json.get("x_paced"):
        for _ in range(100):
            await exchange.body(CHAT.delta(repr(time.monotonic())))
            await asyncio.sleep(0.005)
        for event in CHAT.closing(""):
            await exchange.body(event)
        await exchange.end()
        return
    while True:
        await exchange.body(CHAT.delta(FILLER))


@pytest.fixture
def stall(gateway: Gateway, provider: Provider):
    """Makes clients of streams that read nothing. However the test ends they leave, so that the next one starts in peace."""
    clients: list[Client] = []

    def make(count: int) -> list[Client]:
        clients.extend(Client(gateway.port, receive_buffer=4096).send(post_bytes(CHAT, stream=True)) for _ in range(count))
        return clients

    yield make
    for client in clients:
        client.close()
    assert not provider.failures


def wait_until_stalled(provider: Provider, count: int) -> list[int]:
    """Waits until `count` streams stand still; the bytes that the provider could write to each."""
    last: list[int] = []
    since = time.monotonic()

    def still() -> bool:
        nonlocal last, since
        now = [exchange.accepted_bytes for exchange in provider.exchanges]
        if now != last or len(now) < count or min(now) < 4096:
            last, since = now, time.monotonic()
        return time.monotonic() - since > 0.5

    eventually(still, 20, "the provider's writes never stopped: no backpressure", every=0.05)
    return last


def wait_until_closed(provider: Provider, left: float) -> float:
    """Waits until the provider saw every stream's connection close; how long after `left` the last one did."""
    eventually(lambda: all(exchange.closed_at for exchange in provider.exchanges), 5, "upstream connections stayed open")
    return max(exchange.closed_at for exchange in provider.exchanges) - left


def test_stalled_clients_are_bounded_and_hurt_nobody(gateway: Gateway, provider: Provider, stall) -> None:
    provider.script(endless)
    before = gateway.memory("RssAnon")
    clients = stall(STALLED)
    accepted = wait_until_stalled(provider, STALLED)
    growth = gateway.memory("RssAnon") - before
    print(f"{STALLED} stalled streams: RssAnon +{growth / 1024:.0f} KiB, accepted at most {max(accepted) / 1024:.0f} KiB a stream")
    assert growth <= STALLED_BYTES_MAX
    assert max(accepted) <= ACCEPTED_BYTES_MAX

    delays = paced_delays(gateway)
    print(f"another stream beside them: delay at most {max(delays) * 1000:.1f} ms")
    assert len(delays) == 100 and max(delays) < 1

    assert [exchange.accepted_bytes for exchange in provider.exchanges[:STALLED]] == accepted, "a stalled stream moved"
    assert gateway.memory("RssAnon") - before <= STALLED_BYTES_MAX
    flows_again(clients[0], provider, sum(accepted))
    left = time.monotonic()
    for client in clients:
        client.close()
    del provider.exchanges[STALLED:]  # the paced stream's connection may well be kept
    assert wait_until_closed(provider, left) < 1


def paced_delays(gateway: Gateway) -> list[float]:
    """The delay of each event of a paced stream, from the provider's write to here (one clock: one machine)."""
    with Client(gateway.port) as client:
        answer: Answer = client.send(post_bytes(CHAT, stream=True, x_paced=True)).answer()
    delays, text = [], b""
    for arrived, piece in answer.pieces:
        text += piece
        whole, _, text = text.rpartition(b"\n\n")
        for _, event in parse_events(whole):
            if content := event["choices"][0]["delta"].get("content"):
                delays.append(arrived - float(content))
    return delays


def flows_again(client: Client, provider: Provider, total: int) -> None:
    """A stalled client that reads on gets an unbroken stream, and its provider may write again."""
    decoder, taken = Decoder(), 0
    while taken < 2 * ACCEPTED_BYTES_MAX:
        data = client.socket.recv(65536)
        assert data
        taken += len(data)
        assert not decoder.feed(data), "an endless stream ended"
    body = decoder.answer.body
    first = CHAT.opening()[0]
    assert body.startswith(first)
    event = CHAT.delta(FILLER)
    rest = body[len(first) :]
    assert rest[: len(rest) // len(event) * len(event)] == event * (len(rest) // len(event))
    assert sum(exchange.accepted_bytes for exchange in provider.exchanges[:STALLED]) > total + ACCEPTED_BYTES_MAX // 2


@pytest.mark.parametrize("state", ["before the head", "mid-stream", "stalled"])
def test_fifty_clients_gone_at_once(gateway: Gateway, provider: Provider, stall, state: str) -> None:
    async def before_head(exchange: Exchange) -> None:
        await exchange.silence()

    async def mid_stream(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.body(CHAT.opening()[0] + CHAT.delta("seen"))
        await exchange.silence()

    eventually(lambda: gateway.row_count() == provider.requests, 5, "rows of earlier streams are missing")
    rows = provider.requests
    provider.script({"before the head": before_head, "mid-stream": mid_stream, "stalled": endless}[state])
    clients = stall(50)
    eventually(lambda: len(provider.exchanges) == 50, 5, "the requests did not reach the provider")
    if state == "mid-stream":
        for client in clients:
            assert client.answer(until=b"seen").status == 200
    elif state == "stalled":
        wait_until_stalled(provider, 50)
    left = time.monotonic()
    for client in clients:
        client.close()
    assert wait_until_closed(provider, left) < 1
    eventually(lambda: gateway.row_count() == rows + 50, 3, "rows of cancelled requests are missing")
    written = gateway.query("SELECT * FROM usage_records WHERE id > (SELECT max(id) - 50 FROM usage_records)")
    assert {row["outcome"] for row in written} == {CANCELLED}
    if state != "before the head":
        assert all(row["output_tokens"] > 0 for row in written)


def test_client_gone_while_a_whole_answer_is_awaited(gateway: Gateway, provider: Provider) -> None:
    async def silent(exchange: Exchange) -> None:
        await exchange.silence()

    provider.script(silent)
    client = Client(gateway.port).send(post_bytes(MESSAGES))
    eventually(lambda: provider.exchanges, 2, "the request did not reach the provider")
    left = time.monotonic()
    client.close()
    assert wait_until_closed(provider, left) < 1


def test_descriptors_are_given_back(gateway: Gateway, provider: Provider, stall) -> None:
    provider.script(endless)
    before = gateway.descriptors()
    clients = stall(50)
    eventually(lambda: len(provider.exchanges) == 50, 5, "the requests did not reach the provider")
    assert gateway.descriptors() >= before + 100
    for client in clients:
        client.close()
    eventually(lambda: gateway.descriptors() <= before, 3, "descriptors leaked")
