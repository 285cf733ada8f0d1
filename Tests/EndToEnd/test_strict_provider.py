"""The strict provider tested on itself, with no gateway: each official SDK passes every feature in its own dialect, what the real APIs refuse is
refused, and what they are known to have taken is taken. So a failure in test_pairs.py is the gateway's."""

from __future__ import annotations

import base64
import json

import pytest

import client as raw
import replay
import strict.chat.rules
import strict.gemini.rules
import strict.messages.rules
import strict.responses.rules
from clients import DRIVERS, Ask
from dialects import compact
from pair_features import Pair, ToolOutput, WEATHER, combinations
from pair_models import DIALECTS, MODELS
from strict import KEY, THOUGHT, StrictProvider
from strict.models import Model
from strict.vault import Vault
from strict_refusals import CASES, FOREIGN, STATE, Case

PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages"}
VENDORS = ("openai", "anthropic", "google", "vertex")  # others speak these dialects with habits of their own


@pytest.mark.parametrize(("client", "provider", "feature", "stream"), combinations([(dialect, dialect) for dialect in DIALECTS]))
def test_sdk_in_its_own_dialect(strict_provider: StrictProvider, client: str, provider: str, feature, stream: bool) -> None:
    with DRIVERS[client](strict_provider.url, KEY) as driver:
        feature(Pair(driver, provider, strict_provider, *MODELS[provider], is_direct=True), stream)
    assert strict_provider.refusals == []


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_adaptive_thinking(strict_provider: StrictProvider, stream: bool) -> None:
    with DRIVERS["messages"](strict_provider.url, KEY) as driver:
        ask = Ask("claude-opus-4-8", "tools", stream, tools=(WEATHER,), thinking=True)
        result = driver.ask(ask)
        assert result.thinking == THOUGHT
        assert driver.answer(ask, result, [ToolOutput("warm")]).text.endswith("states: 1")


def post(provider: StrictProvider, dialect: str, body: dict, model: str | None = None, **headers: str) -> raw.Answer:
    path = PATHS.get(dialect) or f"/v1beta/models/{model or 'gemini-2.5-flash'}:generateContent"
    credential = {"chat": "authorization", "responses": "authorization", "messages": "x-api-key", "gemini": "x-goog-api-key"}[dialect]
    fields = {credential: f"Bearer {KEY}" if credential == "authorization" else KEY, "anthropic-version": "2023-06-01"} | headers
    return raw.exchange(provider.port, "POST", path, compact(body), headers=tuple(fields.items()))


@pytest.mark.parametrize(("dialect", "case"), CASES, ids=[f"{dialect}-{case.name}" for dialect, case in CASES])
def test_refusal(strict_provider: StrictProvider, dialect: str, case: Case) -> None:
    # OpenAI's states belong to an item, Anthropic's to a text.
    state = strict_provider.vault.issue(dialect, "rs_1" if dialect == "responses" else THOUGHT)
    body = json.loads(json.dumps(case.body).replace(STATE, state))
    answer = post(strict_provider, dialect, body, case.model)
    assert answer.status in (400, 404)
    told = json.loads(answer.body)["error"]
    assert case.message in told["message"], told["message"]
    if dialect in ("chat", "responses"):
        assert set(told) == {"message", "type", "param", "code"}
    elif dialect == "gemini":
        assert told["code"] == answer.status and told["status"] in ("INVALID_ARGUMENT", "NOT_FOUND")
    assert len(strict_provider.refusals) == 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_wrong_key(strict_provider: StrictProvider, dialect: str) -> None:
    """The provider's own key opens it, in the dialect's header and nothing beside: a client's key that slips through is seen."""
    field = {"messages": "x-api-key", "gemini": "x-goog-api-key"}.get(dialect, "authorization")
    for headers in ({field: "sk-client"}, {"api-key": "sk-client"}, {"cookie": "a=b"}):
        assert post(strict_provider, dialect, {}, **headers).status == 401


def test_states_that_come_back_intact_are_taken(strict_provider: StrictProvider) -> None:
    vault = strict_provider.vault
    signature = vault.issue("messages", THOUGHT)
    assert vault.knows("messages", signature, THOUGHT)
    assert not vault.knows("messages", signature, THOUGHT + " ") and not vault.knows("gemini", signature) and not vault.knows("messages", FOREIGN)


