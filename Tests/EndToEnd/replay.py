"""Recorded answers of real providers (the corpus beside this repository), served byte for byte, and what they say about tokens.

The token counts are computed here on their own, by the usage table of the dialects, so that the gateway is not its own witness.
"""

from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass
from pathlib import Path

from client import request
from dialects import CHAT, GEMINI, MESSAGES, RESPONSES, Dialect, compact, parse_events
from gateway import REPOSITORY
from provider import Exchange

CORPUS = Path(os.environ.get("EKAI_CORPUS", REPOSITORY.parent / "shared" / "corpus"))
DIALECTS: dict[str, Dialect] = {"openai-chat": CHAT, "openai-responses": RESPONSES, "anthropic": MESSAGES, "gemini": GEMINI}

# The end mark of each dialect's stream, as the last line of an event; Gemini's, which has none, is the finish reason.
END_MARKS = {"openai-chat": (b"[DONE]",), "gemini": (b'"finishReason"', b'"blockReason"'), "anthropic": (b'"message_stop"',),
             "openai-responses": (b'"response.completed"', b'"response.incomplete"', b'"response.failed"')}

# The request field that names the recording to serve: providers see unknown fields untouched.
MARK = "x_recording"


@dataclass(frozen=True)
class Usage:
    """Tokens as the gateway's books hold them: input without what was read from or written to a cache."""

    input: int
    cache_write: int
    cache_read: int
    output: int

    @property
    def row(self) -> dict[str, int]:
        return {"input_tokens": self.input, "cache_write_input_tokens": self.cache_write, "cache_read_input_tokens": self.cache_read,
                "output_tokens": self.output, "total_tokens": self.input + self.cache_write + self.cache_read + self.output}


@dataclass(frozen=True)
class Recording:
    id: str
    format: str
    status: int
    stream: bool
    headers: tuple[tuple[str, str], ...]
    answer: bytes
    recorded_request: dict | None
    model: str = "test-model"
    method: str | None = None  # of a Gemini path, query included

    @property
    def dialect(self) -> Dialect:
        return DIALECTS[self.format]

    @property
    def usage(self) -> Usage | None:
        return usage(self.format, self.answer, self.stream)

    @property
    def is_booked(self) -> bool:
        """Whether it is an answer of a model: counting tokens costs nothing and stands in no book."""
        return not (self.method or "").startswith("countTokens")

    @property
    def is_array(self) -> bool:
        """Whether it is a Gemini stream that is one JSON array."""
        return self.method == "streamGenerateContent"

    def wire(self, **changes: object) -> bytes:
        """The bytes of the request."""
        body = self.request(**changes)
        target = self.dialect.target({**body, "method": self.method})
        if self.format == "gemini":  # model and streaming stand in the path only
            body = {name: value for name, value in body.items() if name not in ("model", "stream")}
        return request("POST", target, compact(body))

    def request(self, **changes: object) -> dict:
        """The recorded request where there is one, else a minimal one: addressed to the test bed's provider and marked."""
        body = dict(self.recorded_request or self.dialect.request())
        body["model"] = f"{self.dialect.provider}/{body.get('model') or self.model}"
        body.pop("stream", None)
        body.pop("stream_options", None)
        if self.stream:
            body["stream"] = True
        return body | {MARK: self.id} | changes

    async def serve(self, exchange: Exchange, pieces: list[bytes]) -> None:
        content_type = "text/event-stream" if self.stream else "application/json"
        headers = [(name, value) for name, value in self.headers if name != "content-type"]
        if self.stream:
            await exchange.stream(pieces, status=self.status, headers=headers, content_type=content_type)
        else:
            await exchange.stream(pieces, status=self.status, headers=headers, content_type=content_type, framing="length",
                                  length=len(self.answer))


def corpus() -> list[Recording]:
    """Every recording in the dialects of this suite; none when the corpus is not on this machine."""
    if not (CORPUS / "index.jsonl").exists():
        return []
    recordings = []
    for line in (CORPUS / "index.jsonl").read_text().splitlines():
        entry = json.loads(line)
        if entry["format"] not in DIALECTS:
            continue
        recorded = json.loads((CORPUS / entry["request_file"]).read_text()) if entry["request_file"] else {"body": None, "url": ""}
        method, model = None, "test-model"
        if entry["format"] == "gemini" and recorded["url"]:
            path, _, method = recorded["url"].rpartition(":")
            model = path.rpartition("/")[2]
            if not model or "models" not in path:  # a list of models: no answer of one
                continue
            if "alt=sse" not in method:
                method = method.partition("?")[0]
        recordings.append(Recording(entry["id"], entry["format"], entry["status"], entry["stream"], tuple(entry["response_headers"].items()),
                                    (CORPUS / entry["file"]).read_bytes(), recorded["body"], model, method))
    return recordings


