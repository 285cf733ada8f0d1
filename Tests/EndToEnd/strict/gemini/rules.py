"""What Gemini refuses of a request beyond its shape, and what a request asks for."""

from __future__ import annotations

import base64
import re

from ..asked import Asked, Image, Output
from ..models import Model, model_of
from ..refusal import Refusal
from ..vault import Vault
from .shape import REQUEST, WORDING, camel, decoded

NO_MODEL = "models/{} is not found for API version v1beta, or is not supported for generateContent."
TOOL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,127}")
STOPS_MAX = 5
# Taken in place of a signature that Gemini did not make.
BYPASSES = ("skip_thought_signature_validator", "context_engineering_is_the_way_to_go")
# As text, where it happens to be valid base64, and as the base64 of its bytes.
SIGNATURE_BYPASSES = {base64.b64encode(each).decode() for text in BYPASSES for each in (text.encode(), decoded(text))}


def read(body: dict, vault: Vault, *, model: str, stream: bool = False, **_: object) -> Asked:
    """What the request asks for, or the Refusal that the real API answers with. Model and operation stand in the path."""
    body = camel(body)  # type: ignore[assignment]
    if isinstance(body.get("tools"), dict):  # one message counts as a list of one
        body["tools"] = [body["tools"]]
    REQUEST.check(body, (), WORDING)
    known = model_of("gemini", model, NO_MODEL)
    _check_tools(body, known)
    _check_generation(body, known)
    contents = _contents(body)
    _check_calls(contents)
    states = _check_signatures(contents, known, vault)
    return _asked(body, contents, model, stream, known, states)


def _refused(path: str, what: str) -> Refusal:
    return Refusal(f"* GenerateContentRequest.{path}: {what}\n")


def _functions(body: dict) -> list[dict]:
    return [function for tool in body.get("tools") or [] for function in tool.get("functionDeclarations") or []]


def _check_tools(body: dict, model: Model) -> None:
    functions = _functions(body)
    names = [function["name"] for function in functions]
    for index, function in enumerate(functions):
        where = f"tools[0].function_declarations[{index}]"
        if not TOOL_NAME.fullmatch(function["name"]):
            raise _refused(f"{where}.name", "Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), "
                           "underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.")
        if "parameters" in function and "parametersJsonSchema" in function:
            raise _refused(where, "parameters and parameters_json_schema must not both be set")
    if len(set(names)) != len(names):
        raise Refusal(f"Duplicate function declaration found: {max(names, key=names.count)}")
    config = (body.get("toolConfig") or {}).get("functionCallingConfig")
    if config and not functions:
        raise Refusal("Function calling config is set without function_declarations.")
    allowed = (config or {}).get("allowedFunctionNames") or []
    if allowed and config.get("mode") not in ("ANY", "VALIDATED"):
        raise _refused("tool_config.function_calling_config.allowed_function_names", "only allowed when the function calling mode is ANY")
    if unknown := [name for name in allowed if name not in names]:
        raise _refused("tool_config.function_calling_config.allowed_function_names", f"{unknown[0]} is not a declared function")


def _check_generation(body: dict, model: Model) -> None:
    options = body.get("generationConfig") or {}
    thinking = options.get("thinkingConfig") or {}
    if "thinkingBudget" in thinking and "thinkingLevel" in thinking:
        raise Refusal("You can only set only one of thinking budget and thinking level.")
    if "thinkingLevel" in thinking and not model.reasons:
        raise Refusal("Thinking level is not supported for this model.")
    if thinking.get("thinkingLevel", "low").lower() not in ("minimal", "low", "medium", "high"):
        raise WORDING.wrong_value(("generationConfig", "thinkingConfig", "thinkingLevel"), thinking["thinkingLevel"], ())
    if not -1 <= int(thinking.get("thinkingBudget", 0)) <= 32768:
        raise Refusal("The thinking budget is invalid. Please choose a value between 0 and 24576.")
    if model.reasons and int(thinking.get("thinkingBudget", -1)) == 0:
        raise Refusal("Budget 0 is invalid. This model only works in thinking mode.")
    if not 0 <= options.get("temperature", 0) <= 2:
        raise Refusal(f"Unable to submit request because it has a temperature value of {options['temperature']} but the supported range is from 0 (inclusive) "
                      "to 2.0001 (exclusive). Update the value and try again.")
    if int(options.get("maxOutputTokens", 1)) < 1:
        raise _refused("generation_config.max_output_tokens", "max_output_tokens must be positive.")
    if len(options.get("stopSequences") or []) > STOPS_MAX:
        raise _refused("generation_config.stop_sequences", f"the number of stop sequences must not exceed {STOPS_MAX}")
    if "responseSchema" in options and "responseJsonSchema" in options:
        raise _refused("generation_config", "response_schema and response_json_schema must not both be set")
    is_json = options.get("responseMimeType") == "application/json"
    if ("responseSchema" in options or "responseJsonSchema" in options) and not is_json:
        raise _refused("generation_config.response_mime_type", "response_mime_type must be application/json when a response schema is set")
    if is_json and _functions(body) and not model.reasons:
        raise Refusal("Function calling with a response mime type: 'application/json' is unsupported")


