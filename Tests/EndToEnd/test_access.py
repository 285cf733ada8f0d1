"""Rights: what a key opens, what nobody gets without one, and which web pages and names are the gateway's (docs/contracts.md section 1)."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import anthropic
import openai
import pytest

from client import Answer, Client, exchange, request
from conftest import SECRETS, post_bytes, providers
from dialects import ALL, CHAT, GEMINI, MESSAGES, RESPONSES, Dialect
from gateway import Gateway, eventually
from provider import Exchange, Provider

ADMIN = "ekai-admin-7f3a9c1e5b8d2460"
VIEWER = "ekai-viewer-2b6e8a0c4d9f1735"
WRONG = "ekai-admin-7f3a9c1e5b8d2461"
PAGE = "https://app.example"
KEYS = {"EKAI_ADMIN_KEY": ADMIN, "EKAI_VIEWER_KEY": VIEWER}
NOBODY, VIEWERS, ADMINS = (), (("x-api-key", VIEWER),), (("authorization", f"Bearer {ADMIN}"),)

# What an answer must never hold without a key.
PROTECTED = (b"totalRequests", b"hasApiKeys", b"request_id,provider", b"ekai_requests_total", b'"data":[')

TABLE = [
    *[(method, path, "open") for method, path in (("GET", "/livez"), ("GET", "/readyz"), ("GET", "/health"), ("HEAD", "/"), ("GET", "/"),
                                                  ("HEAD", "/api/hello"))],
    *[("POST", dialect.path, "client") for dialect in ALL],
    ("POST", MESSAGES.path + "?beta=true", "client"), ("GET", "/v1/models", "client"), ("GET", "/v1/models/own-gpt", "client"),
    ("GET", "/usage", "viewer"), ("HEAD", "/usage", "viewer"), ("GET", "/usage?format=csv", "viewer"), ("GET", "/config/status", "viewer"),
    ("GET", "/metrics", "viewer"),
]


async def answers(exchange: Exchange) -> None:
    dialect = next(each for each in ALL if each.path.removeprefix("/v1") in exchange.request.target)
    if exchange.request.json.get("stream"):
        await exchange.stream(dialect.stream("let ", "in"))
    else:
        await exchange.answer(dialect.answer("let in"))


@pytest.fixture(scope="module")
def shared(binary: Path, plain_provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    own = {"kind": "openai", "base_url": f"{plain_provider.url}/v1", "api_keys": [SECRETS["oai"]], "models": ["own-gpt"]}
    gem = {"kind": "gemini", "base_url": f"{plain_provider.url}/v1beta", "api_keys": [SECRETS["gem"]]}
    config = {"providers": providers(plain_provider.url, oai_own=own, gem=gem),
              "server": {"hosts": ["gateway.example"], "cors_origins": [PAGE], "trusted_proxies": ["127.0.0.1"]}}
    with Gateway(tmp_path_factory.mktemp("access"), config, env=KEYS | {"HOST": "127.0.0.1", "LOG_LEVEL": "debug"}) as gateway:
        yield gateway


@pytest.fixture
def gateway(shared: Gateway, plain_provider: Provider) -> Iterator[Gateway]:
    plain_provider.script(answers)
    yield shared
    assert not plain_provider.failures, f"the provider's script failed: {plain_provider.failures[0]!r}"


def body_for(method: str, path: str) -> bytes:
    """The usual request's body where the path takes one."""
    dialect = next((each for each in ALL if path.partition("?")[0] == each.path), None)
    return post_bytes(dialect).partition(b"\r\n\r\n")[2] if dialect and method == "POST" else b""


def ask(port: int, method: str, target: str, headers: tuple[tuple[str, str], ...] = (), host: str = "127.0.0.1") -> Answer:
    with Client(port) as connection:
        connection.send(request(method, target, body_for(method, target), headers=headers, host=host))
        return connection.answer(head_only=method == "HEAD")


def reveals_nothing(answer: Answer) -> bool:
    return not any(each in answer.body for each in PROTECTED)


