"""What OpenAI refuses of a chat request beyond its shape, and what a request asks for."""

from __future__ import annotations

import base64
import re

from ..asked import Asked, Image, Output
from ..models import Model, model_of
from ..openai_wording import WORDING, check_length, check_strict, check_types
from ..refusal import Refusal
from ..vault import Vault
from .shape import REQUEST

NO_MODEL = "The model `{}` does not exist or you do not have access to it."
CALL_ID_LENGTH_MAX = 40
TOOL_NAME_LENGTH_MAX = 64
STOPS_MAX = 4


def read(body: dict, vault: Vault, **_: object) -> Asked:
    """What the request asks for, or the Refusal that the real API answers with."""
    REQUEST.check(body, (), WORDING)
    model = model_of("chat", body["model"], NO_MODEL)
    _check_options(body)
    _check_model_options(body, model)
    _check_tools(body)
    _check_format(body)
    _check_messages(body["messages"])
    return _asked(body, model)


def _only_when(body: dict, name: str, needed: str) -> None:
    if body.get(name) is not None and not body.get(needed):
        raise Refusal(f"Invalid value for '{name}': '{name}' is only allowed when '{needed}' are specified.", param=name)


def _check_options(body: dict) -> None:
    _only_when(body, "tool_choice", "tools")
    _only_when(body, "parallel_tool_calls", "tools")
    if body.get("stream_options") is not None and not body.get("stream"):
        raise Refusal("The 'stream_options' parameter is only allowed when 'stream' is enabled.", param="stream_options")
    if body.get("metadata") and not body.get("store"):
        raise Refusal("The 'metadata' parameter is only allowed when 'store' is enabled.", param="metadata")
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        raise Refusal("The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", param="top_logprobs")
    if body.get("max_tokens") is not None and body.get("max_completion_tokens") is not None:
        raise Refusal("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", code="invalid_parameter_combination")
    for name, most in (("temperature", 2), ("top_p", 1)):
        value = body.get(name)
        if value is not None and not 0 <= value <= most:
            side, bound, code = ("<=", most, "decimal_above_max_value") if value > most else (">=", 0, "decimal_below_min_value")
            word = "above maximum" if value > most else "below minimum"
            raise Refusal(f"Invalid '{name}': decimal {word} value. Expected a value {side} {bound}, but got {value} instead.", param=name, code=code)
    stop = body.get("stop")
    if isinstance(stop, list) and len(stop) > STOPS_MAX:
        raise Refusal(f"Invalid 'stop': array too long. Expected an array with maximum length {STOPS_MAX}, but got an array with length {len(stop)} instead.",
                      param="stop", code="array_above_max_length")
    for name in ("max_tokens", "max_completion_tokens"):
        if body.get(name) is not None and body[name] < 1:
            raise Refusal(f"Invalid '{name}': integer below minimum value. Expected a value >= 1, but got {body[name]} instead.", param=name,
                          code="integer_below_min_value")


def _check_model_options(body: dict, model: Model) -> None:
    if not model.reasons:
        if body.get("reasoning_effort") is not None:
            raise Refusal("Unrecognized request argument supplied: reasoning_effort", param=None)
        if body.get("verbosity") not in (None, "medium"):
            raise _unsupported_value("verbosity", body["verbosity"], "medium")
        return
    if body.get("max_tokens") is not None:
        raise Refusal("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", param="max_tokens",
                      code="unsupported_parameter")
    for name, default in (("temperature", 1), ("top_p", 1), ("presence_penalty", 0), ("frequency_penalty", 0)):
        if body.get(name, default) not in (None, default):
            raise _unsupported_value(name, body[name], str(default))
    for name in ("stop", "logit_bias", "logprobs", "top_logprobs"):
        if body.get(name):
            raise Refusal(f"Unsupported parameter: '{name}' is not supported with this model.", param=name, code="unsupported_parameter")


def _unsupported_value(name: str, value: object, default: str) -> Refusal:
    return Refusal(f"Unsupported value: '{name}' does not support {value} with this model. Only the default ({default}) value is supported.", param=name,
                   code="unsupported_value")


def _check_tools(body: dict) -> None:
    names = []
    for index, tool in enumerate(body.get("tools") or []):
        path = ("tools", index, tool["type"])
        definition = tool[tool["type"]]
        check_length((*path, "name"), definition["name"], TOOL_NAME_LENGTH_MAX)
        names.append(definition["name"])
        schema = definition.get("parameters")
        if schema and schema.get("type", "object") != "object":
            raise Refusal(f"Invalid schema for function '{names[-1]}': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{schema['type']}\"'.",
                          param=f"tools[{index}].function.parameters", code="invalid_function_parameters")
        check_types(schema, (*path, "parameters"), f"function '{names[-1]}'", "invalid_function_parameters")
        if definition.get("strict"):
            check_strict(schema or {}, (*path, "parameters"), f"function '{names[-1]}'", "invalid_function_parameters")
    choice = body.get("tool_choice")
    if isinstance(choice, dict) and choice["type"] == "function" and choice["function"]["name"] not in names:
        raise Refusal("Invalid value for 'tool_choice': the function named in 'tool_choice' is not among 'tools'.", param="tool_choice")


