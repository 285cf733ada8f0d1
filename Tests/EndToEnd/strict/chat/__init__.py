"""OpenAI chat completions."""

from ..openai_wording import error
from .rules import read
from .words import error_event, events, whole

NAME = "chat"
__all__ = ["NAME", "error", "error_event", "events", "read", "whole"]