def test_call_needs_the_reasoning_that_it_came_with(strict_provider: StrictProvider) -> None:
    tool = {"type": "function", "name": "f", "parameters": {}, "strict": False}
    asked = {"model": "gpt-5-mini", "tools": [tool], "include": ["reasoning.encrypted_content"], "input": [{"role": "user", "content": "scenario:tools"}]}
    reasoning, call = json.loads(post(strict_provider, "responses", asked).body)["output"]
    output = {"type": "function_call_output", "call_id": call["call_id"], "output": "x"}
    with_reasoning, without = ({**asked, "input": [*asked["input"], *items, output]} for items in ([reasoning, call], [call]))
    assert post(strict_provider, "responses", with_reasoning).status == 200
    told = json.loads(post(strict_provider, "responses", without).body)["error"]["message"]
    assert "was provided without its required 'reasoning' item" in told


@pytest.mark.parametrize("bypass", ["skip_thought_signature_validator", "context_engineering_is_the_way_to_go"])
def test_gemini_3_takes_bypasses(strict_provider: StrictProvider, bypass: str) -> None:
    for written in (bypass, base64.b64encode(bypass.encode()).decode()):
        contents = [{"role": "user", "parts": [{"text": "hi"}]},
                    {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}, "thoughtSignature": written}]},
                    {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"output": "x"}}}]}]
        assert post(strict_provider, "gemini", {"contents": contents}, "gemini-3-pro-preview").status == 200


def test_gemini_takes_snake_case_and_streams_an_array(strict_provider: StrictProvider) -> None:
    body = {"contents": [{"parts": [{"text": "scenario:text"}]}], "system_instruction": {"parts": [{"text": "x"}]},
            "generation_config": {"max_output_tokens": 9}}
    path = "/v1/models/gemini-2.5-flash:streamGenerateContent"
    answer = raw.exchange(strict_provider.port, "POST", path, compact(body), headers=(("x-goog-api-key", KEY),))
    chunks = json.loads(answer.body)
    assert len(chunks) > 2 and chunks[-1]["candidates"][0]["finishReason"] == "STOP"
    asked = strict_provider.last().asked
    assert (asked.system, asked.max_tokens) == ("x", 9)


def test_counting(strict_provider: StrictProvider) -> None:
    """Counting takes what asking takes, without the bound."""
    user = [{"role": "user", "content": "hi"}]
    headers = (("x-api-key", KEY), ("anthropic-version", "2023-06-01"))
    path = "/v1/messages/count_tokens?beta=true"
    answer = raw.exchange(strict_provider.port, "POST", path, compact({"model": "claude-haiku-4-5", "messages": user}), headers=headers)
    assert json.loads(answer.body) == {"input_tokens": 100}


def _known(dialect: str, name: str | None, wording: str) -> Model:
    """What is known of the real models in the recordings."""
    name = name or ""
    newest = any(each in name for each in ("opus-4-7", "opus-4-8", "opus-5", "sonnet-5", "fable"))
    return Model(dialect, name.startswith(("gpt-5", "o1", "o3", "o4", "gemini-3")), newest or "4-6" in name, newest)


def test_what_the_real_apis_took_is_taken(corpus_or_skip: list[replay.Recording], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every recorded request that its vendor answered with 200 passes the rules, states taken on trust."""
    modules = {"openai-chat": strict.chat, "openai-responses": strict.responses, "anthropic": strict.messages, "gemini": strict.gemini}
    for module in modules.values():
        monkeypatch.setattr(module.rules, "model_of", _known)
    taken = 0
    index = [json.loads(line) for line in (replay.CORPUS / "index.jsonl").read_text().splitlines()]
    for entry in index:
        if entry["status"] != 200 or not entry["request_file"] or entry["provider"] not in VENDORS or {"count-tokens", "models-list"} & set(entry["features"]):
            continue
        recorded = json.loads((replay.CORPUS / entry["request_file"]).read_text())
        headers = {name.lower(): value for name, value in recorded.get("headers", {}).items()} | {"anthropic-version": "2023-06-01"}
        body = recorded.get("body", recorded)
        if "mcp_servers" in body:  # its beta was not recorded
            headers["anthropic-beta"] = "mcp-client-2025-04-04"
        modules[entry["format"]].read(body, Vault(trusts_all=True), header=headers.get, model=entry["model"] or "gemini-2.5-flash", stream=entry["stream"])
        taken += 1
    assert taken > 60
