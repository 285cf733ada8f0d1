"""A scripted provider: an HTTP/1.1 server whose every byte on the wire is decided by the test.

It runs on an event loop of its own thread, so that the blocking clients of a test can talk to it. A test sets
`provider.handler`, a coroutine function that gets one `Exchange` a request: what arrived, and the means to answer it well,
slowly, in odd pieces or not at all. Everything that arrived is kept in `provider.exchanges`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

# Send buffer of the provider's sockets: small and fixed, so that what it "could write" is what its peer read, not what the kernel's
# auto-tuning was willing to hold (the kernel doubles the number).
SEND_BUFFER_BYTES = 32 * 1024

REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
           429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable", 529: "Overloaded"}


@dataclass
class Request:
    """A request as it came: the bytes of its head and body, and the head's fields in order."""

    head: bytes
    method: str
    target: str
    fields: list[tuple[str, str]]
    body: bytes = b""

    def all(self, name: str) -> list[str]:
        return [value for field_name, value in self.fields if field_name.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        values = self.all(name)
        return values[0] if values else None

    @property
    def json(self) -> dict:
        return json.loads(self.body)


class Closed(Exception):
    """The peer is gone: what the handler was doing has nobody to do it for."""


@dataclass
class Exchange:
    """One request and the writer of its answer. Times are `time.monotonic()` seconds."""

    request: Request
    connection: "Connection"
    framing: str = "chunked"
    started_at: float = field(default_factory=time.monotonic)
    sent_bytes: int = 0

    # What the test asks afterwards

    @property
    def closed_at(self) -> float | None:
        """When the peer closed (FIN or RST) the connection that carried this exchange."""
        return self.connection.closed_at

    @property
    def accepted_bytes(self) -> int:
        """Bytes of the answer that the kernel took: what the provider "could write" so far."""
        return self.sent_bytes - self.connection.unsent_bytes

    # Answers

    async def send(self, data: bytes) -> None:
        """Writes raw bytes and waits until the kernel has taken them all."""
        self.sent_bytes += len(data)
        await self.connection.write(data)

    async def head(self, status: int = 200, headers: Iterable[tuple[str, str]] = (), *, content_type: str = "text/event-stream",
                   framing: str = "chunked", length: int | None = None) -> None:
        """Writes the head. `framing` is "chunked", "length" (give `length`) or "close"."""
        self.framing = framing
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}", f"content-type: {content_type}"]
        lines += [f"{name}: {value}" for name, value in headers]
        if framing == "chunked":
            lines.append("transfer-encoding: chunked")
        elif framing == "length":
            lines.append(f"content-length: {length}")
        else:
            lines.append("connection: close")
        await self.send("\r\n".join(lines).encode() + b"\r\n\r\n")

    async def body(self, data: bytes) -> None:
        """Writes a piece of the body, framed as the head said; a chunk goes out as one write."""
        if data:
            await self.send(b"%x\r\n%s\r\n" % (len(data), data) if self.framing == "chunked" else data)

    async def end(self) -> None:
        if self.framing == "chunked":
            await self.send(b"0\r\n\r\n")
        elif self.framing == "close":
            self.close()

    async def stream(self, pieces: Iterable[bytes], *, pause: float = 0, **head: object) -> None:
        """A whole answer, a write a piece; with `pause` seconds between the pieces."""
        await self.head(**head)
        for index, piece in enumerate(pieces):
            if index and pause:
                await asyncio.sleep(pause)
            await self.body(piece)
        await self.end()

    async def answer(self, body: bytes, status: int = 200, headers: Iterable[tuple[str, str]] = (), *,
                     content_type: str = "application/json", framing: str = "length") -> None:
        """A whole answer in one body."""
        await self.head(status, headers, content_type=content_type, framing=framing, length=len(body))
        await self.body(body)
        await self.end()

    async def silence(self) -> None:
        """Says nothing more until the peer goes away."""
        await self.connection.wait_closed()

    def close(self) -> None:
        """FIN, wherever the answer stands."""
        self.connection.transport.close()

    def reset(self) -> None:
        """RST (SO_LINGER 0), wherever the answer stands."""
        raw = self.connection.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.transport.abort()


Handler = Callable[[Exchange], Awaitable[None]]


