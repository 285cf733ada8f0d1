"""Many requests at once, each answer checked to the byte: what tests of durability and endurance put behind and before a gateway."""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import dataclass, field

from client import Answer, Decoder
from conftest import post_bytes
from dialects import ALL, Dialect
from provider import Exchange

TEXTS = ("a", "b", "c")
KEPT_EXCHANGES = 1000


async def answer(exchange: Exchange) -> None:
    """Answers in the dialect of the path, in one piece or as a stream, and forgets what came long ago."""
    dialect = next(each for each in ALL if each.path == exchange.request.target)
    if exchange.request.json.get("stream"):
        await exchange.stream(dialect.stream(*TEXTS))
    else:
        await exchange.answer(dialect.answer("ok"))
    exchanges = exchange.connection.provider.exchanges
    if len(exchanges) > KEPT_EXCHANGES:
        exchanges.clear()


async def one_exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes) -> Answer:
    writer.write(data)
    decoder = Decoder()
    while not decoder.feed(incoming := await reader.read(65536)):
        if not incoming:
            raise ConnectionError("closed before the answer's end")
    return decoder.answer


@dataclass
class Load:
    """Requests without pause, until `stop` is set or `left` are made: which were answered, and what failed."""

    port: int
    tls: ssl.SSLContext | None = None
    left: int | None = None
    finished: list[tuple[str, float]] = field(default_factory=list)  # x-request-id and the end's time.monotonic()
    failures: list[str] = field(default_factory=list)
    stop: bool = False

    def _goes_on(self) -> bool:
        if self.stop or self.left == 0:
            return False
        if self.left is not None:
            self.left -= 1
        return True

    async def run(self, dialect: Dialect, *, stream: bool = False, keeps: bool = True) -> None:
        """One client: on a connection that it keeps, or on a new one for each request."""
        data = post_bytes(dialect, stream=stream, headers=() if keeps else (("connection", "close"),))
        expected = b"".join(dialect.shown(dialect.stream(*TEXTS))) if stream else dialect.answer("ok")
        name = "localhost" if self.tls else None
        reader = writer = None
        try:
            while self._goes_on():
                if writer is None:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=self.tls, server_hostname=name)
                given = await one_exchange(reader, writer, data)
                if given.status != 200 or given.body != expected:
                    self.failures.append(f"{dialect.name}: {given.status} {given.body[-200:]!r}")
                self.finished.append((given.header("x-request-id"), time.monotonic()))
                if not keeps:
                    writer.close()
                    writer = None
        except OSError as error:
            self.failures.append(f"{dialect.name}: {error!r}")
        finally:
            if writer is not None:
                writer.close()
