"""What must outlive trouble: the books a kill -9, open streams a SIGTERM, every request a SIGHUP."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from certificates import Authority
from client import Client, Decoder
from conftest import SECRETS, post_bytes, providers
from dialects import ALL, CHAT, Dialect
from gateway import OK, Gateway, eventually
from load import Load, answer
from provider import Exchange, Provider

KILLS = 10
CONNECTIONS = 16
LOAD_SECONDS = 1.6
WINDOW_SECONDS = 1.0  # an answer that ended longer ago than this is in the books, whatever happens
RESTART_SECONDS = 1.0
STREAMS = 200
RELOADS = 20


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


# kill -9

def test_books_survive_kill_9_under_load(binary: Path, provider: Provider, tmp_path: Path) -> None:
    """Ten times over: nothing is lost that ended longer ago than the window, nothing is there twice, and the next start takes a moment."""
    provider.script(answer)
    gateway = Gateway(tmp_path, {"providers": providers(provider.url)})
    finished: dict[str, float] = {}
    owed: set[str] = set()
    starts, lost = [], []
    for _ in range(KILLS):
        started = time.monotonic()
        gateway.start()
        starts.append(time.monotonic() - started)
        load, killed = asyncio.run(load_and_kill(gateway))
        finished |= dict(load.finished)
        owed |= {request_id for request_id, ended in load.finished if ended < killed - WINDOW_SECONDS}
        rows = books_after_kill(gateway)
        assert len(rows) == len(set(rows)), "a request is in the books twice"
        missing = owed - set(rows)
        assert not missing, f"{len(missing)} answers are missing that ended up to {killed - min(finished[each] for each in missing):.2f} s before the kill"
        lost.append(len(finished) - len(set(rows) & set(finished)))
        assert len(load.finished) > CONNECTIONS and len(load.finished) == len({each for each, _ in load.finished})
    gateway.start()
    gateway.stop()
    print(f"{len(finished)} answers, {lost[-1]} of them lost inside the window over {KILLS} kills ({lost}); "
          f"ready again after {', '.join(f'{each * 1000:.0f}' for each in starts)} ms")
    assert max(starts) < RESTART_SECONDS


async def load_and_kill(gateway: Gateway) -> tuple[Load, float]:
    load = Load(gateway.port)
    workers = [asyncio.create_task(load.run(ALL[number % 3])) for number in range(CONNECTIONS)]
    await asyncio.sleep(LOAD_SECONDS)
    assert not load.failures
    killed = time.monotonic()
    gateway.kill()
    load.stop = True
    await asyncio.gather(*workers)
    return load, killed


def books_after_kill(gateway: Gateway) -> list[str]:
    """The request ids in a copy of the books, so that the next start finds the files as the kill left them."""
    copy = gateway.directory / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for file in gateway.directory.glob("usage.db*"):
        shutil.copy(file, copy)
    with closing(sqlite3.connect(copy / "usage.db")) as books:
        assert books.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [row[0] for row in books.execute("SELECT request_id FROM usage_records")]


def test_torn_write_ahead_log_is_accepted(binary: Path, provider: Provider, tmp_path: Path) -> None:
    """Half a frame at the log's end, as a power cut leaves it: the rows before it stay, and the gateway starts."""
    provider.script(answer)
    gateway = Gateway(tmp_path, {"providers": providers(provider.url)}).start()
    with Client(gateway.port) as client:
        ids = [client.send(post_bytes(CHAT)).answer().header("x-request-id") for _ in range(20)]
    eventually(lambda: gateway.row_count() == 20, 3, "rows are missing")
    gateway.kill()
    log = tmp_path / "usage.db-wal"
    with log.open("ab") as file:
        file.write(bytes(range(256)) * 8)
    with gateway:
        assert sorted(row["request_id"] for row in gateway.query("SELECT request_id FROM usage_records")) == sorted(ids)
        with Client(gateway.port) as client:
            gateway.row(client.send(post_bytes(CHAT)).answer().header("x-request-id"))


# SIGTERM

