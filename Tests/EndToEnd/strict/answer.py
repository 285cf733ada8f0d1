"""The scenarios: what the model of the strict provider answers, in no dialect."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from .asked import Asked, Call
from .refusal import AUTHENTICATION, OVERLOADED, RATE_LIMIT, SERVER, Refusal

TEXT = "Grüße, 世界 🌍! \"quoted\" \\ and\nanother line"
THOUGHT = "First I weigh it.\n\nThen I decide: “yes” 🌍."
PART = "the first part of an answer"
BEFORE_STOP = "one two "
STOP = "<END>"
RETRY_SECONDS = 7
WORDS = "The provider's own words"  # of its errors


@dataclass(frozen=True)
class Usage:
    """Counts of every answer. `input` holds all of the prompt, `output` all that was made."""

    input: int = 100
    cached: int = 40
    written: int = 8  # to the cache; only Anthropic tells
    output: int = 30
    reasoning: int = 12


USAGE = Usage()


@dataclass
class Answer:
    text: str = ""
    thinking: str | None = None
    calls: list[Call] = field(default_factory=list)
    stop: str = "end"  # end, tools, length, stop
    stop_text: str | None = None
    usage: Usage = USAGE
    # How it breaks after the content: "error", "bare error" (Gemini), "truncated" (a clean end with no end mark), "cut" (the connection), "silence".
    breaks: str | None = None
    is_sealed: bool = False  # thinks, and shows none of it


def answer_for(asked: Asked) -> Answer:
    """What the model says. Raises the Refusal that the scenario is about."""
    name = asked.scenario
    if name.startswith("refuse-"):
        raise _refusal(name.removeprefix("refuse-"), asked.dialect)
    if asked.outputs and name not in ("image",):
        answer = Answer(results_text(asked))
    else:
        answer = SCENARIOS.get(name, _text)(asked)
    if asked.thinks:
        answer.thinking = THOUGHT if asked.shows_thinking else ""
        answer.is_sealed = not asked.shows_thinking
    return answer


def results_text(asked: Asked) -> str:
    """What the model says to results: all that it was told, so that a test sees whether it arrived whole and in order."""
    told = [f"{each.name}={each.text}{' (error)' if each.is_error else ''}" + "".join(f" [{image}]" for image in each.images) for each in asked.outputs]
    return f"results: {' | '.join(told)}; states: {asked.states}"


def _refusal(name: str, dialect: str) -> Refusal:
    overloaded = 529 if dialect == "messages" else 503
    status, kind = {"429": (429, RATE_LIMIT), "500": (500, SERVER), "overloaded": (overloaded, OVERLOADED), "400": (400, "invalid_request_error"),
                    "401": (401, AUTHENTICATION)}[name]
    wait = RETRY_SECONDS if status == 429 else None
    # Gemini says how long to wait in the body.
    headers = (("retry-after", str(wait)),) if wait and dialect != "gemini" else ()
    return Refusal(f"{WORDS}: {name}.", status, kind, headers=headers, retry_seconds=wait)


def _text(asked: Asked) -> Answer:
    return Answer(TEXT)


def _tools(asked: Asked) -> Answer:
    """One call, of the forced tool or of the first one."""
    name = asked.forced_tool or next(iter(asked.tools), None)
    if name is None:
        return Answer("no tools were offered")
    return Answer(calls=[Call(name, sample(asked.tools[name]))], stop="tools")


def _parallel(asked: Asked) -> Answer:
    """Text, then two calls at once where that is allowed."""
    name = asked.forced_tool or next(iter(asked.tools), None)
    if name is None:
        return Answer("no tools were offered")
    calls = [Call(name, {"city": city}) for city in ("Paris", "東京 \"T\"")]
    return Answer("I look it up.", calls=calls if asked.is_parallel else calls[:1], stop="tools")


def _calls(asked: Asked) -> Answer:
    """The calls that stand behind the marker."""
    assert isinstance(asked.parameter, list), "scenario:calls needs a JSON list behind it"
    calls = [Call(each["name"], each["arguments"]) for each in asked.parameter]
    missing = [call.name for call in calls if call.name not in asked.tools]
    return Answer(f"no such tools: {missing}; there are {sorted(asked.tools)}") if missing else Answer("I look it up.", calls=calls, stop="tools")


def _image(asked: Asked) -> Answer:
    images = asked.images or [image for output in asked.outputs for image in output.images]
    return Answer("image: " + ", ".join(str(image) for image in images))


def _system(asked: Asked) -> Answer:
    return Answer(f"system: {asked.system}")


def _stop(asked: Asked) -> Answer:
    if STOP in asked.stop:
        return Answer(BEFORE_STOP, stop="stop", stop_text=STOP)
    return Answer(f"{BEFORE_STOP}{STOP} three")


def _json(asked: Asked) -> Answer:
    if asked.schema is not None:
        return Answer(json.dumps(sample(asked.schema), ensure_ascii=False))
    if asked.forced_tool:  # structured output by way of a tool
        return _tools(asked)
    return Answer("no schema was given")


def _length(asked: Asked) -> Answer:
    return Answer(PART, stop="length")


def _limits(asked: Asked) -> Answer:
    return Answer(f"max_tokens={asked.max_tokens} temperature={asked.temperature}")


def _breaks(how: str):
    return lambda asked: Answer(PART, breaks=how)


SCENARIOS = {
    "text": _text, "usage": _text, "thinking": _text, "tools": _tools, "parallel": _parallel, "calls": _calls, "image": _image, "system": _system,
    "stop": _stop, "json": _json, "length": _length, "limits": _limits, "error": _breaks("error"), "bare-error": _breaks("bare error"),
    "truncated": _breaks("truncated"), "cut": _breaks("cut"), "slow": _breaks("silence"),
}


def sample(schema: dict) -> object:
    """A value that the schema allows."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][-1]
    if "$ref" in schema or "anyOf" in schema:
        return sample((schema.get("anyOf") or [{"type": "object"}])[0])
    kind = schema.get("type", "object")
    kind = (kind[0] if isinstance(kind, list) else kind).lower()
    if kind == "object":
        return {name: sample(member) for name, member in (schema.get("properties") or {}).items()}
    if kind == "array":
        return [sample(schema.get("items") or {"type": "string"})]
    return {"string": "Zürich \"Z\"", "integer": 3, "number": 1.5, "boolean": True, "null": None}[kind]


def pieces(text: str, size: int = 5) -> list[str]:
    """The text in pieces of a few characters, as models stream it."""
    return [text[start : start + size] for start in range(0, len(text), size)]
