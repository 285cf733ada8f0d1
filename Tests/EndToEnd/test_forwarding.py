"""What reaches the provider: the client's bytes with the smallest splice, the right headers and key, and nothing of the client's own
credentials; and what the gateway says in its answer's head."""

from __future__ import annotations

import json
import re

import pytest

from conftest import SECRETS, Bed
from dialects import ALL, CHAT, MESSAGES, RESPONSES, Dialect, compact
from gateway import eventually
from provider import Exchange, Request

OWN = {"chat": "own-gpt", "responses": "own-gpt", "messages": "own-claude"}

# Bodies that a parse and print would change. MODEL stands for the model's name.
ODD_BODIES = [
    pytest.param('{"model":MODEL,"messages":[],"input":"x"}', id="compact"),
    pytest.param('\r\n {\t"input" :\n"x" , "messages":[ ],\r\n  "model" :  MODEL  } \n', id="spacing"),
    pytest.param('{"z":1,"messages":[],"a":{"z":[{"b":1,"a":2}]},"input":"x","model":MODEL,"0":null}', id="key order"),
    pytest.param(r'{"input":"\u00fc\ud83c\udf0d\/\b\u0000 é🌍","messages":[],"model":MODEL,"\u006dy":"\u0041"}', id="escapes"),
    pytest.param('{"big":123456789012345678901234567890,"tiny":-0.0,"e":1E+2,"long":0.1000000000000000055511151231257827,"messages":[],'
                 '"input":"x","model":MODEL,"seed":9007199254740993}', id="numbers"),
    pytest.param('{"messages":[{"role":"user","content":[{"type":"new_kind","model":"not this one","stream":true}]}],"input":"\\"model\\":\\"nor this\\"",'
                 '"metadata":{"model":"nor this","stream":true},"model":MODEL,"brand_new_field":{"on":[true,false,null]}}', id="decoys"),
]


def answering(dialect: Dialect):
    async def handler(exchange: Exchange) -> None:
        if exchange.request.json.get("stream"):
            await exchange.stream(dialect.stream("hello"), headers=(("x-request-id", "req_up"), ("request-id", "req_up")))
        else:
            await exchange.answer(dialect.answer("hello"), headers=(("x-request-id", "req_up"), ("request-id", "req_up")))

    return handler


def forwarded(bed: Bed, dialect: Dialect, body: bytes, **more) -> Request:
    bed.script(answering(dialect))
    answer = bed.post(dialect, body, **more)
    assert answer.status == 200, answer.body
    return bed.plain.only().request


def is_splice(original: bytes, spliced: bytes) -> bool:
    """Whether `spliced` is `original` with bytes inserted in one place."""
    prefix = next((index for index, (a, b) in enumerate(zip(original, spliced)) if a != b), len(original))
    rest = original[prefix:]
    return len(spliced) > len(original) and spliced.endswith(rest)


# Bodies

@pytest.mark.parametrize("body", ODD_BODIES)
def test_body_is_untouched_when_nothing_must_change(bed: Bed, dialect: Dialect, body: str) -> None:
    data = body.replace("MODEL", f'"{OWN[dialect.name]}"').encode()
    assert forwarded(bed, dialect, data).body == data


@pytest.mark.parametrize("body", ODD_BODIES)
def test_only_the_models_name_changes(bed: Bed, dialect: Dialect, body: str) -> None:
    data = body.replace("MODEL", f'"{dialect.provider}/some/model:1"').encode()
    assert forwarded(bed, dialect, data).body == body.replace("MODEL", '"some/model:1"').encode()


def test_escaped_model_name_is_understood(bed: Bed, dialect: Dialect) -> None:
    name = dialect.provider
    escaped = f'"\\u00{ord(name[0]):02x}{name[1:]}\\/test-model"'
    data = b'{"messages":[],"input":"x","model":' + escaped.encode() + b',"after":1}'
    assert forwarded(bed, dialect, data).body == b'{"messages":[],"input":"x","model":"test-model","after":1}'


def test_large_body_arrives_whole(bed: Bed, dialect: Dialect) -> None:
    data = compact(dialect.request(model=OWN[dialect.name], text="é" * 1_500_000))
    assert forwarded(bed, dialect, data).body == data


@pytest.mark.parametrize("dialect", [RESPONSES, MESSAGES], ids=lambda each: each.name)
def test_stream_options_are_for_chat_only(bed: Bed, dialect: Dialect) -> None:
    data = compact(dialect.request(model=OWN[dialect.name], stream=True))
    assert forwarded(bed, dialect, data).body == data