def test_sigterm_lets_two_hundred_streams_end(binary: Path, provider: Provider, tmp_path: Path) -> None:
    release = threading.Event()

    async def waiting(exchange: Exchange) -> None:
        dialect = next(each for each in ALL if each.path == exchange.request.target)
        events = dialect.stream("first", "last")
        await exchange.head()
        await exchange.body(b"".join(events[: len(dialect.opening()) + 1]))
        while not release.is_set():
            await asyncio.sleep(0.02)
        for event in events[len(dialect.opening()) + 1 :]:
            await exchange.body(event)
        await exchange.end()

    async def one(dialect: Dialect, port: int, begun: list[Dialect]) -> bool:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(post_bytes(dialect, stream=True))
        decoder = Decoder()
        while not decoder.feed(incoming := await reader.read(65536)):
            if not incoming:
                return False
            if decoder.answer is not None and b"first" in decoder.answer.body and len(decoder.answer.pieces) == 1:
                begun.append(dialect)
        writer.close()
        return decoder.answer.status == 200 and decoder.answer.body == b"".join(dialect.shown(dialect.stream("first", "last")))

    async def all_of_them(gateway: Gateway) -> list[bool]:
        begun: list[Dialect] = []
        streams = [asyncio.create_task(one(ALL[number % 3], gateway.port, begun)) for number in range(STREAMS)]
        deadline = time.monotonic() + 20
        while len(begun) < STREAMS and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        assert len(begun) == STREAMS, f"{len(begun)} streams began"
        gateway.signal(signal.SIGTERM)
        await asyncio.sleep(0.3)
        assert gateway.process.poll() is None and not any(stream.done() for stream in streams)
        release.set()
        return await asyncio.gather(*streams)

    provider.script(waiting)
    gateway = Gateway(tmp_path, {"providers": providers(provider.url)}).start()
    try:
        assert asyncio.run(all_of_them(gateway)) == [True] * STREAMS
        assert gateway.wait() == 0
    finally:
        gateway.kill()
    assert gateway.query("SELECT outcome, count(*) AS n FROM usage_records GROUP BY outcome") == [{"outcome": OK, "n": STREAMS}]


# SIGHUP

def configuration(provider: Provider, alias: str, **server: object) -> dict:
    return {"server": server, "providers": providers(provider.url), "models": [{"name": alias, "targets": ["oai/test-model"]}]}


def status_of(gateway: Gateway, model: str) -> int:
    with Client(gateway.port) as client:
        return client.send(post_bytes(CHAT, model=model)).answer().status


def reload_lines(gateway: Gateway) -> int:
    return sum("reload" in line.lower() for line in gateway.log.splitlines())


def reload(gateway: Gateway) -> None:
    """SIGHUP, and the log's word on how it went."""
    before = reload_lines(gateway)
    gateway.signal(signal.SIGHUP)
    eventually(lambda: reload_lines(gateway) > before, 3, "the log says nothing of a reload")


@pytest.mark.parametrize("over", ["plain", "tls"])
def test_reload_fails_no_request(binary: Path, authority: Authority, provider: Provider, tmp_path: Path, over: str) -> None:
    """Short requests and streams, on kept and on new connections, while configuration and certificate are replaced 20 times."""
    server = {"tls": {"port": 0, **authority.server_files(tmp_path)}} if over == "tls" else {}

    async def run(gateway: Gateway) -> Load:
        load = Load(gateway.tls_port, authority.client_context()) if over == "tls" else Load(gateway.port)
        workers = [asyncio.create_task(load.run(ALL[number % 3], stream=stream, keeps=keeps))
                   for number in range(3) for stream in (False, True) for keeps in (True, False)]
        for number in range(RELOADS):
            await asyncio.sleep(0.1)
            if over == "tls":
                authority.server_files(tmp_path)
            gateway.configure(configuration(provider, f"alias-{number}", **server))
            gateway.signal(signal.SIGHUP)
        await asyncio.sleep(0.3)
        load.stop = True
        await asyncio.gather(*workers)
        return load

    provider.script(answer)
    with Gateway(tmp_path, configuration(provider, "alias", **server)) as gateway:
        load = asyncio.run(run(gateway))
        print(f"{RELOADS} reloads during {len(load.finished)} requests over {over}: {len(load.failures)} failed")
        assert not load.failures, load.failures[:3]
        assert len(load.finished) > 100
        eventually(lambda: status_of(gateway, f"alias-{RELOADS - 1}") == 200, 3, "the last configuration is not in effect")
        eventually(lambda: gateway.row_count() >= len(load.finished), 3, "rows are missing")


