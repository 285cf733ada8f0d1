"""The openai SDK on chat completions."""

from __future__ import annotations

import base64
import json
from contextlib import contextmanager

import openai
from openai.lib.streaming.chat import ChatCompletionStreamState

from .base import Ask, Call, ClientFailure, Driver, Image, Result, ToolOutput, Usage

STOPS = {"stop": "end", "tool_calls": "tools", "length": "length", "content_filter": "filtered"}
# What gateways carry for a provider in a message; the SDK keeps members that it does not know, and sends them back.
CARRIED = ("reasoning_details", "reasoning_content", "reasoning")


def retry_after(error: openai.APIStatusError) -> float | None:
    value = error.response.headers.get("retry-after")
    return float(value) if value else None


def openai_failure(error: Exception, text: str) -> ClientFailure:
    status = error.status_code if isinstance(error, openai.APIStatusError) else None
    message = error.message if isinstance(error, openai.APIError) else str(error)
    return ClientFailure(error, status, message, retry_after(error) if isinstance(error, openai.APIStatusError) else None, text)


def data_url(image: Image) -> str:
    return f"data:{image.media_type};base64,{base64.b64encode(image.data).decode()}"


class OpenAIChat(Driver):
    dialect = "chat"
    errors = (openai.APIError,)

    def __init__(self, url: str, key: str, **more: float) -> None:
        super().__init__(url, key, **more)
        self.sdk = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=self.timeout)

    def close(self) -> None:
        self.sdk.close()

    def first(self, ask: Ask) -> list:
        content: object = ask.words
        if ask.image:
            content = [{"type": "text", "text": ask.words}, {"type": "image_url", "image_url": {"url": data_url(ask.image)}}]
        return ([{"role": "system", "content": ask.system}] if ask.system else []) + [{"role": "user", "content": content}]

    def results(self, result: Result, outputs: list[ToolOutput]) -> list:
        return [{"role": "tool", "tool_call_id": call.id, "content": output.text} for call, output in zip(result.calls, outputs, strict=True)]

    def _request(self, ask: Ask, history: list) -> dict:
        request: dict = {"model": ask.model, "messages": history}
        if ask.tools:
            request["tools"] = [{"type": "function", "function": {"name": each.name, "description": each.description, "parameters": each.schema}}
                                for each in ask.tools]
        if ask.tool_choice:
            request["tool_choice"] = {"auto": "auto", "any": "required", "none": "none"}.get(ask.tool_choice) or {
                "type": "function", "function": {"name": ask.tool_choice}}
        if ask.parallel is not None:
            request["parallel_tool_calls"] = ask.parallel
        if ask.stop:
            request["stop"] = list(ask.stop)
        if ask.schema:
            request["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": ask.schema, "strict": True}}
        if ask.thinking:
            request["reasoning_effort"] = "low"
        if ask.max_tokens:
            request["max_completion_tokens"] = ask.max_tokens
        if ask.temperature is not None:
            request["temperature"] = ask.temperature
        return request

    def whole(self, ask: Ask, history: list) -> Result:
        return self._result(self.sdk.chat.completions.create(**self._request(ask, history)), history)

    def streamed(self, ask: Ask, history: list) -> Result:
        state = ChatCompletionStreamState()
        last = None
        stream = self.sdk.chat.completions.create(**self._request(ask, history), stream=True, stream_options={"include_usage": True})
        with stream:
            for chunk in stream:
                assert chunk.object == "chat.completion.chunk" and chunk.id and chunk.model
                state.handle_chunk(chunk)
                last = chunk
                for choice in chunk.choices:
                    self.text += choice.delta.content or ""
        assert last is not None, "no chunk at all"
        return self._result(state.current_completion_snapshot, history)

    @contextmanager
    def open(self, ask: Ask, history: list):
        with self.sdk.chat.completions.create(**self._request(ask, history), stream=True) as stream:
            yield (choice.delta.content for chunk in stream for choice in chunk.choices if choice.delta.content)

    def failure(self, error: Exception) -> ClientFailure:
        return openai_failure(error, self.text)

    def _result(self, completion, history: list) -> Result:
        choice = completion.choices[0]
        message = choice.message
        calls = [Call(call.id, call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls or []]
        extra = message.model_extra or {}
        spoken = {"role": "assistant", "content": message.content} | {name: extra[name] for name in CARRIED if extra.get(name)}
        if message.tool_calls:
            spoken["tool_calls"] = [_call(call) for call in message.tool_calls]
        usage = completion.usage and Usage(
            completion.usage.prompt_tokens, completion.usage.prompt_tokens_details.cached_tokens if completion.usage.prompt_tokens_details else 0,
            completion.usage.completion_tokens,
            completion.usage.completion_tokens_details.reasoning_tokens if completion.usage.completion_tokens_details else 0)
        details = extra.get("reasoning_details") or []
        states = [each[name] for each in details for name in ("data", "signature") if each.get(name)]
        thinking = extra.get("reasoning_content") or extra.get("reasoning") or ""
        return Result(message.content or "", STOPS.get(choice.finish_reason), calls, None, usage, thinking, states, [*history, spoken], completion.model)


def _call(call) -> dict:
    """A call as the SDK sends it back, with the members that it does not know; `index` belongs to streams."""
    dumped = call.model_dump(exclude_none=True, exclude={"index"})
    dumped["function"].pop("parsed_arguments", None)
    return dumped
