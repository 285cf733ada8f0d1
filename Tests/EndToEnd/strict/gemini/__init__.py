"""Gemini generateContent."""

from .rules import read
from .words import count, error, error_event, events, whole

NAME = "gemini"
__all__ = ["NAME", "count", "error", "error_event", "events", "read", "whole"]
