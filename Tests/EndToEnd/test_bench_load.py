"""The load generator of the benchmarks: what it sends, counts, times and draws, against `Benchmarks provider` and servers that misbehave."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest

from test_bench_provider import BINARY, FORMATS, BenchProvider, provider  # noqa: F401 (a fixture)

RUN_SECONDS = 30
TIMES = ["count", "min", "mean", "p50", "p90", "p99", "p999", "max"]
FIELDS = {
    "connections", "seconds", "requests", "requestsPerSecond", "streams", "whole", "events", "bytes", "eventsPerSecond", "firstByte", "firstToken",
    "gap", "delay", "duration", "openPeak", "openAtEnd", "stalled", "hungUp", "lost", "errors", "loadProcessorSeconds", "loadBusyShare",
    "isThroughputVoid", "samples",
}
MICROSECONDS = 1_000_000


def run(url: str, *arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run([str(BINARY), "load", "--url", url, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=RUN_SECONDS)


def load(url: str, *arguments: object, status: int = 0) -> dict:
    """Runs the load generator and returns its report."""
    done = run(url, *arguments, "--json")
    assert done.returncode == status, f"exit {done.returncode}: {done.stderr[-2000:]}"
    return json.loads(done.stdout)


class Server:
    """A small server on a thread for each connection. `script(connection, request, number)` answers one request, the number of its
    connection's, and returns False to close."""

    def __init__(self, script: Callable[[socket.socket, bytes, int], bool]) -> None:
        self.script = script
        self.requests: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                number = 0
                while request := read_request(connection):
                    number += 1
                    self.requests.append(request)
                    if not self.script(connection, request, number):
                        return
            except OSError:
                return  # the client left

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        incoming = connection.recv(65536)
        if not incoming:
            return b""
        data += incoming
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: (\d+)", head)[1])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


WHOLE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"hello"}}]}\n\n'
DONE = b"data: [DONE]\n\n"


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def answer_whole(connection: socket.socket, request: bytes, number: int) -> bool:
    connection.sendall(WHOLE)
    return True


# What is asked for


@pytest.mark.parametrize("wire, path, key", [
    ("chat", "/v1/chat/completions", b"authorization: Bearer sk-1"), ("responses", "/v1/responses", b"authorization: Bearer sk-1"),
    ("messages", "/v1/messages", b"x-api-key: sk-1"), ("gemini", "/v1beta/models/m%201:generateContent", b"x-goog-api-key: sk-1"),
])
def test_a_request_is_what_the_options_say(wire: str, path: str, key: bytes) -> None:
    with Server(answer_whole) as server:
        report = load(server.url, "--format", wire, "--model", "m 1", "--whole", "--connections", 1, "--streams", 2, "--body-bytes", 51_200,
                      "--api-key", "sk-1")
    assert report["whole"] == report["requests"] == 2 and not report["errors"], report
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(f"POST {path} HTTP/1.1\r\n".encode()), head
    assert key in head and f"host: {server.url.removeprefix('http://')}\r\n".encode() in head
    assert len(body) == 51_200
    content = json.loads(body)
    assert content.get("model") == (None if wire == "gemini" else "m 1")
    assert "Tell me a story" in body.decode()


def test_a_base_with_a_path_keeps_it() -> None:
    with Server(answer_whole) as server:
        load(f"{server.url}/openai/v1/", "--whole", "--connections", 1, "--streams", 1)
    assert server.requests[0].startswith(b"POST /openai/v1/chat/completions HTTP/1.1\r\n")


@pytest.mark.parametrize("arguments", [
    ("--connections", 0), ("--connections", 9_801), ("--streamed-share", 1.5), ("--hang-up-share", -0.1), ("--rate", 0), ("--rate", 5, "--streams", 1),
    ("--stalled-readers", 65), ("--insecure", "--ca-file", "/dev/null"), ("--format", "cohere"), ("--pid", 99_999_999), ("--duration", -1),
    ("--url", "ftp://127.0.0.1"), ("--url", "http://user:secret@127.0.0.1"), ("--rate", 5, "--connections", 2, "--stalled-readers", 2),
], ids=str)
def test_options_that_make_no_sense_are_refused(arguments: tuple) -> None:
    done = run("http://127.0.0.1:9", *arguments)
    assert done.returncode == 64, done.stdout
    assert "Error:" in done.stderr and "secret" not in done.stderr.replace("http://user:secret@127.0.0.1", "")


