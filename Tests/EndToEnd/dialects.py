"""The wire formats of this suite: requests, scripted answers and the errors that clients must see."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

from provider import Exchange

INPUT_TOKENS = 11
OUTPUT_TOKENS = 7


def compact(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def data(value: object) -> bytes:
    return b"data: " + compact(value) + b"\n\n"


def event(value: dict) -> bytes:
    return b"event: " + value["type"].encode() + b"\n" + data(value)


@dataclass(frozen=True)
class Dialect:
    name: str
    path: str
    provider: str  # the configured provider of the test bed that speaks it
    credential: str  # the header that carries a provider's key

    def target(self, body: dict) -> str:
        """Path and query of a request with that body."""
        return self.path

    def request(self, *, stream: bool = False, model: str | None = None, text: str = "Say something", **more: object) -> dict:
        body: dict = {"model": model or f"{self.provider}/test-model"}
        if self.name == "responses":
            body["input"] = text
        else:
            body["messages"] = [{"role": "user", "content": text}]
        if self.name == "messages":
            body["max_tokens"] = 64
        if stream:
            body["stream"] = True
        return body | more

    def opening(self) -> list[bytes]:
        """Frames before any content: the role, lifecycle events."""
        if self.name == "chat":
            return [_chunk({"role": "assistant", "content": ""})]
        if self.name == "messages":
            usage = {"input_tokens": INPUT_TOKENS, "output_tokens": 1, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
            return [
                event({"type": "message_start", "message": _message([], None, usage)}),
                event({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
            ]
        return [
            event({"type": "response.created", "sequence_number": 0, "response": _response("in_progress", [], None)}),
            event({"type": "response.output_item.added", "sequence_number": 1, "output_index": 0, "item": _item("in_progress", "")}),
            event({"type": "response.content_part.added", "sequence_number": 2, "output_index": 0, "content_index": 0, "item_id": "msg_1",
                   "part": {"type": "output_text", "text": "", "annotations": []}}),
        ]

    def delta(self, text: str, index: int = 0) -> bytes:
        if self.name == "chat":
            return _chunk({"content": text})
        if self.name == "messages":
            return event({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})
        return event({"type": "response.output_text.delta", "sequence_number": 3 + index, "output_index": 0, "content_index": 0,
                      "item_id": "msg_1", "delta": text, "logprobs": []})

    def closing(self, text: str, deltas: int = 1) -> list[bytes]:
        """Frames after the content, to the end mark. The last is the end mark; chat's usage chunk stands before it."""
        if self.name == "chat":
            return [_chunk({}, "stop"), self.usage_chunk(), b"data: [DONE]\n\n"]
        if self.name == "messages":
            return [
                event({"type": "content_block_stop", "index": 0}),
                event({"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                       "usage": {"output_tokens": OUTPUT_TOKENS}}),
                event({"type": "message_stop"}),
            ]
        item = _item("completed", text)
        sequence = 3 + deltas
        at = {"output_index": 0, "content_index": 0, "item_id": "msg_1"}
        return [
            event({"type": "response.output_text.done", "sequence_number": sequence, **at, "text": text, "logprobs": []}),
            event({"type": "response.content_part.done", "sequence_number": sequence + 1, **at, "part": item["content"][0]}),
            event({"type": "response.output_item.done", "sequence_number": sequence + 2, "output_index": 0, "item": item}),
            event({"type": "response.completed", "sequence_number": sequence + 3,
                   "response": _response("completed", [item], _responses_usage())}),
        ]

    @staticmethod
    def usage_chunk() -> bytes:
        return data({**_chunk_frame(), "choices": [], "usage": _chat_usage()})

    def stream(self, *texts: str) -> list[bytes]:
        """The events of a whole streamed answer."""
        deltas = [self.delta(text, index) for index, text in enumerate(texts)]
        return self.opening() + deltas + self.closing("".join(texts), len(texts))

    def shown(self, events: list[bytes]) -> list[bytes]:
        """What a client sees that did not ask for chat's usage chunk."""
        return [each for each in events if self.name != "chat" or each != self.usage_chunk()]

    def answer(self, text: str) -> bytes:
        """A whole answer that is not streamed."""
        if self.name == "chat":
            choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            return compact({**_chunk_frame("chat.completion"), "choices": [choice], "usage": _chat_usage()})
        if self.name == "messages":
            usage = {"input_tokens": INPUT_TOKENS, "output_tokens": OUTPUT_TOKENS}
            return compact(_message([{"type": "text", "text": text}], "end_turn", usage))
        return compact(_response("completed", [_item("completed", text)], _responses_usage()))

    def error(self, kind: str, message: str, code: str | None = None) -> bytes:
        """A provider's error body."""
        if self.name == "messages":
            return compact({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_upstream"})
        return compact({"error": {"message": message, "type": kind, "param": None, "code": code}})

    def stream_error(self, kind: str, message: str) -> bytes:
        """A provider's error inside a stream that is already 200."""
        if self.name == "chat":
            return data({"error": {"message": message, "type": kind, "param": None, "code": None}})
        if self.name == "messages":
            return event({"type": "error", "error": {"details": None, "type": kind, "message": message}, "request_id": "req_upstream"})
        failed = _response("failed", [], None) | {"error": {"code": "server_error", "message": message}}
        return (event({"type": "error", "sequence_number": 9, "code": "server_error", "message": message, "param": None})
                + event({"type": "response.failed", "sequence_number": 10, "response": failed}))

    def is_error_tail(self, tail: bytes) -> bool:
        """Whether `tail` is exactly one typed error sequence of this dialect (contracts, section 5), with no end mark."""
        events = parse_events(tail)
        if not tail.endswith(b"\n\n"):
            return False
        if self.name == "chat":
            return [list(each) for _, each in events] == [["error"]] and "message" in (events[0][1].get("error") or {})
        if self.name == "messages":
            return [(name, each.get("type")) for name, each in events] == [("error", "error")] and "message" in (events[0][1].get("error") or {})
        numbers = [each.get("sequence_number") for _, each in events]
        return ([name for name, _ in events] == ["error", "response.failed"] and [each.get("type") for _, each in events] == ["error", "response.failed"]
                and None not in numbers and numbers[0] < numbers[1])

    def check_error(self, body: bytes, kind: str | None = None, code: str | None = None) -> dict:
        """Checks that `body` is an error of this dialect; returns its `error` object."""
        value = json.loads(body)
        error = value["error"]
        assert isinstance(error["message"], str) and error["message"]
        if self.name == "messages":
            assert value["type"] == "error" and set(error) >= {"type", "message"} and "request_id" in value
        else:
            assert {"message", "type", "param", "code"} <= set(error)
            assert code is None or error["code"] == code
        assert kind is None or error["type"] == kind
        return error


@dataclass(frozen=True)
class Gemini(Dialect):
    """Gemini says model and streaming in the path: here, the members `model` and `stream` of a body lead there, and are not sent."""

    def target(self, body: dict) -> str:
        method = "streamGenerateContent?alt=sse" if body.get("stream") else "generateContent"
        return f"{self.path}/{body['model']}:{body.get('method') or method}"

    def request(self, *, stream: bool = False, model: str | None = None, text: str = "Say something", **more: object) -> dict:
        return {"contents": [{"role": "user", "parts": [{"text": text}]}]} | more

    def element(self, text: str, last: bool = False) -> bytes:
        """A piece of a streamed answer."""
        return self.whole([{"text": text}], last=last)

    def whole(self, parts: list[dict], last: bool = True) -> bytes:
        usage = {"promptTokenCount": INPUT_TOKENS, "totalTokenCount": INPUT_TOKENS}
        candidate: dict = {"content": {"parts": parts, "role": "model"}, "index": 0}
        if last:
            usage = {"promptTokenCount": INPUT_TOKENS, "candidatesTokenCount": OUTPUT_TOKENS, "totalTokenCount": INPUT_TOKENS + OUTPUT_TOKENS}
            candidate["finishReason"] = "STOP"
        return compact({"candidates": [candidate], "usageMetadata": usage, "modelVersion": "test-model", "responseId": "gem-1"})

    def opening(self) -> list[bytes]:
        return [_gemini_event(self.element(""))]

    def delta(self, text: str, index: int = 0) -> bytes:
        return _gemini_event(self.element(text))

    def closing(self, text: str, deltas: int = 1) -> list[bytes]:
        return [_gemini_event(self.element("", last=True))]

    def answer(self, text: str) -> bytes:
        return self.element(text, last=True)

    def error(self, kind: str, message: str, code: str | None = None) -> bytes:
        return compact({"error": {"code": int(code or 500), "message": message, "status": kind, "details": []}})

    def stream_error(self, kind: str, message: str) -> bytes:
        return _gemini_event(self.error(kind, message, "503"))

    def is_error_tail(self, tail: bytes) -> bool:
        events = parse_events(tail)
        return tail.endswith(b"\n\n") and [list(each) for _, each in events] == [["error"]] and set(events[0][1]["error"]) >= {"code", "message", "status"}

    def check_error(self, body: bytes, kind: str | None = None, code: str | None = None) -> dict:
        error = json.loads(body)["error"]
        assert isinstance(error["message"], str) and error["message"] and isinstance(error["code"], int) and "details" in error
        assert kind is None or error["status"] == kind
        return error


def _gemini_event(value: bytes) -> bytes:
    return b"data: " + value + b"\r\n\r\n"


CHAT = Dialect("chat", "/v1/chat/completions", "oai", "authorization")
RESPONSES = Dialect("responses", "/v1/responses", "oai", "authorization")
MESSAGES = Dialect("messages", "/v1/messages", "ant", "x-api-key")
GEMINI = Gemini("gemini", "/v1beta/models", "gem", "x-goog-api-key")
# The dialects whose one path says nothing of the request: most tests run over these.
ALL = (CHAT, RESPONSES, MESSAGES)


def parse_events(stream: bytes) -> list[tuple[str | None, dict]]:
    """(event name, data object) of every event with a JSON object as data; comments and end marks are left out."""
    events = []
    for block in stream.replace(b"\r\n", b"\n").split(b"\n\n"):
        lines = block.split(b"\n")
        name = next((line[6:].strip().decode() for line in lines if line.startswith(b"event:")), None)
        text = b"\n".join(line[5:].strip() for line in lines if line.startswith(b"data:"))
        if text.startswith(b"{"):
            events.append((name, json.loads(text)))
    return events


def _chunk_frame(kind: str = "chat.completion.chunk") -> dict:
    return {"id": "chatcmpl-1", "object": kind, "created": 1763000000, "model": "test-model"}


def _chunk(delta: dict, finish: str | None = None) -> bytes:
    return data({**_chunk_frame(), "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def _chat_usage() -> dict:
    return {"prompt_tokens": INPUT_TOKENS, "completion_tokens": OUTPUT_TOKENS, "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS}


def _message(content: list, stop: str | None, usage: dict) -> dict:
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": "test-model", "content": content, "stop_reason": stop,
            "stop_sequence": None, "usage": usage}


def _item(status: str, text: str) -> dict:
    content = [{"type": "output_text", "text": text, "annotations": []}] if text else []
    return {"id": "msg_1", "type": "message", "status": status, "role": "assistant", "content": content}


def _responses_usage() -> dict:
    return {"input_tokens": INPUT_TOKENS, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": OUTPUT_TOKENS,
            "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS}


def _response(status: str, output: list, usage: dict | None) -> dict:
    return {"id": "resp_1", "object": "response", "created_at": 1763000000, "status": status, "error": None, "incomplete_details": None,
            "instructions": None, "metadata": {}, "model": "test-model", "output": output, "parallel_tool_calls": True, "temperature": 1.0,
            "tool_choice": "auto", "tools": [], "top_p": 1.0, "usage": usage}


ENDINGS = ("error event", "truncated", "inside an event", "reset")


def broken_stream(dialect: Dialect, ending: str, *, error: str):
    """A provider's handler: a stream that has begun and does not end well. `error` is the type of its error event."""
    async def handler(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.body(b"".join([*dialect.opening(), dialect.delta("part")]))
        if ending == "error event":
            await exchange.body(dialect.stream_error(error, "Overloaded"))
        elif ending == "inside an event":
            await exchange.body(dialect.delta("never whole")[:-20])
        elif ending == "reset":
            await asyncio.sleep(0.05)  # else the reset may overtake the data in the peer's socket
            return exchange.reset()
        await exchange.end()

    return handler
