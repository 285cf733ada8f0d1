"""Answers and errors of Gemini."""

from __future__ import annotations

from collections.abc import Iterator

from dialects import compact

from ..answer import Answer, pieces
from ..asked import Asked
from ..models import MODELS
from ..refusal import AUTHENTICATION, INVALID, NOT_FOUND, OVERLOADED, RATE_LIMIT, SERVER, Refusal
from ..vault import Vault

STATUSES = {INVALID: "INVALID_ARGUMENT", AUTHENTICATION: "UNAUTHENTICATED", NOT_FOUND: "NOT_FOUND", RATE_LIMIT: "RESOURCE_EXHAUSTED", SERVER: "INTERNAL",
            OVERLOADED: "UNAVAILABLE"}
FINISHES = {"end": "STOP", "tools": "STOP", "length": "MAX_TOKENS", "stop": "STOP"}


def count(asked: Asked) -> dict:
    return {"totalTokens": Answer().usage.input}


def error(refusal: Refusal) -> bytes:
    details = []
    if refusal.retry_seconds is not None:
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{refusal.retry_seconds}s"})
    return compact({"error": {"code": refusal.status, "message": refusal.message, "status": STATUSES[refusal.kind], "details": details}})


def error_event(refusal: Refusal, sequence: int) -> bytes:
    return b"data: " + error(refusal) + b"\r\n\r\n"


def _usage(answer: Answer) -> dict:
    """Candidates leave out the thoughts; the prompt holds what was cached."""
    usage = answer.usage
    return {"promptTokenCount": usage.input, "cachedContentTokenCount": usage.cached, "candidatesTokenCount": usage.output - usage.reasoning,
            "thoughtsTokenCount": usage.reasoning, "totalTokenCount": usage.input + usage.output,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": usage.input}]}


def _response(asked: Asked, parts: list[dict], finish: str | None, usage: dict) -> dict:
    candidate: dict = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": asked.model, "responseId": "strict"}


def _parts(answer: Answer, asked: Asked, vault: Vault) -> list[dict]:
    parts: list[dict] = []
    if answer.thinking:
        parts.append({"text": answer.thinking, "thought": True})
    if answer.text:
        parts.append({"text": answer.text})
    for place, call in enumerate(answer.calls):
        part: dict = {"functionCall": {"name": call.name, "args": call.arguments}}
        if MODELS[asked.model].reasons:  # only these give ids, and a signature with the first call of a step
            vault.count += 1
            part["functionCall"]["id"] = f"gem{vault.count}"
            if place == 0:
                part["thoughtSignature"] = vault.issue("gemini", call.name)
        parts.append(part)
    if not answer.calls and answer.thinking is not None and parts:
        parts[-1]["thoughtSignature"] = vault.issue("gemini", answer.text)
    return parts


def whole(answer: Answer, asked: Asked, vault: Vault) -> dict:
    return _response(asked, _parts(answer, asked, vault), FINISHES[answer.stop], _usage(answer))


def events(answer: Answer, asked: Asked, vault: Vault) -> Iterator[bytes]:
    """The events of the answer; where it breaks, up to its content. Counts grow; calls come whole, in one chunk; the last chunk has an empty text."""
    started = {"promptTokenCount": answer.usage.input, "totalTokenCount": answer.usage.input}

    def chunk(parts: list[dict], finish: str | None = None) -> bytes:
        return b"data: " + compact(_response(asked, parts, finish, _usage(answer) if finish else started)) + b"\r\n\r\n"

    calls = []
    signature: dict = {}
    for part in _parts(answer, asked, vault):
        if "functionCall" in part:
            calls.append(part)
            continue
        for piece in pieces(part["text"]):
            yield chunk([{"text": piece} | ({"thought": True} if "thought" in part else {})])
        if "thoughtSignature" in part:
            signature = {"thoughtSignature": part["thoughtSignature"]}
    if answer.breaks:
        return
    if calls:
        yield chunk(calls)
    yield chunk([{"text": ""} | signature], FINISHES[answer.stop])
