"""Starting, stopping and dying: exit codes, drain, bad configuration, and books that survive a kill."""

from __future__ import annotations

import asyncio
import signal
import socket
import sqlite3
import stat
import threading
import time
from pathlib import Path

import pytest

import client
from client import Answer, Client
from conftest import SECRETS, post_bytes, providers
from dialects import CHAT, Dialect
from gateway import OK, Gateway, eventually
from provider import Exchange, Provider


@pytest.fixture
def gateway(binary: Path, plain_provider: Provider, tmp_path: Path):
    gateway = Gateway(tmp_path, {"providers": providers(plain_provider.url)}).start()
    yield gateway
    gateway.kill()
    assert not plain_provider.failures


def run_to_exit(directory: Path, *, within: float = 5, **how) -> tuple[int, str]:
    """The exit code and output of a gateway that is expected not to start."""
    gateway = Gateway(directory, **how).launch()
    return gateway.wait(within), gateway.log


# Stopping

def test_sigterm_lets_streams_end(gateway: Gateway, plain_provider: Provider, dialect: Dialect) -> None:
    release = threading.Event()
    events = dialect.stream("first", "last")
    half = len(dialect.opening()) + 1

    async def waiting(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.body(b"".join(events[:half]))
        while not release.is_set():
            await asyncio.sleep(0.01)
        await exchange.body(b"".join(events[half:]))
        await exchange.end()

    plain_provider.script(waiting)
    idle = Client(gateway.port)
    assert idle.exchange("GET", "/livez").status == 200
    connection = Client(gateway.port).send(post_bytes(dialect, stream=True))
    answers: list[Answer] = []
    reader = threading.Thread(target=lambda: answers.append(connection.answer()))
    reader.start()
    eventually(lambda: plain_provider.exchanges and plain_provider.only().accepted_bytes > 0, 2, "the stream did not start")

    gateway.signal(signal.SIGTERM)
    assert idle.closed_by_peer(), "an idle connection stayed open"
    eventually(lambda: refuses(gateway.port), 2, "a draining gateway still accepted connections")
    assert gateway.process.poll() is None, "the gateway left while a stream was open"
    release.set()
    reader.join(5)
    assert answers[0].complete and answers[0].body == b"".join(dialect.shown(events))
    assert gateway.wait() == 0
    assert [row["outcome"] for row in gateway.query("SELECT outcome FROM usage_records")] == [OK]


def test_sigint_is_a_clean_stop_too(gateway: Gateway) -> None:
    gateway.signal(signal.SIGINT)
    assert gateway.wait(2) == 0


def test_second_sigterm_ends_at_once(gateway: Gateway, plain_provider: Provider) -> None:
    async def silent(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.body(CHAT.opening()[0] + CHAT.delta("x"))
        await exchange.silence()

    plain_provider.script(silent)
    connection = Client(gateway.port).send(post_bytes(CHAT, stream=True))
    assert connection.answer(until=b'"x"').status == 200
    gateway.signal(signal.SIGTERM)
    eventually(lambda: refuses(gateway.port), 2, "a draining gateway still accepted connections")
    assert gateway.process.poll() is None
    gateway.signal(signal.SIGTERM)
    started = time.monotonic()
    assert gateway.wait(5) == 1
    assert time.monotonic() - started < 1


def test_drain_delay_serves_on_while_readiness_is_gone(binary: Path, plain_provider: Provider, tmp_path: Path) -> None:
    """A load balancer has the delay to look elsewhere: meanwhile everything is served."""
    async def short(exchange: Exchange) -> None:
        await exchange.answer(CHAT.answer("still here"))

    plain_provider.script(short)
    gateway = Gateway(tmp_path, {"server": {"drain_delay": "1500ms"}, "providers": providers(plain_provider.url)}).start()
    try:
        gateway.signal(signal.SIGTERM)
        eventually(lambda: client.exchange(gateway.port, "GET", "/readyz").status == 503, 1, "readiness stayed")
        body = post_bytes(CHAT).partition(b"\r\n\r\n")[2]
        assert client.exchange(gateway.port, "POST", CHAT.path, body).status == 200
        assert client.exchange(gateway.port, "GET", "/livez").status == 200
        assert gateway.wait(5) == 0
    finally:
        gateway.kill()


def test_silent_tls_connection_does_not_hold_the_stop(binary: Path, authority, tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, {"server": {"tls": {"port": 0, **authority.server_files(tmp_path)}}}).start()
    try:
        with socket.create_connection(("127.0.0.1", gateway.tls_port)):
            assert client.exchange(gateway.port, "GET", "/livez").status == 200
            gateway.signal(signal.SIGTERM)
            started = time.monotonic()
            assert gateway.wait(5) == 0
            assert time.monotonic() - started < 3, "the handshake's ten seconds were waited for"
    finally:
        gateway.kill()


def refuses(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


# Not starting

def test_port_in_use(binary: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, output = run_to_exit(tmp_path, env={"PORT": port})
    assert code == 1
    lines = [line for line in output.splitlines() if port in line]
    assert len(lines) == 1, f"not one clear line:\n{output}"


def test_second_gateway_on_one_port_or_database_is_kept_away(gateway: Gateway, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    code, _ = run_to_exit(other, env={"PORT": str(gateway.port)})
    assert code == 1, "SO_REUSEPORT let two gateways share a port"
    code, output = run_to_exit(other, env={"DATABASE_PATH": str(gateway.database)})
    assert code == 1 and "usage.db" in output
    assert client.exchange(gateway.port, "GET", "/readyz").status == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_off_loopback_without_keys_is_refused(binary: Path, tmp_path: Path, host: str) -> None:
    code, output = run_to_exit(tmp_path, env={"HOST": host})
    assert code == 78 and "HOST" in output and "loopback" in output


def test_bad_configuration_names_every_problem(binary: Path, tmp_path: Path) -> None:
    code, output = run_to_exit(tmp_path, config="""\
server:
  prot: 3001
  heartbeat: soon
providers:
  - { name: a, kind: openia, base_url: "http://127.0.0.1:9/v1" }
  - { name: b, kind: openai, base_url: "not a url" }
""")
    assert code == 78
    for problem in ("prot", "port", "heartbeat", "providers[0].kind", "providers[1].base_url"):
        assert problem in output, f"{problem} is not mentioned:\n{output}"
    assert "ekai.yaml" in output and any(f":{line}" in output or f"line {line}" in output for line in (2, 3, 5, 6))


@pytest.mark.parametrize(("name", "value"), [("PORT", "seventy"), ("PORT", "70000"), ("EKAI_LOOPS", "0"), ("LOG_LEVEL", "loud"),
                                            ("EKAI_OPENAI_BASE_URL", "ftp://x")])
def test_bad_environment_is_78(binary: Path, tmp_path: Path, name: str, value: str) -> None:
    code, output = run_to_exit(tmp_path, env={"OPENAI_API_KEY": "sk-x", name: value})
    assert code == 78 and name in output


def test_missing_and_broken_files(binary: Path, tmp_path: Path) -> None:
    code, output = run_to_exit(tmp_path, env={"EKAI_CONFIG": str(tmp_path / "missing.yaml")})
    assert code == 78 and "missing.yaml" in output
    code, output = run_to_exit(tmp_path, config="providers: [")
    assert code == 78 and "ekai.yaml" in output
    (tmp_path / "ekai.yaml").unlink()
    (tmp_path / "usage.db").write_bytes(b"this is no database " * 100)
    code, output = run_to_exit(tmp_path)
    assert code == 1 and "usage.db" in output


def test_files_of_the_configuration_are_checked_at_start(binary: Path, tmp_path: Path) -> None:
    """All of them at once, each with its line: 78, so that no supervisor tries again."""
    code, output = run_to_exit(tmp_path, config="""\
server:
  tls:
    certificate: nowhere.pem
    private_key: nowhere-either.pem
providers:
  - { name: a, kind: openai, base_url: "https://a.example/v1", ca_file: /nowhere/ca.pem }
""")
    assert code == 78
    for place in ("ekai.yaml:3: server.tls.certificate", "ekai.yaml:4: server.tls.private_key", "ekai.yaml:6: providers[0].ca_file"):
        assert place in output, output


def test_usage_error_is_64(binary: Path, tmp_path: Path) -> None:
    code, output = run_to_exit(tmp_path, arguments=("--no-such-flag",))
    assert code == 64 and "no-such-flag" in output


# Surviving

def test_rows_survive_kill_9(gateway: Gateway, plain_provider: Provider, tmp_path: Path) -> None:
    async def short(exchange: Exchange) -> None:
        await exchange.answer(CHAT.answer("kept"))

    plain_provider.script(short)
    ids = [client.exchange(gateway.port, "POST", CHAT.path, post_bytes(CHAT).partition(b"\r\n\r\n")[2]).header("x-request-id") for _ in range(50)]
    time.sleep(1)  # the promise's window, not a wait for something
    gateway.kill()
    with sqlite3.connect(gateway.database) as books:
        assert books.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        kept = [row[0] for row in books.execute("SELECT request_id FROM usage_records ORDER BY id")]
    assert sorted(kept) == sorted(ids)

    started = time.monotonic()
    gateway.start()
    assert time.monotonic() - started < 1
    assert client.exchange(gateway.port, "POST", CHAT.path, post_bytes(CHAT).partition(b"\r\n\r\n")[2]).status == 200
    eventually(lambda: gateway.row_count() == 51, 3, "the new gateway wrote no row")


def test_files_are_private(gateway: Gateway, tmp_path: Path) -> None:
    assert stat.S_IMODE(gateway.database.stat().st_mode) == 0o600
    fresh = tmp_path / "fresh"
    with Gateway(tmp_path, env={"DATABASE_PATH": str(fresh / "usage.db")}):
        assert stat.S_IMODE(fresh.stat().st_mode) == 0o700


def test_key_is_in_no_argument_log_or_environment_echo(gateway: Gateway) -> None:
    arguments = Path(f"/proc/{gateway.pid}/cmdline").read_bytes()
    for secret in SECRETS.values():
        assert secret.encode() not in arguments and secret not in gateway.log


def test_environment_alone_configures_providers(binary: Path, plain_provider: Provider, tmp_path: Path) -> None:
    async def short(exchange: Exchange) -> None:
        await exchange.answer(CHAT.answer("from the environment"))

    plain_provider.script(short)
    (tmp_path / ".env").write_text(f"EKAI_OPENAI_BASE_URL={plain_provider.url}/v1\n")
    with Gateway(tmp_path, env={"OPENAI_API_KEY": "sk-from-env"}) as gateway:
        body = post_bytes(CHAT, model="gpt-4o").partition(b"\r\n\r\n")[2]
        answer = client.exchange(gateway.port, "POST", CHAT.path, body)
        assert answer.body == CHAT.answer("from the environment")
        assert answer.header("x-ekai-provider") == "openai" and answer.header("x-ekai-model") == "gpt-4o"
        row = gateway.row(answer.header("x-request-id"))
        assert row["total_cost"] and row["total_cost"] > 0, "gpt-4o has a price in the catalogue"
        assert "EKAI_OPENAI_BASE_URL" in gateway.log, "the log names what .env set"
    assert plain_provider.only().request.body == body
    assert plain_provider.only().request.header("authorization") == "Bearer sk-from-env"
