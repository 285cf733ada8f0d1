"""The books beside a gateway that runs: reports, backups, and a database that refuses."""

from __future__ import annotations

import json
import signal
import sqlite3
import stat
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from client import Answer, Client, exchange, request
from dialects import CHAT, compact
from gateway import BINARY, Gateway, eventually

BODY = compact(CHAT.request(model="demo/echo", text="How much?", stream=False))


@pytest.fixture
def gateway(binary: Path, tmp_path: Path) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path).start()
    yield gateway
    gateway.kill()


def call(gateway: Gateway, count: int = 1) -> None:
    for _ in range(count):
        assert exchange(gateway.port, "POST", CHAT.path, BODY).status == 200


def run(gateway: Gateway, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in the gateway's folder and environment."""
    return subprocess.run([str(BINARY), *arguments], cwd=gateway.directory, env=gateway.env, capture_output=True, text=True, timeout=60)


def findings(database: Path) -> str:
    with sqlite3.connect(database) as books:
        return books.execute("PRAGMA integrity_check").fetchone()[0]


def rows(database: Path) -> int:
    with sqlite3.connect(database) as books:
        return books.execute("SELECT count(*) FROM usage_records").fetchone()[0]


def test_usage_can_go_unrecorded(binary: Path, tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, {"usage": {"retention_days": 30}}).start()
    try:
        call(gateway, 2)
        eventually(lambda: gateway.row_count() == 2, 3, "the rows did not come")
        for recorded, expected in ((False, 2), (True, 5)):
            before = gateway.log.count('"reloaded"')
            gateway.configure({"usage": {"enabled": recorded}})
            gateway.signal(signal.SIGHUP)
            eventually(lambda: gateway.log.count('"reloaded"') > before, 3, "the log says nothing of a reload")
            call(gateway, 3)
            eventually(lambda: gateway.row_count() >= expected, 3, "the rows did not come")
        gateway.stop()
        assert rows(gateway.database) == 5, "three calls were made while nothing was recorded"
        assert "no usage rows are written" in gateway.log
    finally:
        gateway.kill()


def test_usage_beside_a_gateway_and_without_one(gateway: Gateway) -> None:
    call(gateway, 3)
    eventually(lambda: gateway.row_count() == 3, 3, "the rows did not come")
    booked = gateway.query("SELECT sum(total_tokens) AS tokens FROM usage_records")[0]["tokens"]

    def check() -> None:
        usage = run(gateway, "usage", "--format", "json", "--by", "model,status")
        assert usage.returncode == 0, usage.stderr
        report = json.loads(usage.stdout)
        assert [(each["model"], each["status"], each["requests"]) for each in report["groups"]] == [("demo/echo", "200", 3)]
        assert report["total"]["total_tokens"] == booked
        text, hint = run(gateway, "usage").stdout.rsplit("\n\n", 1)
        assert hint.startswith("unknown: ") and "models.price" in hint, "the demo's models have no prices"
        table = text.splitlines()
        assert table[2].split()[:3] == ["provider", "model", "requests"] and table[-1].split()[:2] == ["total", "3"]
        assert len({len(line) for line in table[2:]}) == 1, "the lines of a table are of one length"
        assert len(run(gateway, "usage", "--records", "--format", "csv").stdout.splitlines()) == 1 + 3
        nothing = run(gateway, "usage", "--from", "2020-01-01", "--to", "2020-12-31")
        assert nothing.returncode == 0 and nothing.stdout.startswith("No requests from 2020-01-01T00:00:00Z")

    check()
    gateway.stop()
    check()
    assert findings(gateway.database) == "ok"


@pytest.mark.parametrize("arguments, code, text", [
    (("usage", "--database", "nowhere.db"), 1, "there is no such file"),
    (("usage", "--from", "soon"), 64, "--from: 'soon' is no time"),
    (("usage", "--by", "moon"), 64, "none of provider, model, day, key, status"),
    (("usage", "--limit", "3"), 64, "--limit is for --records"),
    (("usage", "--config", "nowhere.yaml"), 78, "nowhere.yaml"),
    (("backup", "copy.db", "--database", "nowhere.db"), 1, "there is no such file"),
    (("backup",), 64, "destination"),
])
def test_what_is_wrong_is_said(gateway: Gateway, arguments: tuple[str, ...], code: int, text: str) -> None:
    outcome = run(gateway, *arguments)
    assert outcome.returncode == code
    assert text in outcome.stderr and outcome.stdout == ""
    assert code != 1 or outcome.stderr.count("\n") == 1
    assert not (gateway.directory / "nowhere.db").exists() and not (gateway.directory / "copy.db").exists()


def test_backup_while_requests_come(gateway: Gateway) -> None:
    call(gateway, 20)
    eventually(lambda: gateway.row_count() == 20, 3, "the rows did not come")
    done = threading.Event()
    calls: list[int] = []

    def go_on() -> None:
        while not done.is_set():
            call(gateway)
            calls.append(1)

    client = threading.Thread(target=go_on)
    client.start()
    try:
        for number in range(5):
            before = gateway.row_count()
            copy = gateway.directory / f"copy-{number}.db"
            outcome = run(gateway, "backup", str(copy))
            assert outcome.returncode == 0, outcome.stderr
            assert stat.S_IMODE(copy.stat().st_mode) == 0o600
            assert findings(copy) == "ok" and rows(copy) >= before
    finally:
        done.set()
        client.join()
    eventually(lambda: gateway.row_count() == 20 + len(calls), 3, "a row was lost")
    refused = run(gateway, "backup", str(copy))
    assert refused.returncode == 1 and "--force" in refused.stderr
    assert run(gateway, "backup", str(copy), "--force").returncode == 0
    assert rows(copy) == 20 + len(calls)
    assert not list(gateway.directory.glob("copy-*.db?*")), "nothing is left beside the copies"
    # A copy is a database to start from.
    gateway.stop()
    with Gateway(gateway.directory, env={"DATABASE_PATH": str(copy)}) as restored:
        call(restored)
    assert rows(copy) == 21 + len(calls)


def test_requests_are_served_while_the_database_is_locked(gateway: Gateway) -> None:
    call(gateway)
    eventually(lambda: gateway.row_count() == 1, 3, "the row did not come")
    other = sqlite3.connect(gateway.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        call(gateway, 50)
        assert gateway.row_count() == 1
        assert gateway.get("/usage")[0] == 200, "reports come too"
    finally:
        other.execute("ROLLBACK")
        other.close()
    eventually(lambda: gateway.row_count() == 51, 10, "rows were lost")


def test_no_backup_over_the_databases_own_files(gateway: Gateway) -> None:
    call(gateway, 3)
    eventually(lambda: gateway.row_count() == 3, 3, "the rows did not come")
    for suffix in ("", "-wal", "-shm", "-journal", ".lock"):
        for force in ((), ("--force",)):
            outcome = run(gateway, "backup", f"{gateway.directory}/./usage.db{suffix}", *force)
            assert outcome.returncode == 1 and "this is the database's" in outcome.stderr.replace("database itself", "database's"), outcome
    call(gateway)
    eventually(lambda: gateway.row_count() == 4, 3, "the row did not come")
    gateway.stop()
    assert findings(gateway.database) == "ok" and rows(gateway.database) == 4


# Many rows

MANY = 200_001  # one more than an export may have


def fill(gateway: Gateway, count: int = MANY) -> None:
    """Rows of the last minutes, one a millisecond, as if they had been booked."""
    with sqlite3.connect(gateway.database, timeout=10) as books:
        books.execute("""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
            INSERT INTO usage_records (request_id, provider, model, timestamp, input_tokens, cache_write_input_tokens,
                cache_read_input_tokens, output_tokens, cost_known, payment_method, created_at, cache_write_1h_input_tokens, endpoint,
                client_dialect, status, outcome, stream, latency_us, attempts, usage_estimated, possibly_billed)
            SELECT 'r-' || i, 'p' || i % 7, 'm' || i % 500, strftime('%Y-%m-%dT%H:%M:%fZ', 'now', -(i / 1000.0) || ' seconds'), 1, 0, 0, 1, 0,
                'api_key', '', 0, '/v1/chat/completions', 'chat', 200, 'ok', 0, 1, 1, 0, 0 FROM n""", (count,))
    books.close()


def ask(gateway: Gateway, target: str) -> Client:
    """A client that has asked and not been answered."""
    connection = Client(gateway.port)
    connection.send(request("GET", target))
    return connection


def test_reports_wait_apart_and_are_bounded(gateway: Gateway) -> None:
    fill(gateway)
    clients = [ask(gateway, "/usage?limit=1") for _ in range(24)]
    try:
        # The other answers of the gateway's own do not wait behind them.
        assert gateway.get("/metrics")[0] == gateway.get("/v1/models")[0] == 200
        answers: list[Answer] = [connection.answer() for connection in clients]
    finally:
        for connection in clients:
            connection.close()
    made = [answer for answer in answers if answer.status == 200]
    refused = [answer for answer in answers if answer.status == 503]
    assert len(made) >= 8 and len(refused) >= 8 and len(made) + len(refused) == len(answers)
    assert {answer.header("retry-after") for answer in refused} == {"1"}
    assert all(answer.json["totalRequests"] == MANY for answer in made)


def test_reports_of_clients_that_are_gone_are_not_made(gateway: Gateway) -> None:
    fill(gateway)
    before = gateway.cpu_seconds()
    with ask(gateway, "/usage?limit=1") as connection:
        assert connection.answer().status == 200
    one = gateway.cpu_seconds() - before
    for _ in range(5):
        clients = [ask(gateway, "/usage?limit=1") for _ in range(8)]
        for connection in clients:
            connection.close()
    # There is room again, long before forty reports could have been made.
    eventually(lambda: exchange(gateway.port, "GET", "/usage?limit=1").status == 200, 5, "no report is made")
    spent = gateway.cpu_seconds() - before - one
    print(f"one report: {one:.2f} s of CPU; after forty that nobody waited for: {spent:.2f} s")
    assert spent < 10 * one + 0.2


def test_a_large_export_is_refused_before_it_is_read(gateway: Gateway) -> None:
    fill(gateway)
    before = gateway.cpu_seconds()
    answer = exchange(gateway.port, "GET", "/usage?format=csv")
    refusal = gateway.cpu_seconds() - before
    assert answer.status == 400 and "too many records" in answer.json["error"]
    with sqlite3.connect(gateway.database) as books:
        books.execute("DELETE FROM usage_records WHERE request_id = 'r-1'")
    books.close()
    answer = exchange(gateway.port, "GET", "/usage?format=csv")
    export = gateway.cpu_seconds() - before - refusal
    assert answer.status == 200 and answer.body.count(b"\r\n") == 1 + MANY - 1
    print(f"refusal: {refusal:.2f} s of CPU; export: {export:.2f} s")
    assert refusal < export / 4


def test_books_of_a_newer_version_are_left_alone(gateway: Gateway, tmp_path: Path) -> None:
    gateway.stop()
    with sqlite3.connect(gateway.database) as books:
        books.execute("INSERT INTO grdb_migrations VALUES ('9999-from-the-future')")
    books.close()
    before = gateway.database.read_bytes()
    for arguments in (("serve",), ("usage",), ("backup", "copy.db")):
        outcome = run(gateway, *arguments)
        lines = [line for line in outcome.stderr.splitlines() if "usage database" in line]
        assert outcome.returncode == 1 and len(lines) == 1 and "written by a newer version" in lines[0], arguments
    assert gateway.database.read_bytes() == before
