"""Providers behind outbound proxies: CONNECT and SOCKS 5 from a provider's own setting and from the environment."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from certificates import Authority
from client import Answer, Client, exchange
from conftest import SECRETS, encoded, post_bytes
from dialects import CHAT, Dialect
from gateway import FAILED, OK, Gateway, eventually
from provider import Exchange, Provider
from proxy import HTTP, SOCKS5, OutboundProxy

# A name that this machine does not know: only a proxy can have been asked for it.
FOREIGN = "provider.test"
LOGIN = ("user", "p-w.0123456789")


async def answering(exchange: Exchange) -> None:
    if exchange.request.json.get("stream"):
        await exchange.stream(CHAT.stream("hello"))
    else:
        await exchange.answer(CHAT.answer("hello"))


@pytest.fixture
def secure(secure_provider: Provider) -> Iterator[Provider]:
    """The TLS provider of the bed, at `localhost`."""
    secure_provider.script(answering)
    yield secure_provider
    assert not secure_provider.failures, secure_provider.failures[0]


@pytest.fixture
def foreign(authority: Authority) -> Iterator[Provider]:
    """A TLS provider with a certificate for `provider.test`, which is no name of this machine."""
    with Provider(authority.server_context(FOREIGN)) as provider:
        provider.script(answering)
        yield provider
        assert not provider.failures, provider.failures[0]


def provider_entry(base_url: str, authority: Authority, **more: object) -> dict:
    return {"name": "oai", "kind": "openai", "base_url": base_url, "api_keys": [SECRETS["oai"]], "ca_file": str(authority.ca_file)} | more


@contextlib.contextmanager
def gateway(directory: Path, *entries: dict, env: dict[str, str] | None = None) -> Iterator[Gateway]:
    with Gateway(directory, {"providers": list(entries)}, env) as running:
        yield running


def ask(gateway: Gateway, dialect: Dialect = CHAT, **fields: object) -> Answer:
    return exchange(gateway.port, "POST", dialect.path, encoded(dialect, **fields))


def keeps_the_password(running: Gateway, *answers: Answer) -> bool:
    return not any(LOGIN[1] in text for text in (running.log, *(each.body.decode() for each in answers)))


# The proxy on itself: needs no gateway

@pytest.mark.parametrize("bytewise", [False, True])
def test_bed_connect(secure: Provider, authority: Authority, bytewise: bool) -> None:
    with OutboundProxy(credentials=LOGIN, bytewise=bytewise) as proxy:
        raw = socket.create_connection(("127.0.0.1", proxy.port), timeout=5)
        raw.sendall(f"CONNECT localhost:{secure.port} HTTP/1.1\r\nhost: localhost:{secure.port}\r\n"
                    "proxy-authorization: Basic dXNlcjpwLXcuMDEyMzQ1Njc4OQ==\r\n\r\n".encode())
        reply = b""
        while not reply.endswith(b"\r\n\r\n"):
            reply += raw.recv(1)
        assert reply.startswith(b"HTTP/1.1 200 ")
        check_tls(raw, secure, authority)
        assert proxy.only().credentials == LOGIN


@pytest.mark.parametrize("login", [None, LOGIN])
def test_bed_socks(secure: Provider, authority: Authority, login: tuple[str, str] | None) -> None:
    with OutboundProxy(credentials=login) as proxy:
        raw = socket.create_connection(("127.0.0.1", proxy.port), timeout=5)
        raw.sendall(b"\x05\x02\x00\x02")
        if login:
            assert raw.recv(2) == b"\x05\x02"
            user, password = (each.encode() for each in login)
            raw.sendall(bytes([1, len(user)]) + user + bytes([len(password)]) + password)
            assert raw.recv(2) == b"\x01\x00"
        else:
            assert raw.recv(2) == b"\x05\x00"
        raw.sendall(b"\x05\x01\x00\x03\x09localhost" + struct.pack("!H", secure.port))
        assert raw.recv(10)[:2] == b"\x05\x00"
        check_tls(raw, secure, authority)
        assert (proxy.only().host, proxy.only().address_type) == ("localhost", "name")


def check_tls(raw: socket.socket, secure: Provider, authority: Authority) -> None:
    with ssl.create_default_context(cafile=authority.ca_file).wrap_socket(raw, server_hostname="localhost") as tls:
        tls.sendall(post_bytes(CHAT))
        assert tls.recv(65536).startswith(b"HTTP/1.1 200 ")
    assert secure.only().request.json["messages"]


# A provider's own setting

@pytest.mark.parametrize("bytewise", [False, True])
@pytest.mark.parametrize("stream", [False, True])
def test_connect_reaches_a_tls_provider(binary: Path, secure: Provider, authority: Authority, tmp_path: Path, stream: bool,
                                        bytewise: bool) -> None:
    with OutboundProxy(credentials=LOGIN, bytewise=bytewise) as proxy:
        with gateway(tmp_path, provider_entry(f"{secure.url}/v1", authority, proxy=proxy.url())) as running:
            answer = ask(running, stream=stream)
            assert (answer.status, answer.complete) == (200, True), answer.body
            assert b"hello" in answer.body
            tunnel = proxy.only()
            assert (tunnel.protocol, tunnel.host, tunnel.port, tunnel.credentials) == (HTTP, "localhost", secure.port, LOGIN)
            # The proxy sees neither key nor request, the provider nothing of the proxy.
            assert SECRETS["oai"].encode() not in tunnel.head + bytes(tunnel.outward)
            assert b"messages" not in tunnel.outward
            request = secure.only().request
            assert request.header("authorization") == f"Bearer {SECRETS['oai']}"
            assert not [name for name, _ in request.fields if name.lower().startswith("proxy-")]
            assert running.row(answer.header("x-request-id"))["outcome"] == OK
            # At start the log says which way leads to the provider.
            started = next(line for line in running.log.splitlines() if '"provider"' in line and '"oai"' in line)
            assert f"http://127.0.0.1:{proxy.port}" in started
            assert keeps_the_password(running, answer)


@pytest.mark.parametrize(("scheme", "kind"), [("socks5", "ipv4"), ("socks5h", "name")])
@pytest.mark.parametrize("login", [None, LOGIN])
def test_socks_reaches_a_tls_provider(binary: Path, secure: Provider, authority: Authority, tmp_path: Path, scheme: str, kind: str,
                                      login: tuple[str, str] | None) -> None:
    with OutboundProxy(credentials=login) as proxy:
        with gateway(tmp_path, provider_entry(f"{secure.url}/v1", authority, proxy=proxy.url(scheme))) as running:
            assert ask(running).status == 200
            # With socks5 `localhost` may be ::1 first, where nobody listens: the gateway goes on to the next address.
            tunnel = proxy.tunnels[-1]
            assert (tunnel.protocol, tunnel.address_type, tunnel.port) == (SOCKS5, kind, secure.port)
            assert tunnel.host == ("localhost" if kind == "name" else "127.0.0.1")
            assert tunnel.credentials == login


def test_plain_provider_is_reached_through_a_tunnel_too(binary: Path, plain_provider: Provider, tmp_path: Path) -> None:
    plain_provider.script(answering)
    with OutboundProxy() as proxy:
        entry = {"name": "oai", "kind": "openai", "base_url": f"{plain_provider.url}/v1", "api_keys": [SECRETS["oai"]], "proxy": proxy.url()}
        with gateway(tmp_path, entry) as running:
            assert ask(running).status == 200
            assert proxy.only().head.startswith(f"CONNECT 127.0.0.1:{plain_provider.port} HTTP/1.1\r\n".encode())


def test_tunnel_is_used_again(binary: Path, secure: Provider, authority: Authority, tmp_path: Path) -> None:
    with OutboundProxy() as proxy:
        entry = provider_entry(f"{secure.url}/v1", authority, proxy=proxy.url())
        with Gateway(tmp_path, {"providers": [entry]}, {"EKAI_LOOPS": "1"}) as running:
            for _ in range(3):
                assert ask(running).status == 200
            assert proxy.connections == 1
            assert len(secure.exchanges) == 3


def test_providers_with_different_proxies_share_nothing(binary: Path, secure: Provider, authority: Authority, tmp_path: Path) -> None:
    with OutboundProxy() as one, OutboundProxy() as other:
        entries = [provider_entry(f"{secure.url}/v1", authority, name=name, proxy=proxy.url()) for name, proxy in (("a", one), ("b", other))]
        with Gateway(tmp_path, {"providers": entries}, {"EKAI_LOOPS": "1"}) as running:
            for name in ("a", "b", "a", "b"):
                assert ask(running, model=f"{name}/test-model").status == 200
            assert (one.connections, other.connections) == (1, 1)


# Failures

@pytest.mark.parametrize("reply", [
    b"HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n",
    b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 3\r\n\r\nno!",
    b"HTTP/1.1 200 Conn",
    b"",
    b"SSH-2.0-x\r\n",
])
def test_proxy_that_makes_no_tunnel(binary: Path, secure: Provider, authority: Authority, tmp_path: Path, reply: bytes) -> None:
    with OutboundProxy(credentials=LOGIN, reply=reply) as proxy:
        with gateway(tmp_path, provider_entry(f"{secure.url}/v1", authority, proxy=proxy.url())) as running:
            answer = ask(running)
            check_proxy_failed(running, proxy, answer)
            assert not secure.exchanges


def test_wrong_credentials(binary: Path, secure: Provider, authority: Authority, tmp_path: Path) -> None:
    with OutboundProxy(credentials=LOGIN) as proxy:
        for index, scheme in enumerate(("http", "socks5h")):
            directory = tmp_path / scheme
            directory.mkdir()
            url = f"{scheme}://user:wrong-password@127.0.0.1:{proxy.port}"
            with gateway(directory, provider_entry(f"{secure.url}/v1", authority, proxy=url)) as running:
                answer = ask(running)
                check_proxy_failed(running, proxy, answer)
                assert "wrong-password" not in answer.body.decode() + running.log
                assert len(proxy.tunnels) == index + 1


def test_proxy_that_is_not_there(binary: Path, secure: Provider, authority: Authority, tmp_path: Path) -> None:
    with OutboundProxy(credentials=LOGIN) as proxy:
        url = proxy.url()
    with gateway(tmp_path, provider_entry(f"{secure.url}/v1", authority, proxy=url)) as running:
        check_proxy_failed(running, proxy, ask(running))


def check_proxy_failed(running: Gateway, proxy: OutboundProxy, answer: Answer) -> None:
    assert answer.status == 502, answer.body
    CHAT.check_error(answer.body, code="upstream_failed")
    assert "proxy" in answer.json["error"]["message"]
    row = running.row(answer.header("x-request-id"))
    assert (row["outcome"], row["error_kind"], row["possibly_billed"]) == (FAILED, "proxy_failed", 0)
    assert str(proxy.port) not in answer.body.decode()
    assert keeps_the_password(running, answer)


def test_silent_proxy(binary: Path, secure: Provider, authority: Authority, tmp_path: Path) -> None:
    with OutboundProxy(silent=True) as proxy:
        entry = provider_entry(f"{secure.url}/v1", authority, proxy=proxy.url(), timeouts={"connect": "1s"})
        with gateway(tmp_path, entry) as running:
            answer = ask(running)
            assert answer.status == 504, answer.body
            assert running.row(answer.header("x-request-id"))["error_kind"] == "connect_timeout"
            assert proxy.only().closed.wait(5)


def test_client_leaves_while_the_tunnel_is_made(binary: Path, secure: Provider, authority: Authority, tmp_path: Path) -> None:
    with OutboundProxy(silent=True) as proxy:
        with gateway(tmp_path, provider_entry(f"{secure.url}/v1", authority, proxy=proxy.url())) as running:
            client = Client(running.port).send(post_bytes(CHAT))
            eventually(lambda: proxy.tunnels, 5, "the proxy was not asked")
            client.close()
            assert proxy.only().closed.wait(5), "the connection to the proxy stayed open"
            eventually(lambda: running.row_count() == 1, 3, "no row")
            assert running.query("SELECT outcome, possibly_billed FROM usage_records") == [{"outcome": "cancelled", "possibly_billed": 0}]


def test_the_proxys_certificate_counts_for_nothing(binary: Path, secure: Provider, authority: Authority, tmp_path: Path) -> None:
    """The bed's certificate is for localhost: under another name it is refused, tunnel or not."""
    with OutboundProxy(names=(FOREIGN,)) as proxy:
        entry = provider_entry(f"https://{FOREIGN}:{secure.port}/v1", authority, proxy=proxy.url())
        with gateway(tmp_path, entry) as running:
            answer = ask(running)
            assert answer.status == 502
            assert running.row(answer.header("x-request-id"))["error_kind"] == "tls_failed"
            assert not secure.exchanges


