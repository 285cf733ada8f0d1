"""Every time limit is a total: who drips bytes is cut off as punctually as who is silent, and nobody else notices. What a body may take
of the memory is bounded, and is counted by what arrives, not by what was announced."""

from __future__ import annotations

import asyncio
import itertools
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from certificates import Authority
from client import Answer, Client, Decoder, request
from conftest import post_bytes, providers
from dialects import ALL, CHAT, MESSAGES, Dialect, parse_events
from gateway import Gateway, eventually
from provider import Exchange, Provider

HEADER, BODY, IDLE, WRITE, HANDSHAKE = 0.6, 0.8, 0.7, 1.0, 0.7
SOON = 3.0  # added to a limit: how late a slow machine may be
EARLY = 0.02  # a client's clock starts a moment after the gateway's
DRIP = 0.05
MEBIBYTE = 1024 * 1024
FILLER = "x" * 1000
LIMITS = {"header_timeout": "600ms", "body_timeout": "800ms", "idle_timeout": "700ms", "write_timeout": "1s"}


@dataclass(frozen=True)
class Wire:
    """A way to a gateway with short limits: plain or over TLS."""

    gateway: Gateway
    tls: ssl.SSLContext | None

    @property
    def port(self) -> int:
        return self.gateway.tls_port if self.tls else self.gateway.port

    def connect(self, **how: object) -> Client:
        return Client(self.port, tls=self.tls, **how)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider
        assert not provider.failures


