"""Embeddings in OpenAI's format: passed to providers of that format, translated to Gemini."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from prometheus_client.parser import text_string_to_metric_families

from client import Answer, Client, exchange, request
from conftest import SECRETS
from dialects import compact
from gateway import FAILED, OK, Gateway, eventually, tokens, upstream_model
from provider import Exchange, Provider

PATH = "/v1/embeddings"
SECRET_GOOGLE = "AIza-provider-google-778899"
VECTORS = [[0.5, -0.25, 0.125], [1.0, 0.0, -1e-05]]


@pytest.fixture(scope="module")
def gateway(binary: Path, plain_provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    plain = plain_provider.url
    config = {
        "providers": [
            {"name": "oai", "kind": "openai", "base_url": f"{plain}/v1", "api_keys": [SECRETS["oai"]]},
            {"name": "openai", "kind": "openai", "base_url": f"{plain}/v1", "api_keys": [SECRETS["oai"]]},
            {"name": "google", "kind": "gemini", "base_url": f"{plain}/v1beta", "api_keys": [SECRET_GOOGLE]},
            {"name": "ant", "kind": "anthropic", "base_url": f"{plain}/v1", "api_keys": [SECRETS["ant"]]},
            {"name": "dead", "kind": "openai", "base_url": "http://127.0.0.1:9/v1"},
            {"name": "dead-gem", "kind": "gemini", "base_url": "http://127.0.0.1:9/v1beta"},
        ],
        "models": [{"name": "embedder", "targets": ["oai/real-embedder"], "price": {"input": 2, "output": 0}}],
    }
    with Gateway(tmp_path_factory.mktemp("embeddings"), config) as gateway:
        yield gateway


@pytest.fixture
def provider(plain_provider: Provider) -> Iterator[Provider]:
    plain_provider.script(Provider._unscripted)
    yield plain_provider
    assert not plain_provider.failures


@pytest.fixture
def sdk(gateway: Gateway):
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key="client-key", max_retries=0, timeout=10) as sdk:
        yield sdk


def answers(body: bytes, status: int = 200, headers: tuple[tuple[str, str], ...] = ()):
    async def handler(exchange: Exchange) -> None:
        await exchange.answer(body, status, headers)

    return handler


async def embeds(exchange: Exchange) -> None:
    """A provider of OpenAI's format."""
    asked = exchange.request.json
    inputs = asked["input"] if isinstance(asked["input"], list) and not isinstance(asked["input"][0], int) else [asked["input"]]
    vectors = [struct.pack(f"<{len(each)}f", *each) for each in VECTORS[: len(inputs)]]
    shown = [base64.b64encode(each).decode() if asked.get("encoding_format") == "base64" else VECTORS[index] for index, each in enumerate(vectors)]
    data = [{"object": "embedding", "index": index, "embedding": each} for index, each in enumerate(shown)]
    await exchange.answer(compact({"object": "list", "data": data, "model": asked["model"], "usage": {"prompt_tokens": 9, "total_tokens": 9}}))


def gemini(vectors: list[list[float]], usage: dict | None = None) -> bytes:
    return compact({"embeddings": [{"values": each} for each in vectors]} | ({"usageMetadata": usage} if usage else {}))


def post(gateway: Gateway, body: dict | bytes) -> Answer:
    return exchange(gateway.port, "POST", PATH, body if isinstance(body, bytes) else compact(body))


# OpenAI's format


