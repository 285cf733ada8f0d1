"""HTTP/1.1 to the letter, on plain connections and over TLS: what is ambiguous is refused once and the connection closes, what is
merely unusual is served and the connection stays in step; both whole and cut anywhere."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from certificates import Authority
from client import Answer, Client, Decoder
from conftest import providers
from dialects import ALL, CHAT, Dialect
from framing_cases import BODY, CASES, CHUNKED, END, LAST, LENGTH, MARK, SMUGGLED, Case, chunk, chunked, post
from gateway import Gateway
from provider import Exchange, Provider

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Wire:
    """A way to the gateway: plain or over TLS."""

    port: int
    tls: object

    def connect(self) -> Client:
        return Client(self.port, tls=self.tls)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    async def handler(exchange: Exchange) -> None:
        bodies.append(exchange.request.body)
        await exchange.answer(CHAT.answer("ok"))

    bodies: list[bytes] = []
    with Provider() as provider:
        provider.bodies = bodies
        provider.script(handler)
        yield provider
        time.sleep(0.2)  # what was smuggled may come after its connection's end
        assert not [body for body in bodies if MARK in body]


@pytest.fixture(scope="module", params=["plain", "tls"])
def wire(request: pytest.FixtureRequest, binary: Path, authority: Authority, provider: Provider,
         tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    directory = tmp_path_factory.mktemp("gateway")
    config: dict = {"providers": providers(provider.url)}
    if request.param == "tls":
        config["server"] = {"tls": {"port": 0, **authority.server_files(directory)}}
    with Gateway(directory, config) as gateway:
        yield Wire(gateway.tls_port, authority.client_context()) if request.param == "tls" else Wire(gateway.port, None)


def cuts(data: bytes) -> list[tuple[int, ...]]:
    """Where `data` is cut: nowhere, inside line ends, in the middle, before its last byte, and everywhere when it is short."""
    if len(data) > 4096:
        return [(), (len(data) // 2,)]
    line, head = data.find(b"\r\n"), data.find(b"\r\n\r\n")
    places = {1, line + 1, line + 2, head + 2, head + 4, len(data) // 2, len(data) - 1, len(data)}
    everywhere = [tuple(range(1, len(data)))] if len(data) <= 256 else []
    return [()] + [(place,) for place in sorted(places) if 0 < place <= len(data)] + everywhere


def converse(wire: Wire, data: bytes, cut: tuple[int, ...]) -> list[Answer]:
    """Sends `data` in pieces and reads until the gateway closes, which it must do with a FIN: all answers."""
    answers, received = [], b""
    with wire.connect() as connection:
        for start, end in zip((0, *cut), (*cut, len(data))):
            connection.send(data[start:end])
            if len(cut) == 1:
                time.sleep(0.001)  # not one read for both pieces
        while incoming := connection.socket.recv(65536):
            received += incoming
    while received:
        decoder = Decoder(head_only=data.startswith(b"HEAD ") and not answers)
        assert decoder.feed(received) or decoder.answer, f"no whole answer: {received[:100]!r}"
        decoder.end()
        assert decoder.answer.complete, f"an answer was cut off: {received[-100:]!r}"
        answers.append(decoder.answer)
        received = bytes(decoder.rest)
    return answers


def test_the_table_is_a_table() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 90


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}: {case.name}")
def test_framing(wire: Wire, provider: Provider, case: Case) -> None:
    for cut in cuts(case.data):
        where = f"cut at {cut if len(cut) < 2 else 'every byte'}"
        provider.bodies.clear()
        answers = converse(wire, case.data + (LAST if case.stays else SMUGGLED), cut)
        assert [answer.status for answer in answers] == [*case.statuses, *([200] if case.stays else [])], where
        assert [answer.header("connection") == "close" for answer in answers] == [False] * (len(answers) - 1) + [True], where
        for answer in answers:
            if answer.status >= 400 and answer.body:
                assert answer.header("content-type") == "application/json" and json.loads(answer.body)["error"]["message"], where
        assert len(provider.bodies) == case.reached, where


REFUSALS = [
    pytest.param(400, LENGTH + LENGTH, b"", id="400 for the framing"),
    pytest.param(400, b"x : 1\r\n", b"", id="400 for a field"),
    pytest.param(400, CHUNKED, b"x\r\n", id="400 in the body"),
    pytest.param(413, b"content-length: 33554433\r\n", b"", id="413"),
    pytest.param(417, LENGTH + b"expect: nothing\r\n", b"", id="417"),
    pytest.param(431, b"x: 1\r\n" * 100, b"", id="431 for the fields"),
    pytest.param(431, b"x: " + b"a" * 65536 + b"\r\n", b"", id="431 for the size"),
]


@pytest.mark.parametrize("dialect", ALL, ids=lambda each: each.name)
@pytest.mark.parametrize(("status", "fields", "body"), REFUSALS)
def test_refusals_speak_the_dialect_of_the_path(wire: Wire, dialect: Dialect, status: int, fields: bytes, body: bytes) -> None:
    answer = converse(wire, post(fields, body, path=dialect.path.encode()), ())[0]
    assert answer.status == status
    dialect.check_error(answer.body, "request_too_large" if (status, dialect.name) == (413, "messages") else "invalid_request_error")


@pytest.mark.parametrize("dialect", ALL, ids=lambda each: each.name)
def test_overlong_target_is_refused_in_the_dialect_of_its_path(wire: Wire, dialect: Dialect) -> None:
    answer = converse(wire, post(b"", b"", path=dialect.path.encode() + b"?" + b"a" * 16384), ())[0]
    assert answer.status == 414
    dialect.check_error(answer.body, "invalid_request_error")


@pytest.mark.parametrize("framing", [LENGTH, CHUNKED], ids=["length", "chunked"])
def test_continue_is_said_once_and_before_the_body(wire: Wire, framing: bytes) -> None:
    with wire.connect() as connection:
        connection.send(post(framing + b"expect: 100-continue\r\n", b""))
        assert connection.socket.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.send(BODY if framing is LENGTH else chunk() + END)
        assert connection.socket.recv(4096).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_body_of_32_mebibytes_and_one_more(wire: Wire, provider: Provider, framing: str) -> None:
    """The largest body passes whole; a byte more is refused before it is read, or as soon as it came."""
    start, end = b'{"model":"oai/m","messages":[],"x":"', b'"}'
    whole = start + b"a" * (32 * MEBIBYTE - len(start) - len(end)) + end
    for body, status in ((whole, 200), (whole + b" ", 413)):
        provider.bodies.clear()
        with wire.connect() as connection:
            if framing == "length":
                connection.send(post(b"content-length: %d\r\n" % len(body), b"" if status == 413 else body))
            else:
                pieces = b"".join(chunk(body[at : at + MEBIBYTE]) for at in range(0, len(body), MEBIBYTE))
                connection.send_what_is_taken(chunked(pieces + END))
            answer = connection.answer()
            assert answer.status == status
        assert [len(each) for each in provider.bodies] == ([len(body) - len("oai/")] if status == 200 else [])
    CHAT.check_error(answer.body, "invalid_request_error", "request_too_large")
