"""The mock provider of the benchmarks: read by the official SDKs and on the wire, whole and with every fault, over HTTP and TLS."""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import anthropic
import httpx
import openai
import pytest

from client import Answer, Client, Decoder, exchange, request
from gateway import REPOSITORY, eventually

BINARY = Path(os.environ.get("EKAI_BENCHMARKS", REPOSITORY / ".build" / "release" / "Benchmarks"))
START_SECONDS = 10
FORMATS = ["chat", "responses", "messages", "gemini"]
STAMP = re.compile(rb"@(\d{19})")
INPUT_TOKENS = 16
BYTES_PER_TOKEN = 32
MESSAGES = [{"role": "user", "content": "hi"}]
BIG_EVENT_BYTES = 1_000_000


class BenchProvider:
    """`Benchmarks provider` as a process, from start to end."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self.ports_file = directory / "ports.json"
        self.process = subprocess.Popen([str(BINARY), "provider", "--ports-file", str(self.ports_file), *arguments],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            eventually(lambda: self.ports_file.exists() or self.process.poll() is not None, START_SECONDS, "the provider did not start")
            assert self.process.poll() is None, f"the provider exited with {self.process.returncode}"
            self.ports = json.loads(self.ports_file.read_text())
        except BaseException:
            self.end()
            raise

    @property
    def port(self) -> int:
        return self.ports["port"]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> "BenchProvider":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BenchProvider]:
    """With TLS, and a certificate of its own making."""
    with BenchProvider(tmp_path_factory.mktemp("bench-provider"), "--tls") as provider:
        yield provider
        assert provider.process.poll() is None, "the provider died"


@pytest.fixture
def oai(provider: BenchProvider) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{provider.url}/v1", api_key="none", max_retries=0, timeout=10) as sdk:
        yield sdk


@pytest.fixture
def ant(provider: BenchProvider) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=provider.url, api_key="none", max_retries=0, timeout=10) as sdk:
        yield sdk


def order(form: str, model: str, *, stream: bool = True, padding: int = 0) -> bytes:
    """The bytes of a request; `padding` bytes of text in it."""
    text = "x" * padding
    if form == "gemini":
        method = "streamGenerateContent?alt=sse" if stream else "generateContent"
        body: dict = {"contents": [{"parts": [{"text": text}]}]}
        return request("POST", f"/v1beta/models/{model}:{method}", json.dumps(body).encode())
    path = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages"}[form]
    body = {"input": text} if form == "responses" else {"messages": [{"role": "user", "content": text}]}
    return request("POST", path, json.dumps({**body, "model": model, "stream": stream}).encode())


def ask(provider: BenchProvider, form: str, model: str, *, stream: bool = True, padding: int = 0) -> Answer:
    with Client(provider.port) as client:
        return client.send(order(form, model, stream=stream, padding=padding)).answer()


def wire(port: int, data: bytes, *, seconds: float = 5) -> tuple[bytes, str]:
    """Everything that comes for a request, and how it ends: `FIN`, `RST`, or `open` when nothing came for `seconds`."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(data)
        while True:
            try:
                piece = connection.recv(65536)
            except ConnectionResetError:
                return received, "RST"
            except TimeoutError:
                return received, "open"
            if not piece:
                return received, "FIN"
            received += piece


def part(received: bytes) -> Answer:
    """What came of an answer that may not be whole."""
    decoder = Decoder()
    decoder.feed(received)
    assert decoder.answer is not None, "no head"
    return decoder.answer


def events(body: bytes) -> list[bytes]:
    """The events of a stream, each with its lines; the last must be whole."""
    text = body.replace(b"\r\n", b"\n")
    assert text == b"" or text.endswith(b"\n\n"), f"half an event: {text[-80:]!r}"
    return text.split(b"\n\n")[:-1]


def data(event: bytes) -> bytes:
    return b"\n".join(line[6:] for line in event.split(b"\n") if line.startswith(b"data: "))


def stamps(body: bytes) -> list[int]:
    return [int(digits) for digits in STAMP.findall(body)]


def is_marked(form: str, body: bytes) -> bool:
    """Whether the stream has its format's end mark."""
    last = events(body)[-1]
    mark = {"chat": b"data: [DONE]", "responses": b"event: response.completed\n", "messages": b"event: message_stop\n",
            "gemini": b'"finishReason":"STOP"'}
    return mark[form] in last


