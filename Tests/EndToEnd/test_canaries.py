"""A canary in every place that holds a secret, every way we know to make it sing, and then a search for it everywhere: whole, in half,
and in the usual disguises."""

from __future__ import annotations

import asyncio
import base64
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from client import Answer, Client, request
from conftest import encoded
from dialects import CHAT, Dialect
from gateway import BINARY, Gateway
from provider import Exchange, Provider

# Of 32 characters, with some that base64 and percent-encoding treat differently.
CANARIES = {
    "openai key": "sk-oai?>>canary~7Kd/9+fQx3bW=mZr",
    "anthropic key": "sk-ant??>canary~4Nc/1+pEv8gU=jHd",
    "provider header": "team~?>>canary-zM5/0+yTa2oI=sCn7",
    "admin key": "admin~?>>canary-Gu6/3+hJb9rK=wVm",
    "viewer key": "viewer?>>canary~Xe2/8+nLf5dO=aYk",
    "proxy password": "proxy-canary-Tq7v5Rz1Uw9c3Mb8Sd6",
    "client credential": "client?>>canary~Vs9/2+eRk6bP=uNx",
}
OPENAI, ANTHROPIC, HEADER, ADMIN, VIEWER, PROXY, CLIENT = CANARIES.values()
KEY_OF = {"chat": OPENAI, "responses": OPENAI, "messages": ANTHROPIC}


def forms(secret: str) -> dict[str, bytes]:
    """A secret, its halves and its disguises."""
    raw = secret.encode()
    percent = quote(secret, safe="")
    standard, safe = base64.b64encode(raw), base64.urlsafe_b64encode(raw)
    return {
        "whole": raw, "first half": raw[:16], "last half": raw[16:],
        "base64": standard, "base64 unpadded": standard.rstrip(b"="), "base64url": safe, "base64url unpadded": safe.rstrip(b"="),
        "hex": raw.hex().encode(), "HEX": raw.hex().upper().encode(),
        "percent": percent.encode(), "percent, lower case": re.sub("%..", lambda escape: escape[0].lower(), percent).encode(),
    }


def found(data: bytes) -> list[str]:
    """Which canaries sit in `data`, and in which form."""
    seen = {name: next((form for form, text in forms(secret).items() if text in data), None) for name, secret in CANARIES.items()}
    return [f"{name}: {form}" for name, form in seen.items() if form]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def gateway(binary: Path, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gateway"), configuration(provider.url), {"EKAI_ADMIN_KEY": ADMIN, "LOG_LEVEL": "trace"},
                 key=ADMIN) as gateway:
        yield gateway


def configuration(url: str) -> dict:
    openai = {"kind": "openai", "base_url": f"{url}/v1", "api_keys": [OPENAI]}
    return {
        "access": {"viewer_key": VIEWER},
        "providers": [
            {"name": "oai", **openai, "headers": {"x-team-token": HEADER}},
            {"name": "ant", "kind": "anthropic", "base_url": f"{url}/v1", "api_keys": [ANTHROPIC], "headers": {"x-team-token": HEADER}},
            {"name": "proxied", **openai, "proxy": f"http://user:{PROXY}@127.0.0.1:9"},
        ],
    }


def ask(gateway: Gateway, dialect: Dialect, *, key: str = ADMIN, **fields: object) -> Answer:
    data = encoded(dialect, **fields)
    with Client(gateway.port) as client:
        return client.exchange("POST", dialect.path, data, headers=(("authorization", f"Bearer {key}"),))


def test_canaries_can_be_told_apart() -> None:
    for secret in CANARIES.values():
        if secret is not PROXY:  # which must stand in a URL as it is
            assert len(secret) == 32 and len(set(forms(secret).values())) == 11, secret
    assert found(b"x" + OPENAI.encode()) == ["openai key: whole"] and found(OPENAI.encode().hex().encode()) == ["openai key: hex"]


# What providers echo

def in_error(dialect: Dialect, text: str, status: int):
    async def handler(exchange: Exchange) -> None:
        await exchange.answer(dialect.error("invalid_request_error", text), status)

    return handler


def in_answer(dialect: Dialect, text: str):
    async def handler(exchange: Exchange) -> None:
        await exchange.answer(dialect.answer(text))

    return handler


