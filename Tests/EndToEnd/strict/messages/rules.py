"""What Anthropic refuses beyond the shape of a request, and what a request asks for."""

from __future__ import annotations

import base64
import binascii

from ..asked import Asked, Image, Output
from ..json_schema import wrong_type
from ..models import Model, model_of
from ..refusal import Refusal
from ..vault import Vault
from .shape import WORDING, request

CACHE_MARKS_MAX = 4
BUDGET_MIN = 1024


def read(body: dict, vault: Vault, *, header=lambda name: None, **_: object) -> Asked:
    """What the request asks for, or the Refusal that the real API answers with. `header` looks up a request header."""
    if header("anthropic-version") is None:
        raise Refusal("anthropic-version: header is required")
    betas = {beta.strip() for beta in (header("anthropic-beta") or "").split(",")}
    request(betas).check(body, (), WORDING)
    model = model_of("messages", body["model"], "model: {}")
    _check_options(body, model)
    messages = [each | {"content": _blocks(each["content"])} for each in body["messages"]]
    _check_texts(body, messages, model)
    _check_roles(messages, model)
    turns = _joined(messages)
    _check_calls(turns)
    _check_marks(body, messages)
    thinks = (body.get("thinking") or {}).get("type") in ("enabled", "adaptive")
    states = _check_thinking(turns, thinks, vault)
    return _asked(body, turns, model, thinks, states)


def _blocks(content: str | list) -> list[dict]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _check_options(body: dict, model: Model) -> None:
    thinking = body.get("thinking") or {"type": "disabled"}
    if body["max_tokens"] < 1:
        raise Refusal("max_tokens: Input should be greater than or equal to 1")
    for name in ("temperature", "top_p"):
        if not 0 <= body.get(name, 0) <= 1:
            raise Refusal(f"{name}: range: 0..1")
        if model.newest and body.get(name, 1) != 1:
            raise Refusal(f"`{name}` is deprecated for this model.")
    if "temperature" in body and "top_p" in body:
        raise Refusal("`temperature` and `top_p` cannot both be specified for this model. Please use only one.")
    if model.newest and "top_k" in body:
        raise Refusal("`top_k` is deprecated for this model.")
    for index, text in enumerate(body.get("stop_sequences") or []):
        if not text.strip():
            raise Refusal(f"stop_sequences.{index}: each stop sequence must contain non-whitespace")
    choice = body.get("tool_choice") or {}
    tools = body.get("tools") or []
    names = [tool.get("name") for tool in tools]
    if choice and not tools:
        raise Refusal("tool_choice: tool_choice may only be specified while providing tools.")
    if choice.get("type") == "tool" and choice["name"] not in names:
        raise Refusal(f"tool_choice: Tool '{choice['name']}' not found in provided tools")
    if len(set(names)) != len(names):
        raise Refusal("tools: Tool names must be unique.")
    for index, tool in enumerate(tools):
        if wrong_type(tool.get("input_schema")) is not None:
            raise Refusal(f"tools.{index}.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12 "
                          "(https://json-schema.org/draft/2020-12).")
    if thinking["type"] == "disabled":
        return
    if thinking["type"] == "enabled":
        if model.newest:
            raise Refusal('"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and '
                          '"output_config.effort" to control thinking behavior.')
        if thinking["budget_tokens"] < BUDGET_MIN:
            raise Refusal(f"thinking.enabled.budget_tokens: Input should be greater than or equal to {BUDGET_MIN}")
        if thinking["budget_tokens"] >= body["max_tokens"]:
            raise Refusal("`max_tokens` must be greater than `thinking.budget_tokens`.")
    elif not model.adaptive:
        raise Refusal("adaptive thinking is not supported on this model")
    if body.get("temperature", 1) != 1:
        raise Refusal("`temperature` may only be set to 1 when thinking is enabled.")
    if "top_k" in body:
        raise Refusal("`top_k` must be unset when thinking is enabled.")
    if body.get("top_p", 1) < 0.95:
        raise Refusal("`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.")
    if choice.get("type") in ("any", "tool"):
        raise Refusal("Thinking may not be enabled when tool_choice forces tool use.")


