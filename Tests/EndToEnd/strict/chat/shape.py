"""What a chat request may hold."""

from __future__ import annotations

from ..openai_wording import Wording
from ..shape import (ANY_OBJECT, BOOLEAN, INTEGER, NUMBER, STRING, Either, List, Map, Nullable, Object, OneOf, Path, Tagged, Text)

NAME = Text("^[a-zA-Z0-9_-]+$")
TEXT = Object({"type!": STRING, "text!": STRING})
USER_PARTS = Tagged({
    "text": TEXT,
    "image_url": Object({"type!": STRING, "image_url!": Object({"url!": STRING, "detail": OneOf("auto", "low", "high", "original")})}),
    "input_audio": Object({"type!": STRING, "input_audio!": Object({"data!": STRING, "format!": OneOf("wav", "mp3")})}),
    "file": Object({"type!": STRING, "file!": Object({"file_data": STRING, "file_id": STRING, "filename": STRING})}),
})
TEXTS = Either(string=STRING, array=List(Tagged({"text": TEXT}), least=1))
CALL = Tagged({
    "function": Object({"id!": STRING, "type!": STRING, "function!": Object({"name!": NAME, "arguments!": STRING})}),
    "custom": Object({"id!": STRING, "type!": STRING, "custom!": Object({"name!": NAME, "input!": STRING})}),
})
MESSAGES = {
    "system": Object({"role!": STRING, "content!": TEXTS, "name": NAME}),
    "developer": Object({"role!": STRING, "content!": TEXTS, "name": NAME}),
    "user": Object({"role!": STRING, "content!": Either(string=STRING, array=List(USER_PARTS, least=1)), "name": NAME}),
    "assistant": Object({
        "role!": STRING, "name": NAME, "refusal": Nullable(STRING), "audio": Nullable(ANY_OBJECT), "tool_calls": List(CALL, least=1),
        "content": Nullable(Either(string=STRING, array=List(Tagged({"text": TEXT, "refusal": Object({"type!": STRING, "refusal!": STRING})}), least=1))),
        "annotations": List(ANY_OBJECT), "function_call": Nullable(ANY_OBJECT),
    }),
    "tool": Object({"role!": STRING, "content!": TEXTS, "tool_call_id!": STRING}),
    "function": Object({"role!": STRING, "content!": Nullable(STRING), "name!": NAME}),
}


class Message:
    """The members of a message depend on who says it."""

    def check(self, value: object, path: Path, say: Wording) -> None:
        Tagged(MESSAGES, tag="role").check(value, path, say)


FUNCTION = Object({"name!": NAME, "description": Nullable(STRING), "parameters": Nullable(Object({}, open=True)), "strict": Nullable(BOOLEAN)})
TOOL = Tagged({
    "function": Object({"type!": STRING, "function!": FUNCTION}),
    "custom": Object({"type!": STRING, "custom!": Object({"name!": NAME, "description": STRING, "format": ANY_OBJECT})}),
})
NAMED = Object({"type!": STRING, "function!": Object({"name!": NAME})})
CHOICE = Either(string=OneOf("none", "auto", "required"), object=Tagged({
    "function": NAMED,
    "custom": Object({"type!": STRING, "custom!": Object({"name!": NAME})}),
    "allowed_tools": Object({"type!": STRING, "allowed_tools!": Object({"mode!": OneOf("auto", "required"), "tools!": List(ANY_OBJECT)})}),
}))
FORMAT = Tagged({
    "text": Object({"type!": STRING}),
    "json_object": Object({"type!": STRING}),
    "json_schema": Object({"type!": STRING, "json_schema!": Object({
        "name!": NAME, "description": Nullable(STRING), "schema!": ANY_OBJECT, "strict": Nullable(BOOLEAN)})}),
})
EFFORT = OneOf("none", "minimal", "low", "medium", "high", "xhigh")

REQUEST = Object({
    "model!": STRING, "messages!": List(Message(), least=1), "stream": Nullable(BOOLEAN),
    "stream_options": Nullable(Object({"include_usage": BOOLEAN, "include_obfuscation": BOOLEAN})),
    "max_tokens": Nullable(INTEGER), "max_completion_tokens": Nullable(INTEGER), "temperature": Nullable(NUMBER), "top_p": Nullable(NUMBER),
    "n": Nullable(INTEGER), "stop": Nullable(Either(string=STRING, array=List(STRING))), "seed": Nullable(INTEGER),
    "frequency_penalty": Nullable(NUMBER), "presence_penalty": Nullable(NUMBER), "logit_bias": Nullable(Map(NUMBER)), "logprobs": Nullable(BOOLEAN),
    "top_logprobs": Nullable(INTEGER), "tools": List(TOOL, least=1), "tool_choice": CHOICE, "parallel_tool_calls": BOOLEAN,
    "functions": List(FUNCTION), "function_call": Either(string=STRING, object=ANY_OBJECT), "response_format": FORMAT,
    "reasoning_effort": Nullable(EFFORT), "verbosity": Nullable(OneOf("low", "medium", "high")), "user": STRING, "safety_identifier": STRING,
    "prompt_cache_key": STRING, "prompt_cache_retention": Nullable(STRING), "metadata": Nullable(Map(STRING)), "store": Nullable(BOOLEAN),
    "service_tier": Nullable(OneOf("auto", "default", "flex", "priority", "scale")), "modalities": Nullable(List(STRING)), "audio": Nullable(ANY_OBJECT),
    "prediction": Nullable(ANY_OBJECT), "web_search_options": ANY_OBJECT,
})