# The table

@pytest.mark.parametrize(("method", "path", "right"), TABLE, ids=lambda each: each)
def test_rights(gateway: Gateway, method: str, path: str, right: str) -> None:
    expected = {"open": (200, 200, 200, 200), "client": (401, 401, 403, 200), "viewer": (401, 401, 200, 200)}[right]
    callers = (NOBODY, (("authorization", f"Bearer {WRONG}"),), VIEWERS, ADMINS)
    statuses = []
    for headers in callers:
        answer = ask(gateway.port, method, path, headers)
        statuses.append(answer.status)
        if answer.status in (401, 403):
            assert reveals_nothing(answer)
            assert not any(key.encode() in answer.head + answer.body for key in (ADMIN, VIEWER, WRONG))
        assert (answer.header("www-authenticate") == 'Bearer realm="ekai"') == (answer.status == 401)
    assert tuple(statuses) == expected


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/usage"), ("PUT", "/config/status"), ("GET", CHAT.path), ("OPTIONS", CHAT.path),
                                              ("BREW", "/v1/models")])
def test_wrong_methods_need_the_key_of_the_right_one(gateway: Gateway, method: str, path: str) -> None:
    assert ask(gateway.port, method, path).status == 401
    assert ask(gateway.port, method, path, ADMINS).status == 405


def test_unknown_paths_are_unknown_to_everyone(gateway: Gateway) -> None:
    for path in ("/nothing", "/v1/nothing", "/admin/api/keys", "/budget/x"):
        assert ask(gateway.port, "GET", path).status == ask(gateway.port, "GET", path, ADMINS).status == 404


@pytest.mark.parametrize("header", ["authorization", "x-api-key", "api-key", "x-goog-api-key"])
def test_credentials_are_taken_wherever_clients_put_them(gateway: Gateway, plain_provider: Provider, dialect: Dialect, header: str) -> None:
    value = f"Bearer {ADMIN}" if header == "authorization" else ADMIN
    assert ask(gateway.port, "POST", dialect.path, ((header, value),)).status == 200
    sent = plain_provider.only().request
    assert ADMIN.encode() not in sent.head + sent.body
    assert SECRETS[dialect.provider] in (sent.header(dialect.credential) or "")


@pytest.mark.parametrize("header", ["authorization", "x-goog-api-key", "query"])
@pytest.mark.parametrize("version", ["v1beta", "v1"])
def test_geminis_clients_may_have_their_key_in_the_query(gateway: Gateway, plain_provider: Provider, header: str, version: str) -> None:
    async def handler(asked: Exchange) -> None:
        await asked.answer(GEMINI.answer("let in"))

    def generate(key: str) -> Answer:
        fields = () if header == "query" else ((header, f"Bearer {key}" if header == "authorization" else key),)
        query = f"?key={key}&x=1" if header == "query" else "?x=1"
        return exchange(gateway.port, "POST", f"/{version}/models/gem/m:generateContent{query}", b'{"contents":[]}', headers=fields)

    plain_provider.script(handler)
    refused = generate(WRONG)
    assert refused.status == 401 and GEMINI.check_error(refused.body, "UNAUTHENTICATED")["code"] == 401
    assert generate(VIEWER).status == 403
    assert generate(ADMIN).status == 200
    sent = plain_provider.only().request
    assert sent.target == "/v1beta/models/m:generateContent?x=1" and ADMIN.encode() not in sent.head + sent.body
    assert sent.header("x-goog-api-key") == SECRETS["gem"] and sent.header("authorization") is None
    assert ADMIN not in gateway.log and WRONG not in gateway.log


def test_the_first_credential_counts_alone(gateway: Gateway) -> None:
    right, wrong = ("authorization", f"Bearer {ADMIN}"), ("authorization", f"Bearer {WRONG}")
    assert ask(gateway.port, "GET", "/usage", (("x-api-key", WRONG), right)).status == 200
    assert ask(gateway.port, "GET", "/usage", (("x-api-key", ADMIN), wrong)).status == 401
    assert ask(gateway.port, "GET", "/usage", (("authorization", "Basic dTpw"), ("x-api-key", ADMIN))).status == 200
    assert ask(gateway.port, "GET", f"/usage?key={ADMIN}").status == 401, "a key in a query ends up in logs of proxies"