# The SDKs read it

def test_chat_stream_by_the_sdk(oai: openai.OpenAI) -> None:
    chunks = list(oai.chat.completions.create(model="bench-3", messages=MESSAGES, stream=True, stream_options={"include_usage": True}))
    texts = [choice.delta.content for chunk in chunks for choice in chunk.choices if choice.delta.content]
    assert len(texts) == 3 and all(len(text) == BYTES_PER_TOKEN and text.startswith("@") for text in texts)
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage.completion_tokens == 3 and chunks[-1].usage.prompt_tokens == INPUT_TOKENS
    assert {chunk.model for chunk in chunks} == {"bench-3"}


def test_chat_stream_has_no_usage_unasked(oai: openai.OpenAI) -> None:
    assert all(chunk.usage is None and chunk.choices for chunk in oai.chat.completions.create(model="bench-3", messages=MESSAGES, stream=True))


def test_chat_whole_by_the_sdk(oai: openai.OpenAI) -> None:
    completion = oai.chat.completions.create(model="bench-3", messages=MESSAGES)
    assert len(completion.choices[0].message.content) == 3 * BYTES_PER_TOKEN
    assert completion.usage.total_tokens == INPUT_TOKENS + 3


def test_responses_stream_by_the_sdk(oai: openai.OpenAI) -> None:
    with oai.responses.stream(model="bench-3", input="hi") as stream:
        seen = list(stream)
        final = stream.get_final_response()
    assert [event.type for event in seen] == [
        "response.created", "response.in_progress", "response.output_item.added", "response.content_part.added",
        *["response.output_text.delta"] * 3, "response.output_text.done", "response.content_part.done", "response.output_item.done",
        "response.completed"]
    assert [event.sequence_number for event in seen] == list(range(len(seen)))
    assert len(final.output_text) == len("".join(event.delta for event in seen if event.type == "response.output_text.delta"))
    assert (final.status, final.usage.input_tokens, final.usage.output_tokens) == ("completed", INPUT_TOKENS, 3)


def test_responses_whole_by_the_sdk(oai: openai.OpenAI) -> None:
    response = oai.responses.create(model="bench-3", input="hi")
    assert len(response.output_text) == 3 * BYTES_PER_TOKEN
    assert response.usage.total_tokens == INPUT_TOKENS + 3


def test_messages_stream_by_the_sdk(ant: anthropic.Anthropic) -> None:
    with ant.messages.stream(model="bench-3", max_tokens=100, messages=MESSAGES) as stream:
        texts = list(stream.text_stream)
        final = stream.get_final_message()
    assert len(texts) == 3 and final.content[0].text == "".join(texts)
    assert (final.stop_reason, final.usage.input_tokens, final.usage.output_tokens) == ("end_turn", INPUT_TOKENS, 3)
    assert final.model == "bench-3"


def test_messages_whole_by_the_sdk(ant: anthropic.Anthropic) -> None:
    message = ant.messages.create(model="bench-3", max_tokens=100, messages=MESSAGES)
    assert len(message.content[0].text) == 3 * BYTES_PER_TOKEN
    assert message.usage.output_tokens == 3


def test_messages_events(provider: BenchProvider) -> None:
    names = [event.split(b"\n")[0] for event in events(ask(provider, "messages", "bench-2").body)]
    assert names == [b"event: " + name for name in (
        b"message_start", b"content_block_start", b"ping", b"content_block_delta", b"content_block_delta", b"content_block_stop",
        b"message_delta", b"message_stop")]


def test_gemini_stream(provider: BenchProvider) -> None:
    answer = ask(provider, "gemini", "bench-3")
    assert answer.header("content-type").startswith("text/event-stream")
    assert answer.body.count(b"\r\n\r\n") == 4, "Gemini ends its lines with CRLF"
    chunks = [json.loads(data(event)) for event in events(answer.body)]
    assert [chunk["usageMetadata"] for chunk in chunks] == [
        {"promptTokenCount": INPUT_TOKENS, "candidatesTokenCount": count, "totalTokenCount": INPUT_TOKENS + count} for count in (1, 2, 3, 3)]
    candidates = [chunk["candidates"][0] for chunk in chunks]
    assert [candidate.get("finishReason") for candidate in candidates] == [None, None, None, "STOP"]
    assert all(candidate["content"]["parts"][0]["text"].startswith("@") for candidate in candidates[:3])