def _check_format(body: dict) -> None:
    form = body.get("response_format") or {"type": "text"}
    if form["type"] == "json_object" and not any("json" in text.lower() for each in body["messages"] for text in _texts(each.get("content"))):
        raise Refusal("'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.", param="messages")
    if form["type"] == "json_schema":
        schema = form["json_schema"]
        check_length(("response_format", "json_schema", "name"), schema["name"], TOOL_NAME_LENGTH_MAX)
        if schema["schema"].get("type") != "object":
            raise Refusal(f"Invalid schema for response_format '{schema['name']}': schema must be a JSON Schema of 'type: \"object\"'.",
                          param="response_format", code="invalid_json_schema")
        check_types(schema["schema"], ("response_format",), f"response_format '{schema['name']}'", "invalid_json_schema")
        if schema.get("strict"):
            check_strict(schema["schema"], ("response_format",), f"response_format '{schema['name']}'", "invalid_json_schema")


def _check_messages(messages: list[dict]) -> None:
    open_calls: list[str] = []
    for index, each in enumerate(messages):
        if each["role"] == "tool":
            if each["tool_call_id"] not in open_calls:
                raise Refusal("Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
                              param=f"messages.[{index}].role")
            open_calls.remove(each["tool_call_id"])
            check_length(("messages", index, "tool_call_id"), each["tool_call_id"], CALL_ID_LENGTH_MAX)
            continue
        _check_answered(open_calls, index)
        open_calls = []
        if each["role"] == "assistant":
            if each.get("content") is None and not each.get("tool_calls") and not each.get("refusal") and not each.get("function_call"):
                raise Refusal("Invalid value for 'content': expected a string, got null.", param=f"messages.[{index}].content")
            for place, call in enumerate(each.get("tool_calls") or []):
                check_length(("messages", index, "tool_calls", place, "id"), call["id"], CALL_ID_LENGTH_MAX)
                if call["id"] in open_calls:
                    raise Refusal(f"Invalid 'messages[{index}].tool_calls': duplicate id '{call['id']}'.", param=f"messages[{index}].tool_calls")
                open_calls.append(call["id"])
        for place, part in enumerate(each["content"] if isinstance(each.get("content"), list) else []):
            if part["type"] == "image_url":
                image_of(part["image_url"]["url"], index, place)
    _check_answered(open_calls, len(messages))


def _check_answered(open_calls: list[str], index: int) -> None:
    if open_calls:
        raise Refusal("An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following "
                      f"tool_call_ids did not have response messages: {', '.join(open_calls)}", param=f"messages.[{index}].role")


def image_of(url: str, index: int = 0, place: int = 0) -> Image | None:
    """The image of a data URL; None for one on the net, which the model fetches itself."""
    if url.startswith(("http://", "https://")):
        return None
    match = re.fullmatch(r"data:(image/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/]+={0,2})", url)
    if match is None:
        where = f"messages[{index}].content[{place}].image_url.url"
        raise Refusal(f"Invalid '{where}'. Expected a base64-encoded data URL with an image MIME type (e.g. "
                      "'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got an invalid value.", param=where, code="invalid_value")
    return Image(match[1], base64.b64decode(match[2]))


def _texts(content: str | list | None) -> list[str]:
    if isinstance(content, list):
        return [part["text"] for part in content if part["type"] == "text"]
    return [] if content is None else [content]


def _images(messages: list[dict]) -> list[Image]:
    parts = [part for each in messages if isinstance(each.get("content"), list) for part in each["content"] if part["type"] == "image_url"]
    return [image for part in parts if (image := image_of(part["image_url"]["url"]))]


def _outputs(messages: list[dict]) -> tuple[list[Output], int]:
    """The results that the conversation ends with, and where its last turn begins."""
    end = len(messages)
    while end and messages[end - 1]["role"] == "user":
        end -= 1
    if not end or messages[end - 1]["role"] != "tool":
        return [], end
    start = end
    while messages[start - 1]["role"] == "tool":
        start -= 1
    results = {each["tool_call_id"]: "".join(_texts(each["content"])) for each in messages[start:end]}
    calls = messages[start - 1]["tool_calls"]
    return [Output(call[call["type"]]["name"], results[call["id"]]) for call in calls], end


def _asked(body: dict, model: Model) -> Asked:
    messages = body["messages"]
    outputs, last_turn = _outputs(messages)
    users = [text for each in messages if each["role"] == "user" for text in _texts(each["content"])]
    images = _images(messages[last_turn:])
    if outputs and images:  # a tool's image, which no message of role tool can hold
        outputs[-1].images = images
    choice = body.get("tool_choice")
    forced = {"required": ""}.get(choice) if isinstance(choice, str) else choice and choice.get("function", {}).get("name")
    stop = body.get("stop") or []
    form = body.get("response_format") or {}
    return Asked(
        "chat", body["model"], body.get("stream") or False,
        "\n".join(text for each in messages if each["role"] in ("system", "developer") for text in _texts(each["content"])), users, images,
        {tool["function"]["name"]: tool["function"].get("parameters") or {} for tool in body.get("tools") or [] if tool["type"] == "function"},
        outputs, forced, body.get("parallel_tool_calls", True), [stop] if isinstance(stop, str) else stop, (form.get("json_schema") or {}).get("schema"),
        body.get("max_completion_tokens") or body.get("max_tokens"), body.get("temperature"), model.reasons, False, 0,
        (body.get("stream_options") or {}).get("include_usage", False))
