"""The strict provider: one server that speaks all four dialects and refuses what the real APIs refuse."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from types import ModuleType

from dialects import compact
from provider import Exchange, Provider

from . import chat, gemini, messages, responses
from .answer import WORDS, Answer, answer_for
from .asked import Asked
from .refusal import AUTHENTICATION, OVERLOADED, Refusal
from .vault import Vault

KEY = "sk-strict-provider-7f3e9a"  # the one key that opens the provider
GEMINI_PATH = re.compile(r"/v1(?:beta)?/models/(.+):(generateContent|streamGenerateContent|countTokens)(?:\?(.*))?")
PATHS = {"/v1/chat/completions": (chat, "answer"), "/v1/responses": (responses, "answer"), "/v1/responses/input_tokens": (responses, "count"),
         "/v1/messages": (messages, "answer"), "/v1/messages/count_tokens": (messages, "count")}
BEARER = {"authorization": [f"Bearer {KEY}"]}
# What opens each dialect: this and nothing else. The anthropic SDK sends its key in either way (2.12 the one, 2.14 the other).
CREDENTIALS = {"chat": (BEARER,), "responses": (BEARER,), "messages": ({"x-api-key": [KEY]}, BEARER), "gemini": ({"x-goog-api-key": [KEY]},)}
CREDENTIAL_FIELDS = ("authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie")


@dataclass
class Record:
    """One request: what came, what it asked for, and why it was refused."""

    dialect: str
    exchange: Exchange
    body: dict
    asked: Asked | None = None
    refusal: Refusal | None = None


class StrictProvider(Provider):
    """Answers by the scenario that the request names. `records` holds what arrived, oldest first."""

    def __init__(self, vault: Vault | None = None) -> None:
        super().__init__()
        self.vault = vault or Vault()
        self.records: list[Record] = []
        self.reset()

    def reset(self) -> None:
        """Forgets what arrived so far; states that were issued stay valid."""
        self.records.clear()
        self.script(self._serve)

    @property
    def refusals(self) -> list[Refusal]:
        """What was refused as wrong, not what a scenario refuses."""
        return [record.refusal for record in self.records if record.refusal and not record.refusal.message.startswith(WORDS)]

    def last(self, scenario: str | None = None) -> Record:
        """The last request, or the last of a scenario."""
        found = [record for record in self.records if scenario is None or (record.asked and record.asked.scenario == scenario)]
        assert found, f"no request of scenario {scenario} among {[str(each.refusal) for each in self.records]}"
        return found[-1]

    async def _serve(self, exchange: Exchange) -> None:
        target = exchange.request.target
        gem = GEMINI_PATH.fullmatch(target)
        words, operation = (gemini, "count" if gem[2] == "countTokens" else "answer") if gem else PATHS.get(target.split("?")[0], (None, ""))
        if words is None or exchange.request.method != "POST":
            await exchange.answer(compact({"error": {"message": f"Unknown request URL: {exchange.request.method} {target}"}}), 404)
            return
        try:
            body = exchange.request.json
        except json.JSONDecodeError:
            body = None
        record = Record(words.NAME, exchange, body)
        self.records.append(record)
        try:
            record.asked = self._read(words, exchange, body, gem, operation)
            if operation == "count":
                await exchange.answer(compact(words.count(record.asked)))
                return
            answer = answer_for(record.asked)
        except Refusal as refusal:
            record.refusal = refusal
            await exchange.answer(words.error(refusal), refusal.status, (*refusal.headers, ("request-id", "req_strict")))
            return
        if record.asked.stream:
            await self._stream(words, exchange, answer, record.asked, is_array=bool(gem) and "alt=sse" not in (gem[3] or ""))
        elif answer.breaks == "silence":
            await exchange.silence()
        elif answer.breaks:
            raise_as = Refusal(f"{WORDS}: it broke.", 529 if words is messages else 503, OVERLOADED)
            record.refusal = raise_as
            await exchange.answer(words.error(raise_as), raise_as.status)
        else:
            await exchange.answer(compact(words.whole(answer, record.asked, self.vault)))

    def _read(self, words: ModuleType, exchange: Exchange, body: object, gem: re.Match | None, operation: str) -> Asked:
        given = {name: exchange.request.all(name) for name in CREDENTIAL_FIELDS if exchange.request.all(name)}
        if given not in CREDENTIALS[words.NAME] or (gem and "key=" in (gem[3] or "")):
            raise Refusal("invalid x-api-key" if words is messages else f"Incorrect API key provided: {sorted(given)}", 401, AUTHENTICATION)
        if not isinstance(body, dict):
            raise Refusal("We could not parse the JSON body of your request.")
        if operation == "count" and words is messages:
            body = {"max_tokens": 64} | body
        return words.read(body, self.vault, header=exchange.request.header, model=gem[1] if gem else None, stream=bool(gem and gem[2].startswith("stream")))

    async def _stream(self, words: ModuleType, exchange: Exchange, answer: Answer, asked: Asked, *, is_array: bool) -> None:
        await exchange.head(content_type="application/json" if is_array else "text/event-stream")
        frames = 0
        for frame in words.events(answer, asked, self.vault):
            await exchange.body(_array_piece(frame, frames) if is_array else frame)
            frames += 1
        if answer.breaks == "silence":
            await exchange.silence()
        elif answer.breaks == "cut":
            exchange.close()
            return
        elif answer.breaks in ("error", "bare error"):
            broken = Refusal(f"{WORDS}: it broke.", 529 if words is messages else 503, OVERLOADED)
            is_bare = answer.breaks == "bare error" and words is gemini
            await exchange.body(words.error(broken) + b"\n" if is_bare else words.error_event(broken, frames))
        if is_array:
            await exchange.body(b"]")
        await exchange.end()


def _array_piece(frame: bytes, index: int) -> bytes:
    """A Gemini event as an element of the array that a stream without `alt=sse` is."""
    return (b"," if index else b"[") + frame.removeprefix(b"data: ").strip() + b"\n"