def test_gemini_whole(provider: BenchProvider) -> None:
    answer = ask(provider, "gemini", "bench-3", stream=False).json
    assert len(answer["candidates"][0]["content"]["parts"][0]["text"]) == 3 * BYTES_PER_TOKEN
    assert answer["usageMetadata"]["totalTokenCount"] == INPUT_TOKENS + 3


def test_gemini_streams_are_event_streams_only(provider: BenchProvider) -> None:
    answer = exchange(provider.port, "POST", "/v1beta/models/bench:streamGenerateContent", b"{}")
    assert (answer.status, answer.json["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_model_lists(provider: BenchProvider, oai: openai.OpenAI, ant: anthropic.Anthropic) -> None:
    assert "bench" in [model.id for model in oai.models.list()]
    assert "fault-stall" in [model.id for model in ant.models.list()]
    listed = exchange(provider.port, "GET", "/v1beta/models").json["models"]
    assert "models/bench" in [model["name"] for model in listed]


# What a model's name says

@pytest.mark.parametrize("form", FORMATS)
def test_name_gives_tokens_delay_and_bytes(provider: BenchProvider, form: str) -> None:
    before = time.monotonic_ns()
    answer = ask(provider, form, "bench-4-0-150-50")
    sent = stamps(answer.body)
    assert answer.complete and is_marked(form, answer.body)
    assert len(sent) == 4 and sent == sorted(sent)
    assert sent[0] - before >= 150_000_000, "the first token came before its delay"
    assert sent[-1] <= time.monotonic_ns(), "the clock of the stamps is not the machine's"
    token = next(data(event) for event in events(answer.body) if b"@" in event)
    assert len(re.search(rb'"(@[^"]*)"', token)[1]) == 50


@pytest.mark.parametrize("form", FORMATS)
def test_paced_tokens_are_sent_one_by_one(provider: BenchProvider, form: str) -> None:
    answer = ask(provider, form, "bench-8-40")
    sent = stamps(answer.body)
    gaps = [later - earlier for earlier, later in zip(sent, sent[1:])]
    assert 15e6 < gaps[0] < 65e6, f"the first gap is between half and one and a half of the pace: {gaps[0]}"
    # Tokens are due on a grid, and never early: what one of them is late, the gap behind it is short.
    assert sent[-1] - sent[1] >= 6 * 40e6 - 25e6
    assert max(sum(piece.count(b"@") for _, piece in group) for group in together(answer)) == 1, "two tokens in one send"


def together(answer: Answer, within: float = 0.005) -> list[list[tuple[float, bytes]]]:
    """The pieces of a body, grouped by the moments at which they came."""
    groups: list[list[tuple[float, bytes]]] = []
    for moment, piece in answer.pieces:
        if groups and moment - groups[-1][-1][0] < within:
            groups[-1].append((moment, piece))
        else:
            groups.append([(moment, piece)])
    return groups


def test_streams_that_begin_together_do_not_march_in_step(provider: BenchProvider) -> None:
    clients = [Client(provider.port) for _ in range(40)]
    try:
        for client in clients:
            client.send(order("chat", "bench-3-200"))
        third = sorted(stamps(client.answer().body)[2] for client in clients)
    finally:
        for client in clients:
            client.close()
    assert third[-1] - third[0] > 150e6, "the third tokens all came together"
    assert max(later - earlier for earlier, later in zip(third, third[1:])) < 50e6


@pytest.mark.parametrize("form", FORMATS)
def test_large_bodies(provider: BenchProvider, form: str) -> None:
    answer = ask(provider, form, "bench-2", padding=150_000)
    assert len(stamps(answer.body)) == 2 and is_marked(form, answer.body)


def test_connection_is_kept(provider: BenchProvider) -> None:
    with Client(provider.port) as client:
        for form in FORMATS:
            for stream in (True, False):
                assert client.send(order(form, "bench-2", stream=stream)).answer().complete


def test_unknown_names_are_refused(provider: BenchProvider) -> None:
    for form in FORMATS:
        for model in ("bench-x", "bench-1-1-1-1", "fault-nothing"):
            assert ask(provider, form, model).status == 404
    assert exchange(provider.port, "POST", "/v1/chat/completions", b"{").status == 400
    assert exchange(provider.port, "POST", "/v1/embeddings", b"{}").status == 404


# Faults

STREAMED = pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
EVERY = pytest.mark.parametrize("form", FORMATS)


@EVERY
@STREAMED
def test_fault_500(provider: BenchProvider, form: str, stream: bool) -> None:
    answer = ask(provider, form, "fault-error500", stream=stream)
    assert answer.status == 500 and answer.complete and answer.json["error"]["message"]


@EVERY
@STREAMED
def test_fault_429(provider: BenchProvider, form: str, stream: bool) -> None:
    answer = ask(provider, form, "fault-error429", stream=stream)
    assert (answer.status, answer.header("retry-after")) == (429, "7")


def test_sdks_know_the_errors(oai: openai.OpenAI, ant: anthropic.Anthropic) -> None:
    with pytest.raises(openai.RateLimitError):
        oai.chat.completions.create(model="fault-error429", messages=MESSAGES)
    with pytest.raises(openai.InternalServerError):
        oai.responses.create(model="fault-error500", input="hi")
    with pytest.raises(anthropic.RateLimitError):
        ant.messages.create(model="fault-error429", max_tokens=9, messages=MESSAGES)
    with pytest.raises(anthropic.InternalServerError):
        ant.messages.create(model="fault-error500", max_tokens=9, messages=MESSAGES)


@EVERY
@STREAMED
def test_fault_reset_head(provider: BenchProvider, form: str, stream: bool) -> None:
    assert wire(provider.port, order(form, "fault-reset-head", stream=stream)) == (b"", "RST")


@EVERY
@pytest.mark.parametrize(("argument", "tokens"), [("", 5), ("-0", 0), ("-12", 12)])
@pytest.mark.parametrize(("fault", "ending"), [("reset-stream", "RST"), ("truncated", "FIN"), ("stall", "open")])
def test_faults_that_cut_a_stream(provider: BenchProvider, form: str, fault: str, ending: str, argument: str, tokens: int) -> None:
    received, end = wire(provider.port, order(form, f"fault-{fault}{argument}"), seconds=1 if ending == "open" else 5)
    answer = part(received)
    assert end == ending
    assert (answer.status, answer.complete) == (200, False), "the body's last chunk came"
    assert len(stamps(answer.body)) == tokens
    assert not events(answer.body) or not is_marked(form, answer.body)


@EVERY
@pytest.mark.parametrize(("fault", "ending"), [("reset-stream", "RST"), ("truncated", "FIN"), ("stall", "open")])
def test_faults_that_cut_an_answer_in_one_piece(provider: BenchProvider, form: str, fault: str, ending: str) -> None:
    received, end = wire(provider.port, order(form, f"fault-{fault}", stream=False), seconds=1 if ending == "open" else 5)
    answer = part(received)
    assert end == ending and not answer.complete
    assert len(answer.body) == int(answer.header("content-length")) // 2


@EVERY
def test_fault_unmarked(provider: BenchProvider, form: str) -> None:
    with Client(provider.port) as client:
        answer = client.send(order(form, "fault-unmarked-3")).answer()
        assert answer.complete and len(stamps(answer.body)) == 3 and not is_marked(form, answer.body)
        assert client.send(order(form, "bench-1")).answer().complete, "the connection is as good as ever"


@EVERY
def test_fault_malformed(provider: BenchProvider, form: str) -> None:
    answer = ask(provider, form, "fault-malformed-3")
    assert answer.complete and is_marked(form, answer.body)
    broken = [index for index, event in enumerate(events(answer.body)) if not is_json(data(event)) and data(event) != b"[DONE]"]
    assert len(broken) == 1
    assert b"@" in events(answer.body)[broken[0]] and len(stamps(b"\n\n".join(events(answer.body)[: broken[0]]))) == 3
    assert len(stamps(answer.body)) == 200
    assert not is_json(ask(provider, form, "fault-malformed", stream=False).body)


def is_json(text: bytes) -> bool:
    try:
        json.loads(text)
        return True
    except json.JSONDecodeError:
        return False


@EVERY
def test_fault_big_event(provider: BenchProvider, form: str) -> None:
    answer = ask(provider, form, "fault-bigevent-2")
    assert answer.complete and is_marked(form, answer.body)
    end = b"\r\n\r\n" if form == "gemini" else b"\n\n"
    sizes = [len(event) + len(end) for event in answer.body.split(end)]
    assert [size for size in sizes if size > 5_000] == [BIG_EVENT_BYTES]
    assert all(is_json(data(event)) or data(event) == b"[DONE]" for event in events(answer.body))
    whole = ask(provider, form, "fault-bigevent", stream=False)
    assert len(whole.body) == BIG_EVENT_BYTES and is_json(whole.body)


def test_a_stalled_stream_ends_with_its_client(provider: BenchProvider) -> None:
    def open_descriptors() -> int:
        return len(os.listdir(f"/proc/{provider.process.pid}/fd"))

    before = open_descriptors()
    clients = [Client(provider.port) for _ in range(20)]
    for client in clients:
        client.send(order("chat", "fault-stall")).answer(until=b"@")
    assert open_descriptors() >= before + 20
    for number, client in enumerate(clients):
        if number % 2:  # every other one with a reset
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
    eventually(lambda: open_descriptors() <= before, 3, "connections outlived their clients")


# TLS, ports and options

def test_tls(provider: BenchProvider) -> None:
    context = ssl.create_default_context(cafile=provider.ports["ca_file"])
    base = f"https://localhost:{provider.ports['tls_port']}"
    with httpx.Client(verify=context) as http:
        with openai.OpenAI(base_url=f"{base}/v1", api_key="none", max_retries=0, http_client=http) as sdk:
            texts = [chunk.choices[0].delta.content for chunk in sdk.chat.completions.create(model="bench-3", messages=MESSAGES, stream=True)]
    assert sum(len(text or "") for text in texts) == 3 * BYTES_PER_TOKEN
    with Client(provider.ports["tls_port"], tls=context) as client:
        assert client.send(order("messages", "bench-2", stream=False)).answer().complete


def secure_wire(port: int, context: ssl.SSLContext, data: bytes) -> tuple[bytes, str]:
    """As `wire`, over TLS: the plaintext that came, and how TCP ended. A close_notify would fail it."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    received, is_sent = b"", False
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        while True:
            try:
                if not is_sent:
                    tls.do_handshake()
                    tls.write(data)
                    is_sent = True
                while piece := tls.read(65536):
                    received += piece
                raise AssertionError("the stream was closed with close_notify")
            except ssl.SSLWantReadError:
                connection.sendall(outgoing.read())
            try:
                encrypted = connection.recv(65536)
            except ConnectionResetError:
                return received, "RST"
            if not encrypted:
                return received, "FIN"
            incoming.write(encrypted)


@pytest.mark.parametrize(("fault", "tokens", "ending"), [("reset-head", 0, "RST"), ("reset-stream", 5, "RST"), ("truncated", 5, "FIN")])
def test_faults_over_tls(provider: BenchProvider, fault: str, tokens: int, ending: str) -> None:
    context = ssl.create_default_context(cafile=provider.ports["ca_file"])
    received, end = secure_wire(provider.ports["tls_port"], context, order("chat", f"fault-{fault}"))
    assert (len(stamps(received)), end) == (tokens, ending)


def test_a_certificate_that_was_given(tmp_path: Path, authority) -> None:
    files = authority.server_files(tmp_path)
    with BenchProvider(tmp_path, "--tls-cert", files["certificate"], "--tls-key", files["private_key"]) as provider:
        assert set(provider.ports) == {"port", "tls_port"}
        with Client(provider.ports["tls_port"], tls=authority.client_context()) as client:
            assert client.send(order("chat", "bench-2")).answer().complete


def test_plain_alone_and_options(tmp_path: Path) -> None:
    with BenchProvider(tmp_path, "--tokens", "6", "--bytes-per-token", "25", "--flush-each", "--loops", "2") as provider:
        assert set(provider.ports) == {"port"}
        answer = ask(provider, "chat", "any-model")
        assert len(stamps(answer.body)) == 6
        assert len(json.loads(ask(provider, "chat", "any-model", stream=False).body)["choices"][0]["message"]["content"]) == 6 * 25


@pytest.mark.parametrize("arguments", [["--tokens", "-1"], ["--bytes-per-token", "19"], ["--pace", "3600001"], ["--tls-cert", "x.pem"],
                                       ["--loops", "0"]])
def test_options_that_mean_nothing(arguments: list[str]) -> None:
    assert subprocess.run([str(BINARY), "provider", *arguments], capture_output=True, timeout=10).returncode == 64
