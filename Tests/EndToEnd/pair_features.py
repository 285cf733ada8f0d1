"""What must work between a client of one dialect and a provider of another: one function for each feature.

Each takes a `Pair`, and whether the answer is streamed. The same functions judge an SDK that talks to the strict provider itself
(test_strict_provider.py) and one that talks to it through the gateway (test_pairs.py).
"""

from __future__ import annotations

import json
import struct
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from clients import Ask, ClientFailure, Driver, Image, Result, Tool, ToolOutput
from gateway import eventually
from strict import PART, STOP, TEXT, THOUGHT, USAGE, WORDS, StrictProvider
from strict.asked import Image as SeenImage

WEATHER = Tool("get_weather", "Tells the weather of a city.", {
    "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": {"city": {"type": "string", "description": "Its name"}},
    "required": ["city"], "additionalProperties": False})
TIME = Tool("get_time", "Tells the time.", {"type": "object", "properties": {}, "additionalProperties": False})
ANSWER_SCHEMA = {
    "type": "object", "required": ["city", "count", "tags"], "additionalProperties": False,
    "properties": {"city": {"type": "string"}, "count": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}}}}
CITIES = ["Paris", "東京 \"T\""]
CANCEL_SECONDS = 1


def png(red: int = 255) -> Image:
    """A picture of one pixel."""
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    pixel = zlib.compress(bytes((0, red, 0, 0)))
    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return Image("image/png", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b""))


@dataclass
class Pair:
    """A client and a provider. `model` is a plain one of the provider's, `thinker` one that thinks. `is_direct`: no gateway between them."""

    client: Driver
    provider: str
    strict: StrictProvider
    model: str
    thinker: str
    is_direct: bool = False

    def ask(self, scenario: str, stream: bool, **more) -> Result:
        return self.client.ask(Ask(more.pop("model", self.model), scenario, stream, **more))

    def fails(self, scenario: str, stream: bool) -> ClientFailure:
        with pytest.raises(ClientFailure) as caught:
            self.ask(scenario, stream)
        return caught.value

    @property
    def is_same(self) -> bool:
        return self.client.dialect == self.provider


def text(pair: Pair, stream: bool) -> None:
    result = pair.ask("text", stream)
    assert (result.text, result.stop) == (TEXT, "end")
    assert pair.strict.last().asked.stream == stream


def tools(pair: Pair, stream: bool) -> None:
    ask = Ask(pair.model, "tools", stream, tools=(WEATHER, TIME))
    result = pair.client.ask(ask)
    assert result.stop == "tools"
    assert [(call.name, call.arguments) for call in result.calls] == [("get_weather", {"city": "Zürich \"Z\""})]
    assert list(pair.strict.last().asked.tools) == ["get_weather", "get_time"]
    if pair.provider == "responses":  # which would else make optional arguments required
        assert [tool["strict"] for tool in pair.strict.last().body["tools"]] == [False, False]
    final = pair.client.answer(ask, result, [ToolOutput("12 °C \"mild\"\n")])
    assert final.text.startswith("results: get_weather=12 °C \"mild\"\n;")
    assert final.stop == "end"


def parallel_tools(pair: Pair, stream: bool) -> None:
    ask = Ask(pair.model, "parallel", stream, tools=(WEATHER,))
    result = pair.client.ask(ask)
    assert (result.text, result.stop) == ("I look it up.", "tools")
    assert [call.arguments for call in result.calls] == [{"city": city} for city in CITIES]
    ids = [call.id for call in result.calls]
    assert len(set(ids)) == 2 or (pair.client.dialect == "gemini" and ids == [None, None]), f"ids of calls are not unique: {ids}"
    final = pair.client.answer(ask, result, [ToolOutput("one"), ToolOutput("two")])
    assert final.text.startswith("results: get_weather=one | get_weather=two;")


def one_tool_at_a_time(pair: Pair, stream: bool) -> None:
    """The client forbids parallel calls."""
    result = pair.ask("parallel", stream, tools=(WEATHER,), parallel=False)
    assert [call.arguments for call in result.calls] == [{"city": CITIES[0]}]


def forced_tool(pair: Pair, stream: bool) -> None:
    for choice, forced in (("get_time", "get_time"), ("any", "")):
        result = pair.ask("tools", stream, tools=(WEATHER, TIME), tool_choice=choice)
        asked = pair.strict.last().asked
        assert asked.forced_tool == forced
        assert [call.name for call in result.calls] == [forced or "get_weather"]
    assert pair.ask("text", stream, tools=(WEATHER,), tool_choice="none").text == TEXT


