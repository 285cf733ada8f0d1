"""Shapes of JSON: which members an object may and must have, and of which types, down to the leaves.

A shape is checked with a dialect's `Wording`, so that the first thing that is wrong is refused in the words of the real API. Objects are closed: a
member that is not named is refused, which is what finds a translation that lets something of the other dialect through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from .refusal import Refusal

Path = tuple[str | int, ...]


class Wording(Protocol):
    """How a dialect words what is wrong at a path."""

    tags_in_path: bool  # whether the kind of a tagged object is part of the path (Anthropic)

    def unknown(self, path: Path, name: str) -> Refusal: ...
    def missing(self, path: Path, name: str) -> Refusal: ...
    def wrong_type(self, path: Path, expected: str, value: object) -> Refusal: ...
    def wrong_value(self, path: Path, value: object, allowed: Iterable[str], tag: str | None = None) -> Refusal: ...
    def no_match(self, path: Path, value: str, pattern: str) -> Refusal: ...
    def too_short(self, path: Path) -> Refusal: ...


def json_type(value: object) -> str:
    for kind, name in ((bool, "boolean"), (str, "string"), (int, "integer"), (float, "number"), (list, "array"), (dict, "object")):
        if isinstance(value, kind):
            return name
    return "null"


class Any:
    """Anything at all."""

    def check(self, value: object, path: Path, say: Wording) -> None:
        pass


class Scalar:
    def __init__(self, kind: str) -> None:
        self.kind = kind

    def check(self, value: object, path: Path, say: Wording) -> None:
        found = json_type(value)
        if found != self.kind and not (self.kind == "number" and found == "integer"):
            raise say.wrong_type(path, self.kind, value)


class Text(Scalar):
    """A string that matches a pattern."""

    def __init__(self, pattern: str) -> None:
        super().__init__("string")
        self.pattern = pattern

    def check(self, value: object, path: Path, say: Wording) -> None:
        super().check(value, path, say)
        if not re.fullmatch(self.pattern.removeprefix("^").removesuffix("$"), value):  # type: ignore[arg-type]
            raise say.no_match(path, value, self.pattern)  # type: ignore[arg-type]


class OneOf(Scalar):
    """One of several strings."""

    def __init__(self, *values: str) -> None:
        super().__init__("string")
        self.values = values

    def check(self, value: object, path: Path, say: Wording) -> None:
        super().check(value, path, say)
        if value not in self.values:
            raise say.wrong_value(path, value, self.values)


class Nullable:
    def __init__(self, shape) -> None:
        self.shape = shape

    def check(self, value: object, path: Path, say: Wording) -> None:
        if value is not None:
            self.shape.check(value, path, say)


class List:
    def __init__(self, item, least: int = 0) -> None:
        self.item = item
        self.least = least

    def check(self, value: object, path: Path, say: Wording) -> None:
        if not isinstance(value, list):
            raise say.wrong_type(path, "array", value)
        if len(value) < self.least:
            raise say.too_short(path)
        for index, item in enumerate(value):
            self.item.check(item, (*path, index), say)


class Object:
    """A closed object. A name with "!" behind it is required; `open` lets other members through."""

    def __init__(self, fields: dict, *, open: bool = False) -> None:
        self.fields = {name.rstrip("!"): shape for name, shape in fields.items()}
        self.required = [name[:-1] for name in fields if name.endswith("!")]
        self.open = open

    def check(self, value: object, path: Path, say: Wording) -> None:
        if not isinstance(value, dict):
            raise say.wrong_type(path, "object", value)
        for name in self.required:
            if name not in value:
                raise say.missing(path, name)
        for name, member in value.items():
            if name in self.fields:
                self.fields[name].check(member, (*path, name), say)
            elif not self.open:
                raise say.unknown(path, name)

    def and_also(self, fields: dict) -> "Object":
        return Object({name + ("!" if name in self.required else ""): shape for name, shape in self.fields.items()} | fields, open=self.open)


class Map:
    """An object whose member names are the caller's own."""

    def __init__(self, shape) -> None:
        self.shape = shape

    def check(self, value: object, path: Path, say: Wording) -> None:
        if not isinstance(value, dict):
            raise say.wrong_type(path, "object", value)
        for name, member in value.items():
            self.shape.check(member, (*path, name), say)


class Tagged:
    """Objects told apart by a member; `default` is the kind of those that lack it, `others` the shape of kinds that are not named."""

    def __init__(self, kinds: dict, *, tag: str = "type", default: str | None = None, others=None) -> None:
        self.kinds = kinds
        self.tag = tag
        self.default = default
        self.others = others

    def check(self, value: object, path: Path, say: Wording) -> None:
        if not isinstance(value, dict):
            raise say.wrong_type(path, "object", value)
        kind = value.get(self.tag, self.default)
        if kind is None:
            raise say.missing(path, self.tag)
        shape = self.kinds.get(kind) if isinstance(kind, str) else None
        if shape is None and self.others is None:
            raise say.wrong_value(path, kind, self.kinds, self.tag)
        if shape is None:
            self.others.check(value, path, say)
        else:
            shape.check(value, (*path, kind) if say.tags_in_path else path, say)


class Either:
    """One shape for each JSON type that the value may have: `Either(string=…, array=…)`."""

    def __init__(self, **shapes) -> None:
        self.shapes = shapes

    def check(self, value: object, path: Path, say: Wording) -> None:
        shape = self.shapes.get(json_type(value))
        if shape is None:
            raise say.wrong_type(path, " or ".join(self.shapes), value)
        shape.check(value, path, say)


ANY, STRING, INTEGER, NUMBER, BOOLEAN = Any(), Scalar("string"), Scalar("integer"), Scalar("number"), Scalar("boolean")
ANY_OBJECT = Map(ANY)
