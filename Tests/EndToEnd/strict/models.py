"""The models of the strict provider, and what each can do: the rules of an API differ by model."""

from __future__ import annotations

from dataclasses import dataclass

from .refusal import NOT_FOUND, Refusal


@dataclass(frozen=True)
class Model:
    """`reasons`: always thinks (OpenAI's o-series and gpt-5, Gemini 3). `adaptive`: takes Anthropic's adaptive thinking. `newest`: takes nothing but
    that, keeps thinking to itself unless asked, takes role system among the messages, and refuses sampling options (Anthropic)."""

    dialect: str
    reasons: bool = False
    adaptive: bool = False
    newest: bool = False


MODELS = {
    "gpt-4.1": Model("chat"),
    "gpt-5": Model("chat", reasons=True),
    "gpt-4.1-mini": Model("responses"),
    "gpt-5-mini": Model("responses", reasons=True),
    "claude-haiku-4-5": Model("messages"),
    "claude-opus-4-8": Model("messages", adaptive=True, newest=True),
    "gemini-2.5-flash": Model("gemini"),
    "gemini-3-pro-preview": Model("gemini", reasons=True),
}


def model_of(dialect: str, name: object, wording: str) -> Model:
    """The model of that name, or a 404 in the dialect's words, where `{}` stands for the name."""
    model = MODELS.get(name) if isinstance(name, str) else None
    if model is None or model.dialect != dialect:
        raise Refusal(wording.format(name), 404, NOT_FOUND, code="model_not_found")
    return model