class Connection(asyncio.Protocol):
    """One accepted connection: reads requests one after the other and hands each to the provider's handler."""

    def __init__(self, provider: "Provider") -> None:
        self.provider = provider
        self.inbox = bytearray()
        self.arrived = asyncio.Event()
        self.writable = asyncio.Event()
        self.gone = asyncio.Event()
        self.closed_at: float | None = None
        self.transport: asyncio.Transport
        self.serving: asyncio.Task[None]

    # Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.transport.set_write_buffer_limits(high=1, low=0)  # not 0: a TLS transport would pause and never resume
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.writable.set()
        self.provider.connections.add(self)
        self.serving = asyncio.get_running_loop().create_task(self._serve())

    def data_received(self, data: bytes) -> None:
        self.inbox += data
        self.arrived.set()

    def eof_received(self) -> bool:
        self._note_closed()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self.provider.connections.discard(self)
        self._note_closed()

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def _note_closed(self) -> None:
        if self.closed_at is None:
            self.closed_at = time.monotonic()
        for event in (self.gone, self.arrived, self.writable):
            event.set()

    # For exchanges

    @property
    def unsent_bytes(self) -> int:
        return self.transport.get_write_buffer_size()

    async def write(self, data: bytes) -> None:
        if self.closed_at is not None or self.transport.is_closing():
            raise Closed
        self.transport.write(data)
        await self.writable.wait()
        if self.closed_at is not None:
            raise Closed

    async def wait_closed(self) -> None:
        await self.gone.wait()

    # Requests

    async def _serve(self) -> None:
        try:
            while request := await self._read_request():
                exchange = Exchange(request, self)
                self.provider.exchanges.append(exchange)
                self.provider.requests += 1
                await self.provider.handler(exchange)
        except Closed:
            pass
        except Exception as error:  # a broken handler is the test's fault: show it there
            self.provider.failures.append(error)
            self.transport.abort()

    async def _more(self) -> None:
        if self.closed_at is not None or self.transport.is_closing():
            raise Closed
        self.arrived.clear()
        await self.arrived.wait()

    async def _take(self, count: int) -> bytes:
        while len(self.inbox) < count:
            await self._more()
        taken = bytes(self.inbox[:count])
        del self.inbox[:count]
        return taken

    async def _take_line(self) -> bytes:
        while (end := self.inbox.find(b"\r\n")) < 0:
            await self._more()
        return (await self._take(end + 2))[:-2]

    async def _read_request(self) -> Request:
        while (end := self.inbox.find(b"\r\n\r\n")) < 0:
            await self._more()
        head = await self._take(end + 4)
        line, *lines = head[:-4].decode("latin-1").split("\r\n")
        method, target, _ = line.split(" ")
        fields = [(name, value.strip()) for name, _, value in (text.partition(":") for text in lines)]
        request = Request(head, method, target, fields)
        if "chunked" in (request.header("transfer-encoding") or ""):
            while size := int((await self._take_line()).split(b";")[0], 16):
                request.body += await self._take(size)
                await self._take_line()
            while await self._take_line():
                pass
        else:
            request.body = await self._take(int(request.header("content-length") or 0))
        return request


class Provider:
    """The server. Use it as a context manager; `handler` may be replaced between requests."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.exchanges: list[Exchange] = []
        self.connections: set[Connection] = set()
        self.failures: list[Exception] = []
        self.requests = 0  # in all, over every script
        self.handler: Handler = self._unscripted
        self.port = 0
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="provider", daemon=True)
        self._listening = threading.Event()

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}" if self.tls else f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "Provider":
        self._thread.start()
        if not self._listening.wait(5):
            raise RuntimeError("the scripted provider did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)

    def script(self, handler: Handler) -> None:
        """Forgets what arrived so far and answers with `handler` from now on."""
        self.exchanges.clear()
        self.failures.clear()
        self.handler = handler

    def drop_connections(self) -> None:
        """Closes every connection, idle ones too."""
        for connection in list(self.connections):
            self.loop.call_soon_threadsafe(connection.transport.abort)

    def only(self) -> Exchange:
        """The one exchange of a test that makes one."""
        assert len(self.exchanges) == 1, f"{len(self.exchanges)} requests reached the provider, not one"
        return self.exchanges[0]

    @staticmethod
    async def _unscripted(exchange: Exchange) -> None:
        await exchange.answer(b'{"error":{"message":"no script","type":"api_error"}}', 500)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._listen())
        self._listening.set()
        self.loop.run_forever()
        with contextlib.suppress(RuntimeError):
            for connection in list(self.connections):
                connection.transport.abort()
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
            self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    async def _listen(self) -> None:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)  # inherited by what is accepted
        listener.bind(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        await self.loop.create_server(lambda: Connection(self), sock=listener, ssl=self.tls, backlog=2048)
