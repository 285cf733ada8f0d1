"""A raw HTTP/1.1 client: sends exactly the bytes it is given and shows exactly the bytes that come back, with their times."""

from __future__ import annotations

import asyncio
import json
import select
import socket
import ssl
import time
from dataclasses import dataclass, field

TIMEOUT_SECONDS = 10


@dataclass
class Answer:
    """A response. `pieces` are the body's bytes as they arrived (de-chunked), each with its `time.monotonic()`."""

    status: int
    fields: list[tuple[str, str]]
    head: bytes
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    complete: bool = False  # the framing's own end was seen

    @property
    def body(self) -> bytes:
        return b"".join(piece for _, piece in self.pieces)

    @property
    def json(self) -> dict:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        return next((value for field_name, value in self.fields if field_name == name.lower()), None)


class Decoder:
    """Bytes in, answers out: length, chunked and close-delimited bodies. `head_only` says which answers are to HEAD requests."""

    def __init__(self, head_only: bool = False) -> None:
        self.head_only = head_only
        self.answer: Answer | None = None
        self.rest = bytearray()
        self._left: int | None = None  # bytes left of the body or of the chunk; None: read to the close
        self._chunked = False

    def feed(self, data: bytes) -> bool:
        """Takes bytes in; True once an answer is complete (bytes of the next stay in `rest`)."""
        self.rest += data
        while self.answer is None:
            end = self.rest.find(b"\r\n\r\n")
            if end < 0:
                return False
            self._begin(bytes(self.rest[: end + 4]))
            del self.rest[: end + 4]
            if self.answer.status in (100, 103):
                self.answer = None
        return self._body()

    def end(self) -> None:
        """The peer closed: the end of a close-delimited body."""
        if self.answer is not None and self._left is None and not self._chunked:
            self.answer.complete = True

    def _begin(self, head: bytes) -> None:
        line, *lines = head[:-4].decode("latin-1").split("\r\n")
        fields = [(name.lower(), value.strip()) for name, _, value in (text.partition(":") for text in lines)]
        self.answer = Answer(int(line.split(" ")[1]), fields, head)
        length = self.answer.header("content-length")
        self._chunked = "chunked" in (self.answer.header("transfer-encoding") or "")
        if self.head_only or self.answer.status in (204, 304):
            self._left, self._chunked = 0, False
        elif self._chunked:
            self._left = 0
        else:
            self._left = int(length) if length is not None else None

    def _take(self, count: int) -> None:
        if count:
            self.answer.pieces.append((time.monotonic(), bytes(self.rest[:count])))
            del self.rest[:count]

    def _body(self) -> bool:
        if not self._chunked:
            count = len(self.rest) if self._left is None else min(self._left, len(self.rest))
            self._take(count)
            if self._left is not None:
                self._left -= count
                self.answer.complete = self._left == 0
            return self.answer.complete
        while not self.answer.complete:
            if self._left > 2:  # inside a chunk; its CRLF counts as 2
                count = min(self._left - 2, len(self.rest))
                self._take(count)
                self._left -= count
                if not self.rest:
                    return False
                continue
            if self._left:
                if len(self.rest) < self._left:
                    return False
                assert self.rest[:2] == b"\r\n", "a chunk must end with CRLF"
                del self.rest[:2]
                self._left = 0
            line = self.rest.find(b"\r\n")
            if line < 0:
                return False
            size = int(self.rest[:line].split(b";")[0], 16)
            if size == 0:
                end = self.rest.find(b"\r\n\r\n", line)
                if end < 0:
                    return False
                del self.rest[: end + 4]
                self.answer.complete = True
            else:
                del self.rest[: line + 2]
                self._left = size + 2
        return True


def request(method: str, target: str, body: bytes = b"", *, headers: tuple[tuple[str, str], ...] = (), host: str = "127.0.0.1") -> bytes:
    """The bytes of a request: `content-type: application/json` and a length when there is a body."""
    lines = [f"{method} {target} HTTP/1.1", f"host: {host}"]
    names = {name.lower() for name, _ in headers}
    if body and "content-type" not in names:
        lines.append("content-type: application/json")
    if body and not names & {"content-length", "transfer-encoding"}:
        lines.append(f"content-length: {len(body)}")
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class Client:
    """A blocking connection, over TLS when there is a context; then a stream that ends without closure alert is an error."""

    def __init__(self, port: int, *, receive_buffer: int | None = None, timeout: float = TIMEOUT_SECONDS,
                 tls: ssl.SSLContext | None = None) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost", suppress_ragged_eofs=False)
        self._rest = b""

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, data: bytes) -> "Client":
        self.socket.sendall(data)
        return self

    def send_what_is_taken(self, data: bytes) -> "Client":
        """Sends as far as the peer takes it, and stops when it answers or closes. One thread sends and reads: two may not share a TLS connection."""
        timeout, rest = self.socket.gettimeout(), memoryview(data)
        self.socket.setblocking(False)
        try:
            while rest:
                readable, writable, _ = select.select([self.socket], [self.socket], [], timeout)
                assert readable or writable, "neither took nor answered"
                if readable and (incoming := self._unless_blocked(lambda: self.socket.recv(65536))) is not None:
                    self._rest += incoming
                    break
                if writable:
                    rest = rest[self._unless_blocked(lambda: self.socket.send(rest[:65536])) or 0:]
        except OSError:
            pass  # refused while it was being sent
        finally:
            self.socket.settimeout(timeout)
        return self

    @staticmethod
    def _unless_blocked(operation):
        try:
            return operation()
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None

    def answer(self, *, head_only: bool = False, until: bytes | None = None) -> Answer:
        """The next answer, whole; or, with `until`, as soon as its body holds those bytes."""
        decoder = Decoder(head_only)
        incoming = self._rest
        while not decoder.feed(incoming):
            if until is not None and decoder.answer is not None and until in decoder.answer.body:
                return decoder.answer
            incoming = self._receive()
            if not incoming:
                decoder.end()
                break
        self._rest = bytes(decoder.rest)
        if decoder.answer is None:
            raise ConnectionError(f"closed before a head; got {bytes(decoder.rest[:80])!r}")
        return decoder.answer

    def exchange(self, method: str, target: str, body: bytes = b"", *, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
        return self.send(request(method, target, body, headers=headers)).answer(head_only=method == "HEAD")

    def closed_by_peer(self, within: float = 2) -> bool:
        """Whether the peer closes (FIN or RST) within the time, sending nothing more."""
        self.socket.settimeout(within)
        try:
            return self._receive() == b""
        except TimeoutError:
            return False

    def close(self) -> None:
        self.socket.close()

    def _receive(self) -> bytes:
        try:
            return self.socket.recv(65536)
        except ConnectionResetError:
            return b""


def exchange(port: int, method: str, target: str, body: bytes = b"", *, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """One request on a connection of its own."""
    with Client(port) as client:
        return client.exchange(method, target, body, headers=headers)


async def stream(port: int, data: bytes) -> Answer:
    """One request on an asynchronous connection of its own, read to the end of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        decoder = Decoder()
        while not decoder.feed(incoming := await reader.read(65536)):
            if not incoming:
                decoder.end()
                break
        if decoder.answer is None:
            raise ConnectionError("closed before a head")
        return decoder.answer
    finally:
        writer.close()
