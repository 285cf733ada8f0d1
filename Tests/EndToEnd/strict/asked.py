"""What a request asks for, in no dialect: what the scenario answers from, and what tests look at."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field

MARK = re.compile(r"scenario:([a-z0-9-]+)")


@dataclass
class Image:
    media_type: str
    data: bytes

    def __str__(self) -> str:
        return f"{self.media_type} {len(self.data)} {hashlib.sha256(self.data).hexdigest()[:16]}"


@dataclass
class Call:
    name: str
    arguments: dict
    id: str | None = None


@dataclass
class Output:
    """What came of a call: `name` is the called tool's."""

    name: str
    text: str
    images: list[Image] = field(default_factory=list)
    is_error: bool = False


@dataclass
class Asked:
    dialect: str
    model: str
    stream: bool = False
    system: str = ""
    user_texts: list[str] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    tools: dict[str, dict] = field(default_factory=dict)  # name -> schema of its arguments
    outputs: list[Output] = field(default_factory=list)  # of the calls of the last assistant turn, in the calls' order
    forced_tool: str | None = None  # the tool's name, or "" for any
    is_parallel: bool = True
    stop: list[str] = field(default_factory=list)
    schema: dict | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    thinks: bool = False  # whether the model thinks
    shows_thinking: bool = False  # whether the client gets to read it
    states: int = 0  # how many of the provider's own states came back, all of them intact
    wants_usage: bool = True  # chat only: a usage chunk
    wants_state: bool = True  # Responses only: encrypted content

    @property
    def scenario(self) -> str:
        """The last marker that the user wrote."""
        return self._marker()[0]

    @property
    def parameter(self) -> object:
        """The JSON value behind the marker, where there is one: `scenario:calls [{"name":…}]`."""
        return self._marker()[1]

    def _marker(self) -> tuple[str, object]:
        for text in reversed(self.user_texts):
            for match in reversed(list(MARK.finditer(text))):
                rest = text[match.end() :].lstrip()
                try:
                    return match[1], json.JSONDecoder().raw_decode(rest)[0] if rest[:1] in ("[", "{") else None
                except json.JSONDecodeError:
                    return match[1], None
        return "text", None
