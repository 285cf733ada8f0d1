"""What OpenAI refuses of a Responses request beyond its shape, and what a request asks for."""

from __future__ import annotations

from ..asked import Asked, Image, Output
from ..chat.rules import TOOL_NAME_LENGTH_MAX, image_of
from ..models import Model, model_of
from ..openai_wording import WORDING, check_length, check_strict, check_types
from ..refusal import Refusal
from ..vault import Vault
from .shape import REQUEST

NO_MODEL = "The requested model '{}' does not exist."
OUTPUT_TOKENS_MIN = 16
CALL_ID_LENGTH_MAX = 64
PREFIXES = {"message": "msg", "function_call": "fc", "function_call_output": "fc", "reasoning": "rs", "custom_tool_call": "ctc"}
ENCRYPTED = "reasoning.encrypted_content"


def read(body: dict, vault: Vault, **_: object) -> Asked:
    """What the request asks for, or the Refusal that the real API answers with."""
    REQUEST.check(body, (), WORDING)
    model = model_of("responses", body["model"], NO_MODEL)
    _check_options(body, model, vault)
    _check_tools(body)
    given = body["input"]
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    _check_ids(items)
    _check_calls(items)
    states = _check_reasoning(items, body, vault)
    return _asked(body, items, model, states)


def _check_options(body: dict, model: Model, vault: Vault) -> None:
    tokens = body.get("max_output_tokens")
    if tokens is not None and tokens < OUTPUT_TOKENS_MIN:
        raise Refusal(f"Invalid 'max_output_tokens': integer below minimum value. Expected a value >= {OUTPUT_TOKENS_MIN}, but got {tokens} instead.",
                      param="max_output_tokens", code="integer_below_min_value")
    temperature = body.get("temperature")
    if temperature is not None and not 0 <= temperature <= 2:
        word, side, bound = ("above maximum", "<=", 2) if temperature > 2 else ("below minimum", ">=", 0)
        raise Refusal(f"Invalid 'temperature': decimal {word} value. Expected a value {side} {bound}, but got {temperature} instead.", param="temperature",
                      code=f"decimal_{word.split()[0]}_{word.split()[1][:3]}_value")
    if body.get("previous_response_id") and not vault.trusts_all:
        raise Refusal(f"Previous response with id '{body['previous_response_id']}' not found.", param="previous_response_id",
                      code="previous_response_not_found")
    if model.reasons:
        for name in ("temperature", "top_p"):
            if body.get(name, 1) not in (None, 1):
                raise Refusal(f"Unsupported parameter: '{name}' is not supported with this model.", param=name, code="unsupported_parameter")
        return
    reasoning = body.get("reasoning") or {}
    for name in ("effort", "summary"):
        if reasoning.get(name) is not None:
            raise Refusal(f"Unsupported parameter: 'reasoning.{name}' is not supported with this model.", param=f"reasoning.{name}",
                          code="unsupported_parameter")
    if ENCRYPTED in (body.get("include") or []):
        raise Refusal("Encrypted content is not supported with this model.", param="include", code="unsupported_parameter")


def _check_tools(body: dict) -> None:
    tools = body.get("tools") or []
    for index, tool in enumerate(tools):
        if tool["type"] != "function":
            continue
        path = ("tools", index)
        check_length((*path, "name"), tool["name"], TOOL_NAME_LENGTH_MAX)
        if "parameters" not in tool:
            raise WORDING.missing(path, "parameters")
        check_types(tool["parameters"], (*path, "parameters"), f"function '{tool['name']}'", "invalid_function_parameters")
        # Where nothing is said, OpenAI makes the schema strict by itself rather than refuse it.
        if tool.get("strict"):
            check_strict(tool["parameters"] or {"type": "object"}, (*path, "parameters"), f"function '{tool['name']}'", "invalid_function_parameters")
    choice = body.get("tool_choice")
    if choice == "required" and not tools:
        raise Refusal("Tool choice 'required' must be specified with 'tools' parameter.", param="tool_choice")
    if isinstance(choice, dict) and choice["type"] == "function" and choice["name"] not in [tool.get("name") for tool in tools]:
        raise Refusal("Tool choice 'function' not found in 'tools' parameter.", param="tool_choice")
    form = (body.get("text") or {}).get("format") or {"type": "text"}
    if form["type"] == "json_schema":
        check_length(("text", "format", "name"), form["name"], TOOL_NAME_LENGTH_MAX)
        check_types(form["schema"], ("text", "format", "schema"), f"response_format '{form['name']}'", "invalid_json_schema")
        if form.get("strict"):
            check_strict(form["schema"], ("text", "format", "schema"), f"response_format '{form['name']}'", "invalid_json_schema")
    if form["type"] == "json_object":
        given = body["input"]
        texts = [given] if isinstance(given, str) else [text for item in given for text in _texts(item.get("content"))]
        if not any("json" in text.lower() for text in texts):
            raise Refusal("Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.", param="input")


