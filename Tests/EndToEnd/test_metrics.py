"""What /metrics says after a known set of requests over two loops, read by Prometheus' own parser; and that no core can be dumped."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

import client
from conftest import SECRETS, post_bytes, providers
from dialects import ALL, CHAT, INPUT_TOKENS, OUTPUT_TOKENS
from gateway import OK, Gateway, eventually
from provider import Exchange, Provider

STREAMS = 60  # for each dialect
WHOLE = 40  # chat, not streamed
REFUSED = 7
PRICES = {"input": 3, "output": 15}  # USD a million tokens


class Metrics:
    """One scrape."""

    def __init__(self, text: str) -> None:
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        self.samples = [sample for family in self.families.values() for sample in family.samples]

    def value(self, name: str, **labels: str) -> float:
        """The sum over the samples with these labels."""
        return sum(sample.value for sample in self.samples if sample.name == name and labels.items() <= sample.labels.items())

    def labels(self, name: str, label: str) -> set[str]:
        return {sample.labels[label] for sample in self.samples if sample.name == name}


def scrape(gateway: Gateway) -> Metrics:
    status, text = gateway.get("/metrics")
    assert status == 200
    assert not any(secret.encode() in text for secret in SECRETS.values())
    return Metrics(text.decode())


@pytest.fixture
def two_loops(binary: Path, plain_provider: Provider, tmp_path: Path) -> Iterator[Gateway]:
    config = {"providers": providers(plain_provider.url),
              "models": [{"name": "priced", "targets": ["oai/priced-model"], "price": PRICES}]}
    for provider in config["providers"]:
        provider["models"] = ["*", "known-model"]
    with Gateway(tmp_path, config, env={"EKAI_LOOPS": "2"}) as gateway:
        yield gateway


async def answering(exchange: Exchange) -> None:
    dialect = next(each for each in ALL if exchange.request.target.startswith(each.path))
    if exchange.request.json.get("stream"):
        await exchange.stream(dialect.stream("a", "b", "c"), pause=0.03)
    else:
        await exchange.answer(dialect.answer("abc"))


def test_counts_are_exact_over_two_loops(two_loops: Gateway, plain_provider: Provider) -> None:
    async def run() -> list[client.Answer]:
        calls = [client.stream(two_loops.port, post_bytes(dialect, stream=True, model=f"{dialect.provider}/known-model"))
                 for dialect in ALL for _ in range(STREAMS)]
        calls += [client.stream(two_loops.port, post_bytes(CHAT, model="priced")) for _ in range(WHOLE)]
        calls += [client.stream(two_loops.port, post_bytes(CHAT, model=f"oai/made-up-{number}")) for number in range(REFUSED)]
        calls += [client.stream(two_loops.port, post_bytes(CHAT, b"{")) for _ in range(REFUSED)]
        return await asyncio.gather(*calls)

    plain_provider.script(answering)
    before = scrape(two_loops)
    assert before.value("ekai_requests_total") == 0
    answers = asyncio.run(run())
    assert sorted({answer.status for answer in answers}) == [200, 400]
    rows = 3 * STREAMS + WHOLE + REFUSED
    eventually(lambda: scrape(two_loops).value("ekai_usage_rows_written_total") == rows, 5, "rows are missing")
    after = scrape(two_loops)

    for dialect in ALL:
        known = {"endpoint": dialect.path, "provider": dialect.provider, "model": "known-model"}
        assert after.value("ekai_requests_total", **known) == after.value("ekai_requests_total", **known, status="200") == STREAMS
        assert after.value("ekai_time_to_first_token_seconds_count", endpoint=dialect.path) == STREAMS
        # From each of three deltas to the next; of Responses the finished text, part and item are content too.
        gaps = 5 if dialect.name == "responses" else 2
        assert 0 < after.value("ekai_inter_token_seconds_count", endpoint=dialect.path) <= gaps * STREAMS
    assert after.value("ekai_requests_total", model="priced-model", status="200") == WHOLE
    assert after.value("ekai_requests_total", model="other") == REFUSED  # asked for by a name that nobody lists
    assert after.value("ekai_requests_total", status="400", provider="", model="") == REFUSED
    assert after.labels("ekai_requests_total", "model") == {"", "known-model", "priced-model", "other"}
    assert after.value("ekai_request_duration_seconds_count") == len(answers)
    assert after.value("ekai_overhead_seconds_count") == rows
    assert after.value("ekai_upstream_attempts_total") == after.value("ekai_upstream_attempts_total", outcome=OK) == rows

    with sqlite3.connect(f"file:{two_loops.database}?mode=ro", uri=True) as books:
        for kind, column in [("input", "input_tokens"), ("output", "output_tokens"), ("cache_read", "cache_read_input_tokens"),
                             ("cache_write", "cache_write_input_tokens")]:
            assert after.value("ekai_tokens_total", kind=kind) == books.execute(f"SELECT sum({column}) FROM usage_records").fetchone()[0]
    cost = Decimal(WHOLE) * (INPUT_TOKENS * PRICES["input"] + OUTPUT_TOKENS * PRICES["output"]) / 1_000_000
    assert Decimal(str(after.value("ekai_cost_usd_total", model="priced-model"))) == cost
    assert after.value("ekai_cost_unknown_requests_total", model="known-model") == 3 * STREAMS
    assert after.value("ekai_streams_active") == 0
    assert after.value("ekai_connections_active") >= 1  # the scrape's own
    assert after.labels("ekai_event_loop_lag_seconds", "loop") == {"0", "1"}
    assert after.value("ekai_metrics_loops_missed_total") == 0
    for name in ("ekai_usage_write_failures_total", "ekai_usage_housekeeping_failures_total", "ekai_log_lines_dropped_total"):
        assert [sample.value for sample in after.samples if sample.name == name] == [0], name
    assert after.families["ekai_requests"].type == "counter" and after.families["ekai_overhead_seconds"].type == "histogram"
    for name in ("process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes", "process_open_fds",
                 "process_max_fds", "process_start_time_seconds"):
        assert after.value(name) > 0, name
    assert abs(after.value("process_open_fds") - two_loops.descriptors()) <= 2


def is_stalled(exchange: Exchange) -> bool:
    """Whether the provider could not write for a moment."""
    before = exchange.accepted_bytes
    time.sleep(0.2)
    return before == exchange.accepted_bytes > 0


def test_a_stalled_client_shows_as_backpressure(two_loops: Gateway, plain_provider: Provider) -> None:
    async def endless(exchange: Exchange) -> None:
        await exchange.stream([*CHAT.opening(), *(CHAT.delta("x" * 2000, index) for index in range(3000)), *CHAT.closing("")], pause=0)

    plain_provider.script(endless)
    with client.Client(two_loops.port, receive_buffer=4096) as connection:
        connection.send(post_bytes(CHAT, stream=True, model="oai/known-model"))
        eventually(lambda: scrape(two_loops).value("ekai_streams_active") == 1, 5, "no stream is active")
        eventually(lambda: is_stalled(plain_provider.exchanges[-1]), 5, "the provider can still write")
    eventually(lambda: scrape(two_loops).value("ekai_streams_active") == 0, 5, "the stream is still active")
    after = scrape(two_loops)
    assert after.value("ekai_stream_backpressure_seconds_total") > 0
    assert after.value("ekai_requests_total", model="known-model", status="200") == 1
    assert after.value("ekai_upstream_attempts_total", outcome="cancelled") == 1


def test_no_core_is_dumped(two_loops: Gateway) -> None:
    limits = Path(f"/proc/{two_loops.pid}/limits").read_text()
    line = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert line.split()[4:6] == ["0", "0"]
