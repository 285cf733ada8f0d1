"""The anthropic SDK on Messages."""

from __future__ import annotations

import base64
from contextlib import contextmanager

import anthropic

from .base import Ask, Call, ClientFailure, Driver, Image, Result, ToolOutput, Usage

STOPS = {"end_turn": "end", "tool_use": "tools", "max_tokens": "length", "stop_sequence": "stop", "refusal": "filtered"}
MAX_TOKENS = 4096
BUDGET = 1024
NEWEST = ("claude-opus-4-8",)  # take adaptive thinking only


class AnthropicMessages(Driver):
    dialect = "messages"
    errors = (anthropic.APIError,)

    def __init__(self, url: str, key: str, **more: float) -> None:
        super().__init__(url, key, **more)
        self.sdk = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0, timeout=self.timeout)

    def close(self) -> None:
        self.sdk.close()

    def first(self, ask: Ask) -> list:
        content: object = ask.words
        if ask.image:
            content = [_image(ask.image), {"type": "text", "text": ask.words}]
        return [{"role": "user", "content": content}]

    def results(self, result: Result, outputs: list[ToolOutput]) -> list:
        blocks = []
        for call, output in zip(result.calls, outputs, strict=True):
            block: dict = {"type": "tool_result", "tool_use_id": call.id, "content": output.text}
            if output.image:
                block["content"] = [{"type": "text", "text": output.text}, _image(output.image)]
            if output.is_error:
                block["is_error"] = True
            blocks.append(block)
        return [{"role": "user", "content": blocks}]

    def _request(self, ask: Ask, history: list) -> dict:
        request: dict = {"model": ask.model, "messages": history, "max_tokens": ask.max_tokens or MAX_TOKENS}
        if ask.system:
            request["system"] = ask.system
        if ask.tools:
            request["tools"] = [{"name": each.name, "description": each.description, "input_schema": each.schema} for each in ask.tools]
        choice: dict = {}
        if ask.tool_choice:
            choice = {"type": ask.tool_choice} if ask.tool_choice in ("auto", "any", "none") else {"type": "tool", "name": ask.tool_choice}
        if ask.parallel is not None:
            choice = (choice or {"type": "auto"}) | {"disable_parallel_tool_use": not ask.parallel}
        if choice:
            request["tool_choice"] = choice
        if ask.stop:
            request["stop_sequences"] = list(ask.stop)
        if ask.schema:
            request["output_config"] = {"format": {"type": "json_schema", "schema": ask.schema}}
        if ask.thinking and ask.model.split("/")[-1] in NEWEST:
            request["thinking"] = {"type": "adaptive", "display": "summarized"}
        elif ask.thinking:
            request["thinking"] = {"type": "enabled", "budget_tokens": BUDGET}
        if ask.temperature is not None:  # no parameter of the SDK any more
            request["extra_body"] = {"temperature": ask.temperature}
        return request

    def whole(self, ask: Ask, history: list) -> Result:
        return self._result(self.sdk.messages.create(**self._request(ask, history)), history)

    def streamed(self, ask: Ask, history: list) -> Result:
        indexes = []
        with self.sdk.messages.stream(**self._request(ask, history)) as stream:
            for event in stream:
                if event.type == "content_block_start":
                    indexes.append(event.index)
                elif event.type == "text":
                    self.text += event.text
            message = stream.get_final_message()
        assert indexes == list(range(len(indexes))), f"blocks are numbered {indexes}"
        return self._result(message, history)

    @contextmanager
    def open(self, ask: Ask, history: list):
        with self.sdk.messages.stream(**self._request(ask, history)) as stream:
            yield stream.text_stream

    def failure(self, error: Exception) -> ClientFailure:
        status, wait = None, None
        if isinstance(error, anthropic.APIStatusError):
            # Inside of a stream the SDK makes the status from the head, which said that all was well.
            status = error.status_code if error.response.status_code != 200 else None
            wait = error.response.headers.get("retry-after")
        return ClientFailure(error, status, str(error), float(wait) if wait else None, self.text)

    def _result(self, message, history: list) -> Result:
        used = message.usage
        details = getattr(used, "output_tokens_details", None)
        cached, written = used.cache_read_input_tokens or 0, used.cache_creation_input_tokens or 0
        usage = Usage(used.input_tokens + cached + written, cached, used.output_tokens, details.thinking_tokens if details else None)
        calls = [Call(block.id, block.name, block.input) for block in message.content if block.type == "tool_use"]
        states = [block.signature for block in message.content if block.type == "thinking" and block.signature]
        states += [block.data for block in message.content if block.type == "redacted_thinking"]
        return Result("".join(block.text for block in message.content if block.type == "text"), STOPS.get(message.stop_reason), calls,
                      message.stop_sequence, usage, "".join(block.thinking for block in message.content if block.type == "thinking"), states,
                      [*history, {"role": "assistant", "content": message.content}], message.model)


def _image(image: Image) -> dict:
    return {"type": "image", "source": {"type": "base64", "media_type": image.media_type, "data": base64.b64encode(image.data).decode()}}