def test_refusals_speak_the_dialect(gateway: Gateway, dialect: Dialect) -> None:
    for headers, status, kind, code in ((NOBODY, 401, "authentication_error", "invalid_api_key"),
                                        (VIEWERS, 403, "permission_error", "permission_denied")):
        answer = ask(gateway.port, "POST", dialect.path, headers)
        error = answer.json["error"]
        assert (answer.status, error["type"]) == (status, kind)
        assert answer.json["type"] == "error" if dialect is MESSAGES else error["code"] == code


# Official clients

def test_openai_sdk(gateway: Gateway) -> None:
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=ADMIN, max_retries=0, timeout=10) as sdk:
        chat = sdk.chat.completions.create(model="oai/test-model", messages=[{"role": "user", "content": "hi"}])
        assert chat.choices[0].message.content == "let in"
        assert sdk.responses.create(model="oai/test-model", input="hi").output_text == "let in"
        assert [model.id for model in sdk.models.list()] == ["own-gpt"]
    for key, error in ((WRONG, openai.AuthenticationError), (VIEWER, openai.PermissionDeniedError)):
        with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=key, max_retries=0, timeout=10) as sdk:
            with pytest.raises(error):
                sdk.chat.completions.create(model="oai/test-model", messages=[{"role": "user", "content": "hi"}], stream=True)
            with pytest.raises(error):
                sdk.responses.create(model="oai/test-model", input="hi")
            with pytest.raises(error):
                sdk.models.list()


@pytest.mark.parametrize("how", ["api_key", "auth_token"])
def test_anthropic_sdk(gateway: Gateway, how: str) -> None:
    ask_for = {"model": "ant/test-model", "max_tokens": 8, "messages": [{"role": "user", "content": "hi"}]}
    with anthropic.Anthropic(base_url=gateway.url, max_retries=0, timeout=10, **{how: ADMIN}) as sdk:
        assert sdk.messages.create(**ask_for).content[0].text == "let in"
        with sdk.messages.stream(**ask_for) as stream:
            assert stream.get_final_text() == "let in"
    for key, error in ((WRONG, anthropic.AuthenticationError), (VIEWER, anthropic.PermissionDeniedError)):
        with anthropic.Anthropic(base_url=gateway.url, max_retries=0, timeout=10, **{how: key}) as sdk:
            with pytest.raises(error):
                sdk.messages.create(**ask_for)


# Paths

TRICKS = ["//usage", "/usage/", "/./usage", "/%75sage", "/usage;x", "/v1/../usage", "/USAGE", "/usage%00", "/usage%2f", "/usage%3fx", "/livez/../usage",
          "/livez/..%2fusage", "/health;/../usage", "/api/hello/../../usage", "/usage?", "/usage?x=/livez", "///config/status", "/config/./status",
          "/config%2fstatus", "/config/status/", "/v1//models", "/v1/models/", "/v1/models?x", "/v1/models/../models", "/v1/./models", "/metrics/"]


@pytest.mark.parametrize("path", TRICKS)
def test_no_path_leads_past_the_key(gateway: Gateway, path: str) -> None:
    targets = [path, *(f"{scheme}://{host}{path}" for scheme in ("http", "https") for host in ("127.0.0.1", "livez", "evil.example"))]
    for target in targets:
        for method in ("GET", "HEAD", "POST"):
            answer = ask(gateway.port, method, target)
            assert answer.status in (400, 401, 403, 404), f"{method} {target}: {answer.status}"
            assert reveals_nothing(answer), f"{method} {target}"


