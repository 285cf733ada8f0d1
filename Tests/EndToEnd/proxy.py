"""A scripted outbound proxy: CONNECT and SOCKS 5 on one port of loopback, told apart by the first byte.

It connects to loopback only. Names of the tests are given an address by `names`; every other name is taken for this machine when it
is `localhost`, and refused otherwise. What it was asked is kept in `proxy.tunnels`.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ipaddress
import socket
import struct
import threading
from dataclasses import dataclass, field

HTTP, SOCKS5 = "http", "socks5"


@dataclass
class Tunnel:
    """One request for a tunnel: what was asked, by whom, and the bytes that passed."""

    protocol: str
    host: str = ""
    port: int = 0
    address_type: str = ""  # of SOCKS 5: ipv4, name, ipv6
    head: bytes = b""  # of CONNECT
    credentials: tuple[str, str] | None = None
    outward: bytearray = field(default_factory=bytearray)  # towards the origin
    closed: threading.Event = field(default_factory=threading.Event)  # by the client


class Refusal(Exception):
    """The answer to a request that gets no tunnel."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer


class OutboundProxy:
    """The proxy. Use it as a context manager.

    `credentials`: demanded from every client. `reply`: said to every CONNECT instead of making the tunnel. `silent`: says nothing at all. `bytewise`:
    sends its own replies byte by byte."""

    def __init__(self, *, credentials: tuple[str, str] | None = None, reply: bytes | None = None, silent: bool = False,
                 bytewise: bool = False, names: tuple[str, ...] = ()) -> None:
        self.credentials = credentials
        self.reply = reply
        self.silent = silent
        self.bytewise = bytewise
        self.names = {"localhost", *names}
        self.tunnels: list[Tunnel] = []
        self.failures: list[Exception] = []
        self.connections = 0
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._listening = threading.Event()

    def __enter__(self) -> "OutboundProxy":
        self._thread.start()
        if not self._listening.wait(5):
            raise RuntimeError("the scripted proxy did not start")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        if kind is None:
            assert not self.failures, f"the proxy's script failed: {self.failures[0]!r}"

    def url(self, scheme: str = "http") -> str:
        user = "{}:{}@".format(*self.credentials) if self.credentials else ""
        return f"{scheme}://{user}127.0.0.1:{self.port}"

    def only(self) -> Tunnel:
        """The one tunnel of a test that makes one."""
        assert len(self.tunnels) == 1, f"{len(self.tunnels)} tunnels were asked for, not one"
        return self.tunnels[0]

    # Its loop

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        tunnel: Tunnel | None = None
        try:
            first = await reader.readexactly(1)
            tunnel = Tunnel(SOCKS5 if first == b"\x05" else HTTP)
            if self.silent:
                self.tunnels.append(tunnel)
                await reader.read()
                return
            negotiate = self._socks if tunnel.protocol == SOCKS5 else self._connect
            success, refused = await negotiate(first, reader, writer, tunnel)
            try:
                inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", tunnel.port)
            except OSError:
                raise Refusal(refused) from None
            await self._say(writer, success)
            await self._relay(reader, writer, inner_reader, inner_writer, tunnel)
        except Refusal as refusal:
            await self._say(writer, refusal.answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client left
        except Exception as error:  # a broken script is the test's fault: show it there
            self.failures.append(error)
        finally:
            if tunnel is not None:
                tunnel.closed.set()
            writer.close()

    async def _say(self, writer: asyncio.StreamWriter, answer: bytes) -> None:
        with contextlib.suppress(ConnectionError):
            for piece in ([bytes([each]) for each in answer] if self.bytewise else [answer]):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, inner_reader: asyncio.StreamReader,
                     inner_writer: asyncio.StreamWriter, tunnel: Tunnel) -> None:
        async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter, note: bytearray | None) -> None:
            with contextlib.suppress(ConnectionError):
                while data := await source.read(65536):
                    if note is not None:
                        note += data
                    target.write(data)
                    await target.drain()
            with contextlib.suppress(OSError, RuntimeError):
                target.write_eof()

        async def outward() -> None:
            await pump(reader, inner_writer, tunnel.outward)
            tunnel.closed.set()

        try:
            await asyncio.gather(outward(), pump(inner_reader, writer, None))
        finally:
            inner_writer.close()

    def _is_allowed(self, host: str) -> bool:
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host in self.names

    # CONNECT

    async def _connect(self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter,
                       tunnel: Tunnel) -> tuple[bytes, bytes]:
        tunnel.head = first + await reader.readuntil(b"\r\n\r\n")
        line, *lines = tunnel.head[:-4].decode("latin-1").split("\r\n")
        method, authority, version = line.split(" ")
        assert (method, version) == ("CONNECT", "HTTP/1.1"), line
        fields = {name.lower(): value.strip() for name, _, value in (text.partition(":") for text in lines)}
        assert fields["host"] == authority, "Host is the authority"
        host, _, port = authority.rpartition(":")
        tunnel.host, tunnel.port = host.strip("[]"), int(port)
        if basic := fields.get("proxy-authorization"):
            user, _, password = base64.b64decode(basic.removeprefix("Basic ")).decode().partition(":")
            tunnel.credentials = (user, password)
        self.tunnels.append(tunnel)
        if self.reply is not None:
            raise Refusal(self.reply)
        if self.credentials and tunnel.credentials != self.credentials:
            raise Refusal(b"HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=\"test\"\r\n"
                          b"content-length: 0\r\n\r\n")
        if not self._is_allowed(tunnel.host):
            raise Refusal(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
        # A length that means nothing in this reply, as some proxies send it.
        return b"HTTP/1.1 200 Connection established\r\ncontent-length: 0\r\n\r\n", b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"

    # SOCKS 5

    async def _socks(self, _: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter,
                     tunnel: Tunnel) -> tuple[bytes, bytes]:
        methods = await reader.readexactly((await reader.readexactly(1))[0])
        if self.credentials:
            if 2 not in methods:
                self.tunnels.append(tunnel)
                raise Refusal(b"\x05\xff")
            await self._say(writer, b"\x05\x02")
            assert await reader.readexactly(1) == b"\x01"
            user = await reader.readexactly((await reader.readexactly(1))[0])
            password = await reader.readexactly((await reader.readexactly(1))[0])
            tunnel.credentials = (user.decode(), password.decode())
            if tunnel.credentials != self.credentials:
                self.tunnels.append(tunnel)
                raise Refusal(b"\x01\x01")
            await self._say(writer, b"\x01\x00")
        else:
            assert 0 in methods, methods
            await self._say(writer, b"\x05\x00")
        version, command, _reserved, kind = await reader.readexactly(4)
        assert (version, command) == (5, 1), (version, command)
        if kind == 3:
            tunnel.address_type = "name"
            tunnel.host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        else:
            tunnel.address_type = {1: "ipv4", 4: "ipv6"}[kind]
            family = socket.AF_INET if kind == 1 else socket.AF_INET6
            tunnel.host = socket.inet_ntop(family, await reader.readexactly(4 if kind == 1 else 16))
        (tunnel.port,) = struct.unpack("!H", await reader.readexactly(2))
        self.tunnels.append(tunnel)
        # Providers of the tests listen on IPv4, like many a server behind a name with both.
        if tunnel.address_type == "ipv6":
            raise Refusal(b"\x05\x05\x00\x01" + bytes(6))
        if not self._is_allowed(tunnel.host):
            raise Refusal(b"\x05\x02\x00\x01" + bytes(6))
        return b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x01", b"\x05\x05\x00\x01" + bytes(6)