def _contents(body: dict) -> list[dict]:
    contents = []
    for index, content in enumerate(body["contents"]):
        role = content.get("role", "user")
        parts = content.get("parts") or []
        is_response = all("functionResponse" in part for part in parts)
        if role not in ("user", "model") and not (role == "function" and is_response):
            raise Refusal("Please use a valid role: user, model.")
        if not parts:
            raise _refused(f"contents[{index}].parts", "contents.parts must not be empty.")
        for place, part in enumerate(parts):
            kinds = [name for name in part if name not in ("thought", "thoughtSignature", "videoMetadata", "mediaResolution", "partMetadata")]
            if len(kinds) > 1:
                raise Refusal(f"Invalid value at 'contents[{index}].parts[{place}]' (oneof), oneof field 'data' is already set. Cannot set '{kinds[1]}'")
            if not kinds and not part.get("thoughtSignature"):
                raise _refused(f"contents[{index}].parts[{place}].data", "required oneof field 'data' must have one initialized field")
        contents.append({"role": "model" if role == "model" else "user", "parts": parts})
    return contents


def _named(parts: list[dict], kind: str) -> list[dict]:
    return [part[kind] for part in parts if kind in part]


def _check_calls(contents: list[dict]) -> None:
    """Calls follow the user, responses follow their calls, all of them, at once and in order."""
    previous: dict = {"role": "user", "parts": []}
    for index, content in enumerate(contents):
        calls = _named(previous["parts"], "functionCall") if previous["role"] == "model" else []
        responses = _named(content["parts"], "functionResponse")
        if content["role"] == "model" and responses:
            raise Refusal("Please ensure that function response turn comes immediately after a function call turn.")
        if responses and not calls:
            raise Refusal("Please ensure that function response turn comes immediately after a function call turn.")
        if calls and len(responses) != len(calls):
            raise Refusal("Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.")
        for call, response in zip(calls, responses):
            if call["name"] != response["name"] or ("id" in call and "id" in response and call["id"] != response["id"]):
                raise Refusal(f"Please ensure that function response parts come in the order of the function call parts: expected {call['name']} "
                              f"{call.get('id', '')}, found {response['name']} {response.get('id', '')}.")
        if content["role"] == "model" and _named(content["parts"], "functionCall") and (previous["role"] == "model" or index == 0):
            raise Refusal("Please ensure that function call turn comes immediately after a user turn or after a function response turn.")
        previous = content
    if previous["role"] == "model" and _named(previous["parts"], "functionCall"):
        raise Refusal("Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.")


def _check_signatures(contents: list[dict], model: Model, vault: Vault) -> int:
    """Every signature is the provider's own, and the first call of each step of the current turn has one; the number of them."""
    states = 0
    for content in contents:
        for part in content["parts"]:
            # Bytes: SDKs write them in the other alphabet of base64 than the API.
            signature = part.get("thoughtSignature") and base64.b64encode(decoded(part["thoughtSignature"])).decode()
            if signature is None or signature in SIGNATURE_BYPASSES:
                continue
            if not vault.knows("gemini", signature):
                raise Refusal("Corrupted thought signature.")
            states += 1
    # The current turn begins with the user's last words that are no response.
    begin = max((index for index, content in enumerate(contents) if content["role"] == "user" and not _named(content["parts"], "functionResponse")), default=0)
    for index, content in enumerate(contents[begin:]):
        first = next((part for part in content["parts"] if "functionCall" in part), None)
        if model.reasons and content["role"] == "model" and first and not first.get("thoughtSignature"):
            raise Refusal("Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing "
                          f"thought_signature may lead to degraded model performance. Additional data, function call "
                          f"`default_api:{first['functionCall']['name']}` , position {begin + index + 1}. Please refer to "
                          "https://ai.google.dev/gemini-api/docs/thought-signatures for more details.")
    return states


def _texts(parts: list[dict]) -> list[str]:
    return [part["text"] for part in parts if "text" in part and not part.get("thought")]


def _images(parts: list[dict]) -> list[Image]:
    return [Image(blob["mimeType"], decoded(blob["data"])) for blob in _named(parts, "inlineData")]


def _output(response: dict) -> Output:
    """A tool's result as its text: what stands under `output`, `result` or `error`, or the whole object."""
    value = response["response"]
    for name in ("output", "result", "error"):
        if set(value) == {name} and isinstance(value[name], str):
            return Output(response["name"], value[name], _images(response.get("parts") or []), name == "error")
    return Output(response["name"], repr(value), _images(response.get("parts") or []))


def _asked(body: dict, contents: list[dict], model: str, stream: bool, known: Model, states: int) -> Asked:
    options = body.get("generationConfig") or {}
    config = (body.get("toolConfig") or {}).get("functionCallingConfig") or {}
    forced = None
    if config.get("mode") == "ANY":
        allowed = config.get("allowedFunctionNames") or []
        forced = allowed[0] if len(allowed) == 1 else ""
    thinking = options.get("thinkingConfig") or {}
    thinks = known.reasons or int(thinking.get("thinkingBudget", -1)) != 0
    is_json = options.get("responseMimeType") == "application/json"
    schema = options.get("responseJsonSchema") or options.get("responseSchema") or ({"type": "object"} if is_json else None)
    # What the user said last may stand in several contents: responses, then an image that came with them.
    last = len(contents)
    while last and contents[last - 1]["role"] == "user":
        last -= 1
    said = [part for content in contents[last:] for part in content["parts"]]
    outputs = [_output(response) for response in _named(said, "functionResponse")]
    images = _images(said)
    if outputs and images:  # beside the responses, for models that take no parts inside
        outputs[-1].images += images
    return Asked(
        "gemini", model, stream, "\n".join(_texts((body.get("systemInstruction") or {}).get("parts") or [])),
        [text for content in contents if content["role"] == "user" for text in _texts(content["parts"])], images,
        {function["name"]: function.get("parametersJsonSchema") or function.get("parameters") or {} for function in _functions(body)}, outputs, forced,
        True, options.get("stopSequences") or [], schema, options.get("maxOutputTokens"), options.get("temperature"), thinks,
        thinks and thinking.get("includeThoughts", False), states)