def test_reload_takes_effect_for_new_requests(binary: Path, provider: Provider, tmp_path: Path) -> None:
    provider.script(answer)
    with Gateway(tmp_path, configuration(provider, "one")) as gateway:
        assert (status_of(gateway, "one"), status_of(gateway, "two")) == (200, 404)
        gateway.configure(configuration(provider, "two"))
        reload(gateway)
        eventually(lambda: status_of(gateway, "two") == 200, 3, "the new configuration is not in effect")
        assert status_of(gateway, "one") == 404
        assert SECRETS["oai"] not in gateway.log


@pytest.mark.parametrize("broken", ["providers: [", "nonsense: 1", 'providers: [{ name: a, kind: openai, base_url: "not a url" }]', None],
                         ids=["syntax", "unknown key", "bad value", "no file"])
def test_bad_configuration_keeps_the_old_one(binary: Path, provider: Provider, tmp_path: Path, broken: str | None) -> None:
    provider.script(answer)
    with Gateway(tmp_path, configuration(provider, "one")) as gateway:
        assert status_of(gateway, "one") == 200
        if broken is None:
            gateway.config_file.unlink()
        else:
            gateway.configure(broken)
        reload(gateway)
        eventually(lambda: "ekai.yaml" in gateway.log, 2, "the log does not say which file is broken")
        assert status_of(gateway, "one") == 200
        gateway.configure(configuration(provider, "two"))
        reload(gateway)
        eventually(lambda: status_of(gateway, "two") == 200, 3, "a good configuration after a bad one is not in effect")


@pytest.mark.parametrize("lost", ["file", "section"])
def test_reload_never_opens_the_gateway(binary: Path, provider: Provider, tmp_path: Path, lost: str) -> None:
    """`ekai.yaml` found in the working directory, with the keys; it goes, or its section does: the keys are asked for all the same."""
    file = tmp_path / "ekai.yaml"
    whole = {"access": {"admin_key": "admin-0123456789abcdef"}, "providers": providers(provider.url)}
    file.write_text(json.dumps(whole))
    with Gateway(tmp_path) as gateway:
        assert gateway.get("/usage")[0] == 401
        if lost == "file":
            file.unlink()
        else:
            file.write_text(json.dumps({"providers": providers(provider.url)}))
        reload(gateway)
        eventually(lambda: "reload failed" in gateway.log, 2, "the log does not say that the reload came to nothing")
        assert gateway.get("/usage")[0] == 401
        assert gateway.get("/usage", "admin-0123456789abcdef")[0] == 200


def test_stream_outlives_its_provider_in_the_configuration(binary: Path, provider: Provider, tmp_path: Path) -> None:
    release = threading.Event()

    async def waiting(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.body(CHAT.opening()[0] + CHAT.delta("first"))
        while not release.is_set():
            await asyncio.sleep(0.01)
        await exchange.body(CHAT.delta("last") + b"".join(CHAT.closing("")))
        await exchange.end()

    provider.script(waiting)
    before = configuration(provider, "one")
    after = before | {"models": [], "providers": [{**each, "name": f"new-{each['name']}"} for each in before["providers"]]}
    with Gateway(tmp_path, before) as gateway, Client(gateway.port) as client:
        assert client.send(post_bytes(CHAT, stream=True)).answer(until=b"first").status == 200
        gateway.configure(after)
        reload(gateway)
        eventually(lambda: status_of(gateway, "oai/test-model") == 404, 3, "the new configuration is not in effect")
        release.set()
        rest = b""
        while b"[DONE]" not in rest:
            incoming = client.socket.recv(65536)
            assert incoming, "the stream was cut"
            rest += incoming
        assert b"last" in rest and b"error" not in rest


def test_reload_takes_new_certificates(binary: Path, authority: Authority, provider: Provider, tmp_path: Path) -> None:
    """New connections see the new certificate, an open one goes on; an unusable certificate keeps the one before."""
    def certificate() -> bytes:
        with Client(gateway.tls_port, tls=authority.client_context()) as client:
            return client.socket.getpeercert(binary_form=True)

    files = authority.server_files(tmp_path)
    with Gateway(tmp_path, configuration(provider, "one", tls={"port": 0, **files})) as gateway:
        first = certificate()
        with Client(gateway.tls_port, tls=authority.client_context()) as open_:
            assert open_.exchange("GET", "/livez").status == 200
            authority.server_files(tmp_path)
            reload(gateway)
            eventually(lambda: certificate() != first, 3, "the new certificate is not in use")
            second = certificate()
            Path(files["certificate"]).write_text("no certificate")
            reload(gateway)
            assert certificate() == second
            assert open_.exchange("GET", "/livez").status == 200