@pytest.mark.parametrize("fields", [
    (("x-original-url", "/livez"),), (("x-rewrite-url", "/livez"),), (("x-forwarded-for", "127.0.0.1"), ("x-real-ip", "127.0.0.1")),
    (("x-http-method-override", "HEAD"),), (("cookie", f"key={ADMIN}"),), (("connection", "authorization"),), (("x-forwarded-host", "127.0.0.1"),),
])
def test_no_header_stands_for_a_key(gateway: Gateway, fields: tuple[tuple[str, str], ...]) -> None:
    answer = ask(gateway.port, "GET", "/usage", fields)
    assert answer.status == 401 and reveals_nothing(answer)


# Names and pages

def test_operators_documents_answer_to_known_names_only(gateway: Gateway) -> None:
    for host in ("gateway.example", "GATEWAY.example:8443", "localhost", "192.0.2.1:80", "[2001:db8::1]"):
        assert ask(gateway.port, "GET", "/usage", ADMINS, host).status == 200, host
    for host in ("rebound.example", "gateway.example.evil.example", "127.0.0.1.evil.example"):
        answer = ask(gateway.port, "GET", "/usage", ADMINS, host)
        assert answer.status == 403 and b"server.hosts" in answer.body, host
        assert ask(gateway.port, "GET", "/v1/models", ADMINS, host).status == 200, host


def test_foreign_pages_are_refused_even_with_a_key(gateway: Gateway) -> None:
    for method, path, _ in TABLE:
        for origin in ("https://evil.example", "null", "https://app.example.evil.example", "http://app.example"):
            answer = ask(gateway.port, method, path, (*ADMINS, ("origin", origin)))
            assert answer.status == 403 and answer.header("access-control-allow-origin") is None, f"{method} {path} {origin}"
            assert reveals_nothing(answer)


def test_an_allowed_page_asks_and_reads(gateway: Gateway, dialect: Dialect) -> None:
    asked = ask(gateway.port, "OPTIONS", dialect.path, (("origin", PAGE), ("access-control-request-method", "POST"),
                                                       ("access-control-request-headers", "authorization,content-type,x-stainless-lang")))
    assert asked.status == 204 and asked.body == b""
    assert asked.header("access-control-allow-origin") == PAGE
    assert "POST" in asked.header("access-control-allow-methods")
    assert {"authorization", "content-type", "x-stainless-lang"} <= set(asked.header("access-control-allow-headers").split(", "))
    assert asked.header("vary") == "Origin" and int(asked.header("access-control-max-age")) > 0
    with Client(gateway.port) as connection:
        connection.send(post_bytes(dialect, stream=True, headers=(*ADMINS, ("origin", PAGE))))
        read = connection.answer()
        assert (read.status, read.header("access-control-allow-origin"), read.header("vary")) == (200, PAGE, "Origin")
        assert "x-request-id" in read.header("access-control-expose-headers")
        # The next request of the connection is nobody's page.
        assert connection.exchange("GET", "/livez").header("access-control-allow-origin") is None
    refused = ask(gateway.port, "POST", dialect.path, (("origin", PAGE),))
    assert (refused.status, refused.header("access-control-allow-origin")) == (401, PAGE), "the page must see why"


# The log and the books

def test_refusals_are_logged_with_the_clients_address(gateway: Gateway) -> None:
    answer = ask(gateway.port, "GET", "/usage", (("x-forwarded-for", "203.0.113.9, 198.51.100.7"), ("x-api-key", WRONG)))
    line = eventually(lambda: next((json.loads(line) for line in gateway.log.splitlines() if answer.header("x-request-id") in line), None), 2,
                      "no log line")
    assert (line["message"], line["client"], line["reason"]) == ("request refused", "198.51.100.7", "unauthorized")


def test_calls_are_logged_with_address_and_key(gateway: Gateway) -> None:
    ask(gateway.port, "POST", CHAT.path, (*ADMINS, ("x-forwarded-for", "203.0.113.77")))
    eventually(lambda: any(line.get("client") == "203.0.113.77" and line["message"] == "request settled" and line["key"] == "admin"
                           for line in map(json.loads, gateway.log.splitlines())), 2, "no log line")


