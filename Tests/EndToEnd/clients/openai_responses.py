"""The openai SDK on Responses."""

from __future__ import annotations

import json
from contextlib import contextmanager

import openai

from .base import Ask, Call, ClientFailure, Driver, Result, StreamFailed, ToolOutput, Usage
from .openai_chat import data_url, openai_failure

OUTPUT_TOKENS_MIN = 16
REASONS = {"max_output_tokens": "length", "content_filter": "filtered"}


class OpenAIResponses(Driver):
    dialect = "responses"
    errors = (openai.APIError, StreamFailed)

    def __init__(self, url: str, key: str, **more: float) -> None:
        super().__init__(url, key, **more)
        self.sdk = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=self.timeout)

    def close(self) -> None:
        self.sdk.close()

    def first(self, ask: Ask) -> list:
        content: object = ask.words
        if ask.image:
            content = [{"type": "input_text", "text": ask.words}, {"type": "input_image", "image_url": data_url(ask.image), "detail": "auto"}]
        return [{"role": "user", "content": content}]

    def results(self, result: Result, outputs: list[ToolOutput]) -> list:
        return [{"type": "function_call_output", "call_id": call.id, "output": _output(output)}
                for call, output in zip(result.calls, outputs, strict=True)]

    def _request(self, ask: Ask, history: list) -> dict:
        request: dict = {"model": ask.model, "input": history, "store": False}
        if ask.system:
            request["instructions"] = ask.system
        if ask.tools:
            request["tools"] = [{"type": "function", "name": each.name, "description": each.description, "parameters": each.schema, "strict": False}
                                for each in ask.tools]
        if ask.tool_choice:
            request["tool_choice"] = {"auto": "auto", "any": "required", "none": "none"}.get(ask.tool_choice) or {"type": "function", "name": ask.tool_choice}
        if ask.parallel is not None:
            request["parallel_tool_calls"] = ask.parallel
        if ask.schema:
            request["text"] = {"format": {"type": "json_schema", "name": "answer", "schema": ask.schema, "strict": True}}
        if ask.thinking:
            request |= {"reasoning": {"effort": "low", "summary": "auto"}, "include": ["reasoning.encrypted_content"]}
        if ask.max_tokens:
            request["max_output_tokens"] = max(ask.max_tokens, OUTPUT_TOKENS_MIN)
        if ask.temperature is not None:
            request["temperature"] = ask.temperature
        return request

    def whole(self, ask: Ask, history: list) -> Result:
        response = self.sdk.responses.create(**self._request(ask, history))
        return self._result(response, list(response.output), history)

    def streamed(self, ask: Ask, history: list) -> Result:
        """Items are taken as Codex does, from the events that end them, and must be those of the whole response."""
        items, numbers, final = [], [], None
        with self.sdk.responses.stream(**self._request(ask, history)) as stream:
            for event in stream:
                numbers.append(event.sequence_number)
                if event.type == "response.output_text.delta":
                    self.text += event.delta
                elif event.type == "response.output_item.done":
                    items.append(event.item)
                elif event.type == "error":
                    raise StreamFailed(event.message or (event.model_extra or {}).get("error", {}).get("message"))
                elif event.type == "response.failed":
                    raise StreamFailed(event.response.error.message)
                elif event.type in ("response.completed", "response.incomplete"):
                    final = event.response
        assert numbers == sorted(set(numbers)), f"sequence numbers do not grow: {numbers}"
        if final is None:
            return Result(self.text, None)
        assert [item.id for item in final.output] == [item.id for item in items], "the items of the stream are not those of the response"
        return self._result(final, items, history)

    @contextmanager
    def open(self, ask: Ask, history: list):
        with self.sdk.responses.create(**self._request(ask, history), stream=True) as stream:
            yield (event.delta for event in stream if event.type == "response.output_text.delta")

    def failure(self, error: Exception) -> ClientFailure:
        return openai_failure(error, self.text)

    def _result(self, response, items: list, history: list) -> Result:
        calls = [Call(item.call_id, item.name, json.loads(item.arguments)) for item in items if item.type == "function_call"]
        thoughts = [item for item in items if item.type == "reasoning"]
        usage = response.usage and Usage(response.usage.input_tokens, response.usage.input_tokens_details.cached_tokens, response.usage.output_tokens,
                                         response.usage.output_tokens_details.reasoning_tokens)
        text = "".join(part.text for item in items if item.type == "message" for part in item.content if part.type == "output_text")
        stop = "tools" if calls else "end"
        if response.status == "incomplete":
            stop = REASONS[response.incomplete_details.reason]
        spoken = [_item(item) for item in items]
        return Result(text, stop, calls, None, usage, "\n\n".join(part.text for item in thoughts for part in item.summary),
                      [item.encrypted_content for item in thoughts if item.encrypted_content], history + spoken, response.model)


def _output(output: ToolOutput) -> object:
    if output.image is None:
        return output.text
    return [{"type": "input_text", "text": output.text}, {"type": "input_image", "image_url": data_url(output.image), "detail": "auto"}]


def _item(item) -> dict:
    """An item as it is sent back; what the SDK's stream helper adds is left out."""
    dumped = item.model_dump(exclude_none=True, exclude={"parsed_arguments"})
    for part in dumped.get("content") or []:
        part.pop("parsed", None)
    return dumped