@pytest.mark.parametrize("stream", [{}, {"stream": False}, {"stream": None}])
def test_stream_options_are_not_sent_when_not_streaming(bed: Bed, stream: dict) -> None:
    data = compact(CHAT.request(model="own-gpt") | stream)
    assert forwarded(bed, CHAT, data).body == data


@pytest.mark.parametrize("body", [
    b'{"model":"own-gpt","messages":[],"stream":true}',
    b'{"stream": true, "model": "own-gpt", "messages": [ ] }\n',
    b'\n{ "messages":[{"role":"user","content":"\\"stream_options\\":{}"}],\n"model":"own-gpt"\n,"stream" : true }',
])
def test_usage_is_asked_for_with_one_insertion(bed: Bed, body: bytes) -> None:
    sent = forwarded(bed, CHAT, body).body
    assert json.loads(sent) == json.loads(body) | {"stream_options": {"include_usage": True}}
    assert is_splice(body, sent), sent


def test_client_that_asks_for_usage_is_not_changed(bed: Bed) -> None:
    data = b'{"model":"own-gpt","messages":[],"stream":true,"stream_options": {"include_usage" : true,"x":1}}'
    bed.script(answering(CHAT))
    answer = bed.post(CHAT, data)
    assert bed.plain.only().request.body == data
    assert answer.body == b"".join(CHAT.stream("hello"))


@pytest.mark.parametrize("options", [b'{"include_usage": false, "x": 1}', b'{ "x" : 1 }', b"{}", b"null"])
def test_usage_is_asked_for_beside_other_stream_options(bed: Bed, options: bytes) -> None:
    data = b'{"model":"own-gpt","stream_options":' + options + b',"messages":[],"stream":true,"z":1.0}'
    bed.script(answering(CHAT))
    answer = bed.post(CHAT, data)
    sent = bed.plain.only().request.body
    assert json.loads(sent) == json.loads(data) | {"stream_options": (json.loads(options) or {}) | {"include_usage": True}}
    assert sent.startswith(b'{"model":"own-gpt","stream_options":') and sent.endswith(b',"messages":[],"stream":true,"z":1.0}')
    assert answer.body == b"".join(CHAT.shown(CHAT.stream("hello")))


# Request heads

CREDENTIALS = (("Authorization", "Bearer client-secret-1"), ("x-api-key", "client-secret-2"), ("api-key", "client-secret-3"),
               ("x-goog-api-key", "client-secret-4"), ("Cookie", "session=client-secret-5"), ("Proxy-Authorization", "Basic client-secret-6"))
HOP_BY_HOP = (("Connection", "keep-alive, X-Hop, Authorization, x-api-key"), ("X-Hop", "1"), ("Keep-Alive", "timeout=5"), ("TE", "trailers"),
              ("Accept-Encoding", "gzip, br"), ("OpenAI-Organization", "org-client"), ("OpenAI-Project", "proj-client"))
FORWARDED = (("User-Agent", "claude-cli/2.1.330 (external, cli)"), ("anthropic-version", "2023-06-01"), ("anthropic-beta", "a-2025-01-01,b-2025-02-02"),
             ("openai-beta", "responses=v1"), ("originator", "codex_exec"), ("x-codex-window-id", "w-1"), ("x-stainless-lang", "python"))


def test_clients_credentials_never_reach_the_provider(bed: Bed, dialect: Dialect) -> None:
    request = forwarded(bed, dialect, compact(dialect.request()), headers=CREDENTIALS)
    assert b"client-secret" not in request.head + request.body
    secret = SECRETS[dialect.provider]
    assert request.all(dialect.credential) == [f"Bearer {secret}" if dialect.credential == "authorization" else secret]
    others = {"authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie", "proxy-authorization"} - {dialect.credential}
    assert not [name for name, _ in request.fields if name.lower() in others]


def test_connection_header_cannot_strip_our_key(bed: Bed, dialect: Dialect) -> None:
    request = forwarded(bed, dialect, compact(dialect.request()), headers=HOP_BY_HOP)
    assert request.header(dialect.credential) is not None
    for name in ("x-hop", "keep-alive", "te", "openai-organization", "openai-project"):
        assert request.header(name) is None, f"{name} was forwarded"
    assert (request.header("connection") or "keep-alive").lower() == "keep-alive"
    assert (request.header("accept-encoding") or "identity") == "identity"


def test_forwarded_headers_arrive_unchanged(bed: Bed, dialect: Dialect) -> None:
    request = forwarded(bed, dialect, compact(dialect.request()), headers=FORWARDED)
    for name, value in FORWARDED:
        assert request.all(name) == [value]