# What is counted


@pytest.mark.parametrize("wire", FORMATS)
def test_each_format_streamed_and_whole(provider: BenchProvider, wire: str) -> None:
    report = load(provider.url, "--format", wire, "--model", "bench-10-5", "--connections", 4, "--streams", 4, "--streamed-share", 0.5)
    assert FIELDS <= set(report)
    assert report["errors"] == {} and report["lost"] == 0
    assert report["requests"] == 16 and report["streams"] == report["whole"] == 8
    assert report["events"] == 80
    for name in ("firstByte", "firstToken", "gap", "delay", "duration"):
        times = report[name]
        assert list(sorted(times)) == sorted(TIMES)
        assert 0 <= times["min"] <= times["p50"] <= times["p90"] <= times["p99"] <= times["p999"] <= times["max"], (name, times)
    assert report["firstByte"]["count"] == report["duration"]["count"] == 16
    assert report["firstToken"]["count"] == 8 and report["delay"]["count"] == 80 and report["gap"]["count"] == 72
    # Nine pauses of 5 ms stand between ten tokens.
    assert 4_000 < report["gap"]["mean"] < 20_000
    assert report["duration"]["p50"] >= 44_000
    assert report["bytes"] > 80 * 32
    assert report["openPeak"] == 4 and report["connections"] == 4
    assert report["requestsPerSecond"] == pytest.approx(report["requests"] / report["seconds"])
    assert report["eventsPerSecond"] == pytest.approx(report["events"] / report["seconds"])


def test_tokens_without_a_stamp_have_no_delay() -> None:
    def script(connection: socket.socket, request: bytes, number: int) -> bool:
        connection.sendall(STREAM_HEAD + chunk(EVENT) + chunk(EVENT + EVENT[:20]) + chunk(EVENT[20:] + DONE) + b"0\r\n\r\n")
        return True

    with Server(script) as server:
        report = load(server.url, "--connections", 1, "--streams", 3)
    assert report["streams"] == 3 and report["events"] == 9
    assert report["firstToken"]["count"] == 3 and report["delay"]["count"] == 0