# The environment

@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_environment(binary: Path, foreign: Provider, authority: Authority, tmp_path: Path, name: str) -> None:
    with OutboundProxy(credentials=LOGIN, names=(FOREIGN,)) as proxy:
        entry = provider_entry(f"https://{FOREIGN}:{foreign.port}/v1", authority)
        with gateway(tmp_path, entry, env={name: proxy.url()}) as running:
            assert ask(running).status == 200
            assert (proxy.only().host, proxy.only().credentials) == (FOREIGN, LOGIN)
            assert keeps_the_password(running)


@pytest.mark.parametrize("exceptions", [FOREIGN, ".test", "*", "other.test, PROVIDER.test"])
@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_exceptions(binary: Path, foreign: Provider, authority: Authority, tmp_path: Path, name: str, exceptions: str) -> None:
    """An excepted name is looked up here, where nobody knows it."""
    with OutboundProxy(names=(FOREIGN,)) as proxy:
        entry = provider_entry(f"https://{FOREIGN}:{foreign.port}/v1", authority)
        with gateway(tmp_path, entry, env={"HTTPS_PROXY": proxy.url(), name: exceptions}) as running:
            answer = ask(running)
            assert answer.status in (502, 504), answer.body
            assert running.row(answer.header("x-request-id"))["error_kind"] in ("connect_failed", "connect_timeout")
            assert proxy.connections == 0


