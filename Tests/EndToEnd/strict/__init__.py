"""A strict provider: it speaks OpenAI chat, OpenAI Responses, Anthropic Messages and Gemini, and refuses what the real APIs refuse, in their words.

`shape.py` checks which members a request has, each dialect's `rules.py` the rest; `answer.py` holds the scenarios, in no dialect, and each dialect's
`words.py` puts an answer into its own form. A request names its scenario by a marker in the user's text: `scenario:tools`.
"""

from .answer import PART, STOP, TEXT, THOUGHT, USAGE, WORDS
from .server import KEY, Record, StrictProvider

__all__ = ["KEY", "PART", "STOP", "TEXT", "THOUGHT", "USAGE", "WORDS", "Record", "StrictProvider"]