def test_an_answer_cut_at_every_byte_is_the_same_answer() -> None:
    """With an interim response before it, and both kinds of framing."""
    answers = [b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + STREAM_HEAD + chunk(EVENT + EVENT) + chunk(DONE) + b"0\r\n\r\n"]
    body = EVENT + EVENT + DONE
    answers.append(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: %d\r\n\r\n" % len(body) + body)

    for answer in answers:
        def script(connection: socket.socket, request: bytes, number: int) -> bool:
            connection.sendall(answer[:number])
            time.sleep(0.002)
            connection.sendall(answer[number:])
            return True

        with Server(script) as server:
            report = load(server.url, "--connections", 1, "--streams", len(answer) - 1)
        assert report["streams"] == len(answer) - 1 and report["events"] == 2 * report["streams"]
        assert report["errors"] == {} and report["bytes"] == len(body) * report["streams"]


@pytest.mark.parametrize("fault, error", [
    ("error500", "status 500"), ("error429", "status 429"), ("reset-head", "reset before the answer"), ("reset-stream", "reset inside the answer"),
    ("truncated", "closed inside the answer"),
])
def test_what_does_not_end_well_is_lost(provider: BenchProvider, fault: str, error: str) -> None:
    report = load(provider.url, "--model", f"fault-{fault}", "--connections", 2, "--streams", 2, status=1)
    assert report["errors"] == {error: 4}
    assert report["lost"] == report["requests"] == 4 and report["streams"] == 0


def test_a_stream_without_its_end_mark_is_lost() -> None:
    def script(connection: socket.socket, request: bytes, number: int) -> bool:
        connection.sendall(STREAM_HEAD + chunk(EVENT) + b"0\r\n\r\n")
        return True

    with Server(script) as server:
        report = load(server.url, "--connections", 1, "--streams", 1, status=1)
    assert report["errors"] == {"no end mark": 1} and report["lost"] == 1


def test_a_server_that_is_not_there_is_no_success() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    report = load(f"http://127.0.0.1:{port}", "--connections", 2, "--duration", 0.3, status=1)
    assert list(report["errors"]) == ["connect: Connection refused"]
    # It rests after a failure.
    assert report["requests"] <= 2 * (0.3 / 0.05 + 2)


@pytest.mark.parametrize("closes", ["after", "instead"])
def test_a_connection_closed_between_two_requests_is_no_error(closes: str) -> None:
    """After an answer, without a word; or when the next request is there already, which it crosses."""

    def script(connection: socket.socket, request: bytes, number: int) -> bool:
        if number == 2:
            return False
        connection.sendall(WHOLE)
        return closes == "instead"

    with Server(script) as server:
        report = load(server.url, "--whole", "--connections", 2, "--streams", 20)
    assert report["errors"] == {} and report["whole"] == report["requests"] == 40


# Open and closed loop


def stalls_once(after: float, seconds: float) -> Callable[[socket.socket, bytes, int], bool]:
    """A server that does nothing at all for a while, once."""
    lock = threading.Lock()
    began: list[float] = []

    def script(connection: socket.socket, request: bytes, number: int) -> bool:
        with lock:
            now = time.monotonic()
            if not began:
                began.append(now)
            if now - began[0] > after and len(began) == 1:
                began.append(now)
                time.sleep(seconds)
        connection.sendall(WHOLE)
        return True

    return script


def test_an_open_loop_counts_the_wait_behind_a_stall_and_a_closed_loop_hides_it() -> None:
    common = ("--whole", "--connections", 4, "--duration", 3)
    with Server(stalls_once(1, 1)) as server:
        closed = load(server.url, *common)
    with Server(stalls_once(1, 1)) as server:
        opened = load(server.url, *common, "--rate", 100, "--arrivals", "even")
    assert not closed["errors"] and not opened["errors"]
    # One request of each connection saw the stall: none of the others was even sent.
    assert closed["duration"]["max"] > 0.9 * MICROSECONDS
    assert closed["duration"]["p99"] < 0.3 * MICROSECONDS
    # A third of the requests was due in that second, and waited half of it on average.
    assert opened["requests"] == pytest.approx(300, abs=3)
    assert 0.9 * MICROSECONDS < opened["duration"]["max"] < 2 * MICROSECONDS
    assert 0.5 * MICROSECONDS < opened["duration"]["p90"] < 1.2 * MICROSECONDS
    assert opened["duration"]["p50"] < 0.3 * MICROSECONDS
    assert opened["openPeak"] <= 4


def test_arrivals_that_find_no_connection_until_the_end_are_told() -> None:
    def script(connection: socket.socket, request: bytes, number: int) -> bool:
        time.sleep(8)
        connection.sendall(WHOLE)
        return True

    with Server(script) as server:
        report = load(server.url, "--whole", "--connections", 1, "--rate", 20, "--arrivals", "even", "--duration", 1)
    # One at once, one after 8 s; the others would come after the 10 s that the end is waited for.
    assert report["whole"] == 2
    assert report["errors"] == {"no free connection until the end": 17}


def test_a_seed_repeats_the_arrivals(provider: BenchProvider) -> None:
    arguments = ("--model", "bench-1", "--whole", "--connections", 50, "--rate", 200, "--arrivals", "poisson", "--duration", 1)
    first = load(provider.url, *arguments)
    again = load(provider.url, *arguments, "--seed", first["seed"])
    other = load(provider.url, *arguments, "--seed", first["seed"] + 1, "--loops", 2)
    assert first["requests"] == again["requests"], f"seed {first['seed']}"
    assert 100 < other["requests"] < 300
    assert not first["errors"] and not other["errors"]


# Clients of all kinds


def test_clients_hang_up(provider: BenchProvider) -> None:
    report = load(provider.url, "--model", "bench-50-2", "--connections", 4, "--streams", 10, "--hang-up-share", 0.5, "--hang-up-after-events", 5)
    assert report["requests"] == 40 and report["hungUp"] == 20 and report["streams"] == 20
    assert report["lost"] == 0 and not report["errors"]
    # The opening event counts too, and what came with the last one was read.
    assert 20 * 50 + 20 * 4 <= report["events"] <= 20 * 50 + 20 * 10


class Flood:
    """Streams without end, and notes how much each connection took and when the last of it."""

    def __init__(self) -> None:
        self.taken: dict[int, tuple[int, float]] = {}
        self.ended: dict[int, float] = {}

    def __call__(self, connection: socket.socket, request: bytes, number: int) -> bool:
        name = connection.fileno()
        connection.sendall(STREAM_HEAD)
        connection.settimeout(0.05)
        piece = memoryview(chunk(EVENT * 1_000))
        sent = total = 0
        while True:
            try:
                count = connection.send(piece[sent:])
            except TimeoutError:
                continue
            except OSError:
                self.ended[name] = time.monotonic()
                return False
            sent = (sent + count) % len(piece)
            total += count
            self.taken[name] = (total, time.monotonic())


def test_stalled_readers_hold_their_streams_unread() -> None:
    flood = Flood()
    with Server(flood) as server:
        began = time.monotonic()
        report = load(server.url, "--connections", 5, "--stalled-readers", 5, "--duration", 3)
        end = time.monotonic()
        time.sleep(0.3)
    assert report["stalled"] == report["requests"] == 5 and report["lost"] == 0 and not report["errors"]
    assert report["openPeak"] == report["openAtEnd"] == 5
    assert report["seconds"] == pytest.approx(3, abs=0.5)
    # What the kernel's buffers take, and not a byte later on.
    assert len(flood.taken) == 5
    for total, last in flood.taken.values():
        assert total < 16 << 20
        assert last < began + 1.5
    # They are gone with the run.
    assert len(flood.ended) == 5 and max(flood.ended.values()) < end + 0.3
    # Their times are no figures of the server's.
    assert report["firstToken"]["count"] == 0


def test_slow_readers_take_what_they_may() -> None:
    flood = Flood()
    with Server(flood) as server:
        report = load(server.url, "--connections", 2, "--slow-readers", 2, "--slow-bytes-per-second", 50_000, "--duration", 2)
    assert report["hungUp"] == 2 and report["lost"] == 0 and not report["errors"]
    # Twice 2 s at 50,000 bytes a second, framing included.
    assert 130_000 < report["bytes"] < 205_000


def test_a_stalled_reader_that_is_thrown_out_is_lost_and_comes_back() -> None:
    def script(connection: socket.socket, request: bytes, number: int) -> bool:
        connection.sendall(STREAM_HEAD + chunk(EVENT))
        time.sleep(0.6)
        return False

    with Server(script) as server:
        report = load(server.url, "--connections", 1, "--stalled-readers", 1, "--duration", 1)
    assert report["requests"] == 2 and report["stalled"] == 1 and report["lost"] == 1
    assert report["errors"] == {"closed while stalled": 1}


# TLS


def test_tls_with_the_authority_of_the_server(provider: BenchProvider) -> None:
    arguments = ("--model", "bench-20-2", "--connections", 3, "--streams", 3, "--body-bytes", 150_000)
    for name in ("127.0.0.1", "localhost"):
        url = f"https://{name}:{provider.ports['tls_port']}"
        report = load(url, *arguments, "--ca-file", provider.ports["ca_file"])
        assert report["streams"] == 9 and report["events"] == 180 and not report["errors"]
        assert load(url, *arguments, "--insecure")["streams"] == 9
    # The second stream of a connection makes no handshake.
    assert report["firstToken"]["p50"] < report["firstToken"]["max"]


def test_tls_trusts_nobody_unasked(provider: BenchProvider) -> None:
    report = load(f"https://127.0.0.1:{provider.ports['tls_port']}", "--connections", 1, "--streams", 1, status=1)
    assert list(report["errors"]) == ["TLS: certificate verify failed"]


# What is told


def test_samples_of_a_watched_process(provider: BenchProvider) -> None:
    report = load(provider.url, "--model", "bench-20-50", "--connections", 20, "--duration", 2, "--pid", provider.process.pid)
    samples = report["samples"]
    assert [round(each["second"]) for each in samples[:2]] == [1, 2]
    assert sum(each["requests"] for each in samples) <= report["requests"]
    assert samples[0]["open"] == 20 and samples[0]["events"] > 0
    assert samples[0]["delayP50"] > 0 and samples[0]["delayP99"] >= samples[0]["delayP50"] and samples[0]["firstTokenP50"] > 0
    for each in samples:
        [process] = each["processes"]
        assert process["pid"] == provider.process.pid
        assert process["rssKiB"] >= process["anonymousKiB"] > 0
    seconds = [each["processes"][0]["processorSeconds"] for each in samples]
    assert seconds == sorted(seconds)
    assert 0 < report["loadBusyShare"] < 0.9 and not report["isThroughputVoid"]
    assert report["loadProcessorSeconds"] > 0


def test_progress_table_and_quiet(provider: BenchProvider) -> None:
    arguments = ("--model", "bench-5-1", "--connections", 2, "--duration", 1.3)
    shown = run(provider.url, *arguments, "--progress")
    assert re.search(r"^1 s: 2 open, .* requests/s, .* events/s, first token p50 .* us", shown.stderr, re.M), shown.stderr
    assert "one-way delay of a token" in shown.stdout and "p99.9" in shown.stdout
    # No terminal, no progress.
    assert run(provider.url, *arguments).stderr == ""
    quiet = run(provider.url, *arguments, "--quiet")
    assert quiet.stdout == quiet.stderr == "" and quiet.returncode == 0


def test_the_report_is_one_page_that_fetches_nothing(provider: BenchProvider, tmp_path: Path) -> None:
    folder = tmp_path / "made" / "here"
    done = run(provider.url, "--model", "bench-20-20", "--connections", 10, "--duration", 2.3, "--pid", provider.process.pid, "--report", folder,
               "--api-key", "sk-not-to-be-shown")
    assert done.returncode == 0 and f"report: {folder}/load-report.html" in done.stdout
    [page] = folder.iterdir()
    text = page.read_text()
    root = ElementTree.fromstring(text.removeprefix("<!DOCTYPE html>"))
    assert root.tag == "html"
    assert not re.search(r"(src|href|srcset|action)\s*=|url\(|@import|<(script|link|img|iframe|object|embed)\b", text, re.I)
    assert "prefers-color-scheme: dark" in text
    assert "sk-not-to-be-shown" not in text
    captions = [each.text for each in root.iter("figcaption")]
    assert captions == ["Time within which so many were", "Delay, second by second", "Requests per second", "Events per second", "Requests open",
                        "Memory", "CPU time"]
    for figure in root.iter("figure"):
        plot = next(each for each in figure.iter("svg") if each.get("role") == "img")
        _, _, width, height = map(float, plot.get("viewBox").split())
        titles = [each.text for each in plot.iter("text") if each.get("class") == "title"]
        assert len(titles) == 2 and all(titles), "both axes say what they show"
        lines = list(plot.iter("polyline"))
        assert lines and len(lines) == len(list(figure.iter("li"))), "each line is in the legend"
        for line in lines:
            for point in line.get("points").split():
                x, y = map(float, point.split(","))
                assert 0 <= x <= width and 0 <= y <= height
    facts = {row[0].text: row[1].text for row in root.iter("tr") if len(row) == 2}
    assert facts["URL"] == provider.url and facts["format"] == "chat" and facts["model"] == "bench-20-20"
    assert facts["kernel"].startswith("Linux ") and "--connections 10" in facts["command"]
    assert int(facts["CPUs that the load generator may use"]) >= 1
