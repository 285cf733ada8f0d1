"""What a generateContent request may hold: protocol buffers in JSON, so that names may come in camelCase and in snake_case."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable

from ..refusal import Refusal
from ..shape import ANY_OBJECT, BOOLEAN, INTEGER, NUMBER, STRING, Any, List, Map, Object, OneOf, Path, json_type

TYPES = {"string": "TYPE_STRING", "integer": "TYPE_INT32", "number": "TYPE_DOUBLE", "boolean": "TYPE_BOOL", "object": "message"}


def snake(name: str) -> str:
    return re.sub("([A-Z])", lambda match: "_" + match[1].lower(), name)


def at(path: Path) -> str:
    """`contents[0].parts[1].inline_data`."""
    text = ""
    for step in path:
        name = snake(step) if isinstance(step, str) else step
        text += f"[{name}]" if isinstance(step, int) else f".{name}" if text else str(name)
    return text


class Wording:
    tags_in_path = False

    def unknown(self, path: Path, name: str) -> Refusal:
        where = f" at '{at(path)}'" if path else ""
        return Refusal(f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.')

    def missing(self, path: Path, name: str) -> Refusal:
        return Refusal(f"* GenerateContentRequest.{at((*path, name))}: {at((*path, name))} is not specified\n")

    def wrong_type(self, path: Path, expected: str, value: object) -> Refusal:
        if expected == "array" or json_type(value) in ("object", "array"):
            return self.not_repeating(path) if expected != "array" else Refusal(f"Invalid value at '{at(path)}', expected a list")
        return Refusal(f"Invalid value at '{at(path)}' ({TYPES.get(expected, expected)}), {value!r}")

    def not_repeating(self, path: Path) -> Refusal:
        return Refusal(f'Invalid JSON payload received. Unknown name "{snake(str(path[-1]))}" at \'{at(path[:-1])}\': Proto field is not repeating, '
                       "cannot start list.")

    def wrong_value(self, path: Path, value: object, allowed: Iterable[str], tag: str | None = None) -> Refusal:
        return Refusal(f"Invalid value at '{at(path)}' (type.googleapis.com/google.ai.generativelanguage.v1beta.Enum), \"{value}\"")

    def no_match(self, path: Path, value: str, pattern: str) -> Refusal:
        return Refusal(f"Invalid value at '{at(path)}', \"{value}\"")

    def too_short(self, path: Path) -> Refusal:
        return Refusal(f"* GenerateContentRequest.{at(path)}: {at(path)} is not specified\n")


class Base64:
    def check(self, value: object, path: Path, say: Wording) -> None:
        STRING.check(value, path, say)
        try:
            decoded(value)  # type: ignore[arg-type]
        except binascii.Error:
            raise Refusal(f"Invalid value at '{at(path)}' (TYPE_BYTES), Base64 decoding failed for \"{value}\"") from None


def decoded(value: str) -> bytes:
    """Either alphabet is taken, with or without padding."""
    plain = value.replace("-", "+").replace("_", "/").rstrip("=")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


class Struct:
    """google.protobuf.Struct: an object of any content."""

    def check(self, value: object, path: Path, say: Wording) -> None:
        if not isinstance(value, dict):
            raise Refusal(f"Invalid value at '{at(path)}' (type.googleapis.com/google.protobuf.Struct), {value!r}")


class Schema:
    """The subset of OpenAPI that `parameters` and `responseSchema` take. Names of properties are the caller's own."""

    members = ("type", "format", "title", "description", "nullable", "enum", "maxItems", "minItems", "properties", "required", "minProperties",
               "maxProperties", "minLength", "maxLength", "pattern", "example", "anyOf", "propertyOrdering", "default", "items", "minimum", "maximum")
    types = ("STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL", "TYPE_UNSPECIFIED")

    def check(self, value: object, path: Path, say: Wording) -> None:
        if not isinstance(value, dict):
            raise say.wrong_type(path, "object", value)
        for name in value:
            if name not in self.members and name not in map(snake, self.members):
                raise say.unknown(path, name)
        kind = value.get("type")
        if isinstance(kind, list):
            raise WORDING.not_repeating((*path, "type"))
        if kind is not None and str(kind).upper() not in self.types:
            raise say.wrong_value((*path, "type"), kind, self.types)
        kind = str(kind or "").upper()
        where = f"* GenerateContentRequest.{at(path)}"
        # Recorded: taken for a whole function without parameters.
        if kind == "OBJECT" and "properties" in value and not value["properties"] and path[-1] != "parameters":
            raise Refusal(f"{where}.properties: should be non-empty for OBJECT type\n")
        if kind == "ARRAY" and "items" not in value:
            raise Refusal(f"{where}.items: missing field.\n")
        if value.get("enum") is not None and kind != "STRING":
            raise Refusal(f"{where}.enum: only allowed for STRING type\n")
        if kind == "STRING" and value.get("format") not in (None, "enum", "date-time"):
            raise Refusal(f"{where}.format: only 'enum' and 'date-time' are supported for STRING type\n")
        for name in value.get("required") or []:
            if name not in (value.get("properties") or {}):
                raise Refusal(f"{where}.required[{value['required'].index(name)}]: property is not defined\n")
        for name, member in (value.get("properties") or {}).items():
            self.check(member, (*path, "properties", name), say)
        if "items" in value:
            self.check(value["items"], (*path, "items"), say)
        for index, member in enumerate(value.get("anyOf") or value.get("any_of") or []):
            self.check(member, (*path, "anyOf", index), say)


