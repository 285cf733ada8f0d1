"""A gateway with no provider key serves the built-in demo provider, so that a first `curl -N` shows tokens one by one."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from client import exchange
from dialects import GEMINI, MESSAGES, RESPONSES, Dialect, compact, parse_events
from gateway import Gateway

QUESTION = "What can this gateway do for me?"


@pytest.fixture(scope="module")
def demo(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("demo")) as gateway:
        yield gateway


def text_of(dialect: Dialect, stream: bytes) -> str:
    """The text of a streamed answer."""
    events = parse_events(stream)
    if dialect is MESSAGES:
        return "".join(each["delta"].get("text", "") for name, each in events if name == "content_block_delta")
    if dialect is RESPONSES:
        return "".join(each["delta"] for name, each in events if name == "response.output_text.delta")
    return "".join(each["choices"][0]["delta"].get("content") or "" for _, each in events if each.get("choices"))


def test_curl_shows_tokens_one_by_one(demo: Gateway, dialect: Dialect) -> None:
    body = compact(dialect.request(model="demo/stream", text=QUESTION, stream=True)).decode()
    curl = subprocess.Popen(["curl", "-sN", "--max-time", "30", f"{demo.url}{dialect.path}", "-H", "content-type: application/json", "-d", body],
                            stdout=subprocess.PIPE)
    arrivals, stream = [], b""
    while data := os.read(curl.stdout.fileno(), 65536):
        arrivals.append(time.monotonic())
        stream += data
    assert curl.wait() == 0
    assert text_of(dialect, stream)
    gaps = [later - earlier for earlier, later in zip(arrivals, arrivals[1:])]
    assert len([gap for gap in gaps if gap > 0.001]) >= 5, f"{len(arrivals)} arrivals are not tokens one by one"
    assert arrivals[-1] - arrivals[0] > 0.05


def test_answer_is_deterministic(demo: Gateway, dialect: Dialect) -> None:
    body = compact(dialect.request(model="demo/stream", text=QUESTION, stream=True))
    first, second = (text_of(dialect, exchange(demo.port, "POST", dialect.path, body).body) for _ in range(2))
    assert first and first == second


def test_echo_answers_with_the_question(demo: Gateway, dialect: Dialect) -> None:
    whole = exchange(demo.port, "POST", dialect.path, compact(dialect.request(model="demo/echo", text=QUESTION)))
    assert whole.status == 200 and QUESTION.encode() in whole.body
    streamed = exchange(demo.port, "POST", dialect.path, compact(dialect.request(model="demo/echo", text=QUESTION, stream=True)))
    assert QUESTION in text_of(dialect, streamed.body)
    row = demo.row(whole.header("x-request-id"))
    assert row["provider"] == "demo" and row["input_tokens"] > 0 and row["output_tokens"] > 0


def test_gemini_streams_events_and_an_array(demo: Gateway) -> None:
    body, path = compact(GEMINI.request(text=QUESTION)), "/v1beta/models/demo/echo"
    streamed = exchange(demo.port, "POST", f"{path}:streamGenerateContent?alt=sse", body)
    pieces = [each for _, each in parse_events(streamed.body)]
    listed = exchange(demo.port, "POST", f"{path}:streamGenerateContent", body)
    assert listed.header("content-type") == "application/json" and json.loads(listed.body) == pieces
    assert "".join(each["candidates"][0]["content"]["parts"][0]["text"] for each in pieces) == QUESTION
    whole = exchange(demo.port, "POST", f"{path}:generateContent", body)
    assert whole.json["candidates"][0]["content"]["parts"][0]["text"] == QUESTION and whole.json["candidates"][0]["finishReason"] == "STOP"
    counted = exchange(demo.port, "POST", f"{path}:countTokens", body)
    assert counted.json["totalTokens"] > 0 and counted.header("x-ekai-token-count") == "estimate"
    for answer in (streamed, listed, whole):
        row = demo.row(answer.header("x-request-id"))
        assert row["client_dialect"] == "gemini" and row["output_tokens"] == whole.json["usageMetadata"]["candidatesTokenCount"]


def test_mode_and_models(demo: Gateway) -> None:
    status = exchange(demo.port, "GET", "/config/status").json
    assert (status["mode"], status["hasApiKeys"]) == ("demo", False)
    assert {"demo/echo", "demo/stream"} <= {model["id"] for model in exchange(demo.port, "GET", "/v1/models").json["data"]}
    assert "demo" in demo.log.lower(), "the log does not say that this is a demo"


def test_demo_is_gone_with_a_providers_key(binary: Path, tmp_path: Path) -> None:
    """`your_key_here` and empty values are no keys; the first real one ends the demo."""
    with Gateway(tmp_path, env={"OPENAI_API_KEY": "your_key_here", "ANTHROPIC_API_KEY": ""}) as gateway:
        assert exchange(gateway.port, "GET", "/config/status").json["mode"] == "demo"
    with Gateway(tmp_path, env={"OPENAI_API_KEY": "sk-real", "EKAI_OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}) as gateway:
        status = exchange(gateway.port, "GET", "/config/status").json
        assert (status["mode"], status["providers"]["openai"]) == ("byok", True)
        assert "demo/echo" not in {model["id"] for model in exchange(gateway.port, "GET", "/v1/models").json["data"]}