def test_passes_byte_for_byte(gateway: Gateway, provider: Provider) -> None:
    body = b'{ "object":"list", "data":[{"embedding":[0.1, 2]}],"model":"m","usage":{"prompt_tokens":9,"total_tokens":9} }\n'
    provider.script(answers(body))
    question = {"model": "oai/m", "input": ["a", "b"], "dimensions": 3, "user": "u", "unheard_of": {"a": "\u00e9"}}
    answer = post(gateway, question)
    assert (answer.status, answer.body) == (200, body)
    request = provider.only().request
    assert (request.target, request.body) == (PATH, compact(question | {"model": "m"}))
    assert request.header("authorization") == f"Bearer {SECRETS['oai']}"
    row = gateway.row(answer.header("x-request-id"))
    assert tokens(row) == {"input_tokens": 9, "cache_write_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 0, "total_tokens": 9}
    assert (row["endpoint"], row["client_dialect"], row["outcome"], row["stream"], row["usage_estimated"]) == (PATH, "chat", OK, 0, 0)


def test_cost_by_price_and_by_catalogue(gateway: Gateway, provider: Provider) -> None:
    provider.script(embeds)
    row = gateway.row(post(gateway, {"model": "embedder", "input": "a"}).header("x-request-id"))
    assert (row["total_cost_pico"], row["cost_known"], upstream_model(row)) == (9 * 2_000_000, 1, "real-embedder")
    row = gateway.row(post(gateway, {"model": "text-embedding-3-small", "input": "a"}).header("x-request-id"))
    assert (row["provider"], row["total_cost_pico"], row["output_cost_pico"]) == ("openai", 9 * 20_000, 0)


def test_a_large_answer_flows(gateway: Gateway, provider: Provider) -> None:
    values = [index / 7 for index in range(80_000)]
    body = compact({"object": "list", "data": [{"index": 0, "embedding": values}], "model": "m", "usage": {"prompt_tokens": 4, "total_tokens": 4}})
    provider.script(answers(body))
    answer = post(gateway, {"model": "oai/m", "input": "a"})
    assert answer.body == body and len(body) > 1_000_000
    assert gateway.row(answer.header("x-request-id"))["input_tokens"] == 4


@pytest.mark.parametrize("question, expected", [("two words", 2), (["two words", "one"], 3), ([1, 2, 3, 4], 4), ([[1, 2], [3]], 3)])
def test_no_usage_is_an_estimate(gateway: Gateway, provider: Provider, question: object, expected: int) -> None:
    provider.script(answers(b'{"object":"list","data":[],"model":"m"}'))
    row = gateway.row(post(gateway, {"model": "oai/m", "input": question}).header("x-request-id"))
    assert (row["input_tokens"], row["output_tokens"], row["usage_estimated"]) == (expected, 0, 1)


def test_openai_sdk(sdk: openai.OpenAI, provider: Provider) -> None:
    provider.script(embeds)
    answer = sdk.embeddings.create(model="oai/m", input=["a", "b"])
    assert provider.only().request.json["encoding_format"] == "base64"
    assert [each.embedding for each in answer.data] == [pytest.approx(each) for each in VECTORS]
    assert sdk.embeddings.create(model="oai/m", input="a", encoding_format="float").data[0].embedding == VECTORS[0]


# Gemini


def test_gemini(gateway: Gateway, provider: Provider) -> None:
    provider.script(answers(gemini(VECTORS, {"promptTokenCount": 5})))
    answer = post(gateway, {"model": "gemini-embedding-001", "input": ["a \"b\"", "é"], "dimensions": 3, "user": "u"})
    assert answer.status == 200
    assert answer.json == {
        "object": "list", "data": [{"object": "embedding", "index": index, "embedding": each} for index, each in enumerate(VECTORS)],
        "model": "gemini-embedding-001", "usage": {"prompt_tokens": 5, "total_tokens": 5}}
    request = provider.only().request
    assert request.target == "/v1beta/models/gemini-embedding-001:batchEmbedContents"
    assert request.header("x-goog-api-key") == SECRET_GOOGLE
    assert request.json == {"requests": [
        {"model": "models/gemini-embedding-001", "content": {"parts": [{"text": text}]}, "outputDimensionality": 3} for text in ("a \"b\"", "é")]}
    row = gateway.row(answer.header("x-request-id"))
    assert (row["input_tokens"], row["usage_estimated"], row["cost_known"], row["provider"]) == (5, 0, 1, "google")
    assert row["total_cost_pico"] == 5 * 150_000


def test_gemini_without_a_count(gateway: Gateway, provider: Provider) -> None:
    provider.script(answers(gemini(VECTORS[:1])))
    answer = post(gateway, {"model": "google/gemini-embedding-001", "input": "three little words"})
    assert answer.json["usage"] == {"prompt_tokens": 3, "total_tokens": 3} and answer.json["model"] == "google/gemini-embedding-001"
    row = gateway.row(answer.header("x-request-id"))
    assert (row["input_tokens"], row["usage_estimated"]) == (3, 1)


def test_gemini_by_openai_sdk(sdk: openai.OpenAI, provider: Provider) -> None:
    provider.script(answers(gemini(VECTORS)))
    answer = sdk.embeddings.create(model="gemini-embedding-001", input=["a", "b"])
    assert [each.embedding for each in answer.data] == [pytest.approx(each) for each in VECTORS]
    assert [each.index for each in answer.data] == [0, 1]
    assert sdk.embeddings.create(model="gemini-embedding-001", input=["a", "b"], encoding_format="float").data[1].embedding == VECTORS[1]
    with pytest.raises(openai.BadRequestError, match="texts, not tokens") as refused:
        sdk.embeddings.create(model="gemini-embedding-001", input=[1, 2, 3])
    assert refused.value.param == "input"


def test_a_large_gemini_answer(gateway: Gateway, provider: Provider) -> None:
    vectors = [[(index * row) / 3 for index in range(3_072)] for row in range(100)]
    provider.script(answers(gemini(vectors)))
    answer = post(gateway, {"model": "gemini-embedding-001", "input": [str(each) for each in range(100)], "encoding_format": "base64"})
    read = [list(struct.unpack("<3072f", base64.b64decode(each["embedding"]))) for each in answer.json["data"]]
    assert read == [pytest.approx(each, rel=1e-6) for each in vectors]


# Errors


def test_a_model_that_only_chats(gateway: Gateway, provider: Provider) -> None:
    body = compact({"error": {"message": "You are not allowed to generate embeddings from this model", "type": "invalid_request_error", "param": None, "code": None}})
    provider.script(answers(body, 400))
    answer = post(gateway, {"model": "oai/gpt-x", "input": "a"})
    assert (answer.status, answer.body) == (400, body)
    row = gateway.row(answer.header("x-request-id"))
    assert (row["outcome"], row["status"], row["error_kind"], row["total_tokens"]) == (FAILED, 400, "upstream_400", 0)


def test_gemini_errors_are_told_in_openais_words(gateway: Gateway, provider: Provider) -> None:
    provider.script(answers(compact({"error": {"code": 429, "message": "Quota exceeded", "status": "RESOURCE_EXHAUSTED"}}), 429))
    answer = post(gateway, {"model": "gemini-embedding-001", "input": "a"})
    assert (answer.status, answer.json["error"]["type"], answer.json["error"]["message"]) == (429, "rate_limit_error", "Quota exceeded")


@pytest.mark.parametrize("body", [b"{}", gemini(VECTORS), b"<html>", b'{"embeddings":[{"values":["x"]}]}'])
def test_gemini_answers_that_make_no_sense(gateway: Gateway, provider: Provider, body: bytes) -> None:
    provider.script(answers(body))
    answer = post(gateway, {"model": "gemini-embedding-001", "input": "a"})
    assert (answer.status, answer.json["error"]["type"]) == (502, "api_error")
    assert gateway.row(answer.header("x-request-id"))["possibly_billed"] == 1


def test_a_provider_without_embeddings(gateway: Gateway, provider: Provider) -> None:
    answer = post(gateway, {"model": "ant/claude-x", "input": "a"})
    assert (answer.status, answer.json["error"]["type"], answer.json["error"]["param"]) == (400, "invalid_request_error", "model")
    assert "offers no embeddings" in answer.json["error"]["message"]
    assert not provider.exchanges


@pytest.mark.parametrize("model", ["dead/m", "dead-gem/m"])
def test_a_dead_provider(gateway: Gateway, model: str) -> None:
    answer = post(gateway, {"model": model, "input": "a"})
    assert (answer.status, answer.json["error"]["type"]) == (502, "api_error")
    row = gateway.row(answer.header("x-request-id"))
    assert (row["outcome"], row["error_kind"], row["total_cost_pico"]) == (FAILED, "connect_failed", 0)


def test_the_operators_key_is_refused(gateway: Gateway, provider: Provider) -> None:
    provider.script(answers(b'{"error":{"message":"bad key"}}', 401))
    for model in ("oai/m", "gemini-embedding-001"):
        answer = post(gateway, {"model": model, "input": "a"})
        assert (answer.status, answer.json["error"]["code"]) == (502, "provider_auth_failed")


@pytest.mark.parametrize("question, param", [
    ({"input": "a"}, "model"), ({"model": "gemini-embedding-001"}, "input"), ({"model": "gemini-embedding-001", "input": []}, "input"),
    ({"model": "gemini-embedding-001", "input": [[1]]}, "input"), ({"model": "gemini-embedding-001", "input": "a", "encoding_format": "int8"}, "encoding_format"),
    ({"model": "gemini-embedding-001", "input": "a", "dimensions": -1}, "dimensions"),
])
def test_bad_requests(gateway: Gateway, question: dict, param: str) -> None:
    answer = post(gateway, question)
    assert (answer.status, answer.json["error"]["type"], answer.json["error"]["param"]) == (400, "invalid_request_error", param)


def test_an_unknown_model(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        sdk.embeddings.create(model="nobody-has-this", input="a")


def test_the_client_leaves(gateway: Gateway, provider: Provider) -> None:
    async def silent(exchange: Exchange) -> None:
        await exchange.silence()

    provider.script(silent)
    before = gateway.row_count()
    with Client(gateway.port) as client:
        client.send(request("POST", PATH, compact({"model": "oai/m", "input": "a"})))
        eventually(lambda: provider.exchanges, 3, "the provider was not asked")
    eventually(lambda: provider.exchanges[0].closed_at, 3, "the provider's connection was not closed")
    eventually(lambda: gateway.row_count() > before, 3, "no row")
    row = gateway.query("SELECT * FROM usage_records ORDER BY id DESC LIMIT 1")[0]
    assert (row["outcome"], row["status"], row["endpoint"]) == ("cancelled", 499, PATH)


def test_counted_by_itself(gateway: Gateway, provider: Provider) -> None:
    def counted() -> float:
        families = text_string_to_metric_families(gateway.get("/metrics")[1].decode())
        return sum(sample.value for family in families for sample in family.samples
                   if sample.name == "ekai_requests_total" and sample.labels["endpoint"] == PATH and sample.labels["status"] == "200")

    provider.script(embeds)
    before = counted()
    assert post(gateway, {"model": "oai/m", "input": "a"}).status == 200
    eventually(lambda: counted() == before + 1, 3, "the metrics did not move")