def _check_ids(items: list[dict]) -> None:
    for index, item in enumerate(items):
        prefix = PREFIXES.get(item.get("type", "message"))
        if prefix and item.get("id") is not None and not item["id"].startswith(prefix):
            raise Refusal(f"Invalid 'input[{index}].id': '{item['id']}'. Expected an ID that begins with '{prefix}'.", param=f"input[{index}].id",
                          code="invalid_value")
        if "call_id" in item:
            check_length(("input", index, "call_id"), item["call_id"], CALL_ID_LENGTH_MAX)
        for place, part in enumerate(item["content"] if item.get("role") == "user" and isinstance(item["content"], list) else []):
            if part["type"] == "input_image" and part.get("image_url"):
                image_of(part["image_url"], index, place)


def _check_calls(items: list[dict]) -> None:
    called: list[str] = []
    answered: list[str] = []
    for item in items:
        kind = item.get("type", "message")
        if kind in ("function_call", "custom_tool_call"):
            called.append(item["call_id"])
        elif kind in ("function_call_output", "custom_tool_call_output"):
            if item["call_id"] not in called:
                raise Refusal(f"No tool call found for function call output with call_id {item['call_id']}.", param="input")
            answered.append(item["call_id"])
    for call in called:
        if call not in answered:
            raise Refusal(f"No tool output found for function call {call}.", param="input")


def _check_reasoning(items: list[dict], body: dict, vault: Vault) -> int:
    """Every reasoning item is the provider's own, whole, and followed by what came of it; the number of them."""
    states = 0
    seen = {item["id"] for item in items if item.get("type") == "reasoning"}
    for index, item in enumerate(items):
        kind = item.get("type", "message")
        needed = vault.issued.get(f"item {item.get('id')}")
        if kind == "function_call" and needed and needed[1] not in seen:
            raise Refusal(f"Item '{item['id']}' of type 'function_call' was provided without its required 'reasoning' item: '{needed[1]}'.", param="input")
        if kind != "reasoning":
            continue
        state = item.get("encrypted_content")
        if state is None and body.get("store") is False:
            raise Refusal(f"Item with id '{item['id']}' not found. Items are not persisted when `store` is set to false. Try again with `store` set to "
                          "true, or remove this item from your input.", 404, param="input")
        if state is not None and not vault.knows("responses", state, item["id"]):
            raise Refusal(f"The encrypted content {state[:8]}... could not be verified. Reason: Encrypted content could not be decrypted or parsed.",
                          code="invalid_encrypted_content")
        follower = items[index + 1] if index + 1 < len(items) else {}
        if follower.get("type", "message") not in ("function_call", "message", "reasoning", "custom_tool_call", "web_search_call") or \
                follower.get("role", "assistant") != "assistant" or not follower:
            raise Refusal(f"Item '{item['id']}' of type 'reasoning' was provided without its required following item.", param="input")
        states += 1
    return states


def _texts(content: str | list | None) -> list[str]:
    if isinstance(content, list):
        return [part["text"] for part in content if "text" in part]
    return [] if content is None else [content]


def _images(content: str | list) -> list[Image]:
    parts = content if isinstance(content, list) else []
    return [image for part in parts if part["type"] == "input_image" and part.get("image_url") and (image := image_of(part["image_url"]))]


def _outputs(items: list[dict]) -> list[Output]:
    """The results that the input ends with, in the order of their calls."""
    end = len(items)
    while end and items[end - 1].get("role") in ("user", "developer"):
        end -= 1
    start = end
    while start and items[start - 1].get("type") in ("function_call_output", "custom_tool_call_output"):
        start -= 1
    results = {item["call_id"]: item["output"] for item in items[start:end]}
    calls = [item for item in items if item.get("type") in ("function_call", "custom_tool_call") and item["call_id"] in results]
    return [Output(call["name"], "".join(_texts(results[call["call_id"]])), _images(results[call["call_id"]])) for call in calls]


def _asked(body: dict, items: list[dict], model: Model, states: int) -> Asked:
    system = [body["instructions"]] if body.get("instructions") else []
    system += [text for item in items if item.get("role") in ("system", "developer") for text in _texts(item["content"])]
    users = [item for item in items if item.get("role") == "user"]
    choice = body.get("tool_choice")
    forced = {"required": ""}.get(choice) if isinstance(choice, str) else choice and choice.get("name")
    form = (body.get("text") or {}).get("format") or {}
    reasoning = body.get("reasoning") or {}
    shows = model.reasons and bool(reasoning.get("summary") or reasoning.get("generate_summary"))
    asked = Asked(
        "responses", body["model"], body.get("stream") or False, "\n".join(system), [text for item in users for text in _texts(item["content"])],
        _images(items[-1]["content"]) if items and items[-1].get("role") == "user" else [],
        {tool["name"]: tool["parameters"] or {} for tool in body.get("tools") or [] if tool["type"] == "function"}, _outputs(items), forced,
        body.get("parallel_tool_calls") is not False, [], form.get("schema"), body.get("max_output_tokens"), body.get("temperature"),
        model.reasons, shows, states)
    asked.wants_state = ENCRYPTED in (body.get("include") or [])
    free_text = {"type": "object", "properties": {"input": {"type": "string"}}}
    asked.tools |= {tool["name"]: free_text for tool in body.get("tools") or [] if tool["type"] == "custom"}
    for group in (tool for tool in body.get("tools") or [] if tool["type"] == "namespace"):
        asked.tools |= {tool["name"]: tool.get("parameters") or {} for tool in group["tools"] if tool.get("type") == "function"}
    return asked