@pytest.fixture(scope="module", params=["plain", "tls"])
def wire(request: pytest.FixtureRequest, binary: Path, authority: Authority, provider: Provider,
         tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    directory = tmp_path_factory.mktemp("gateway")
    server: dict = {"limits": dict(LIMITS)}
    if request.param == "tls":
        server |= {"tls": {"port": 0, **authority.server_files(directory)}, "limits": LIMITS | {"handshake_timeout": "700ms"}}
    with Gateway(directory, {"server": server, "providers": providers(provider.url)}) as gateway:
        yield Wire(gateway, authority.client_context() if request.param == "tls" else None)


async def short(exchange: Exchange) -> None:
    await exchange.answer(CHAT.answer("ok"))


def drip(connection: Client, pieces: Iterable[bytes]) -> tuple[bytes, float]:
    """Sends a piece every 50 ms until an answer begins, then reads to the end: what came, and when it began or the connection closed."""
    started, came = time.monotonic(), None
    received = b""
    for piece in pieces:
        if came is None and piece:
            try:
                connection.socket.sendall(piece)
            except OSError:
                pass  # cut off: the read says how
        connection.socket.settimeout(DRIP)
        try:
            incoming = connection.socket.recv(65536)
        except TimeoutError:
            continue
        except ConnectionResetError:
            incoming = b""
        came = came or time.monotonic() - started
        if not incoming:
            return received, came
        received += incoming
    raise AssertionError(f"not cut off within {time.monotonic() - started:.1f} s; got {received[:200]!r}")


def bytewise(data: bytes, seconds: float) -> Iterator[bytes]:
    """The bytes one by one, over and over, for about so long."""
    return itertools.islice(itertools.cycle(data[at : at + 1] for at in range(len(data))), int(seconds / DRIP))


def refusal(received: bytes) -> Answer:
    """The one answer that came before the connection's end."""
    decoder = Decoder()
    assert decoder.feed(received) and not decoder.rest, received
    assert decoder.answer.header("connection") == "close"
    return decoder.answer


# Heads

@pytest.mark.parametrize("before", [0, 1], ids=["first request", "second request"])
def test_dripping_head_is_cut_at_its_total_time(wire: Wire, before: int) -> None:
    with wire.connect() as connection:
        for _ in range(before):
            assert connection.exchange("GET", "/livez").status == 200
        connection.send(b"GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ")
        received, took = drip(connection, bytewise(b"a", HEADER + SOON))
    answer = refusal(received)
    assert answer.status == 408 and answer.json["error"]["message"]
    assert HEADER - EARLY <= took < HEADER + SOON


def test_silent_connection_is_closed_in_silence(wire: Wire) -> None:
    with wire.connect() as connection:
        received, took = drip(connection, itertools.repeat(b"", int((HEADER + SOON) / DRIP)))
    assert received == b"" and HEADER - EARLY <= took < HEADER + SOON


def test_idle_connection_is_closed_in_silence(wire: Wire) -> None:
    with wire.connect() as connection:
        for _ in range(2):  # the time counts anew after each answer
            assert connection.exchange("GET", "/livez").status == 200
            time.sleep(IDLE / 2)
        assert connection.exchange("GET", "/livez").status == 200
        received, took = drip(connection, itertools.repeat(b"", int((IDLE + SOON) / DRIP)))
    assert received == b"" and IDLE - EARLY <= took < IDLE + SOON


# Bodies

@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_dripping_body_is_cut_at_its_total_time(wire: Wire, provider: Provider, dialect: Dialect, framing: str) -> None:
    provider.script(short)
    header = ("content-length", "100000") if framing == "length" else ("transfer-encoding", "chunked")
    with wire.connect() as connection:
        connection.send(request("POST", dialect.path, headers=(header, ("content-type", "application/json"))))
        received, took = drip(connection, bytewise(b" " if framing == "length" else b"1\r\n \r\n", BODY + SOON))
    answer = refusal(received)
    assert answer.status == 408
    dialect.check_error(answer.body)
    assert BODY - EARLY <= took < BODY + SOON
    assert provider.exchanges == []


def test_body_earns_a_second_for_every_64_kib(wire: Wire, provider: Provider) -> None:
    """128 KiB at once are two seconds more, and the dripped bytes after them are none."""
    provider.script(short)
    with wire.connect() as connection:
        connection.send(request("POST", CHAT.path, headers=(("content-length", "300000"), ("content-type", "application/json"))))
        connection.send(b" " * 128 * 1024)
        received, took = drip(connection, bytewise(b" ", BODY + 2 + SOON))
    assert refusal(received).status == 408
    assert BODY + 2 - EARLY <= took < BODY + 2 + SOON


# Answers

async def endless(exchange: Exchange) -> None:
    """Streams as fast as it may; a request with `x_paced` gets so many events that tell the time, one every 20 ms."""
    await exchange.head()
    await exchange.body(CHAT.opening()[0])
    for _ in range(exchange.request.json.get("x_paced", 0)):
        await exchange.body(CHAT.delta(repr(time.monotonic())))
        await asyncio.sleep(0.02)
    while "x_paced" not in exchange.request.json:
        await exchange.body(CHAT.delta(FILLER))
    for event in CHAT.closing(""):
        await exchange.body(event)
    await exchange.end()


def read_slowly(connection: Client, size: int, pause: float, seconds: float, given_up: Callable[[], bool] = lambda: False) -> str:
    """Reads `size` bytes every `pause` for at most so long, and without pause once it is `given_up` what waits on this side: how it
    ended, "open", "reset" or "closed"."""
    started = time.monotonic()
    connection.socket.settimeout(SOON)
    while time.monotonic() - started < seconds:
        try:
            if not connection.socket.recv(size):
                return "closed"
        except (ConnectionResetError, ssl.SSLEOFError):
            return "reset"
        if not given_up():
            time.sleep(pause)
    return "open"


def test_reader_that_stalls_is_reset_and_another_stream_goes_on(wire: Wire, provider: Provider) -> None:
    """A few bytes now and then do not help: less than 4 KiB in the time is a stall."""
    provider.script(endless)
    delays: list[float] = []
    with wire.connect(receive_buffer=4096) as slow, wire.connect(timeout=20) as paced:
        started = time.monotonic()
        slow.send(post_bytes(CHAT, stream=True))
        stalled = eventually(lambda: provider.exchanges, 2, "the request did not reach the provider")[0]
        watcher = threading.Thread(target=lambda: delays.extend(paced_delays(paced)))
        watcher.start()
        how = read_slowly(slow, 256, 0.2, WRITE + 2 * SOON, lambda: stalled.closed_at is not None)
        watcher.join(20)
    took = (stalled.closed_at or time.monotonic()) - started
    print(f"stalled reader: {how} after {took:.2f} s; beside it a stream with delays of at most {max(delays) * 1000:.0f} ms")
    assert how == "reset" and WRITE - EARLY <= took < 2 * WRITE + SOON
    assert len(delays) == 150 and max(delays) < 1
    eventually(lambda: all(each.closed_at for each in provider.exchanges if "x_paced" not in each.request.json), 3,
               "the provider still streams to nobody")


def test_reader_that_is_slow_but_steady_is_served(wire: Wire, provider: Provider) -> None:
    """40 KiB a second is ten times what must be taken: however the kernel's buffers batch it, this is no stall."""
    provider.script(endless)
    with wire.connect(receive_buffer=4096) as connection:
        connection.send(post_bytes(CHAT, stream=True))
        assert read_slowly(connection, 4096, 0.1, 6) == "open"


def paced_delays(connection: Client) -> list[float]:
    """From the provider's write to here, for every event of a paced stream (one clock: one machine)."""
    answer = connection.send(post_bytes(CHAT, stream=True, x_paced=150)).answer()
    delays, text = [], b""
    for arrived, piece in answer.pieces:
        whole, _, text = (text + piece).rpartition(b"\n\n")
        for _, event in parse_events(whole):
            if content := event["choices"][0]["delta"].get("content"):
                delays.append(arrived - float(content))
    assert answer.complete
    return delays


# TLS handshakes

@pytest.mark.parametrize("wire", ["tls"], indirect=True)
@pytest.mark.parametrize("how", ["drip", "silence", "half a handshake"])
def test_handshake_has_a_total_time(wire: Wire, how: str) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        wire.tls.wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    hello = outgoing.read()
    pieces = {"drip": (hello[at : at + 1] for at in range(len(hello))), "silence": itertools.repeat(b""),
              "half a handshake": itertools.chain([hello], itertools.repeat(b""))}[how]
    started = time.monotonic()
    with Client(wire.port) as connection:
        connection.socket.settimeout(DRIP)
        for piece in itertools.islice(pieces, int((HANDSHAKE + SOON) / DRIP)):
            try:
                connection.socket.sendall(piece)
                if connection.socket.recv(65536) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            pytest.fail("the handshake was not cut off")
    assert HANDSHAKE - EARLY <= time.monotonic() - started < HANDSHAKE + SOON
    with wire.connect() as connection:
        assert connection.exchange("GET", "/livez").status == 200


# Memory of bodies

@pytest.mark.parametrize("dialect", ALL, ids=lambda each: each.name)
def test_bodies_in_flight_are_bounded_together(binary: Path, provider: Provider, tmp_path: Path, dialect: Dialect) -> None:
    """4 MiB for all bodies: of six that bring 1.5 MiB each, two are held and four turned away; those two are served in the end."""
    async def answer(exchange: Exchange) -> None:
        await exchange.answer(dialect.answer("ok"))

    provider.script(answer)
    limits = {"body_max": "2MiB", "inflight_body_max": "4MiB"}
    data = post_bytes(dialect, text="x" * (3 * MEBIBYTE // 2))
    with Gateway(tmp_path, {"server": {"limits": limits}, "providers": providers(provider.url)}) as gateway:
        warm_up(gateway, provider, dialect)
        before = gateway.memory("RssAnon")
        clients = [Client(gateway.port) for _ in range(6)]
        held, refused = clients[:2], clients[2:]
        for client in held:
            client.send(data[:-2])
        eventually(lambda: gateway.memory("RssAnon") - before > 2 * MEBIBYTE, 5, "the bodies did not arrive")
        time.sleep(0.2)  # both of them whole but for two bytes
        for client in refused:
            threading.Thread(target=send_what_is_taken, args=(client, data), daemon=True).start()
            answer_ = client.answer()
            assert answer_.status == (529 if dialect is MESSAGES else 503)
            dialect.check_error(answer_.body, "overloaded_error")
            assert int(answer_.header("retry-after")) > 0
        growth = gateway.memory("RssAnon") - before
        print(f"bodies of 1.5 MiB, 2 held and 4 refused: RssAnon +{growth / MEBIBYTE:.1f} MiB")
        assert growth < 12 * MEBIBYTE
        for client in held:
            assert client.send(data[-2:]).answer().status == 200
        for _ in range(3):  # what they held is free again
            with Client(gateway.port) as client:
                assert client.send(data).answer().status == 200
        for client in clients:
            client.close()


def warm_up(gateway: Gateway, provider: Provider, dialect: Dialect) -> None:
    """What the gateway needs once is not counted as a body's."""
    for _ in range(10):
        with Client(gateway.port) as client:
            assert client.send(post_bytes(dialect)).answer().status == 200


def send_what_is_taken(client: Client, data: bytes) -> None:
    try:
        client.send(data)
    except OSError:
        pass  # refused while it was being sent


def test_announced_bodies_cost_nothing(binary: Path, provider: Provider, tmp_path: Path) -> None:
    """A hundred clients that announce 32 MiB each and send none of it."""
    provider.script(short)
    with Gateway(tmp_path, {"providers": providers(provider.url)}) as gateway:
        warm_up(gateway, provider, CHAT)
        before = gateway.memory("RssAnon")
        head = request("POST", CHAT.path, headers=(("content-length", str(32 * MEBIBYTE)), ("content-type", "application/json")))
        clients = [Client(gateway.port).send(head + b"{") for _ in range(100)]
        started = time.monotonic()
        with Client(gateway.port) as client:
            assert client.send(post_bytes(CHAT)).answer().status == 200
        assert time.monotonic() - started < 1
        growth = gateway.memory("RssAnon") - before
        print(f"100 announced bodies of 32 MiB: RssAnon +{growth / 1024:.0f} KiB")
        assert growth < 10 * MEBIBYTE
        for client in clients:
            client.close()
        eventually(lambda: gateway.memory("RssAnon") - before < 10 * MEBIBYTE, 3, "memory stayed")
