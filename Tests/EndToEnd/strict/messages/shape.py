"""What a Messages request may hold. Members of betas are added by the betas that the request asks for."""

from __future__ import annotations

from collections.abc import Iterable

from ..refusal import Refusal
from ..shape import (ANY, ANY_OBJECT, BOOLEAN, INTEGER, NUMBER, STRING, Either, List, Nullable, Object, OneOf, Path, Tagged, Text)

TYPES = {"string": "a valid string", "integer": "a valid integer", "number": "a valid number", "boolean": "a valid boolean", "array": "a valid list",
         "object": "an object"}


class Wording:
    tags_in_path = True

    def at(self, path: Path) -> str:
        return ".".join(str(step) for step in path)

    def unknown(self, path: Path, name: str) -> Refusal:
        return Refusal(f"{self.at((*path, name))}: Extra inputs are not permitted")

    def missing(self, path: Path, name: str) -> Refusal:
        return Refusal(f"{self.at((*path, name))}: Field required")

    def wrong_type(self, path: Path, expected: str, value: object) -> Refusal:
        return Refusal(f"{self.at(path)}: Input should be {TYPES.get(expected.split(' ')[0], expected)}")

    def wrong_value(self, path: Path, value: object, allowed: Iterable[str], tag: str | None = None) -> Refusal:
        names = [f"'{each}'" for each in allowed]
        if tag == "type":
            return Refusal(f"{self.at(path)}: Input tag '{value}' found using '{tag}' does not match any of the expected tags: {', '.join(names)}")
        return Refusal(f"{self.at(path)}: Input should be {', '.join(names[:-1])} or {names[-1]}")

    def no_match(self, path: Path, value: str, pattern: str) -> Refusal:
        return Refusal(f"{self.at(path)}: String should match pattern '{pattern}'")

    def too_short(self, path: Path) -> Refusal:
        return Refusal(f"{self.at(path)}: List should have at least 1 item after validation, not 0")


WORDING = Wording()
ID = Text("^[a-zA-Z0-9_-]+$")
CACHE = Nullable(Object({"type!": OneOf("ephemeral"), "ttl": OneOf("5m", "1h")}))


def block(fields: dict) -> Object:
    return Object({"type!": STRING, "cache_control": CACHE} | fields)


TEXT = block({"text!": STRING, "citations": Nullable(List(ANY_OBJECT))})
IMAGE = block({"source!": Tagged({
    "base64": Object({"type!": STRING, "media_type!": OneOf("image/jpeg", "image/png", "image/gif", "image/webp"), "data!": STRING}),
    "url": Object({"type!": STRING, "url!": STRING}),
    "file": Object({"type!": STRING, "file_id!": STRING}),
})})
DOCUMENT = block({"title": Nullable(STRING), "context": Nullable(STRING), "citations": Nullable(Object({"enabled": BOOLEAN})), "source!": Tagged({
    "base64": Object({"type!": STRING, "media_type!": OneOf("application/pdf"), "data!": STRING}),
    "text": Object({"type!": STRING, "media_type!": OneOf("text/plain"), "data!": STRING}),
    "content": Object({"type!": STRING, "content!": ANY}),
    "url": Object({"type!": STRING, "url!": STRING}),
    "file": Object({"type!": STRING, "file_id!": STRING}),
})})
SEARCH_RESULT = block({"source!": STRING, "title!": STRING, "content!": List(TEXT), "citations": ANY_OBJECT})
TOOL_RESULT = block({"tool_use_id!": ID, "is_error": BOOLEAN, "content": Either(string=STRING, array=List(Tagged({
    "text": TEXT, "image": IMAGE, "document": DOCUMENT, "search_result": SEARCH_RESULT,
    "tool_reference": block({"tool_name!": STRING}),
})))})
USER_BLOCKS = {"text": TEXT, "image": IMAGE, "document": DOCUMENT, "search_result": SEARCH_RESULT, "tool_result": TOOL_RESULT,
               "container_upload": block({"file_id!": STRING})}
# Blocks of the provider's own tools, as they are echoed.
SERVER_BLOCKS = {name: Object({"type!": STRING, "tool_use_id!": STRING, "content!": ANY, "is_error": BOOLEAN, "cache_control": CACHE, "caller": ANY_OBJECT})
                 for name in ("web_search_tool_result", "web_fetch_tool_result", "code_execution_tool_result", "bash_code_execution_tool_result",
                              "text_editor_code_execution_tool_result", "tool_search_tool_result", "mcp_tool_result", "advisor_tool_result")}
