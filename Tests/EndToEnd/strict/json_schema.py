"""The one fault of JSON schemas that translation makes: names of types that belong to OpenAPI as Gemini writes it (`STRING`)."""

from __future__ import annotations

TYPES = {"string", "number", "integer", "boolean", "array", "object", "null"}


def wrong_type(schema: object) -> object | None:
    """The first type in the schema that JSON Schema does not have; None when all is well."""
    if isinstance(schema, list):
        return next((found for each in schema if (found := wrong_type(each)) is not None), None)
    if not isinstance(schema, dict):
        return None
    kind = schema.get("type")
    for each in kind if isinstance(kind, list) else [kind]:
        if each is not None and each not in TYPES:
            return each
    inner = [schema.get(name) for name in ("items", "anyOf", "oneOf", "allOf", "additionalProperties")]
    inner += [member for group in ("properties", "$defs") for member in (schema.get(group) or {}).values()]
    return wrong_type(inner)
