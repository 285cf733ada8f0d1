"""Clients as people use them: frameworks and coding agents, each on every provider dialect, with two calls of a tool at once and their results.

Each is first shown to work on the strict provider itself, in its own dialect ("direct")."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from clients.coding_agents import Run, claude_code, codex
from clients.frameworks import FRAMEWORKS, SYSTEM, Job, pydantic_responses
from gateway import Gateway
from pair_features import CITIES
from pair_models import DIALECTS, MODELS
from strict import KEY, StrictProvider

CLIENT_KEY = "sk-client-0123456789abcdef"
DIRECT = "direct"
AGENTS = {claude_code: "messages", codex: "responses"}


def cases(clients: dict[Callable, str]) -> list:
    """Each client with each provider dialect, and with its own without a gateway."""
    return [pytest.param(client, provider, way, id=f"{client.__name__}-to-{provider}{'-direct' if way == DIRECT else ''}")
            for client, own in clients.items() for provider in DIALECTS for way in ((DIRECT, "gateway") if provider == own else ("gateway",))]


def carries_states(framework: Callable, provider: str) -> bool:
    """Whether the framework sends back what it got of a provider's thinking. On chat none does; pydantic-ai does it on Responses for OpenAI's models only."""
    return FRAMEWORKS[framework] != "chat" and (framework is not pydantic_responses or provider == "responses")


@pytest.fixture
def url(way: str, request: pytest.FixtureRequest, strict_provider: StrictProvider) -> str:
    if way == DIRECT:
        return strict_provider.url
    gateway: Gateway = request.getfixturevalue("translating_gateway")
    return gateway.url


@pytest.mark.parametrize("thinking", [False, True], ids=["plain", "thinking"])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(("framework", "provider", "way"), cases(FRAMEWORKS))
def test_framework(framework: Callable[[Job], str], provider: str, way: str, url: str, strict_provider: StrictProvider, stream: bool, thinking: bool) -> None:
    job = Job(url, KEY if way == DIRECT else CLIENT_KEY, MODELS[provider][thinking], "Tell me. scenario:parallel", stream, thinking)
    text = framework(job)
    assert sorted(job.cities) == sorted(CITIES)  # some run both at once
    assert text.startswith("results: get_weather=")
    first, second = text.split(" | ")
    assert "5 degrees" in first and "6 degrees" in second
    assert strict_provider.refusals == []
    assert len(strict_provider.records) == 2
    assert all(SYSTEM in record.asked.system for record in strict_provider.records)
    if thinking and provider != "chat" and carries_states(framework, provider):
        assert not text.endswith("states: 0"), "the provider's state did not come back"


@pytest.mark.parametrize("thinking", [False, True], ids=["plain", "thinking"])
@pytest.mark.parametrize(("agent", "provider", "way"), cases(AGENTS))
def test_coding_agent(agent: Callable[..., Run], provider: str, way: str, url: str, strict_provider: StrictProvider, thinking: bool, tmp_path: Path) -> None:
    """Two files are read at once, and what they hold reaches the model in the order of the calls."""
    names = ["a.txt", "b.txt"]
    for name in names:
        (tmp_path / name).write_text(f"content of {name}\n")
    if agent is claude_code:
        calls = [{"name": "Read", "arguments": {"file_path": str(tmp_path / name)}} for name in names]
    else:
        calls = [{"name": "exec_command", "arguments": {"cmd": f"cat {name}"}} for name in names]
    # OpenAI itself refuses Codex on a model that does not think.
    model = MODELS[provider][thinking or (agent is codex and provider == "responses")]
    run = agent(url, KEY if way == DIRECT else CLIENT_KEY, model, f"Read both. scenario:calls {json.dumps(calls)}", tmp_path)
    assert run.text.startswith("results: "), run.output
    first, second = run.text.split(" | ")
    assert "content of a.txt" in first and "content of b.txt" in second
    assert all(record.asked is None or record.asked.system for record in strict_provider.records), "the agent's instructions did not arrive"
    # Claude Code asks once more, without the beta that the provider refuses; a translation has nothing to refuse.
    assert len(strict_provider.refusals) <= (1 if agent is claude_code and provider == "messages" else 0), [str(each) for each in strict_provider.refusals]