ASSISTANT_BLOCKS = SERVER_BLOCKS | {
    "text": TEXT,
    "thinking": Object({"type!": STRING, "thinking!": STRING, "signature!": STRING}),
    "redacted_thinking": Object({"type!": STRING, "data!": STRING}),
    "tool_use": block({"id!": ID, "name!": Text("^[a-zA-Z0-9_-]{1,200}$"), "input!": ANY_OBJECT, "caller": Nullable(ANY_OBJECT)}),
    "server_tool_use": block({"id!": ID, "name!": STRING, "input!": ANY_OBJECT, "caller": Nullable(ANY_OBJECT)}),
    "mcp_tool_use": block({"id!": ID, "name!": STRING, "input!": ANY_OBJECT, "server_name!": STRING}),
}


def message(blocks: dict, betas: set[str]) -> Object:
    fields: dict = {"role!": STRING, "content!": Either(string=STRING, array=List(Tagged(blocks)))}
    if "per-turn-control-2026-07-01" in betas:
        fields["output_config"] = ANY_OBJECT
    return Object(fields)


class Message:
    """The blocks that a message may hold depend on who says it."""

    def __init__(self, betas: set[str]) -> None:
        self.kinds = {"user": message(USER_BLOCKS, betas), "assistant": message(ASSISTANT_BLOCKS, betas), "system": message({"text": TEXT}, betas)}

    def check(self, value: object, path: Path, say: Wording) -> None:
        if not isinstance(value, dict):
            raise say.wrong_type(path, "object", value)
        if "role" not in value:
            raise say.missing(path, "role")
        if value["role"] not in self.kinds:
            raise say.wrong_value((*path, "role"), value["role"], ("user", "assistant"))
        self.kinds[value["role"]].check(value, path, say)


class Tool:
    """A client's tool is closed; the provider's own tools have members of their own."""

    custom = Object({"name!": Text("^[a-zA-Z0-9_-]{1,128}$"), "type": Nullable(OneOf("custom")), "description": STRING, "cache_control": CACHE,
                     "input_schema!": Object({"type!": OneOf("object")}, open=True), "strict": BOOLEAN, "eager_input_streaming": Nullable(BOOLEAN),
                     "defer_loading": BOOLEAN, "input_examples": List(ANY_OBJECT), "allowed_callers": List(STRING)})
    own = Object({"type!": STRING, "name": STRING}, open=True)

    def check(self, value: object, path: Path, say: Wording) -> None:
        is_own = isinstance(value, dict) and value.get("type") not in (None, "custom")
        self.own.check(value, path, say) if is_own else self.custom.check(value, (*path, "custom"), say)


DISPLAYS = ("summarized", "omitted")
EFFORT = OneOf("low", "medium", "high", "xhigh", "max")
JSON_FORMAT = Nullable(Object({"type!": OneOf("json_schema"), "schema!": ANY_OBJECT}))
PARALLEL = {"type!": STRING, "disable_parallel_tool_use": BOOLEAN}


def request(betas: set[str]) -> Object:
    display = Nullable(OneOf(*DISPLAYS, *(["updates"] if any(beta.startswith("thinking-display-updates") for beta in betas) else [])))
    fields: dict = {
        "model!": STRING, "messages!": List(Message(betas), least=1), "max_tokens!": INTEGER,
        "system": Either(string=STRING, array=List(Tagged({"text": TEXT}))),
        "metadata": Object({"user_id": Nullable(STRING)}), "stop_sequences": List(STRING), "stream": BOOLEAN,
        "temperature": NUMBER, "top_k": INTEGER, "top_p": NUMBER, "service_tier": OneOf("auto", "standard_only"), "cache_control": CACHE,
        "container": Nullable(Either(string=STRING, object=ANY_OBJECT)), "inference_geo": Nullable(STRING),
        "thinking": Tagged({"enabled": Object({"type!": STRING, "budget_tokens!": INTEGER, "display": display}),
                            "adaptive": Object({"type!": STRING, "display": display}), "disabled": Object({"type!": STRING})}),
        "output_config": Object({"effort": Nullable(EFFORT), "format": JSON_FORMAT}),
        "tool_choice": Tagged({"auto": Object(PARALLEL), "any": Object(PARALLEL), "tool": Object(PARALLEL | {"name!": STRING}),
                               "none": Object({"type!": STRING})}),
        "tools": List(Tool()),
    }
    if any(beta.startswith("context-management") for beta in betas):
        fields["context_management"] = Nullable(ANY_OBJECT)
    if any(beta.startswith("mcp-client") for beta in betas):
        fields["mcp_servers"] = List(ANY_OBJECT)
    if any(beta.startswith("structured-outputs") for beta in betas):
        fields["output_format"] = JSON_FORMAT
    return Object(fields)