def test_who_is_not_known_has_no_row(gateway: Gateway) -> None:
    first = ask(gateway.port, "POST", CHAT.path, ADMINS)
    gateway.row(first.header("x-request-id"))  # and those of the tests before
    before = gateway.row_count()
    for headers in (NOBODY, VIEWERS):
        assert ask(gateway.port, "POST", CHAT.path, headers).status in (401, 403)
    last = ask(gateway.port, "POST", CHAT.path, ADMINS)
    gateway.row(last.header("x-request-id"))
    assert gateway.row_count() == before + 1


def test_keys_are_nowhere(gateway: Gateway) -> None:
    """Last in the file: whatever the tests above caused to be written holds no key, in no form."""
    text = gateway.log.encode() + ask(gateway.port, "GET", "/config/status", ADMINS).body + ask(gateway.port, "GET", "/usage", ADMINS).body
    with sqlite3.connect(f"file:{gateway.database}?mode=ro", uri=True) as books:
        text += "\n".join(books.iterdump()).encode()
    text += Path(f"/proc/{gateway.pid}/cmdline").read_bytes()
    for key in (ADMIN, VIEWER):
        for form in (key, key[: len(key) // 2], key[len(key) // 2:], base64.b64encode(key.encode()).decode().rstrip("="), key.encode().hex()):
            assert form.encode() not in text, form


# Start

def start(directory: Path, plain_provider: Provider, env: dict[str, str], **config: dict) -> Gateway:
    return Gateway(directory, {"providers": providers(plain_provider.url), **config}, env=env)


def test_a_key_opens_the_gateway_to_the_network(binary: Path, plain_provider: Provider, tmp_path: Path) -> None:
    plain_provider.script(answers)
    with start(tmp_path, plain_provider, {"HOST": "0.0.0.0", "EKAI_ADMIN_KEY": ADMIN}) as gateway:
        assert ask(gateway.port, "GET", "/usage").status == 401
        assert ask(gateway.port, "POST", RESPONSES.path).status == 401, "loopback grants nothing"
        assert ask(gateway.port, "POST", RESPONSES.path, ADMINS).status == 200


def test_keys_from_yaml(binary: Path, plain_provider: Provider, tmp_path: Path) -> None:
    with start(tmp_path, plain_provider, {}, access={"admin_key": ADMIN, "viewer_key": VIEWER}) as gateway:
        assert [ask(gateway.port, "GET", "/usage", headers).status for headers in (NOBODY, VIEWERS, ADMINS)] == [401, 200, 200]


@pytest.mark.parametrize(("env", "config", "names"), [
    ({"EKAI_ADMIN_KEY": "short"}, {}, "EKAI_ADMIN_KEY"),
    ({"EKAI_ADMIN_KEY": ADMIN, "EKAI_VIEWER_KEY": ADMIN}, {}, "admin"),
    ({"EKAI_VIEWER_KEY": VIEWER}, {}, "EKAI_ADMIN_KEY"),
    ({"HOST": "0.0.0.0"}, {}, "loopback"),
    ({"HOST": "0.0.0.0", "EKAI_ADMIN_KEY": " "}, {}, "loopback"),
    ({}, {"server": {"cors_origins": ["*"]}}, "cors_origins"),
    ({}, {"server": {"cors_origins": ["https://app.example/path"]}}, "cors_origins"),
    ({}, {"server": {"hosts": ["https://gateway.example"]}}, "hosts"),
    ({}, {"server": {"trusted_proxies": ["10.0.0.0/40"]}}, "trusted_proxies"),
])
def test_settings_that_do_not_protect_are_78(binary: Path, plain_provider: Provider, tmp_path: Path, env: dict[str, str], config: dict,
                                             names: str) -> None:
    gateway = start(tmp_path, plain_provider, env, **config).launch()
    assert gateway.wait(5) == 78
    assert names in gateway.log
    assert not any(key in gateway.log for key in (ADMIN, VIEWER))
