"""Requests that the real APIs refuse, each with a part of what they say. `STATE` in a case stands for a state that the provider issued for `THOUGHT`."""

from __future__ import annotations

from dataclasses import dataclass

from strict import THOUGHT

STATE, FOREIGN = "<state>", "Zm9yZWlnbg=="
LONG_ID = "call_" + "x" * 60


@dataclass(frozen=True)
class Case:
    name: str
    body: dict
    message: str
    model: str | None = None  # Gemini's stands in the path



def user(content: object = "hi", **more: object) -> dict:
    return {"role": "user", "content": content} | more


def assistant(content: object = "yes", **more: object) -> dict:
    return {"role": "assistant", "content": content} | more


# Anthropic

def messages(*turns: dict, model: str = "claude-haiku-4-5", **more: object) -> dict:
    return {"model": model, "max_tokens": 2000, "messages": list(turns or (user(),))} | more


def block(kind: str, **more: object) -> dict:
    return {"type": kind} | more


USE = block("tool_use", id="toolu_1", name="f", input={})
RESULT = block("tool_result", tool_use_id="toolu_1", content="x")
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
ANT_TOOL = {"name": "f", "input_schema": SCHEMA}
ENABLED = {"type": "enabled", "budget_tokens": 1024}
THINKING = block("thinking", thinking=THOUGHT, signature=STATE)
CACHED = block("text", text="x", cache_control={"type": "ephemeral"})
DATA = {"type": "base64", "media_type": "image/png", "data": "iVBORw0K"}

