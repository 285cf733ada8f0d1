"""Anthropic Messages."""

from .rules import read
from .words import count, error, error_event, events, whole

NAME = "messages"
__all__ = ["NAME", "count", "error", "error_event", "events", "read", "whole"]