class Count(Any):
    """An integer, which may be written as a string."""

    def check(self, value: object, path: Path, say: Wording) -> None:
        if not (isinstance(value, str) and value.lstrip("-").isdigit()):
            INTEGER.check(value, path, say)


WORDING = Wording()
BLOB = Object({"mimeType!": STRING, "data!": Base64(), "displayName": STRING})
FILE = Object({"mimeType": STRING, "fileUri!": STRING, "displayName": STRING})
PART = Object({
    "text": STRING, "thought": BOOLEAN, "thoughtSignature": Base64(), "inlineData": BLOB, "fileData": FILE, "videoMetadata": ANY_OBJECT,
    "mediaResolution": ANY_OBJECT, "partMetadata": ANY_OBJECT,
    "functionCall": Object({"name!": STRING, "args": Struct(), "id": STRING}),
    "functionResponse": Object({"name!": STRING, "response!": Struct(), "id": STRING, "willContinue": BOOLEAN, "scheduling": STRING,
                                "parts": List(Object({"inlineData": BLOB, "fileData": FILE}))}),
    "executableCode": ANY_OBJECT, "codeExecutionResult": ANY_OBJECT, "toolCall": ANY_OBJECT, "toolResponse": ANY_OBJECT,
})
CONTENT = Object({"role": STRING, "parts": List(PART)})
FUNCTION = Object({"name!": STRING, "description": STRING, "parameters": Schema(), "parametersJsonSchema": Struct(), "response": Schema(),
                   "responseJsonSchema": Struct(), "behavior": STRING})
TOOL = Object({"functionDeclarations": List(FUNCTION)} | {name: ANY_OBJECT for name in (
    "googleSearch", "googleSearchRetrieval", "codeExecution", "urlContext", "fileSearch", "computerUse", "googleMaps", "mcpServers")})
GENERATION = Object({
    "candidateCount": Count(), "stopSequences": List(STRING), "maxOutputTokens": Count(), "temperature": NUMBER, "topP": NUMBER, "topK": NUMBER,
    "seed": Count(), "presencePenalty": NUMBER, "frequencyPenalty": NUMBER, "responseLogprobs": BOOLEAN, "logprobs": Count(), "responseMimeType": STRING,
    "responseSchema": Schema(), "responseJsonSchema": Struct(), "responseFormat": ANY_OBJECT, "responseModalities": List(STRING), "speechConfig": ANY_OBJECT,
    "thinkingConfig": Object({"includeThoughts": BOOLEAN, "thinkingBudget": Count(), "thinkingLevel": STRING}),
    "mediaResolution": STRING, "imageConfig": ANY_OBJECT, "enableEnhancedCivicAnswers": BOOLEAN,
})
REQUEST = Object({
    "contents!": List(CONTENT, least=1), "systemInstruction": CONTENT, "tools": List(TOOL), "generationConfig": GENERATION,
    "toolConfig": Object({"functionCallingConfig": Object({"mode": OneOf("AUTO", "ANY", "NONE", "VALIDATED", "MODE_UNSPECIFIED"),
                                                           "allowedFunctionNames": List(STRING)}),
                          "retrievalConfig": ANY_OBJECT, "includeServerSideToolInvocations": BOOLEAN}),
    "safetySettings": List(Object({"category!": STRING, "threshold!": STRING})), "cachedContent": STRING, "labels": Map(STRING), "model": STRING,
    "modelArmorConfig": ANY_OBJECT, "serviceTier": STRING, "store": BOOLEAN,
})

# What holds the caller's own names, and is left as it is.
OPAQUE = {"args", "response", "parametersJsonSchema", "responseJsonSchema", "parameters", "responseSchema", "labels"}


def camel(value: object) -> object:
    """The request with all its member names in camelCase."""
    if isinstance(value, list):
        return [camel(each) for each in value]
    if not isinstance(value, dict):
        return value
    named = {re.sub("_([a-z])", lambda match: match[1].upper(), name): member for name, member in value.items()}
    return {name: member if name in OPAQUE else camel(member) for name, member in named.items()}