MESSAGES = [
    Case("unknown member", messages(n=1), "n: Extra inputs are not permitted"),
    Case("unknown member of a message", messages(user(name="me")), "messages.0.name: Extra inputs are not permitted"),
    Case("per-message option without its beta", messages(user(output_config={})), "messages.0.output_config: Extra inputs are not permitted"),
    Case("unknown member of a block", messages(user([block("text", text="a", x=1)])), "messages.0.content.0.text.x: Extra inputs are not permitted"),
    Case("unknown member of a tool", messages(tools=[ANT_TOOL | {"parameters": {}}]), "tools.0.custom.parameters: Extra inputs are not permitted"),
    Case("beta member without its beta", messages(context_management={}), "context_management: Extra inputs are not permitted"),
    Case("no max_tokens", {"model": "claude-haiku-4-5", "messages": [user()]}, "max_tokens: Field required"),
    Case("no messages", messages() | {"messages": []}, "messages: List should have at least 1 item"),
    Case("unknown block", messages(user([block("input_text", text="a")])), "Input tag 'input_text' found using 'type'"),
    Case("a chat image", messages(user([block("image_url", image_url={"url": "x"})])), "Input tag 'image_url'"),
    Case("role tool", messages(user(), {"role": "tool", "content": "x"}), "Input should be 'user' or 'assistant'"),
    Case("unknown model", messages(model="gpt-5"), "model: gpt-5"),
    Case("first message not the user's", messages(assistant(), user()), 'first message must use the "user" role'),
    Case("role system", messages(user(), {"role": "system", "content": "x"}), 'Unexpected role "system"'),
    Case("empty text", messages(user([block("text", text="")])), "text content blocks must be non-empty"),
    Case("empty content", messages(user("")), "text content blocks must be non-empty"),
    Case("blank text", messages(user(" \n")), "must contain non-whitespace text"),
    Case("blank text in a result", messages(user(), assistant([USE]), user([RESULT | {"content": [block("text", text=" ")]}]), tools=[ANT_TOOL]),
         "must contain non-whitespace text"),
    Case("empty turn", messages(user([]), assistant(), user()), "all messages must have non-empty content"),
    Case("trailing white space", messages(user(), assistant("so: ")), "final assistant content cannot end with trailing whitespace"),
    Case("beginning of the answer", messages(user(), assistant(), model="claude-opus-4-8"), "does not support assistant message prefill"),
    Case("call without result", messages(user(), assistant([USE]), user("go on")), "`tool_use` ids were found without `tool_result` blocks"),
    Case("call at the end", messages(user(), assistant([USE])), "`tool_use` ids were found without `tool_result` blocks"),
    Case("result not first", messages(user(), assistant([USE]), user([block("text", text="a"), RESULT])), "`tool_use` ids were found without `tool_result`"),
    Case("one of two results", messages(user(), assistant([USE, USE | {"id": "toolu_2"}]), user([RESULT])), "immediately after: toolu_2"),
    Case("result without call", messages(user([RESULT])), "unexpected `tool_use_id` found in `tool_result` blocks: toolu_1"),
    Case("two results", messages(user(), assistant([USE]), user([RESULT, RESULT])), "each tool_use must have a single result"),
    Case("repeated id", messages(user(), assistant([USE, USE]), user([RESULT])), "ids must be unique"),
    Case("id of odd characters", messages(user(), assistant([USE | {"id": "call:1"}]), user([RESULT])), "String should match pattern '^[a-zA-Z0-9_-]+$'"),
    Case("arguments as text", messages(user(), assistant([USE | {"input": "{}"}]), user([RESULT])), "tool_use.input: Input should be an object"),
    Case("tool name", messages(tools=[ANT_TOOL | {"name": "a.b"}]), "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"),
    Case("tool twice", messages(tools=[ANT_TOOL, ANT_TOOL]), "Tool names must be unique"),
    Case("schema without type", messages(tools=[{"name": "f", "input_schema": {}}]), "tools.0.custom.input_schema.type: Field required"),
    Case("schema of Gemini's types", messages(tools=[{"name": "f", "input_schema": SCHEMA | {"properties": {"a": {"type": "STRING"}}}}]),
         "JSON schema is invalid"),
    Case("choice without tools", messages(tool_choice={"type": "auto"}), "tool_choice may only be specified while providing tools"),
    Case("choice of an unknown tool", messages(tools=[ANT_TOOL], tool_choice={"type": "tool", "name": "g"}), "Tool 'g' not found"),
    Case("choice as text", messages(tools=[ANT_TOOL], tool_choice="auto"), "tool_choice: Input should be an object"),
    Case("temperature", messages(temperature=1.5), "temperature: range: 0..1"),
    Case("temperature and top_p", messages(temperature=1, top_p=1), "cannot both be specified"),
    Case("temperature of the newest", messages(model="claude-opus-4-8", temperature=0.5), "`temperature` is deprecated for this model"),
    Case("temperature with thinking", messages(thinking=ENABLED, temperature=0.5), "`temperature` may only be set to 1"),
    Case("top_k with thinking", messages(thinking=ENABLED, top_k=3), "`top_k` must be unset"),
    Case("budget too small", messages(thinking=ENABLED | {"budget_tokens": 1000}), "greater than or equal to 1024"),
    Case("budget not below max_tokens", messages(thinking=ENABLED | {"budget_tokens": 2000}), "`max_tokens` must be greater than `thinking.budget_tokens`"),
    Case("budget for the newest", messages(model="claude-opus-4-8", thinking=ENABLED), '"thinking.type.enabled" is not supported for this model'),
    Case("adaptive for an older one", messages(thinking={"type": "adaptive"}), "adaptive thinking is not supported"),
    Case("forced tool with thinking", messages(thinking=ENABLED, tools=[ANT_TOOL], tool_choice={"type": "any"}),
         "Thinking may not be enabled when tool_choice forces"),
    Case("unsigned thinking", messages(user(), assistant([block("thinking", thinking=THOUGHT)]), user()), "thinking.signature: Field required"),
    Case("foreign signature", messages(user(), assistant([THINKING | {"signature": FOREIGN}, block("text", text="a")]), user()),
         "Invalid `signature` in `thinking`"),
    Case("changed thinking", messages(user(), assistant([THINKING | {"thinking": "else"}, block("text", text="a")]), user()),
         "Invalid `signature` in `thinking`"),
    Case("foreign redacted thinking", messages(user(), assistant([block("redacted_thinking", data=FOREIGN), block("text", text="a")]), user()),
         "Invalid `data`"),
    Case("calls without their thinking", messages(user(), assistant([USE]), user([RESULT]), tools=[ANT_TOOL], thinking=ENABLED),
         "Expected `thinking` or `redacted_thinking`, but found `tool_use`"),
    Case("five cache marks", messages(user([CACHED] * 5)), "A maximum of 4 blocks with cache_control may be provided. Found 5."),
    Case("blank stop", messages(stop_sequences=["\n"]), "each stop sequence must contain non-whitespace"),
    Case("image type", messages(user([block("image", source=DATA | {"media_type": "image/svg+xml"})])), "Input should be 'image/jpeg'"),
    Case("data URL in place of base64", messages(user([block("image", source=DATA | {"data": "data:image/png;base64,iVBORw0K"})])), "invalid base64 data"),
    Case("effort of OpenAI", messages(output_config={"effort": "minimal"}), "output_config.effort: Input should be"),
]

