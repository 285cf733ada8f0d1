"""Official SDKs behind one small interface: the same question in four dialects, the same form of answer from all."""

from .anthropic_messages import AnthropicMessages
from .base import Ask, ClientFailure, Driver, Image, Result, Tool, ToolOutput, Usage
from .google_gemini import GoogleGemini
from .openai_chat import OpenAIChat
from .openai_responses import OpenAIResponses

DRIVERS: dict[str, type[Driver]] = {each.dialect: each for each in (OpenAIChat, OpenAIResponses, AnthropicMessages, GoogleGemini)}

__all__ = ["DRIVERS", "Ask", "ClientFailure", "Driver", "Image", "Result", "Tool", "ToolOutput", "Usage"]