def test_head_is_well_formed(bed: Bed, dialect: Dialect) -> None:
    body = compact(dialect.request(model=OWN[dialect.name]))
    request = forwarded(bed, dialect, body, query="?beta=true" if dialect is MESSAGES else "")
    assert request.target == dialect.path + ("?beta=true" if dialect is MESSAGES else "")
    assert request.all("host") == [f"127.0.0.1:{bed.plain.port}"]
    assert request.all("content-length") == [str(len(body))] and request.header("transfer-encoding") is None
    assert request.header("content-type") == "application/json"
    assert re.fullmatch(r"1\.1 \S+", request.header("via") or "")
    if dialect is MESSAGES:
        assert request.header("anthropic-version"), "Anthropic refuses requests without a version"


def test_chunked_request_is_forwarded_whole(bed: Bed, dialect: Dialect) -> None:
    body = compact(dialect.request(model=OWN[dialect.name]))
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(body[at : at + 7]), body[at : at + 7]) for at in range(0, len(body), 7)) + b"0\r\n\r\n"
    bed.script(answering(dialect))
    answer = bed.post(dialect, chunked, headers=(("transfer-encoding", "chunked"),))
    assert answer.status == 200
    assert bed.plain.only().request.body == body


def test_upstream_connections_are_kept(bed: Bed, dialect: Dialect) -> None:
    bed.script(answering(dialect))
    for _ in range(20):
        assert bed.post(dialect).status == 200
    assert len({id(exchange.connection) for exchange in bed.plain.exchanges}) <= 8, "at most one a loop was to be expected"


def test_gateway_that_is_its_own_upstream_is_refused(bed: Bed, dialect: Dialect) -> None:
    via = forwarded(bed, dialect, compact(dialect.request())).header("via")
    bed.script(answering(dialect))
    answer = bed.post(dialect, headers=(("Via", via),))
    assert answer.status == 508
    dialect.check_error(answer.body)
    assert bed.plain.exchanges == []
    assert bed.post(dialect, headers=(("Via", "1.1 corporate-proxy"),)).status == 200


# Answer heads

@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_answer_headers(bed: Bed, dialect: Dialect, stream: bool) -> None:
    bed.script(answering(dialect))
    answer = bed.post(dialect, stream=stream)
    request_id = answer.header("x-request-id")
    assert request_id and request_id != "req_up"
    if dialect is MESSAGES:
        assert answer.header("request-id") == request_id
    assert answer.header("x-ekai-provider") == dialect.provider
    assert answer.header("x-ekai-model") == "test-model"
    assert answer.header("x-ekai-attempts") == "1"
    assert 0 < int(answer.header("x-ekai-overhead-us")) < 1_000_000
    assert answer.header("x-ekai-upstream-request-id") == "req_up"
    if stream:
        assert answer.header("content-type").startswith("text/event-stream")
        assert (answer.header("cache-control"), answer.header("x-accel-buffering")) == ("no-cache", "no")
    else:
        assert answer.header("content-type").startswith("application/json")
        assert answer.body == dialect.answer("hello")


def test_sane_request_id_is_echoed_but_is_not_the_rows(bed: Bed, dialect: Dialect) -> None:
    bed.script(answering(dialect))
    before = bed.gateway.row_count()
    mine = f"my-own.id_{before}"
    answers = [bed.post(dialect, headers=(("x-request-id", mine),)) for _ in range(2)]
    assert [answer.header("x-request-id") for answer in answers] == [mine, mine]
    eventually(lambda: bed.gateway.row_count() >= before + 2, 3, "two requests with one id of the client's did not make two rows")
    ids = [row["request_id"] for row in bed.gateway.query("SELECT request_id FROM usage_records ORDER BY id DESC LIMIT 2")]
    assert len(set(ids)) == 2 and mine not in ids


@pytest.mark.parametrize("insane", ["x" * 2000, "a b;c", "<script>"])
def test_odd_request_id_is_replaced(bed: Bed, dialect: Dialect, insane: str) -> None:
    bed.script(answering(dialect))
    answer = bed.post(dialect, headers=(("x-request-id", insane),))
    assert answer.status == 200 and answer.header("x-request-id") not in (None, insane)


# Secrets

def test_providers_key_is_masked_in_error_texts(bed: Bed, dialect: Dialect) -> None:
    secret = SECRETS[dialect.provider]

    async def handler(exchange: Exchange) -> None:
        await exchange.answer(dialect.error("invalid_request_error", f"bad key {secret} given"), 400)

    bed.script(handler)
    answer = bed.post(dialect)
    assert answer.status == 400 and b"bad key" in answer.body and secret.encode() not in answer.body
    assert all(secret not in bed.gateway.log for secret in SECRETS.values())


def test_no_dialect_is_left_out() -> None:
    assert {each.name for each in ALL} == set(OWN)
