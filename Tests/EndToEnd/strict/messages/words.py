"""Answers and errors of Anthropic Messages."""

from __future__ import annotations

from collections.abc import Iterator

from dialects import compact

from ..answer import Answer, pieces
from ..asked import Asked
from ..refusal import Refusal
from ..vault import Vault

STOPS = {"end": "end_turn", "tools": "tool_use", "length": "max_tokens", "stop": "stop_sequence"}


def count(asked: Asked) -> dict:
    return {"input_tokens": Answer().usage.input}


def error(refusal: Refusal) -> bytes:
    return compact({"type": "error", "error": {"type": refusal.kind, "message": refusal.message}, "request_id": "req_strict"})


def error_event(refusal: Refusal, sequence: int) -> bytes:
    body = {"type": "error", "error": {"details": None, "type": refusal.kind, "message": refusal.message}, "request_id": "req_strict"}
    return b"event: error\ndata: " + compact(body) + b"\n\n"


def _usage(answer: Answer) -> dict:
    usage = answer.usage
    return {"input_tokens": usage.input - usage.cached - usage.written, "cache_creation_input_tokens": usage.written,
            "cache_read_input_tokens": usage.cached, "cache_creation": {"ephemeral_5m_input_tokens": usage.written, "ephemeral_1h_input_tokens": 0},
            "output_tokens": usage.output, "output_tokens_details": {"thinking_tokens": usage.reasoning}, "service_tier": "standard"}


def _message(asked: Asked, content: list, answer: Answer | None, usage: dict) -> dict:
    return {"id": "msg_strict", "type": "message", "role": "assistant", "model": asked.model, "content": content,
            "stop_reason": STOPS[answer.stop] if answer else None, "stop_sequence": answer.stop_text if answer else None, "usage": usage}


def _blocks(answer: Answer, vault: Vault) -> list[dict]:
    blocks: list[dict] = []
    if answer.thinking is not None:
        blocks.append({"type": "thinking", "thinking": answer.thinking, "signature": vault.issue("messages", answer.thinking)})
    if answer.text:
        blocks.append({"type": "text", "text": answer.text})
    for call in answer.calls:
        blocks.append({"type": "tool_use", "id": f"toolu_{vault.count:02}{len(blocks)}", "name": call.name, "input": call.arguments})
    return blocks


def whole(answer: Answer, asked: Asked, vault: Vault) -> dict:
    return _message(asked, _blocks(answer, vault), answer, _usage(answer))


def events(answer: Answer, asked: Asked, vault: Vault) -> Iterator[bytes]:
    """The events of the answer; where it breaks, up to its content."""
    started = _usage(answer) | {"output_tokens": 1}
    yield _event({"type": "message_start", "message": _message(asked, [], None, started)})
    yield b'event: ping\ndata: {"type": "ping"}\n\n'
    for index, block in enumerate(_blocks(answer, vault)):
        empty, deltas = _deltas(block)
        yield _event({"type": "content_block_start", "index": index, "content_block": empty})
        for delta in deltas:
            yield _event({"type": "content_block_delta", "index": index, "delta": delta})
        if answer.breaks:
            return
        yield _event({"type": "content_block_stop", "index": index})
    yield _event({"type": "message_delta", "delta": {"stop_reason": STOPS[answer.stop], "stop_sequence": answer.stop_text}, "usage": _usage(answer)})
    yield _event({"type": "message_stop"})


def _deltas(block: dict) -> tuple[dict, list[dict]]:
    """The block as it starts, and its deltas."""
    if block["type"] == "thinking":
        deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(block["thinking"])]
        return block | {"thinking": "", "signature": ""}, [*deltas, {"type": "signature_delta", "signature": block["signature"]}]
    if block["type"] == "text":
        return block | {"text": ""}, [{"type": "text_delta", "text": piece} for piece in pieces(block["text"])]
    # Without arguments the API sends nothing but an empty piece.
    arguments = compact(block["input"]).decode() if block["input"] else ""
    return block | {"input": {}}, [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *pieces(arguments)]]


def _event(value: dict) -> bytes:
    # The API pads its data lines with spaces.
    return b"event: " + value["type"].encode() + b"\ndata: " + compact(value) + b"    \n\n"