# OpenAI chat

def chat(*turns: dict, model: str = "gpt-4.1", **more: object) -> dict:
    return {"model": model, "messages": list(turns or (user(),))} | more


def call(id: str = "call_1", name: str = "f", arguments: object = "{}") -> dict:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def function(name: str = "f", parameters: dict = SCHEMA, **more: object) -> dict:
    return {"type": "function", "function": {"name": name, "parameters": parameters} | more}


def tool(id: str = "call_1", content: object = "x") -> dict:
    return {"role": "tool", "tool_call_id": id, "content": content}


CALLS = assistant(None, tool_calls=[call()])
OPEN_SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
UNKNOWN, STRICT = "Unknown parameter: ", "'additionalProperties' is required to be supplied and to be false"

CHAT = [
    Case("unknown member", chat(top_k=3), UNKNOWN + "'top_k'"),
    Case("unknown member of a message", chat(user(cache_control={})), UNKNOWN + "'messages[0].cache_control'"),
    Case("another's reasoning", chat(user(), assistant(reasoning_content="x"), user()), UNKNOWN + "'messages[1].reasoning_content'"),
    Case("another's reasoning details", chat(user(), assistant(reasoning_details=[]), user()), UNKNOWN + "'messages[1].reasoning_details'"),
    Case("Responses' text part", chat(user([block("input_text", text="a")])), "Invalid value: 'input_text'"),
    Case("unknown role", chat({"role": "model", "content": "x"}), "Invalid value: 'model'"),
    Case("unknown model", chat(model="claude-haiku-4-5"), "The model `claude-haiku-4-5` does not exist"),
    Case("no messages", chat() | {"messages": []}, "Invalid 'messages': empty array"),
    Case("choice without tools", chat(tool_choice="auto"), "'tool_choice' is only allowed when 'tools' are specified"),
    Case("parallel without tools", chat(parallel_tool_calls=True), "'parallel_tool_calls' is only allowed when 'tools' are specified"),
    Case("empty tools", chat(tools=[]), "Invalid 'tools': empty array"),
    Case("stream options without stream", chat(stream_options={"include_usage": True}), "only allowed when 'stream' is enabled"),
    Case("max_tokens for a reasoning model", chat(model="gpt-5", max_tokens=9), "Use 'max_completion_tokens' instead"),
    Case("temperature for a reasoning model", chat(model="gpt-5", temperature=0.5), "'temperature' does not support 0.5 with this model"),
    Case("top_p for a reasoning model", chat(model="gpt-5", top_p=0.5), "'top_p' does not support 0.5 with this model"),
    Case("stop for a reasoning model", chat(model="gpt-5", stop="x"), "'stop' is not supported with this model"),
    Case("effort for a plain model", chat(reasoning_effort="low"), "Unrecognized request argument supplied: reasoning_effort"),
    Case("temperature", chat(temperature=3), "Invalid 'temperature': decimal above maximum value"),
    Case("five stops", chat(stop=list("abcde")), "Invalid 'stop': array too long"),
    Case("metadata without store", chat(metadata={"a": "b"}), "'metadata' parameter is only allowed when 'store' is enabled"),
    Case("result without call", chat(user(), tool()), "must be a response to a preceeding message with 'tool_calls'"),
    Case("result of another call", chat(user(), CALLS, tool("call_2")), "must be a response to a preceeding message with 'tool_calls'"),
    Case("result after the user", chat(user(), CALLS, user(), tool()), "The following tool_call_ids did not have response messages: call_1"),
    Case("call without result", chat(user(), CALLS), "The following tool_call_ids did not have response messages: call_1"),
    Case("long id", chat(user(), assistant(None, tool_calls=[call(LONG_ID)]), tool(LONG_ID)), "Expected a string with maximum length 40"),
    Case("empty calls", chat(user(), assistant(tool_calls=[]), user()), "Invalid 'messages[1].tool_calls': empty array"),
    Case("arguments as object", chat(user(), assistant(None, tool_calls=[call(arguments={})]), tool()), "expected a string, but got an object"),
    Case("nothing said", chat(user(), assistant(None), user()), "expected a string, got null"),
    Case("image in a result", chat(user(), CALLS, tool(content=[block("image_url", image_url={"url": "x"})])), "Invalid value: 'image_url'"),
    Case("tool name", chat(tools=[function("a.b")]), "string does not match pattern"),
    Case("long tool name", chat(tools=[function("x" * 65)]), "Expected a string with maximum length 64"),
    Case("flat tool", chat(tools=[{"type": "function", "name": "f"}]), "Missing required parameter: 'tools[0].function'"),
    Case("strict and open", chat(tools=[function(parameters=OPEN_SCHEMA, strict=True)]), STRICT),
    Case("strict and optional", chat(tools=[function(parameters=SCHEMA | {"additionalProperties": False}, strict=True)]), "Missing 'a'"),
    Case("schema of Gemini's types", chat(tools=[function(parameters={"type": "object", "properties": {"a": {"type": "STRING"}}})]), "'STRING' is not valid"),
    Case("strict format and open", chat(response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": OPEN_SCHEMA, "strict": True}}), STRICT),
    Case("JSON without the word", chat(response_format={"type": "json_object"}), "must contain the word 'json'"),
    Case("image as text", chat(user([block("image_url", image_url="https://x")])), "expected an object, but got a string instead"),
    Case("image without data URL", chat(user([block("image_url", image_url={"url": "iVBORw0K"})])), "Expected a base64-encoded data URL"),
]

# OpenAI Responses

def responses(*items: object, model: str = "gpt-5-mini", **more: object) -> dict:
    return {"model": model, "input": list(items or (user(),))} | more


def item(kind: str, **more: object) -> dict:
    return {"type": kind} | more


FLAT = {"type": "function", "name": "f", "parameters": SCHEMA, "strict": False}
FC = item("function_call", call_id="call_1", name="f", arguments="{}")
FCO = item("function_call_output", call_id="call_1", output="x")
RS = item("reasoning", id="rs_1", summary=[], encrypted_content=STATE)

RESPONSES = [
    Case("unknown member", responses(messages=[]), UNKNOWN + "'messages'"),
    Case("unknown member of an item", responses(user(name="me")), UNKNOWN + "'input[0].name'"),
    Case("chat's bound", responses(max_tokens=90), UNKNOWN + "'max_tokens'"),
    Case("chat's usage option", responses(stream=True, stream_options={"include_usage": True}), UNKNOWN + "'stream_options.include_usage'"),
    Case("chat's calls", responses(user(), assistant(tool_calls=[call()])), UNKNOWN + "'input[1].tool_calls'"),
    Case("unknown item", responses(item("tool_use", id="x")), "Invalid value: 'tool_use'"),
    Case("role tool", responses(user(), tool()), "Invalid value: 'tool'"),
    Case("chat's text part", responses(user([block("text", text="a")])), "Invalid value: 'text'"),
    Case("input of the assistant", responses(user(), assistant([block("input_text", text="a")])), "Supported values are: 'output_text', and 'refusal'"),
    Case("output of the user", responses(user([block("output_text", text="a")])), "Invalid value: 'output_text'"),
    Case("image as object", responses(user([block("input_image", image_url={"url": "x"})])), "expected a string, but got an object"),
    Case("image without data URL", responses(user([block("input_image", image_url="iVBORw0K")])), "Expected a base64-encoded data URL"),
    Case("unknown model", responses(model="gpt-5"), "The requested model 'gpt-5' does not exist"),
    Case("output bound", responses(max_output_tokens=15), "Expected a value >= 16, but got 15"),
    Case("temperature for a reasoning model", responses(temperature=0.5), "'temperature' is not supported with this model"),
    Case("effort for a plain model", responses(model="gpt-4.1-mini", reasoning={"effort": "low"}), "'reasoning.effort' is not supported with this model"),
    Case("encrypted from a plain model", responses(model="gpt-4.1-mini", include=["reasoning.encrypted_content"]), "Encrypted content is not supported"),
    Case("id of a call", responses(user(), FC | {"id": "call_1"}, FCO), "Expected an ID that begins with 'fc'"),
    Case("id of a message", responses(user(), assistant([block("output_text", text="a")], type="message", id="chatcmpl-1")), "begins with 'msg'"),
    Case("id of reasoning", responses(user(), RS | {"id": "x"}, FC, FCO), "begins with 'rs'"),
    Case("reasoning at the end", responses(user(), RS), "was provided without its required following item"),
    Case("reasoning before the user", responses(user(), RS, user()), "was provided without its required following item"),
    Case("foreign state", responses(user(), RS | {"encrypted_content": FOREIGN}, FC, FCO), "could not be verified"),
    Case("reasoning that is not kept", responses(user(), item("reasoning", id="rs_1", summary=[]), FC, FCO, store=False), "Items are not persisted"),
    Case("output without call", responses(user(), FCO), "No tool call found for function call output with call_id call_1"),
    Case("call without output", responses(user(), FC), "No tool output found for function call call_1"),
    Case("output as object", responses(user(), FC, FCO | {"output": {}}), "Invalid type for 'input[2].output'"),
    Case("long call id", responses(user(), FC | {"call_id": LONG_ID}, FCO | {"call_id": LONG_ID}), "maximum length 64"),
    Case("nested tool", responses(tools=[function()]), "Missing required parameter: 'tools[0].name'"),
    Case("strict and open", responses(tools=[FLAT | {"parameters": OPEN_SCHEMA, "strict": True}]), STRICT),
    Case("schema of Gemini's types", responses(tools=[FLAT | {"parameters": {"type": "OBJECT"}}]), "'OBJECT' is not valid"),
    Case("forced without tools", responses(tool_choice="required"), "must be specified with 'tools' parameter"),
    Case("chat's choice", responses(tools=[FLAT], tool_choice={"type": "function", "function": {"name": "f"}}), "'tool_choice.name'"),
    Case("chat's format", responses(response_format={"type": "json_object"}), UNKNOWN + "'response_format'"),
    Case("strict format and open", responses(text={"format": {"type": "json_schema", "name": "a", "schema": OPEN_SCHEMA, "strict": True}}), STRICT),
    Case("JSON without the word", responses(text={"format": {"type": "json_object"}}), "must contain the word 'json'"),
    Case("unknown previous response", responses(previous_response_id="resp_1"), "Previous response with id 'resp_1' not found"),
]

# Gemini

def gemini(*contents: dict, **more: object) -> dict:
    return {"contents": list(contents or (said("user", {"text": "hi"}),))} | more


def said(role: str, *parts: dict) -> dict:
    return {"role": role, "parts": list(parts)}


def declared(name: str = "f", **more: object) -> list[dict]:
    return [{"functionDeclarations": [{"name": name} | more]}]


def gem_call(name: str = "f", **more: object) -> dict:
    return {"functionCall": {"name": name, "args": {}}} | more


def gem_result(name: str = "f", response: object = None) -> dict:
    return {"functionResponse": {"name": name, "response": {"output": "x"} if response is None else response}}


HI = said("user", {"text": "hi"})
GEM3 = "gemini-3-pro-preview"
CANNOT_FIND = "Cannot find field."
COUNT = "the number of function response parts is equal to the number of function call parts"

GEMINI = [
    Case("unknown member", gemini(max_tokens=3), 'Unknown name "maxTokens": ' + CANNOT_FIND),
    Case("unknown member of a part", gemini(said("user", {"text": "a", "cacheControl": {}})), "Unknown name \"cacheControl\" at 'contents[0].parts[0]'"),
    Case("chat's content", gemini({"role": "user", "content": "hi"}), "Unknown name \"content\" at 'contents[0]'"),
    Case("$schema", gemini(tools=declared(parameters=SCHEMA | {"$schema": "x"})), 'Unknown name "$schema"'),
    Case("additionalProperties", gemini(tools=declared(parameters=SCHEMA | {"additionalProperties": False})), 'Unknown name "additionalProperties"'),
    Case("$defs", gemini(tools=declared(parameters=SCHEMA | {"$defs": {}})), 'Unknown name "$defs"'),
    Case("const inside", gemini(tools=declared(parameters={"type": "object", "properties": {"a": {"const": 1}}})), 'Unknown name "const"'),
    Case("list of types", gemini(tools=declared(parameters={"type": "object", "properties": {"a": {"type": ["string", "null"]}}})),
         "Proto field is not repeating"),
    Case("array without items", gemini(tools=declared(parameters={"type": "object", "properties": {"a": {"type": "array"}}})), "items: missing field"),
    Case("empty object inside", gemini(tools=declared(parameters={"type": "object", "properties": {"a": {"type": "object", "properties": {}}}})),
         "should be non-empty for OBJECT type"),
    Case("format", gemini(tools=declared(parameters={"type": "object", "properties": {"a": {"type": "string", "format": "uri"}}})),
         "only 'enum' and 'date-time'"),
    Case("enum of numbers", gemini(tools=declared(parameters={"type": "object", "properties": {"a": {"type": "integer", "enum": ["1"]}}})),
         "only allowed for STRING"),
    Case("tool name", gemini(tools=declared("1f")), "Invalid function name"),
    Case("two schemas", gemini(tools=declared(parameters=SCHEMA, parametersJsonSchema=SCHEMA)), "must not both be set"),
    Case("choice without tools", gemini(toolConfig={"functionCallingConfig": {"mode": "AUTO"}}),
         "Function calling config is set without function_declarations"),
    Case("names without ANY", gemini(tools=declared(), toolConfig={"functionCallingConfig": {"mode": "AUTO", "allowedFunctionNames": ["f"]}}),
         "only allowed when the function calling mode is ANY"),
    Case("role", gemini(said("assistant", {"text": "a"})), "Please use a valid role: user, model."),
    Case("no parts", gemini(said("user")), "contents.parts must not be empty"),
    Case("empty part", gemini(said("user", {})), "required oneof field 'data' must have one initialized field"),
    Case("two kinds in a part", gemini(said("user", {"text": "a", "inlineData": {"mimeType": "image/png", "data": "iVBORw0K"}})),
         "oneof field 'data' is already set"),
    Case("base64", gemini(said("user", {"inlineData": {"mimeType": "image/png", "data": "data:image/png;base64,iVBORw0K"}})), "Base64 decoding failed"),
    Case("one of two responses", gemini(HI, said("model", gem_call(), gem_call()), said("user", gem_result())), COUNT),
    Case("no response", gemini(HI, said("model", gem_call()), HI), COUNT),
    Case("call at the end", gemini(HI, said("model", gem_call())), COUNT),
    Case("order", gemini(HI, said("model", gem_call("f"), gem_call("g")), said("user", gem_result("g"), gem_result("f"))),
         "in the order of the function call parts"),
    Case("response without call", gemini(HI, said("user", gem_result())), "function response turn comes immediately after a function call turn"),
    Case("response as text", gemini(HI, said("model", gem_call()), said("user", gem_result(response="x"))), "google.protobuf.Struct"),
    Case("arguments as text", gemini(HI, said("model", {"functionCall": {"name": "f", "args": "{}"}}), said("user", gem_result())), "google.protobuf.Struct"),
    Case("missing signature", gemini(HI, said("model", gem_call()), said("user", gem_result())), "missing a thought_signature", GEM3),
    Case("foreign signature", gemini(HI, said("model", gem_call(thoughtSignature=FOREIGN)), said("user", gem_result())), "Corrupted thought signature", GEM3),
    Case("budget and level", gemini(generationConfig={"thinkingConfig": {"thinkingBudget": 9, "thinkingLevel": "low"}}),
         "only one of thinking budget and thinking level"),
    Case("level for an older model", gemini(generationConfig={"thinkingConfig": {"thinkingLevel": "low"}}), "Thinking level is not supported"),
    Case("no thinking at all", gemini(generationConfig={"thinkingConfig": {"thinkingBudget": 0}}), "only works in thinking mode", GEM3),
    Case("temperature", gemini(generationConfig={"temperature": 3}), "supported range is from 0"),
    Case("six stops", gemini(generationConfig={"stopSequences": list("abcdef")}), "must not exceed 5"),
    Case("schema without JSON", gemini(generationConfig={"responseSchema": SCHEMA}), "response_mime_type must be application/json"),
    Case("JSON with tools", gemini(tools=declared(), generationConfig={"responseMimeType": "application/json"}), "is unsupported"),
    Case("unknown model", gemini(), "models/gpt-5 is not found", "gpt-5"),
]

CASES = [(dialect, case) for dialect, cases in (("messages", MESSAGES), ("chat", CHAT), ("responses", RESPONSES), ("gemini", GEMINI)) for case in cases]
