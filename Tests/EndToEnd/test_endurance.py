"""Without descriptors the gateway waits instead of spinning; after a hundred thousand requests it is no larger than before. The last file:
it takes longest."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from client import Client
from conftest import post_bytes, providers
from dialects import ALL, CHAT, compact
from gateway import Gateway, eventually
from load import Load, answer
from provider import Provider

DESCRIPTORS = 120
HELD_SECONDS = 3
CPU_SHARE_MAX = 0.5  # of one core
WARM_UP = 20_000
REQUESTS = 100_000
REQUEST_BYTES_MAX = 512


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        provider.script(answer)
        yield provider
        assert not provider.failures


def test_descriptors_used_up(binary: Path, provider: Provider, tmp_path: Path) -> None:
    """Twice as many clients as there are descriptors: no spin and no flood of log lines while they stay, service as soon as they leave."""
    with Gateway(tmp_path, {"providers": providers(provider.url)}, descriptors_max=DESCRIPTORS) as gateway:
        body = compact(CHAT.request())
        with Client(gateway.port) as early:
            assert early.exchange("GET", "/livez").status == 200
            crowd = [Client(gateway.port) for _ in range(2 * DESCRIPTORS)]
            eventually(lambda: gateway.descriptors() >= DESCRIPTORS - 2, 3, "the descriptors were not used up")
            log, cpu, started = len(gateway.log.splitlines()), gateway.cpu_seconds(), time.monotonic()
            time.sleep(HELD_SECONDS)
            share = (gateway.cpu_seconds() - cpu) / (time.monotonic() - started)
            lines = len(gateway.log.splitlines()) - log
            assert early.exchange("GET", "/livez").status == 200, "a client of before is not served"
            refused = early.exchange("POST", CHAT.path, body)  # no descriptor is left for the provider
            CHAT.check_error(refused.body)
            assert refused.status in (502, 503)
            for client in crowd:
                client.close()
            freed = time.monotonic()
            served_again(gateway)
            again = time.monotonic() - freed
            assert early.exchange("POST", CHAT.path, body).status == 200
        print(f"without descriptors: {share * 100:.1f} % of a core, {lines} log lines in {HELD_SECONDS} s; served again after {again * 1000:.0f} ms")
        assert share < CPU_SHARE_MAX
        assert lines < 100
        assert again < 1


def served_again(gateway: Gateway) -> None:
    """A new client's request is answered: whoever was accepted and closed at once tries again."""
    def is_served() -> bool:
        try:
            with Client(gateway.port, timeout=2) as client:
                return client.send(post_bytes(CHAT)).answer().status == 200
        except OSError:
            return False

    eventually(is_served, 3, "not served again")


@pytest.mark.timeout(300)
def test_a_hundred_thousand_requests_leave_nothing_behind(binary: Path, provider: Provider, tmp_path: Path) -> None:
    """Whole answers and streams, on kept and on new connections: memory and descriptors after the warm-up and at the end."""
    with Gateway(tmp_path, {"providers": providers(provider.url)}) as gateway:
        asyncio.run(requests(gateway, WARM_UP))
        memory, descriptors = gateway.memory("RssAnon"), descriptors_at_rest(gateway, provider)
        started = time.monotonic()
        load = asyncio.run(requests(gateway, REQUESTS))
        took = time.monotonic() - started
        growth, left = gateway.memory("RssAnon") - memory, descriptors_at_rest(gateway, provider)
        print(f"{REQUESTS} requests in {took:.0f} s: RssAnon +{growth / 1024:.0f} KiB ({growth / REQUESTS:.1f} bytes a request), "
              f"descriptors {descriptors} -> {left}")
        assert not load.failures, load.failures[:3]
        assert len(load.finished) == REQUESTS
        assert growth <= REQUESTS * REQUEST_BYTES_MAX
        assert left <= descriptors
        eventually(lambda: gateway.row_count() == WARM_UP + REQUESTS, 5, "the books do not have every request")


async def requests(gateway: Gateway, count: int) -> Load:
    load = Load(gateway.port, left=count)
    await asyncio.gather(*(load.run(dialect, stream=stream, keeps=keeps)
                           for dialect in ALL for stream in (False, True) for keeps in (True, True, False)))
    return load


def descriptors_at_rest(gateway: Gateway, provider: Provider) -> int:
    """The open descriptors once every connection of a client and of the provider is gone."""
    provider.drop_connections()
    counts: list[int] = []

    def is_settled() -> bool:
        counts.append(gateway.descriptors())
        return len(counts) > 10 and len(set(counts[-10:])) == 1

    eventually(is_settled, 3, "the number of descriptors never settled", every=0.03)
    return counts[-1]