def _check_texts(body: dict, messages: list[dict], model: Model) -> None:
    system = _blocks(body["system"]) if body.get("system") else []
    for where, blocks in [("system", system), *(("messages", each["content"]) for each in messages)]:
        for block in blocks:
            inner = block.get("content") if block["type"] == "tool_result" else None
            for text in [block, *(inner if isinstance(inner, list) else [])]:
                if text["type"] != "text":
                    continue
                if text["text"] == "":
                    raise Refusal(f"{where}: text content blocks must be non-empty")
                if not text["text"].strip():
                    raise Refusal(f"{where}: text content blocks must contain non-whitespace text")
    for index, each in enumerate(messages):
        if not each["content"] and index != len(messages) - 1:
            raise Refusal(f"messages.{index}: all messages must have non-empty content except for the optional final assistant message")
        for place, block in enumerate(each["content"]):
            if block["type"] == "image" and block["source"]["type"] == "base64":
                _decoded(block["source"]["data"], f"messages.{index}.content.{place}.image.source.base64")
    last = messages[-1]
    if last["role"] == "assistant" and model.newest:
        raise Refusal("This model does not support assistant message prefill. The conversation must end with a user message.")
    if last["role"] == "assistant" and last["content"] and last["content"][-1]["type"] == "text":
        if last["content"][-1]["text"] != last["content"][-1]["text"].rstrip():
            raise Refusal("messages: final assistant content cannot end with trailing whitespace")