def in_plain_text(dialect: Dialect, text: str):
    async def handler(exchange: Exchange) -> None:
        await exchange.answer(text.encode(), 503, content_type="text/html")

    return handler


def in_headers(dialect: Dialect, text: str):
    async def handler(exchange: Exchange) -> None:
        names = ("x-request-id", "request-id", "openai-version", "openai-processing-ms", "x-ratelimit-reset-requests", "retry-after",
                 "anthropic-ratelimit-requests-reset", "x-should-retry", "content-language")
        await exchange.answer(dialect.answer("before  after"), headers=[(name, text) for name in names])

    return handler


def in_event(dialect: Dialect, text: str):
    async def handler(exchange: Exchange) -> None:
        await exchange.stream(dialect.stream("so ", text, " far"))

    return handler


def in_stream_error(dialect: Dialect, text: str):
    async def handler(exchange: Exchange) -> None:
        await exchange.stream([*dialect.opening(), dialect.delta("so far"), dialect.stream_error("api_error", text)])

    return handler


ECHOES: dict[str, tuple[Callable, bool, int]] = {  # how the provider says it, whether the request streams, the client's status
    "error that is passed on": (lambda dialect, text: in_error(dialect, text, 400), False, 400),
    "error of the server": (lambda dialect, text: in_error(dialect, text, 500), False, 500),
    "error in plain text": (in_plain_text, False, 503),
    "error that is replaced": (lambda dialect, text: in_error(dialect, text, 401), False, 502),
    "whole answer": (in_answer, False, 200),
    "answer's headers": (in_headers, False, 200),
    "event": (in_event, True, 200),
    "error in a stream": (in_stream_error, True, 200),
}


@pytest.mark.parametrize("echo", ECHOES, ids=str)
def test_what_a_provider_echoes_is_masked(gateway: Gateway, provider: Provider, dialect: Dialect, echo: str) -> None:
    """The key and the header value that this provider was sent, in every form; the text around them stays."""
    say, stream, status = ECHOES[echo]
    leaks = []
    for secret in (KEY_OF[dialect.name], HEADER):
        for form, text in forms(secret).items():
            provider.script(say(dialect, f"before {text.decode()} after"))
            answer = ask(gateway, dialect, stream=stream)
            assert not provider.failures, provider.failures
            assert answer.status == status, f"{form}: {answer.body[:300]!r}"
            if found(answer.head + answer.body):
                leaks.append(f"{form} -> {found(answer.head + answer.body)}")
            if status != 502:
                assert b"before " in answer.body and b" after" in answer.body, f"{form}: more than the secret is gone: {answer.body[:300]!r}"
    assert not leaks, "\n".join(leaks)


def test_secret_in_a_large_answer_in_pieces(gateway: Gateway, provider: Provider, dialect: Dialect) -> None:
    """Beyond 64 KiB an answer flows as it comes: a secret inside one of its pieces is masked there too."""
    body = dialect.answer("x" * 200_000 + f" before {KEY_OF[dialect.name]} after " + "x" * 200_000)
    provider.script(in_two_writes(body, body.index(b"before") - 1000, "application/json"))
    answer = ask(gateway, dialect)
    assert answer.complete and found(answer.body) == [] and b"before " in answer.body and b" after" in answer.body


