"""Answers of OpenAI Responses."""

from __future__ import annotations

from collections.abc import Iterator

from dialects import compact, event

from ..answer import Answer, pieces
from ..asked import Asked
from ..openai_wording import error_object
from ..refusal import Refusal
from ..vault import Vault


def count(asked: Asked) -> dict:
    return {"object": "response.input_tokens", "input_tokens": Answer().usage.input}


def error_event(refusal: Refusal, sequence: int) -> bytes:
    told = error_object(refusal)
    failed = _frame(Asked("responses", "unknown"), "failed", [], None) | {"error": {"code": told["code"] or told["type"], "message": told["message"]}}
    return (event({"type": "error", "sequence_number": sequence, "error": told})
            + event({"type": "response.failed", "sequence_number": sequence + 1, "response": failed}))


def _usage(answer: Answer) -> dict:
    usage = answer.usage
    return {"input_tokens": usage.input, "input_tokens_details": {"cached_tokens": usage.cached}, "output_tokens": usage.output,
            "output_tokens_details": {"reasoning_tokens": usage.reasoning}, "total_tokens": usage.input + usage.output}


def _frame(asked: Asked, status: str, output: list, usage: dict | None) -> dict:
    incomplete = {"reason": "max_output_tokens"} if status == "incomplete" else None
    return {"id": "resp_strict", "object": "response", "created_at": 1763000000, "status": status, "background": False, "error": None,
            "incomplete_details": incomplete, "instructions": asked.system or None, "max_output_tokens": asked.max_tokens, "model": asked.model,
            "output": output, "parallel_tool_calls": asked.is_parallel, "previous_response_id": None, "reasoning": {"effort": None, "summary": None},
            "store": True, "temperature": 1.0, "text": {"format": {"type": "text"}}, "tool_choice": "auto", "tools": [], "top_p": 1.0,
            "truncation": "disabled", "usage": usage, "user": None, "metadata": {}}


def _status(answer: Answer) -> str:
    return "incomplete" if answer.stop == "length" else "completed"


def _items(answer: Answer, asked: Asked, vault: Vault) -> list[dict]:
    items: list[dict] = []
    reasoning = None
    if answer.thinking is not None:
        vault.count += 1
        reasoning = f"rs_{vault.count:048}"
        summary = [{"type": "summary_text", "text": part} for part in answer.thinking.split("\n\n") if part]
        items.append({"id": reasoning, "type": "reasoning", "summary": summary})
        if asked.wants_state:
            items[-1]["encrypted_content"] = vault.issue("responses", reasoning)
    if answer.text:
        part = {"type": "output_text", "annotations": [], "logprobs": [], "text": answer.text}
        items.append({"id": f"msg_{vault.count:048}", "type": "message", "status": _status(answer), "role": "assistant", "content": [part]})
    for call in answer.calls:
        vault.count += 1
        item = {"id": f"fc_{vault.count:048}", "type": "function_call", "status": "completed", "arguments": compact(call.arguments).decode(),
                "call_id": f"call_{vault.count:024}", "name": call.name}
        if reasoning:  # remembered: the call is not taken back without it
            vault.issued[f"item {item['id']}"] = ("responses", reasoning)
        items.append(item)
    return items


def whole(answer: Answer, asked: Asked, vault: Vault) -> dict:
    return _frame(asked, _status(answer), _items(answer, asked, vault), _usage(answer))


def events(answer: Answer, asked: Asked, vault: Vault) -> Iterator[bytes]:
    """The events of the answer; where it breaks, up to its content."""
    numbered = ({**value, "sequence_number": number} for number, value in enumerate(_steps(answer, asked, vault)))
    return (event(value) for value in numbered)


def _steps(answer: Answer, asked: Asked, vault: Vault) -> Iterator[dict]:
    yield {"type": "response.created", "response": _frame(asked, "in_progress", [], None)}
    yield {"type": "response.in_progress", "response": _frame(asked, "in_progress", [], None)}
    items = _items(answer, asked, vault)
    for index, item in enumerate(items):
        at = {"output_index": index}
        steps = {"reasoning": _reasoning, "message": _message, "function_call": _call}[item["type"]](item, at | {"item_id": item["id"]})
        yield {"type": "response.output_item.added", "item": next(steps), **at}
        yield from steps
        if answer.breaks and item["type"] == "message":
            return
        yield from _done(item, at | {"item_id": item["id"]})
        yield {"type": "response.output_item.done", "item": item, **at}
    status = _status(answer)
    yield {"type": f"response.{status}", "response": _frame(asked, status, items, _usage(answer))}


def _reasoning(item: dict, at: dict) -> Iterator[dict]:
    yield item | {"summary": []}
    for place, part in enumerate(item["summary"]):
        here = at | {"summary_index": place}
        yield {"type": "response.reasoning_summary_part.added", "part": part | {"text": ""}, **here}
        for piece in pieces(part["text"]):
            yield {"type": "response.reasoning_summary_text.delta", "delta": piece, "obfuscation": "x1Y", **here}
        yield {"type": "response.reasoning_summary_text.done", "text": part["text"], **here}
        yield {"type": "response.reasoning_summary_part.done", "part": part, **here}


def _message(item: dict, at: dict) -> Iterator[dict]:
    part = item["content"][0]
    yield item | {"status": "in_progress", "content": []}
    yield {"type": "response.content_part.added", "content_index": 0, "part": part | {"text": ""}, **at}
    for piece in pieces(part["text"]):
        yield {"type": "response.output_text.delta", "content_index": 0, "delta": piece, "logprobs": [], "obfuscation": "x1Y", **at}


def _call(item: dict, at: dict) -> Iterator[dict]:
    yield item | {"status": "in_progress", "arguments": ""}
    for piece in pieces(item["arguments"]):
        yield {"type": "response.function_call_arguments.delta", "delta": piece, "obfuscation": "x1Y", **at}


def _done(item: dict, at: dict) -> Iterator[dict]:
    if item["type"] == "message":
        part = item["content"][0]
        yield {"type": "response.output_text.done", "content_index": 0, "text": part["text"], "logprobs": [], **at}
        yield {"type": "response.content_part.done", "content_index": 0, "part": part, **at}
    elif item["type"] == "function_call":
        yield {"type": "response.function_call_arguments.done", "arguments": item["arguments"], "name": item["name"], **at}
