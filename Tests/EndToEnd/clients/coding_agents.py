"""Claude Code and Codex: the real binaries, as their PyPI packages bundle them, run once for a prompt in a folder of their own."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

RUN_SECONDS = 50


@dataclass
class Run:
    """How a run ended: the last words, and its whole output for the reader of a failure."""

    text: str
    output: str
    events: list[dict] = field(default_factory=list)


def _package(name: str) -> Path:
    spec = find_spec(name)
    assert spec is not None and spec.origin is not None, f"{name} is not installed"
    return Path(spec.origin).parent


def _run(arguments: list[str], folder: Path, env: dict[str, str]) -> tuple[str, list[dict]]:
    """Runs with nothing of our own environment but PATH: no proxy, no key, no setting of the developer's can get in."""
    bare = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8", "TMPDIR": str(folder), "NO_PROXY": "*"}
    done = subprocess.run(arguments, cwd=folder, env=bare | env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
    output = f"exit code {done.returncode}\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return output, events


def claude_code(url: str, key: str, model: str, prompt: str, folder: Path) -> Run:
    """`claude -p`, which may read files and no more. All its models are this one."""
    env = {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": key, "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_TELEMETRY": "1",
           "DISABLE_ERROR_REPORTING": "1", "DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_MAX_RETRIES": "0", "CLAUDE_CONFIG_DIR": str(folder / "claude")}
    env |= {f"ANTHROPIC_DEFAULT_{each}_MODEL": model for each in ("HAIKU", "SONNET", "OPUS")}
    binary = _package("claude_agent_sdk") / "_bundled" / "claude"
    output, events = _run([str(binary), "-p", prompt, "--model", model, "--output-format", "stream-json", "--verbose", "--allowedTools", "Read"], folder, env)
    results = [event for event in events if event.get("type") == "result"]
    return Run(results[-1].get("result", "") if results else "", output, events)


def codex(url: str, key: str, model: str, prompt: str, folder: Path) -> Run:
    """`codex exec` with a provider of its own; the sandbox of the machine is the test's folder."""
    home = folder / "codex"
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(f"""
model = {json.dumps(model)}
model_provider = "gateway"
check_for_update_on_startup = false
[model_providers.gateway]
name = "gateway"
base_url = {json.dumps(url + "/v1")}
env_key = "GATEWAY_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
[analytics]
enabled = false
[otel]
exporter = "none"
""")
    binary = _package("codex_cli_bin") / "bin" / "codex"
    arguments = [str(binary), "exec", "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", prompt]
    output, events = _run(arguments, folder, {"CODEX_HOME": str(home), "GATEWAY_KEY": key})
    texts = [event["item"]["text"] for event in events if event.get("type") == "item.completed" and event["item"].get("type") == "agent_message"]
    return Run(texts[-1] if texts else "", output, events)


