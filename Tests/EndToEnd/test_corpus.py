"""Real traffic: every recorded answer, served by a replaying provider, reaches the client byte for byte, and its row tells its tokens.

All recordings are served once in every way before the first check, concurrently, over one gateway; EKAI_SEED repeats a run's splits.
"""

from __future__ import annotations

import json
import asyncio
import os
import random
from dataclasses import dataclass

import pytest

import client
import replay
from client import Answer
from gateway import FAILED, OK, TRUNCATED, Gateway, eventually, tokens, upstream_model
from provider import Exchange, Provider
from replay import Recording

SEED = int(os.environ.get("EKAI_SEED") or random.SystemRandom().randrange(1 << 31))
CONCURRENCY = 16
RECORDINGS = replay.corpus()
AUTH_STATUSES = (401, 402, 403)
LIMIT_HEADERS = ("retry-after", "x-ratelimit-", "anthropic-ratelimit-")


@dataclass(frozen=True)
class Way:
    """How a recording is served: the provider's writes, the end of its stream, and whether the client asks for chat's usage chunk."""

    name: str
    split: bool = False
    asks_usage: bool = False
    end: str = "whole"  # or "truncated": ends well but without the end mark; "broken": closed in the middle of the chunked coding

    def applies(self, recording: Recording) -> bool:
        if self.asks_usage and not (recording.stream and recording.format == "openai-chat"):
            return False
        return self.end == "whole" or (recording.stream and bool(replay.before_end_mark(recording.format, recording.answer)))

    def sent(self, recording: Recording) -> bytes:
        """The body that the provider sends."""
        if self.end == "whole":
            return recording.answer
        return replay.before_end_mark(recording.format, recording.answer)

    def shown(self, recording: Recording) -> bytes:
        """The body that the client must see (before any error that the gateway appends)."""
        sent = self.sent(recording)
        if recording.stream and recording.format == "openai-chat" and not self.asks_usage:
            return replay.without_usage_chunk(sent)
        return sent


WAYS = [Way("whole"), Way("split", split=True), Way("whole-usage", asks_usage=True), Way("split-usage", split=True, asks_usage=True),
        Way("truncated", end="truncated"), Way("broken", split=True, end="broken")]
COMPLETE = [(recording, way) for recording in RECORDINGS for way in WAYS if way.end == "whole" and way.applies(recording)]
CUT_OFF = [(recording, way) for recording in RECORDINGS for way in WAYS if way.end != "whole" and way.applies(recording)]
Served = dict[tuple[str, str], Answer | Exception]


def cases(pairs: list[tuple[Recording, Way]]):
    return pytest.mark.parametrize(("recording", "way"), pairs, ids=[f"{recording.id}-{way.name}" for recording, way in pairs])


@pytest.fixture(scope="module")
def served(corpus_or_skip: list[Recording], shared_gateway: Gateway, plain_provider: Provider) -> Served:
    """The answer (or exception) of every recording in every way."""
    recordings = {recording.id: recording for recording in RECORDINGS}
    ways = {way.name: way for way in WAYS}

    async def handler(exchange: Exchange) -> None:
        asked = exchange.request.json
        recording, way = recordings[asked[replay.MARK]], ways[asked["x_way"]]
        body = way.sent(recording)
        pieces = replay.split_randomly(body, SEED ^ len(body)) if way.split else [body]
        if way.end == "broken":
            await exchange.head()
            for piece in pieces:
                await exchange.body(piece)
            exchange.close()
        else:
            await recording.serve(exchange, pieces)

    async def run() -> Served:
        gate = asyncio.Semaphore(CONCURRENCY)

        async def one(recording: Recording, way: Way) -> Answer | Exception:
            more: dict = {"x_way": way.name}
            if way.asks_usage:
                more["stream_options"] = {"include_usage": True}
            async with gate:
                try:
                    return await asyncio.wait_for(client.stream(shared_gateway.port, recording.wire(**more)), 20)
                except Exception as error:
                    return error

        pairs = COMPLETE + CUT_OFF
        return {(recording.id, way.name): answer
                for (recording, way), answer in zip(pairs, await asyncio.gather(*(one(*pair) for pair in pairs)))}

    plain_provider.script(handler)
    answers = asyncio.run(run())
    failures = list(plain_provider.failures)
    plain_provider.script(Provider._unscripted)
    assert not failures, f"the replaying provider failed: {failures[0]!r}"
    return answers


def answer_of(served: Served, recording: Recording, way: Way) -> Answer:
    print(f"EKAI_SEED={SEED}")
    answer = served[recording.id, way.name]
    if isinstance(answer, Exception):
        raise AssertionError(f"no answer: {answer!r}") from answer
    return answer