def tool_without_arguments(pair: Pair, stream: bool) -> None:
    ask = Ask(pair.model, "tools", stream, tools=(TIME,))
    result = pair.client.ask(ask)
    assert [(call.name, call.arguments) for call in result.calls] == [("get_time", {})]
    # An empty result is a result.
    assert pair.client.answer(ask, result, [ToolOutput("")]).text.startswith("results: get_time=")


def failed_tool(pair: Pair, stream: bool) -> None:
    """A result that is an error says so, in one way or another."""
    ask = Ask(pair.model, "tools", stream, tools=(WEATHER,))
    result = pair.client.ask(ask)
    told = pair.client.answer(ask, result, [ToolOutput("no such city", is_error=True)]).text
    assert "no such city" in told
    if pair.client.dialect in ("messages", "gemini"):
        assert "error" in told.lower()


def image(pair: Pair, stream: bool) -> None:
    assert pair.ask("image", stream, image=png()).text == f"image: {_seen(png())}"


def image_from_tool(pair: Pair, stream: bool) -> None:
    ask = Ask(pair.model, "tools", stream, tools=(WEATHER,))
    result = pair.client.ask(ask)
    told = pair.client.answer(ask, result, [ToolOutput("a map", image=png(7))]).text
    assert "get_weather=a map" in told and _seen(png(7)) in told


def _seen(picture: Image) -> str:
    """The image in the words of the strict provider."""
    return str(SeenImage(picture.media_type, picture.data))


def system(pair: Pair, stream: bool) -> None:
    words = "Be brief.\n\nSay \"Grüße\"; never <this>."
    assert pair.ask("system", stream, system=words).text == f"system: {words}"


def stop(pair: Pair, stream: bool) -> None:
    result = pair.ask("stop", stream, stop=(STOP, "###"))
    if pair.provider == "responses":  # has none either: the answer comes whole, or cut by the gateway
        assert result.text in ("one two ", f"one two {STOP} three")
        return
    assert result.text == "one two "
    assert result.stop in ("end", "stop")
    if pair.is_same and pair.provider == "messages":
        assert (result.stop, result.stop_text) == ("stop", STOP)


def length(pair: Pair, stream: bool) -> None:
    result = pair.ask("length", stream, max_tokens=50)
    assert (result.text, result.stop) == (PART, "length")
    assert pair.strict.last().asked.max_tokens == 50


def sampling(pair: Pair, stream: bool) -> None:
    """Options go to the models that take them, and are left out for those that refuse them."""
    assert pair.ask("limits", stream, temperature=0.5).text.endswith("temperature=0.5")
    if not pair.is_same:
        assert pair.ask("limits", stream, model=pair.thinker, temperature=0.5, max_tokens=64).text.startswith("max_tokens=")


def structured_output(pair: Pair, stream: bool) -> None:
    result = pair.ask("json", stream, schema=ANSWER_SCHEMA)
    assert json.loads(result.text) == {"city": "Zürich \"Z\"", "count": 3, "tags": ["Zürich \"Z\""]}
    assert (result.stop, result.calls) == ("end", [])


def thinking(pair: Pair, stream: bool) -> None:
    """Thinking is shown where both sides can, and a tool turn brings back what the provider wants of it."""
    ask = Ask(pair.thinker, "tools", stream, tools=(WEATHER,), thinking=True)
    result = pair.client.ask(ask)
    assert pair.strict.last().asked.thinks
    assert [call.arguments for call in result.calls] == [{"city": "Zürich \"Z\""}]
    if pair.provider != "chat" and pair.client.dialect != "chat":
        assert result.thinking == THOUGHT
    final = pair.client.answer(ask, result, [ToolOutput("warm")])
    assert final.text.startswith("results: get_weather=warm; states: ")
    # OpenAI's chat hides all of it; the others get back what they gave, by way of any client.
    if pair.provider != "chat":
        assert not final.text.endswith("states: 0"), "the provider's state did not come back"


