"""The google-genai SDK on generateContent."""

from __future__ import annotations

import base64
import copy
from contextlib import contextmanager

from google import genai
from google.genai import errors, types

from .base import Ask, Call, ClientFailure, Driver, Image, Result, ToolOutput, Usage

FINISHES = {"STOP": "end", "MAX_TOKENS": "length", "SAFETY": "filtered"}
MODES = {"auto": "AUTO", "any": "ANY", "none": "NONE"}
BUDGET = 1024


class GoogleGemini(Driver):
    dialect = "gemini"
    errors = (errors.APIError,)

    def __init__(self, url: str, key: str, **more: float) -> None:
        super().__init__(url, key, **more)
        options = types.HttpOptions(base_url=url, api_version="v1beta", timeout=int(self.timeout * 1000))
        self.sdk = genai.Client(api_key=key, http_options=options)

    def close(self) -> None:
        self.sdk.close()

    def first(self, ask: Ask) -> list:
        parts = [types.Part(text=ask.words)]
        if ask.image:
            parts.append(_image(ask.image))
        return [types.Content(role="user", parts=parts)]

    def results(self, result: Result, outputs: list[ToolOutput]) -> list:
        parts = []
        for call, output in zip(result.calls, outputs, strict=True):
            response = types.FunctionResponse(name=call.name, id=call.id, response={"error" if output.is_error else "output": output.text})
            if output.image:
                blob = types.FunctionResponseBlob(mime_type=output.image.media_type, data=output.image.data)
                response.parts = [types.FunctionResponsePart(inline_data=blob)]
            parts.append(types.Part(function_response=response))
        return [types.Content(role="user", parts=parts)]

    def _request(self, ask: Ask, history: list) -> dict:
        config: dict = {"automatic_function_calling": {"disable": True}}
        if ask.system:
            config["system_instruction"] = ask.system
        if ask.tools:
            # The first in Gemini's own subset of OpenAPI, as most callers write it, the others as JSON schemas.
            functions = [types.FunctionDeclaration(name=each.name, description=each.description, parameters_json_schema=each.schema) for each in ask.tools]
            functions[0] = types.FunctionDeclaration(name=ask.tools[0].name, description=ask.tools[0].description, parameters=_openapi(ask.tools[0].schema))
            config["tools"] = [types.Tool(function_declarations=functions)]
        if ask.tool_choice:
            names = None if ask.tool_choice in MODES else [ask.tool_choice]
            config["tool_config"] = {"function_calling_config": {"mode": MODES.get(ask.tool_choice, "ANY"), "allowed_function_names": names}}
        if ask.stop:
            config["stop_sequences"] = list(ask.stop)
        if ask.schema:
            config |= {"response_mime_type": "application/json", "response_json_schema": ask.schema}
        if ask.thinking:
            config["thinking_config"] = {"include_thoughts": True, "thinking_budget": BUDGET}
        if ask.max_tokens:
            config["max_output_tokens"] = ask.max_tokens
        if ask.temperature is not None:
            config["temperature"] = ask.temperature
        return {"model": ask.model, "contents": history, "config": types.GenerateContentConfig(**config)}

    def whole(self, ask: Ask, history: list) -> Result:
        return self._result([self.sdk.models.generate_content(**self._request(ask, history))], history)

    def streamed(self, ask: Ask, history: list) -> Result:
        chunks = []
        for chunk in self.sdk.models.generate_content_stream(**self._request(ask, history)):
            chunks.append(chunk)
            self.text += "".join(part.text for part in _parts([chunk]) if part.text and not part.thought)
        return self._result(chunks, history)

    @contextmanager
    def open(self, ask: Ask, history: list):
        stream = self.sdk.models.generate_content_stream(**self._request(ask, history))
        try:
            yield (part.text for chunk in stream for part in _parts([chunk]) if part.text)
        finally:
            stream.close()

    def failure(self, error: Exception) -> ClientFailure:
        assert isinstance(error, errors.APIError)
        told = error.details.get("error", error.details) if isinstance(error.details, dict) else {}
        waits = [each["retryDelay"].rstrip("s") for each in told.get("details") or [] if isinstance(each, dict) and "retryDelay" in each]
        headers = getattr(error.response, "headers", None) or {}
        wait = headers.get("retry-after") or (waits[0] if waits else None)
        # Inside of a stream the error names a status all the same.
        return ClientFailure(error, error.code, error.message or str(error), float(wait) if wait else None, self.text)

    def _result(self, chunks: list, history: list) -> Result:
        parts = _joined(_parts(chunks))
        calls = [Call(part.function_call.id, part.function_call.name, part.function_call.args or {}) for part in parts if part.function_call]
        last = [chunk for chunk in chunks if chunk.candidates and chunk.candidates[0].finish_reason]
        finish = last[-1].candidates[0].finish_reason.value if last else None
        counts = [chunk.usage_metadata for chunk in chunks if chunk.usage_metadata]
        used = counts[-1] if counts else None
        usage = used and Usage((used.prompt_token_count or 0), used.cached_content_token_count or 0,
                               (used.candidates_token_count or 0) + (used.thoughts_token_count or 0), used.thoughts_token_count or 0)
        text = "".join(part.text for part in parts if part.text and not part.thought)
        stop = "tools" if calls and finish == "STOP" else FINISHES.get(finish or "")
        return Result(text, stop, calls, None, usage, "".join(part.text for part in parts if part.text and part.thought),
                      [base64.b64encode(part.thought_signature).decode() for part in parts if part.thought_signature],
                      [*history, types.Content(role="model", parts=parts)], chunks[-1].model_version if chunks else None)


def _parts(chunks: list) -> list:
    return [part for chunk in chunks if chunk.candidates and chunk.candidates[0].content for part in chunk.candidates[0].content.parts or []]


def _joined(parts: list) -> list:
    """The parts of a stream as one turn: neighbouring pieces of text become one; empty ones without a signature are left out."""
    joined: list = []
    for part in parts:
        is_text = part.text is not None
        last = joined[-1] if joined else None
        if is_text and last is not None and last.text is not None and bool(last.thought) == bool(part.thought) and not last.thought_signature:
            last.text += part.text
            last.thought_signature = part.thought_signature
        elif not is_text or part.text or part.thought_signature:
            joined.append(part.model_copy())
    return joined


def _image(image: Image):
    return types.Part(inline_data=types.Blob(mime_type=image.media_type, data=image.data))


def _openapi(schema: dict) -> dict:
    """The schema in Gemini's words: its own names of types, without what they lack."""
    translated = copy.deepcopy(schema)
    for name in ("$schema", "additionalProperties"):
        translated.pop(name, None)
    if isinstance(translated.get("type"), str):
        translated["type"] = translated["type"].upper()
    properties = {name: _openapi(member) for name, member in translated.pop("properties", {}).items()}
    if properties:
        translated["properties"] = properties
    return translated
