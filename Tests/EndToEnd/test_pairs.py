"""Every client dialect on every provider dialect, through the gateway: sixteen pairs, each feature plain and streamed. The official SDK of the
client's dialect judges the answers, the strict provider the requests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clients import DRIVERS, Ask
from gateway import Gateway
from pair_features import Pair, ToolOutput, WEATHER, combinations
from pair_models import DIALECTS, MODELS
from strict import THOUGHT, StrictProvider

CLIENT_KEY = "sk-client-0123456789abcdef"


@pytest.fixture
def pair(client: str, provider: str, translating_gateway: Gateway, strict_provider: StrictProvider) -> Iterator[Pair]:
    with DRIVERS[client](translating_gateway.url, CLIENT_KEY) as driver:
        yield Pair(driver, provider, strict_provider, *MODELS[provider])
    assert strict_provider.refusals == [], f"the provider refused: {strict_provider.refusals[0]}"
    assert translating_gateway.process.poll() is None, f"the gateway died:\n{translating_gateway.log[-4000:]}"


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
