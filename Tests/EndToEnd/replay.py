"""Recorded answers of real providers (the corpus beside this repository), served byte for byte, and what they say about tokens.

The token counts are computed here on their own, by the usage table of the dialects, so that the gateway is not its own witness.
"""

from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass
from pathlib import Path

from dialects import CHAT, MESSAGES, RESPONSES, Dialect, parse_events
from gateway import REPOSITORY
from provider import Exchange

CORPUS = Path(os.environ.get("EKAI_CORPUS", REPOSITORY.parent / "shared" / "corpus"))
DIALECTS: dict[str, Dialect] = {"openai-chat": CHAT, "openai-responses": RESPONSES, "anthropic": MESSAGES}

# The end mark of each dialect's stream, as the last line of an event.
END_MARKS = {"openai-chat": (b"[DONE]",), "anthropic": (b'"message_stop"',),
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

    @property
    def dialect(self) -> Dialect:
        return DIALECTS[self.format]

    @property
    def usage(self) -> Usage | None:
        return usage(self.format, self.answer, self.stream)

    def request(self, **changes: object) -> dict:
        """The recorded request where there is one, else a minimal one: addressed to the test bed's provider and marked."""
        body = dict(self.recorded_request or self.dialect.request())
        body["model"] = f"{self.dialect.provider}/{body.get('model') or 'test-model'}"
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
        if entry["format"] in DIALECTS:
            request = json.loads((CORPUS / entry["request_file"]).read_text())["body"] if entry["request_file"] else None
            recordings.append(Recording(entry["id"], entry["format"], entry["status"], entry["stream"], tuple(entry["response_headers"].items()),
                                        (CORPUS / entry["file"]).read_bytes(), request))
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
    while (end := stream.find(b"\n\n", start)) >= 0:
        parts.append(stream[start : end + 2])
        start = end + 2
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
    objects = [each for _, each in parse_events(answer)] if stream else [json.loads(answer)]
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
    inner = value.get("message" if format == "anthropic" else "response") or {}
    return value.get("usage") or inner.get("usage") or {}


def _tokens(format: str, found: dict) -> Usage:
    if format == "anthropic":
        return Usage(found.get("input_tokens", 0), found.get("cache_creation_input_tokens", 0), found.get("cache_read_input_tokens", 0),
                     found.get("output_tokens", 0))
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
