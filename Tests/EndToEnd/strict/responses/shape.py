"""What a Responses request may hold."""

from __future__ import annotations

from ..openai_wording import Wording
from ..shape import (ANY, ANY_OBJECT, BOOLEAN, INTEGER, NUMBER, STRING, Either, List, Map, Nullable, Object, OneOf, Path, Tagged, Text)

NAME = Text("^[a-zA-Z0-9_-]+$")
STATUS = Nullable(OneOf("in_progress", "completed", "incomplete"))
INPUT_PARTS = {
    "input_text": Object({"type!": STRING, "text!": STRING}),
    "input_image": Object({"type!": STRING, "image_url": Nullable(STRING), "file_id": Nullable(STRING), "detail": OneOf("auto", "low", "high", "original")}),
    "input_file": Object({"type!": STRING, "file_data": STRING, "file_id": Nullable(STRING), "file_url": STRING, "filename": STRING}),
}
OUTPUT_PARTS = {
    "output_text": Object({"type!": STRING, "text!": STRING, "annotations": List(ANY_OBJECT), "logprobs": Nullable(List(ANY))}),
    "refusal": Object({"type!": STRING, "refusal!": STRING}),
}


def message(parts: dict) -> Object:
    return Object({"type": OneOf("message"), "role!": STRING, "content!": Either(string=STRING, array=List(Tagged(parts))), "id": STRING, "status": STATUS,
                   "phase": Nullable(OneOf("commentary", "final_answer"))})


ROLES = Tagged({name: message(INPUT_PARTS) for name in ("user", "system", "developer")} | {"assistant": message(OUTPUT_PARTS)}, tag="role")
OUTPUT = Either(string=STRING, array=List(Tagged(INPUT_PARTS)))
ITEMS = {
    "reasoning": Object({"type!": STRING, "id!": STRING, "summary!": List(Object({"type!": OneOf("summary_text"), "text!": STRING})),
                         "content": Nullable(List(Object({"type!": OneOf("reasoning_text"), "text!": STRING}))), "encrypted_content": Nullable(STRING),
                         "status": STATUS}),
    "function_call": Object({"type!": STRING, "id": Nullable(STRING), "call_id!": STRING, "name!": NAME, "arguments!": STRING, "status": STATUS,
                             "namespace": Nullable(STRING), "caller": Nullable(ANY_OBJECT)}),
    "function_call_output": Object({"type!": STRING, "id": Nullable(STRING), "call_id!": STRING, "output!": OUTPUT, "status": STATUS,
                                    "caller": Nullable(ANY_OBJECT)}),
    "custom_tool_call": Object({"type!": STRING, "id": STRING, "call_id!": STRING, "name!": NAME, "input!": STRING, "status": STATUS,
                                "namespace": Nullable(STRING)}),
    "custom_tool_call_output": Object({"type!": STRING, "id": STRING, "call_id!": STRING, "output!": OUTPUT}),
    "item_reference": Object({"type": STRING, "id!": STRING}),
}
# Items of tools that OpenAI runs itself.
ITEMS |= {name: Object({"type!": STRING}, open=True) for name in (
    "web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call", "mcp_call", "mcp_list_tools", "mcp_approval_request",
    "mcp_approval_response", "computer_call", "computer_call_output", "local_shell_call", "local_shell_call_output", "shell_call", "shell_call_output",
    "apply_patch_call", "apply_patch_call_output", "tool_search_call", "tool_search_output", "compaction", "additional_tools")}


class Item:
    """A message needs no type."""

    def check(self, value: object, path: Path, say: Wording) -> None:
        if isinstance(value, dict) and value.get("type", "message") == "message":
            ROLES.check(value, path, say)
        else:
            Tagged(ITEMS).check(value, path, say)


class Tool:
    """Our kinds are closed; OpenAI's own tools have members of their own."""

    kinds = {
        "function": Object({"type!": STRING, "name!": NAME, "description": Nullable(STRING), "parameters": Nullable(Object({}, open=True)),
                            "strict": Nullable(BOOLEAN), "defer_loading": BOOLEAN, "output_schema": Nullable(ANY_OBJECT),
                            "allowed_callers": Nullable(List(STRING))}),
        "custom": Object({"type!": STRING, "name!": NAME, "description": STRING, "format": ANY_OBJECT, "defer_loading": BOOLEAN}),
        "namespace": Object({"type!": STRING, "name!": NAME, "description": STRING, "tools!": List(ANY_OBJECT)}),
    }
    kinds |= {name: Object({"type!": STRING}, open=True) for name in (
        "web_search", "web_search_preview", "web_search_2025_08_26", "file_search", "code_interpreter", "image_generation", "mcp", "computer_use_preview",
        "computer", "local_shell", "shell", "apply_patch", "tool_search")}

    def check(self, value: object, path: Path, say: Wording) -> None:
        Tagged(self.kinds).check(value, path, say)


CHOICE = Either(string=OneOf("none", "auto", "required"), object=Tagged({
    "function": Object({"type!": STRING, "name!": NAME}),
    "custom": Object({"type!": STRING, "name!": NAME}),
    "allowed_tools": Object({"type!": STRING, "mode!": OneOf("auto", "required"), "tools!": List(ANY_OBJECT)}),
}, others=Object({"type!": STRING}, open=True)))
FORMAT = Tagged({
    "text": Object({"type!": STRING}),
    "json_object": Object({"type!": STRING}),
    "json_schema": Object({"type!": STRING, "name!": NAME, "schema!": ANY_OBJECT, "description": Nullable(STRING), "strict": Nullable(BOOLEAN)}),
})
REASONING = Object({
    "effort": Nullable(OneOf("none", "minimal", "low", "medium", "high", "xhigh", "max")), "summary": Nullable(OneOf("auto", "concise", "detailed")),
    "generate_summary": Nullable(OneOf("auto", "concise", "detailed")), "context": Nullable(STRING), "mode": Nullable(STRING)})

REQUEST = Object({
    "model!": STRING, "input!": Either(string=STRING, array=List(Item())), "instructions": Nullable(STRING), "stream": Nullable(BOOLEAN),
    "stream_options": Nullable(Object({"include_obfuscation": BOOLEAN})), "max_output_tokens": Nullable(INTEGER), "max_tool_calls": Nullable(INTEGER),
    "temperature": Nullable(NUMBER), "top_p": Nullable(NUMBER), "top_logprobs": Nullable(INTEGER), "tools": Nullable(List(Tool())), "tool_choice": CHOICE,
    "parallel_tool_calls": Nullable(BOOLEAN), "reasoning": Nullable(REASONING), "include": Nullable(List(STRING)), "store": Nullable(BOOLEAN),
    "text": Nullable(Object({"format": FORMAT, "verbosity": Nullable(OneOf("low", "medium", "high"))})), "truncation": Nullable(OneOf("auto", "disabled")),
    "previous_response_id": Nullable(STRING), "conversation": Nullable(Either(string=STRING, object=ANY_OBJECT)), "background": Nullable(BOOLEAN),
    "metadata": Nullable(Map(STRING)), "user": STRING, "safety_identifier": STRING, "prompt_cache_key": STRING, "prompt_cache_retention": Nullable(STRING),
    "service_tier": Nullable(OneOf("auto", "default", "flex", "priority", "scale")), "prompt": Nullable(ANY_OBJECT), "client_metadata": Nullable(ANY_OBJECT),
    "context_management": Nullable(List(ANY_OBJECT)), "prompt_cache_options": Nullable(ANY_OBJECT),
})
