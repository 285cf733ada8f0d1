"""A request that the real API refuses, with what it says. Each dialect puts one into its own error body."""

from __future__ import annotations

from dataclasses import dataclass, field

# Names of the kinds of errors are Anthropic's; the other dialects translate them.
INVALID, AUTHENTICATION, NOT_FOUND, RATE_LIMIT, SERVER, OVERLOADED = (
    "invalid_request_error", "authentication_error", "not_found_error", "rate_limit_error", "api_error", "overloaded_error")


@dataclass
class Refusal(Exception):
    """`param` and `code` are OpenAI's."""

    message: str
    status: int = 400
    kind: str = INVALID
    param: str | None = None
    code: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    retry_seconds: int | None = field(default=None)

    def __str__(self) -> str:
        return f"{self.status} {self.message}"
