"""OpenAI Responses."""

from ..openai_wording import error
from .rules import read
from .words import count, error_event, events, whole

NAME = "responses"
__all__ = ["NAME", "count", "error", "error_event", "events", "read", "whole"]
