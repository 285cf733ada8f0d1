"""Which models stand for a provider in the tests of pairs."""

DIALECTS = ("chat", "responses", "messages", "gemini")
KINDS = {"chat": "openai-chat", "responses": "openai-responses", "messages": "anthropic", "gemini": "gemini"}
PROFILES = {"chat": "openai", "responses": "openai", "messages": "anthropic", "gemini": "google"}  # whose habits the strict provider has
BASE_PATHS = {"chat": "/v1", "responses": "/v1", "messages": "/v1", "gemini": "/v1beta"}
# A plain model and one that thinks.
MODELS = {"chat": ("gpt-4.1", "gpt-5"), "responses": ("gpt-4.1-mini", "gpt-5-mini"), "messages": ("claude-haiku-4-5", "claude-haiku-4-5"),
          "gemini": ("gemini-2.5-flash", "gemini-3-pro-preview")}
