"""What every driver takes and gives."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

TIMEOUT_SECONDS = 15


@dataclass(frozen=True)
class Tool:
    name: str
    description: str
    schema: dict


@dataclass(frozen=True)
class Image:
    media_type: str
    data: bytes


@dataclass(frozen=True)
class ToolOutput:
    text: str
    is_error: bool = False
    image: Image | None = None


@dataclass(frozen=True)
class Ask:
    """A question. `tool_choice` is "auto", "any", "none" or a tool's name."""

    model: str
    scenario: str
    stream: bool = False
    tools: tuple[Tool, ...] = ()
    tool_choice: str | None = None
    parallel: bool | None = None
    image: Image | None = None
    system: str | None = None
    stop: tuple[str, ...] = ()
    schema: dict | None = None
    thinking: bool = False
    max_tokens: int | None = None
    temperature: float | None = None
    text: str = ""

    @property
    def words(self) -> str:
        return f"{self.text} scenario:{self.scenario}".strip()


@dataclass
class Call:
    id: str | None
    name: str
    arguments: dict


@dataclass(frozen=True)
class Usage:
    """`input` and `output` hold all of their parts; None where the dialect does not tell."""

    input: int
    cached: int
    output: int
    reasoning: int | None


@dataclass
class Result:
    """`stop`: end, tools, length, stop, filtered, or None where the answer did not say. `states`: what the client carries for the provider.
    `history`: the conversation with this answer, as the SDK sends it back."""

    text: str
    stop: str | None
    calls: list[Call] = field(default_factory=list)
    stop_text: str | None = None
    usage: Usage | None = None
    thinking: str = ""
    states: list[str] = field(default_factory=list)
    history: list = field(default_factory=list)
    model: str | None = None


@dataclass
class ClientFailure(Exception):
    """An error of an SDK. `status` is None inside of a stream; `text` what had come until then."""

    error: Exception
    status: int | None
    message: str
    retry_after: float | None = None
    text: str = ""

    def __str__(self) -> str:
        return f"{type(self.error).__name__} {self.status}: {self.message}"


class Driver(ABC):
    """One SDK, talking to `url` with `key`."""

    dialect: str

    def __init__(self, url: str, key: str, timeout: float = TIMEOUT_SECONDS) -> None:
        self.url = url
        self.key = key
        self.timeout = timeout
        self.text = ""  # of the answer that is coming

    @abstractmethod
    def close(self) -> None:
        """Ends the SDK's connections."""

    def __enter__(self) -> "Driver":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, ask: Ask) -> Result:
        """Asks; raises ClientFailure."""
        return self.go_on(ask, self.first(ask))

    def answer(self, ask: Ask, result: Result, outputs: list[ToolOutput]) -> Result:
        """Gives the results of the calls, in their order, and asks on; raises ClientFailure."""
        return self.go_on(ask, result.history + self.results(result, outputs))

    def go_on(self, ask: Ask, history: list) -> Result:
        """Asks with the conversation as it is; raises ClientFailure."""
        self.text = ""
        with self._failures():
            return self.streamed(ask, history) if ask.stream else self.whole(ask, history)

    def hang_up(self, ask: Ask) -> float:
        """Streams until the first text and closes; when it did (monotonic seconds)."""
        with self._failures(), self.open(ask, self.first(ask)) as texts:
            next(texts)
        return time.monotonic()

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except self.errors as error:
            raise self.failure(error) from error

    # What each SDK does in its own way

    errors: tuple[type[Exception], ...]

    @abstractmethod
    def first(self, ask: Ask) -> list:
        """The conversation that begins with the question."""

    @abstractmethod
    def results(self, result: Result, outputs: list[ToolOutput]) -> list:
        """What is added to the conversation for the results of calls."""

    @abstractmethod
    def whole(self, ask: Ask, history: list) -> Result: ...

    @abstractmethod
    def streamed(self, ask: Ask, history: list) -> Result: ...

    @abstractmethod
    def open(self, ask: Ask, history: list):
        """A context manager: pieces of text of a streamed answer, closed at its end."""

    @abstractmethod
    def failure(self, error: Exception) -> ClientFailure: ...


class StreamFailed(Exception):
    """A failure that the SDK hands out as an event."""