def thinking_and_text(pair: Pair, stream: bool) -> None:
    """An answer with thinking and no call goes back as a part of the conversation."""
    ask = Ask(pair.thinker, "thinking", stream, thinking=True)
    result = pair.client.ask(ask)
    assert (result.text, result.stop) == (TEXT, "end")
    again = pair.client.go_on(ask, result.history + pair.client.first(ask))
    assert again.text == TEXT


def usage(pair: Pair, stream: bool) -> None:
    used = pair.ask("usage", stream).usage
    assert used is not None
    assert (used.input, used.cached, used.output) == (USAGE.input, USAGE.cached, USAGE.output)
    assert used.reasoning == USAGE.reasoning or (pair.client.dialect == "messages" and used.reasoning is None)


def error_before_the_first_byte(pair: Pair, stream: bool) -> None:
    for name, statuses in (("400", {400}), ("429", {429}), ("500", {500} if pair.is_same else {500, 502})):
        failure = pair.fails(f"refuse-{name}", stream)
        assert failure.status in statuses, f"{name} became {failure.status}"
        assert WORDS in failure.message
        if name == "429":
            assert failure.retry_after == 7
    overloaded = pair.fails("refuse-overloaded", stream)
    assert overloaded.status in ({529} if pair.client.dialect == "messages" else {503} if pair.is_same else {503, 529})
    assert WORDS in overloaded.message
    refused = pair.fails("refuse-401", stream)
    if pair.is_direct:
        assert refused.status == 401
    else:
        assert refused.status == 502 and WORDS not in refused.message, "the operator's key is not the client's"


def error_after_the_first_byte(pair: Pair, stream: bool) -> None:
    failure = pair.fails("error", stream)
    assert WORDS in failure.message
    assert failure.text == (PART if stream else "")


def bare_error(pair: Pair, stream: bool) -> None:
    """Gemini under load writes an error into the stream that is no event."""
    failure = pair.fails("bare-error", stream)
    assert failure.text == PART


def broken_stream(pair: Pair, stream: bool) -> None:
    """A stream without an end mark is no success."""
    for scenario in ("truncated", "cut"):
        try:
            result = pair.ask(scenario, stream)
        except ClientFailure as failure:
            assert failure.text == PART
        except Exception as error:
            assert pair.is_direct, f"the SDK cannot read it: {error!r}"
        else:
            assert pair.is_direct and result.stop is None, f"{scenario}: the stream ended as if it were whole"


def cancel(pair: Pair, stream: bool) -> None:
    """A client that goes away takes the provider's request with it."""
    if stream:
        left = pair.client.hang_up(Ask(pair.model, "slow", True))
    else:
        with type(pair.client)(pair.client.url, pair.client.key, timeout=0.5) as hasty, pytest.raises(Exception):  # each SDK has a timeout of its own
            hasty.ask(Ask(pair.model, "slow", False))
        left = time.monotonic()
    exchange = pair.strict.last("slow").exchange
    closed = eventually(lambda: exchange.closed_at, CANCEL_SECONDS + 1, "the provider's request goes on though the client is gone")
    assert closed - left < CANCEL_SECONDS


# Not every client can ask for everything.
NEEDS: dict[Callable, Callable[[str, str, bool], bool]] = {
    one_tool_at_a_time: lambda client, provider, stream: "gemini" not in (client, provider),  # has no such switch
    image_from_tool: lambda client, provider, stream: client in ("responses", "messages"),  # others have no room for it in a result
    stop: lambda client, provider, stream: client != "responses",  # has no stop texts
    bare_error: lambda client, provider, stream: provider == "gemini" and stream,
    broken_stream: lambda client, provider, stream: stream,
}
FEATURES: tuple[Callable[[Pair, bool], None], ...] = (
    text, tools, parallel_tools, one_tool_at_a_time, forced_tool, tool_without_arguments, failed_tool, image, image_from_tool, system, stop, length,
    sampling, structured_output, thinking, thinking_and_text, usage, error_before_the_first_byte, error_after_the_first_byte, bare_error, broken_stream,
    cancel)


def combinations(pairs: list[tuple[str, str]]) -> list:
    """Parameters `client`, `provider`, `feature`, `stream` of every case that there is."""
    return [pytest.param(client, provider, feature, stream, id=f"{client}-to-{provider}-{feature.__name__}-{'streamed' if stream else 'whole'}")
            for client, provider in pairs for feature in FEATURES for stream in (False, True)
            if feature not in NEEDS or NEEDS[feature](client, provider, stream)]