def split_randomly(data: bytes, seed: int) -> list[bytes]:
    """The bytes in pieces of 1 to 40 bytes, some larger."""
    source = random.Random(seed)
    pieces, start = [], 0
    while start < len(data):
        size = source.randint(1, 40) if source.random() < 0.8 else source.randint(40, 4000)
        pieces.append(data[start : start + size])
        start += size
    return pieces


def blocks(stream: bytes) -> list[bytes]:
    """The stream cut after each blank line: events and comments with the line ends that close them."""
    parts, start = [], 0
    mark = b"\r\n\r\n" if b"\r\n\r\n" in stream else b"\n\n"
    while (end := stream.find(mark, start)) >= 0:
        parts.append(stream[start : end + len(mark)])
        start = end + len(mark)
    return parts + ([stream[start:]] if start < len(stream) else [])


def without_usage_chunk(stream: bytes) -> bytes:
    """A chat stream as a client sees it that did not ask for usage: without the extra chunk that has no choices but usage."""
    def is_usage_chunk(block: bytes) -> bool:
        return any(each.get("choices") == [] and isinstance(each.get("usage"), dict) for _, each in parse_events(block))

    return b"".join(block for block in blocks(stream) if not is_usage_chunk(block))


def before_end_mark(format: str, stream: bytes) -> bytes | None:
    """The stream up to its first end mark; None when it has none or says itself that it failed."""
    kept = []
    for block in blocks(stream):
        if any(isinstance(each, dict) and (each.get("error") or each.get("type") == "error") for _, each in parse_events(block)):
            return None
        if any(mark in block for mark in END_MARKS[format]):
            return b"".join(kept)
        kept.append(block)
    return None


def usage(format: str, answer: bytes, stream: bool) -> Usage | None:
    """The tokens that a recorded answer reports, by the usage table of the dialects; None when it reports none."""
    whole = [] if stream else json.loads(answer)
    objects = [each for _, each in parse_events(answer)] if stream else whole if isinstance(whole, list) else [whole]
    merged: dict = {}
    for each in objects:
        found = _usage_object(format, each)
        if format == "anthropic":  # message_start is partial, message_delta cumulative: the last word on each field counts
            merged = merged | {name: value for name, value in found.items() if value is not None}
        elif found:
            merged = found
    return _tokens(format, merged) if merged else None


def _usage_object(format: str, value: dict) -> dict:
    if format == "openai-chat":
        return value.get("usage") or (value.get("x_groq") or {}).get("usage") or {}
    if format == "gemini":
        return value.get("usageMetadata") or {}
    inner = value.get("message" if format == "anthropic" else "response") or {}
    return value.get("usage") or inner.get("usage") or {}


def _tokens(format: str, found: dict) -> Usage:
    if format == "anthropic":
        return Usage(found.get("input_tokens", 0), found.get("cache_creation_input_tokens", 0), found.get("cache_read_input_tokens", 0),
                     found.get("output_tokens", 0))
    if format == "gemini":
        cached, thoughts = found.get("cachedContentTokenCount", 0), found.get("thoughtsTokenCount", 0)
        given = found.get("promptTokenCount", 0) + found.get("toolUsePromptTokenCount", 0)
        return Usage(given - cached, 0, cached, found.get("candidatesTokenCount", 0) + thoughts)
    names = ("prompt", "completion") if format == "openai-chat" else ("input", "output")
    given, made = found[f"{names[0]}_tokens"], found[f"{names[1]}_tokens"]
    details = found.get(f"{names[0]}_tokens_details") or {}
    cached = details.get("cached_tokens")
    if cached is None:
        cached = found.get("prompt_cache_hit_tokens") or 0
    written = details.get("cache_write_tokens") or 0
    reasoning = (found.get(f"{names[1]}_tokens_details") or {}).get("reasoning_tokens") or 0
    if reasoning and found.get("total_tokens") == given + made + reasoning:  # xAI counts reasoning beside the output
        made += reasoning
    # Azure's grok reports more cached tokens than prompt tokens: there is no such thing as a negative count.
    return Usage(max(0, given - cached - written), written, cached, made)