def _decoded(data: str, path: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        raise Refusal(f"{path}: invalid base64 data") from None


def _check_roles(messages: list[dict], model: Model) -> None:
    for index, each in enumerate(messages):
        if each["role"] == "system" and not model.newest:
            raise Refusal('messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, '
                          'not "system" as an input message role.')
    if messages[0]["role"] != "user":
        raise Refusal('messages: first message must use the "user" role')


def _joined(messages: list[dict]) -> list[dict]:
    """Neighbours of one role are one turn, as the API takes them; instructions in between belong to no turn."""
    turns: list[dict] = []
    for index, each in enumerate(messages):
        if each["role"] == "system":
            continue
        if turns and turns[-1]["role"] == each["role"]:
            turns[-1]["content"] += each["content"]
        else:
            turns.append({"role": each["role"], "content": list(each["content"]), "index": index})
    return turns


def _check_calls(turns: list[dict]) -> None:
    calls: list[str] = []
    for turn in turns:
        index = turn["index"]
        if turn["role"] == "assistant":
            calls = [block["id"] for block in turn["content"] if block["type"] == "tool_use"]
            if len(set(calls)) != len(calls):
                raise Refusal(f"messages.{index}: `tool_use` ids must be unique")
            continue
        is_first = True
        results = []
        for place, block in enumerate(turn["content"]):
            if block["type"] != "tool_result":
                is_first = False
                continue
            if block["tool_use_id"] not in calls:
                raise Refusal(f"messages.{index}.content.{place}: unexpected `tool_use_id` found in `tool_result` blocks: {block['tool_use_id']}. "
                              "Each `tool_result` block must have a corresponding `tool_use` block in the previous message.")
            if block["tool_use_id"] in results:
                raise Refusal(f"messages.{index}.content.{place}: each tool_use must have a single result. Found multiple `tool_result` blocks "
                              f"with id: {block['tool_use_id']}")
            if is_first:
                results.append(block["tool_use_id"])
        _check_answered(calls, results, index)
        calls = []
    if calls and turns[-1]["role"] == "assistant":
        _check_answered(calls, [], turns[-1]["index"])


def _check_answered(calls: list[str], results: list[str], index: int) -> None:
    """Results that do not stand first do not count."""
    missing = [call for call in calls if call not in results]
    if missing:
        raise Refusal(f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately after: {', '.join(missing)}. "
                      "Each `tool_use` block must have a corresponding `tool_result` block in the next message.")


def _check_marks(body: dict, messages: list[dict]) -> None:
    blocks = [*(body.get("tools") or []), *(body["system"] if isinstance(body.get("system"), list) else [])]
    for each in messages:
        for block in each["content"]:
            blocks += [block, *(block["content"] if isinstance(block.get("content"), list) else [])]
    marks = sum(1 for block in blocks if block.get("cache_control"))
    if marks > CACHE_MARKS_MAX:
        raise Refusal(f"A maximum of {CACHE_MARKS_MAX} blocks with cache_control may be provided. Found {marks}.")


def _check_thinking(turns: list[dict], thinks: bool, vault: Vault) -> int:
    """Every signature is the provider's own and for this very text; the number of them."""
    states = 0
    for turn in turns:
        for place, block in enumerate(turn["content"]):
            path = f"messages.{turn['index']}.content.{place}"
            if block["type"] == "thinking":
                # A model that keeps its thinking to itself gives an empty text, with a signature for the hidden one.
                if not vault.knows("messages", block["signature"], block["thinking"]):
                    raise Refusal(f"{path}: Invalid `signature` in `thinking` block")
                states += 1
            elif block["type"] == "redacted_thinking":
                if not vault.knows("messages", block["data"]):
                    raise Refusal(f"{path}: Invalid `data` in `redacted_thinking` block")
                states += 1
    if thinks and (last := _turn_of_calls(turns)) is not None:
        first = last["content"][0]["type"]
        if first not in ("thinking", "redacted_thinking"):
            raise Refusal(f"messages.{last['index']}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{first}`. When `thinking` is "
                          "enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and "
                          "`tool_result` blocks).")
    return states


def _turn_of_calls(turns: list[dict]) -> dict | None:
    """The assistant's turn whose results the request ends with."""
    if len(turns) > 1 and turns[-1]["role"] == "user" and any(block["type"] == "tool_result" for block in turns[-1]["content"]):
        return turns[-2]
    return None


def _images(blocks: list[dict]) -> list[Image]:
    return [Image(block["source"]["media_type"], base64.b64decode(block["source"]["data"])) for block in blocks
            if block["type"] == "image" and block["source"]["type"] == "base64"]


def _outputs(turns: list[dict]) -> list[Output]:
    calling = _turn_of_calls(turns)
    if calling is None:
        return []
    results = {block["tool_use_id"]: block for block in turns[-1]["content"] if block["type"] == "tool_result"}
    outputs = []
    for call in (block for block in calling["content"] if block["type"] == "tool_use"):
        content = _blocks(results[call["id"]].get("content") or [])
        text = "".join(block["text"] for block in content if block["type"] == "text")
        outputs.append(Output(call["name"], text, _images(content), results[call["id"]].get("is_error") or False))
    return outputs


def _asked(body: dict, turns: list[dict], model: Model, thinks: bool, states: int) -> Asked:
    choice = body.get("tool_choice") or {}
    users = [turn for turn in turns if turn["role"] == "user"]
    system = _blocks(body["system"]) if body.get("system") else []
    inner = [block for each in body["messages"] if each["role"] == "system" for block in _blocks(each["content"])]
    display = (body.get("thinking") or {}).get("display") or ("omitted" if model.newest else "summarized")
    form = body.get("output_format") or (body.get("output_config") or {}).get("format") or {}
    return Asked(
        "messages", body["model"], body.get("stream", False), "\n".join(block["text"] for block in system + inner),
        [block["text"] for turn in users for block in turn["content"] if block["type"] == "text"],
        _images(turns[-1]["content"]), {tool["name"]: tool["input_schema"] for tool in body.get("tools") or [] if "input_schema" in tool},
        _outputs(turns), {"any": "", "tool": choice.get("name")}.get(choice.get("type")), not choice.get("disable_parallel_tool_use", False),
        body.get("stop_sequences") or [], form.get("schema"), body["max_tokens"], body.get("temperature"), thinks,
        thinks and display == "summarized", states)
