"""Where the bytes of a stream are cut on their way never shows: every dialect, cut in two at every offset."""

from __future__ import annotations

import asyncio

import pytest

from client import Client
from conftest import Bed, post_bytes
from dialects import Dialect
from provider import Exchange


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_stream_cut_at_every_offset(bed: Bed, dialect: Dialect, line_end: bytes) -> None:
    events = [event.replace(b"\n", line_end) for event in dialect.stream("é世🌍")]
    wire = b"".join(events)
    shown = b"".join(event for event, plain in zip(events, dialect.stream("é世🌍")) if dialect.shown([plain]))

    async def handler(exchange: Exchange) -> None:
        cut = exchange.request.json["x_cut"]
        await exchange.stream([wire[:cut], wire[cut:]], pause=0.0005)

    bed.script(handler)
    with Client(bed.gateway.port) as connection:
        for cut in range(1, len(wire)):
            answer = connection.send(post_bytes(dialect, stream=True, x_cut=cut)).answer()
            assert (answer.status, answer.complete) == (200, True)
            assert answer.body == shown, f"cut at {cut}, {wire[cut - 8 : cut]!r} | {wire[cut : cut + 8]!r}"


def test_chunk_framing_cut_at_every_offset(bed: Bed, dialect: Dialect) -> None:
    """As above, but the cut goes through the provider's chunked coding too: heads, size lines, trailers."""
    events = dialect.stream("é")
    body = b"".join(b"%X;ext=1\r\n%s\r\n" % (len(event), event) for event in events) + b"0\r\nx-trailer: 1\r\n\r\n"
    wire = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    shown = b"".join(dialect.shown(events))

    async def handler(exchange: Exchange) -> None:
        cut = exchange.request.json["x_cut"]
        await exchange.send(wire[:cut])
        await asyncio.sleep(0.0005)
        await exchange.send(wire[cut:])

    bed.script(handler)
    with Client(bed.gateway.port) as connection:
        for cut in range(1, len(wire)):
            answer = connection.send(post_bytes(dialect, stream=True, x_cut=cut)).answer()
            assert (answer.status, answer.complete, answer.body) == (200, True, shown), f"cut at {cut}"
