"""How OpenAI words what is wrong with a request, in chat and in Responses; and its rules for strict schemas."""

from __future__ import annotations

from collections.abc import Iterable

from dialects import compact

from .json_schema import wrong_type
from .refusal import AUTHENTICATION, INVALID, NOT_FOUND, OVERLOADED, RATE_LIMIT, SERVER, Refusal
from .shape import Path, json_type

ARTICLES = {"string": "a string", "integer": "an integer", "number": "a decimal", "boolean": "a boolean", "array": "an array of objects",
            "object": "an object", "null": "null"}
KINDS = {INVALID: "invalid_request_error", AUTHENTICATION: "invalid_request_error", NOT_FOUND: "invalid_request_error", RATE_LIMIT: "requests",
         SERVER: "server_error", OVERLOADED: "server_error"}
CODES = {AUTHENTICATION: "invalid_api_key", RATE_LIMIT: "rate_limit_exceeded", OVERLOADED: "server_overloaded"}


def error(refusal: Refusal) -> bytes:
    return compact({"error": error_object(refusal)})


def error_object(refusal: Refusal) -> dict:
    return {"message": refusal.message, "type": KINDS[refusal.kind], "param": refusal.param, "code": refusal.code or CODES.get(refusal.kind)}


def at(path: Path) -> str:
    """`messages[0].content`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


class Wording:
    tags_in_path = False

    def unknown(self, path: Path, name: str) -> Refusal:
        where = at((*path, name))
        return Refusal(f"Unknown parameter: '{where}'.", param=where, code="unknown_parameter")

    def missing(self, path: Path, name: str) -> Refusal:
        where = at((*path, name))
        return Refusal(f"Missing required parameter: '{where}'.", param=where, code="missing_required_parameter")

    def wrong_type(self, path: Path, expected: str, value: object) -> Refusal:
        wanted = " or ".join(ARTICLES[each] for each in expected.split(" or "))
        return Refusal(f"Invalid type for '{at(path)}': expected {wanted}, but got {ARTICLES[json_type(value)]} instead.", param=at(path), code="invalid_type")

    def wrong_value(self, path: Path, value: object, allowed: Iterable[str], tag: str | None = None) -> Refusal:
        names = [f"'{each}'" for each in allowed]
        where = at((*path, tag) if tag else path)
        listed = f"{', '.join(names[:-1])}, and {names[-1]}" if len(names) > 1 else names[0]
        return Refusal(f"Invalid value: '{value}'. Supported values are: {listed}.", param=where, code="invalid_value")

    def no_match(self, path: Path, value: str, pattern: str) -> Refusal:
        return Refusal(f"Invalid '{at(path)}': string does not match pattern. Expected a string that matches the pattern '{pattern}'.", param=at(path),
                       code="invalid_value")

    def too_short(self, path: Path) -> Refusal:
        return Refusal(f"Invalid '{at(path)}': empty array. Expected an array with minimum length 1, but got an empty array instead.", param=at(path),
                       code="empty_array")


WORDING = Wording()


def check_length(path: Path, value: str, longest: int) -> None:
    if len(value) > longest:
        raise Refusal(f"Invalid '{at(path)}': string too long. Expected a string with maximum length {longest}, but got a string with length "
                      f"{len(value)} instead.", param=at(path), code="string_above_max_length")


def check_strict(schema: object, path: Path, subject: str, code: str, context: tuple = ()) -> None:
    """Every object of a strict schema is closed and requires all its properties. `subject`: `function 'x'` or `response_format 'x'`."""
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "object" or "properties" in schema:
        if schema.get("additionalProperties") is not False:
            raise _not_strict(subject, context, "'additionalProperties' is required to be supplied and to be false.", path, code)
        missing = [name for name in schema.get("properties") or {} if name not in (schema.get("required") or [])]
        if missing:
            raise _not_strict(subject, context, "'required' is required to be supplied and to be an array including every key in properties. "
                              f"Missing '{missing[0]}'.", path, code)
    for group in ("properties", "$defs"):
        for name, member in (schema.get(group) or {}).items():
            check_strict(member, path, subject, code, (*context, group, name))
    if "items" in schema:
        check_strict(schema["items"], path, subject, code, (*context, "items"))
    for index, member in enumerate(schema.get("anyOf") or []):
        check_strict(member, path, subject, code, (*context, "anyOf", str(index)))


def _not_strict(subject: str, context: tuple, what: str, path: Path, code: str) -> Refusal:
    return Refusal(f"Invalid schema for {subject}: In context={context!r}, {what}", param=at(path), code=code)


def check_types(schema: object, path: Path, subject: str, code: str) -> None:
    """Types are JSON Schema's."""
    if (kind := wrong_type(schema)) is not None:
        raise Refusal(f"Invalid schema for {subject}: '{kind}' is not valid under any of the given schemas.", param=at(path), code=code)