@cases(COMPLETE)
def test_bytes_arrive_as_recorded(served: Served, recording: Recording, way: Way) -> None:
    answer = answer_of(served, recording, way)
    assert answer.complete
    if recording.status in AUTH_STATUSES:
        assert answer.status == 502 and answer.header("x-should-retry") == "false"
        recording.dialect.check_error(answer.body, "api_error")
        assert b"provider_auth_failed" in answer.body
        return
    assert answer.status == recording.status
    assert answer.body == way.shown(recording)
    for name, value in recording.headers:
        if name.startswith(LIMIT_HEADERS):
            assert answer.header(name) == value
        elif name in ("request-id", "x-request-id"):
            assert answer.header("x-ekai-upstream-request-id") == value


@cases([(recording, way) for recording, way in COMPLETE if recording.is_booked])
def test_row_tells_the_recorded_tokens(served: Served, shared_gateway: Gateway, recording: Recording, way: Way) -> None:
    row = shared_gateway.row(answer_of(served, recording, way).header("x-request-id"))
    assert row["provider"] == recording.dialect.provider
    assert upstream_model(row) == recording.request()["model"].partition("/")[2]
    if recording.status != 200:
        assert (row["outcome"], row["total_tokens"]) == (FAILED, 0)
    elif recording.usage is not None and recording.usage.row["total_tokens"]:
        assert tokens(row) == recording.usage.row
    assert row["status"] == (502 if recording.status in AUTH_STATUSES else recording.status)
    if recording.status == 200 and not is_error(recording):
        assert row["outcome"] == OK


@cases(CUT_OFF)
def test_stream_without_its_end_mark_gets_one_error(served: Served, recording: Recording, way: Way) -> None:
    answer = answer_of(served, recording, way)
    shown = way.shown(recording)
    if recording.format == "anthropic" and b"content_block_delta" not in shown or recording.format == "gemini" and not has_part(shown):
        # Nothing was committed when it broke off: the client gets a status of its own instead of a broken stream.
        assert answer.status == 502 and recording.dialect.check_error(answer.body, "INTERNAL" if recording.format == "gemini" else "api_error")
        return
    assert answer.status == 200 and answer.complete
    assert answer.body[: len(shown)] == shown
    tail = answer.body[len(shown) :]
    assert recording.dialect.is_error_tail(tail), f"not one typed error: {tail!r}"


@cases(CUT_OFF)
def test_cut_off_stream_is_marked_so_in_its_row(served: Served, shared_gateway: Gateway, recording: Recording, way: Way) -> None:
    assert shared_gateway.row(answer_of(served, recording, way).header("x-request-id"))["outcome"] == TRUNCATED


def test_there_is_one_row_for_each_answer(served: Served, shared_gateway: Gateway) -> None:
    ids = [answer.header("x-request-id") for answer in served.values() if isinstance(answer, Answer)]
    assert len(set(ids)) == len(ids) == len(served)
    booked = {recording.id for recording in RECORDINGS if recording.is_booked}
    ids = [answer.header("x-request-id") for (recording, _), answer in served.items() if recording in booked]
    marks = ",".join("?" * len(ids))
    eventually(lambda: shared_gateway.query(f"SELECT count(*) AS n FROM usage_records WHERE request_id IN ({marks})", *ids)[0]["n"] == len(ids),
               3, "rows are missing")


def test_corpus_has_every_kind_of_answer(corpus_or_skip: list[Recording]) -> None:
    """Guards the checks above against an empty list: each dialect has streams, whole answers and errors."""
    for format in replay.DIALECTS:
        kinds = {(recording.stream, recording.status == 200) for recording in corpus_or_skip if recording.format == format}
        assert kinds >= {(True, True), (False, True), (False, False)}
    assert len(CUT_OFF) > 100 and sum(recording.usage is not None for recording in corpus_or_skip) > 100


def has_part(stream: bytes) -> bool:
    """Whether a Gemini stream has a part with anything in it."""
    return any(value for _, each in replay.parse_events(stream) for candidate in each.get("candidates") or []
               for part in candidate.get("content", {}).get("parts") or [] for name, value in part.items() if name != "thought")


def is_error(recording: Recording) -> bool:
    """Whether the recorded answer is a 200 that carries an error."""
    events = replay.parse_events(recording.answer) if recording.stream else [(None, {})]
    return any(each.get("error") or each.get("type") in ("error", "response.failed") for _, each in events)
