"""Every client dialect on every provider dialect, through the gateway: sixteen pairs, each feature plain and streamed. The official SDK of the
client's dialect judges the answers, the strict provider the requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clients import DRIVERS, Ask
from gateway import Gateway
from pair_features import Pair, ToolOutput, WEATHER, combinations
from pair_models import BASE_PATHS, DIALECTS, KINDS, MODELS
from strict import KEY, THOUGHT, StrictProvider
from strict.models import MODELS as KNOWN

CLIENT_KEY = "sk-client-0123456789abcdef"


@pytest.fixture(scope="module")
def strict() -> Iterator[StrictProvider]:
    with StrictProvider() as provider:
        yield provider


@pytest.fixture(scope="module")
def gateway(binary: Path, strict: StrictProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One gateway with a provider of each kind; a model's name says which."""
    config = {"providers": [
        {"name": f"strict-{dialect}", "kind": KINDS[dialect], "base_url": strict.url + BASE_PATHS[dialect], "api_keys": [KEY],
         "models": [name for name, model in KNOWN.items() if model.dialect == dialect]}
        for dialect in DIALECTS]}
    with Gateway(tmp_path_factory.mktemp("pairs"), config) as gateway:
        yield gateway


@pytest.fixture
def pair(client: str, provider: str, gateway: Gateway, strict: StrictProvider) -> Iterator[Pair]:
    strict.reset()
    with DRIVERS[client](gateway.url, CLIENT_KEY) as driver:
        yield Pair(driver, provider, strict, *MODELS[provider])
    assert not strict.failures, f"the provider failed: {strict.failures[0]!r}"
    assert strict.refusals == [], f"the provider refused: {strict.refusals[0]}"
    assert gateway.process.poll() is None, f"the gateway died:\n{gateway.log[-4000:]}"


ALL = [(client, provider) for client in DIALECTS for provider in DIALECTS]
STREAMED = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])


@pytest.mark.parametrize(("client", "provider", "feature", "stream"), combinations(ALL))
def test_pair(pair: Pair, feature, stream: bool) -> None:
    feature(pair, stream)


@STREAMED
@pytest.mark.parametrize("provider", ["messages"])
@pytest.mark.parametrize("client", DIALECTS)
def test_adaptive_thinking(pair: Pair, stream: bool) -> None:
    """The newest Claude models think as they see fit and keep it to themselves unless asked."""
    ask = Ask("claude-opus-4-8", "tools", stream, tools=(WEATHER,), thinking=True)
    result = pair.client.ask(ask)
    if pair.client.dialect != "chat":
        assert result.thinking == THOUGHT
    assert pair.client.answer(ask, result, [ToolOutput("warm")]).text == "results: get_weather=warm; states: 1"


@STREAMED
@pytest.mark.parametrize(("client", "provider"), ALL)
def test_model_and_key(pair: Pair, stream: bool) -> None:
    """The provider is asked for its own model with its own key; the client hears of a model."""
    assert pair.ask("text", stream).model == pair.model
    record = pair.strict.last()
    assert record.asked.model == pair.model
    request = record.exchange.request
    assert CLIENT_KEY.encode() not in request.head + request.body