def test_environment_does_not_concern_this_machine_or_plain_providers(binary: Path, secure: Provider, plain_provider: Provider,
                                                                      authority: Authority, tmp_path: Path) -> None:
    plain_provider.script(answering)
    with OutboundProxy() as proxy:
        entries = [provider_entry(f"{secure.url}/v1", authority, name="near"),
                   {"name": "plain", "kind": "openai", "base_url": f"{plain_provider.url}/v1", "api_keys": [SECRETS["oai"]]}]
        with gateway(tmp_path, *entries, env={"HTTPS_PROXY": proxy.url()}) as running:
            for name in ("near", "plain"):
                assert ask(running, model=f"{name}/test-model").status == 200
            assert proxy.connections == 0


@pytest.mark.parametrize("word", ["none", "direct"])
def test_providers_setting_wins(binary: Path, foreign: Provider, authority: Authority, tmp_path: Path, word: str) -> None:
    base = f"https://{FOREIGN}:{foreign.port}/v1"
    with OutboundProxy(names=(FOREIGN,)) as own, OutboundProxy(names=(FOREIGN,)) as general:
        entries = [provider_entry(base, authority, name="own", proxy=own.url("socks5h")), provider_entry(base, authority, name="off", proxy=word)]
        with gateway(tmp_path, *entries, env={"HTTPS_PROXY": general.url(), "NO_PROXY": FOREIGN}) as running:
            assert ask(running, model="own/test-model").status == 200
            assert ask(running, model="off/test-model").status in (502, 504)
            assert (own.connections, general.connections) == (1, 0)


@pytest.mark.parametrize("address", ["https://user:hunter22@127.0.0.1:1", "ftp://user:hunter22@127.0.0.1", "http://user:hunter22@127.0.0.1:0"])
@pytest.mark.parametrize("place", ["setting", "environment"])
def test_unusable_address_is_bad_configuration(binary: Path, secure: Provider, authority: Authority, tmp_path: Path, address: str,
                                               place: str) -> None:
    entry = provider_entry(f"{secure.url}/v1", authority)
    env = {}
    if place == "setting":
        entry["proxy"] = address
    else:
        env["HTTPS_PROXY"] = address
    running = Gateway(tmp_path, {"providers": [entry]}, env).launch()
    assert running.wait(5) == 78
    assert "hunter22" not in running.log
    assert "proxy" in running.log.lower()