def test_secret_in_an_event_that_two_reads_bring(gateway: Gateway, provider: Provider, dialect: Dialect) -> None:
    """An event is judged whole, however it comes."""
    secret = KEY_OF[dialect.name]
    body = b"".join(dialect.stream("so ", f"before {secret} after", " far"))
    leaks = []
    for cut in (1, 8, len(secret) // 2, len(secret) - 1):
        provider.script(in_two_writes(body, body.index(secret.encode()) + cut, "text/event-stream"))
        answer = ask(gateway, dialect, stream=True)
        assert answer.complete and b"before " in answer.body and b" after" in answer.body
        if found(answer.body):
            leaks.append(f"cut at byte {cut}: {found(answer.body)}")
    assert not leaks, "\n".join(leaks)


def test_secret_that_two_reads_of_a_large_answer_cut(gateway: Gateway, provider: Provider, dialect: Dialect) -> None:
    """A known limit (docs/status.md): what happens is printed. The answer is whole either way."""
    secret = KEY_OF[dialect.name]
    body = dialect.answer("x" * 200_000 + f"before {secret} after")
    provider.script(in_two_writes(body, body.index(secret.encode()) + len(secret) // 2, "application/json"))
    answer = ask(gateway, dialect)
    print(f"{dialect.name}: a key cut between two reads of a large answer: {found(answer.body) or 'masked'}")
    assert answer.complete and b"before " in answer.body and b" after" in answer.body


def in_two_writes(body: bytes, cut: int, content_type: str):
    async def handler(exchange: Exchange) -> None:
        await exchange.stream([body[:cut], body[cut:]], pause=0.05, content_type=content_type, framing="length", length=len(body))

    return handler


# What clients send

CLOSED = [("GET", target) for target in ("/v1/models", "/usage", "/config/status", "/metrics")]


@pytest.mark.parametrize("place", ["authorization", "x-api-key", "api-key", "x-goog-api-key", "?key=", "cookie", "basic"])
@pytest.mark.parametrize("secret", [CLIENT, ADMIN, VIEWER], ids=["unknown", "admin's", "viewer's"])
def test_what_a_client_shows_comes_back_nowhere(gateway: Gateway, provider: Provider, dialect: Dialect, place: str, secret: str) -> None:
    provider.script(in_answer(dialect, "ok"))
    value = {"authorization": f"Bearer {secret}", "cookie": f"session={secret}",
             "basic": "Basic " + base64.b64encode(f"user:{secret}".encode()).decode()}.get(place, secret)
    headers = () if place == "?key=" else (("authorization" if place == "basic" else place, value),)
    query = f"?key={quote(secret, safe='')}" if place == "?key=" else ""
    body = encoded(dialect)
    for method, target in [("POST", dialect.path), ("GET", dialect.path), ("GET", "/nope"), ("PUT", "/usage"), *CLOSED]:
        with Client(gateway.port) as client:
            answer = client.exchange(method, target + query, body if method == "POST" else b"", headers=headers)
        assert found(answer.head + answer.body) == [], f"{method} {target}"
        if secret == CLIENT and (method, target) in CLOSED + [("POST", dialect.path)]:
            assert answer.status == 401, f"{method} {target} with a key that nobody knows: {answer.status}"
    for exchange in provider.exchanges:
        assert secret.encode() not in exchange.request.head + exchange.request.body


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_unreachable_proxy_keeps_its_password(gateway: Gateway, stream: bool) -> None:
    answer = ask(gateway, CHAT, model="proxied/m", stream=stream)
    assert answer.status in (502, 503, 504)
    assert found(answer.head + answer.body) == []


# What the gateway says of itself

@pytest.mark.parametrize("path", ["/usage", "/usage?format=csv", "/metrics", "/config/status", "/health", "/readyz", "/v1/models", "/"])
def test_endpoints_hold_no_canary(gateway: Gateway, provider: Provider, path: str) -> None:
    provider.script(in_headers(CHAT, OPENAI))
    assert ask(gateway, CHAT).status == 200
    for key in (ADMIN, VIEWER):
        status, body = gateway.get(path, key)
        assert status == 200 or (path, key) == ("/v1/models", VIEWER), f"{status} {body[:200]!r}"
        assert found(body) == []


def test_nothing_is_left_behind(gateway: Gateway, provider: Provider) -> None:
    """Log at level trace, books, ports file, arguments: after a success, a refusal, an echo in an error and in headers, and a broken stream."""
    async def broken(exchange: Exchange) -> None:
        await exchange.head(headers=[("x-request-id", OPENAI)])
        await exchange.body(CHAT.opening()[0] + CHAT.delta(OPENAI))
        exchange.reset()

    for handler in (in_answer(CHAT, OPENAI), in_error(CHAT, OPENAI, 401), in_error(CHAT, OPENAI, 429), in_headers(CHAT, OPENAI), broken):
        provider.script(handler)
        answer = ask(gateway, CHAT, stream=handler is broken)
        ask(gateway, CHAT, key=CLIENT)
    with Client(gateway.port) as client:
        client.send(request("GET", f"/v1/models?key={CLIENT}", headers=(("x-api-key", VIEWER),)).replace(b"HTTP/1.1", b"HTTP/1.1 x", 1)).answer()
    gateway.row(answer.header("x-request-id"))
    assert found(Path(f"/proc/{gateway.pid}/cmdline").read_bytes()) == []
    files = [file for file in gateway.directory.rglob("*") if file.is_file() and file != gateway.config_file]
    assert {gateway.log_file, gateway.database, gateway.ports_file} <= set(files)
    assert "settled" in gateway.log, "the log is not at a level that could tell"
    for file in files:
        assert found(file.read_bytes()) == [], file.name


# Configurations

def check_config(directory: Path, config: str | dict, env: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Exit code and output of `check-config`, with nothing in the environment that would hide what the file says."""
    gateway = Gateway(directory, config, {"LOG_LEVEL": "trace"} | (env or {}))
    for name in {"PORT", "PORT_DASHBOARD", "LOG_FORMAT"} - set(env or {}):
        del gateway.env[name]
    ended = subprocess.run([str(BINARY), "check-config", "--config", str(gateway.config_file)], cwd=directory, env=gateway.env,
                           capture_output=True, timeout=10)
    return ended.returncode, ended.stdout + ended.stderr


def test_good_configuration_is_checked_without_a_word_of_it(binary: Path, tmp_path: Path) -> None:
    code, output = check_config(tmp_path, configuration("http://127.0.0.1:9"), {"EKAI_ADMIN_KEY": ADMIN})
    assert code == 0, output
    assert found(output) == []


BAD = {
    "key that is no list": f'providers: [{{ name: a, kind: openai, base_url: "http://127.0.0.1:9", api_keys: "{OPENAI}" }}]',
    "key in an unknown place": f'providers: [{{ name: a, kind: openai, base_url: "http://127.0.0.1:9", api_key: "{OPENAI}" }}]',
    "key in the address": f'providers: [{{ name: a, kind: openai, base_url: "http://user:{PROXY}@127.0.0.1:9/v1" }}]',
    "key in the query": f'providers: [{{ name: a, kind: openai, base_url: "http://127.0.0.1:9/v1?key={PROXY}" }}]',
    "key for a port": f'server: {{ port: "{OPENAI}" }}',
    "key for a kind": f'providers: [{{ name: a, kind: "{OPENAI}", base_url: "http://127.0.0.1:9" }}]',
    "key for a provider's name": f'providers: [{{ name: "{OPENAI}", kind: openai, base_url: "http://127.0.0.1:9" }}]',
    "key of two lines": f'providers: [{{ name: a, kind: openai, base_url: "http://127.0.0.1:9", api_keys: [ "{OPENAI}\\nx" ] }}]',
    "header of two lines": f'providers: [{{ name: a, kind: openai, base_url: "http://127.0.0.1:9", headers: {{ x: "{HEADER}\\nx" }} }}]',
    "missing variable": f'providers: [{{ name: a, kind: openai, base_url: "http://127.0.0.1:9", api_keys: [ "{OPENAI}${{NOT_SET}}" ] }}]',
    "syntax beside a key": f'providers: [{{ name: a, api_keys: [ "{OPENAI}" }}',
    "proxy of another scheme": f'providers: [{{ name: a, kind: openai, base_url: "http://127.0.0.1:9", proxy: "ftp://user:{PROXY}@127.0.0.1:9" }}]',
    "admin key that is a list": f'access: {{ admin_key: [ "{ADMIN}" ] }}',
    "viewer key of two lines": f'access: {{ viewer_key: "{VIEWER}\\nx" }}',
    "admin key as viewer key": f'access: {{ admin_key: "{ADMIN}", viewer_key: "{ADMIN}" }}',
}


@pytest.mark.parametrize("what", BAD, ids=str)
def test_bad_configuration_is_refused_without_quoting_it(binary: Path, tmp_path: Path, what: str) -> None:
    code, output = check_config(tmp_path, BAD[what])
    assert code == 78, output
    assert found(output) == []


@pytest.mark.parametrize("name", ["PORT", "HOST", "LOG_LEVEL", "LOG_FORMAT", "EKAI_LOOPS", "EKAI_OPENAI_BASE_URL"])
def test_bad_environment_is_refused_without_quoting_it(binary: Path, tmp_path: Path, name: str) -> None:
    code, output = check_config(tmp_path, {}, {"OPENAI_API_KEY": OPENAI, name: CLIENT})
    assert code == 78 and name in output.decode()
    assert found(output) == []
