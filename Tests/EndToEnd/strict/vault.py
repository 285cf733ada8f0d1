"""The states that a provider issued: signatures of thinking, encrypted reasoning, thought signatures. It takes back only its own, unchanged."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field


@dataclass
class Vault:
    """`trusts_all` takes any state for its own: for requests that were recorded against the real API."""

    trusts_all: bool = False
    issued: dict[str, tuple[str, str]] = field(default_factory=dict)
    count: int = 0

    def issue(self, dialect: str, text: str) -> str:
        """A state of a dialect that stands for a text."""
        self.count += 1
        seed = f"{dialect}/{self.count}/{text}".encode()
        # Longer than a line, with the "+", "/" and "=" of base64: what a header or an id would not survive.
        state = base64.b64encode(b"\xfb\xef" + hashlib.sha512(seed).digest() * 2 + dialect.encode()[:2]).decode()
        self.issued[state] = (dialect, text)
        return state

    def knows(self, dialect: str, state: object, text: str | None = None) -> bool:
        """Whether the state was issued by this dialect's provider; with `text`, for exactly this text."""
        if self.trusts_all:
            return True
        found = self.issued.get(state) if isinstance(state, str) else None
        return found is not None and found[0] == dialect and (text is None or found[1] == text)
