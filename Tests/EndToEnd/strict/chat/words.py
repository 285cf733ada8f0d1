"""Answers of OpenAI chat completions."""

from __future__ import annotations

from collections.abc import Iterator

from dialects import compact, data

from ..answer import Answer, pieces
from ..asked import Asked
from ..openai_wording import error_object
from ..refusal import Refusal
from ..vault import Vault

STOPS = {"end": "stop", "tools": "tool_calls", "length": "length", "stop": "stop"}


def error_event(refusal: Refusal, sequence: int) -> bytes:
    return data({"error": error_object(refusal)})


def _usage(answer: Answer) -> dict:
    usage = answer.usage
    return {"prompt_tokens": usage.input, "completion_tokens": usage.output, "total_tokens": usage.input + usage.output,
            "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": usage.reasoning, "audio_tokens": 0, "accepted_prediction_tokens": 0,
                                          "rejected_prediction_tokens": 0}}


def _frame(asked: Asked, kind: str) -> dict:
    return {"id": "chatcmpl-strict", "object": kind, "created": 1763000000, "model": asked.model, "service_tier": "default", "system_fingerprint": "fp_strict"}


def _calls(answer: Answer, vault: Vault) -> list[dict]:
    calls = []
    for call in answer.calls:
        vault.count += 1
        calls.append({"id": f"call_{vault.count:024}", "type": "function", "function": {"name": call.name, "arguments": compact(call.arguments).decode()}})
    return calls


def whole(answer: Answer, asked: Asked, vault: Vault) -> dict:
    message = {"role": "assistant", "content": answer.text or None, "refusal": None, "annotations": []}
    if answer.calls:
        message["tool_calls"] = _calls(answer, vault)
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": STOPS[answer.stop]}
    return {**_frame(asked, "chat.completion"), "choices": [choice], "usage": _usage(answer)}


def events(answer: Answer, asked: Asked, vault: Vault) -> Iterator[bytes]:
    """The events of the answer; where it breaks, up to its content."""
    def chunk(delta: dict, finish: str | None = None) -> bytes:
        usage = {"usage": None} if asked.wants_usage else {}
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return data({**_frame(asked, "chat.completion.chunk"), "choices": [choice], **usage, "obfuscation": "x1Y"})

    yield chunk({"role": "assistant", "content": None if answer.calls and not answer.text else "", "refusal": None})
    for piece in pieces(answer.text):
        yield chunk({"content": piece})
    for index, call in enumerate(_calls(answer, vault)):
        arguments = call["function"]["arguments"]
        yield chunk({"tool_calls": [{"index": index} | call | {"function": {"name": call["function"]["name"], "arguments": ""}}]})
        for piece in pieces(arguments):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    if answer.breaks:
        return
    yield chunk({}, STOPS[answer.stop])
    if asked.wants_usage:
        yield data({**_frame(asked, "chat.completion.chunk"), "choices": [], "usage": _usage(answer)})
    yield b"data: [DONE]\n\n"
