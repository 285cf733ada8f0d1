"""The gateway under test: the release binary as a process, its books, its memory and its end."""

from __future__ import annotations

import http.client
import json
import os
import resource
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("EKAI_GATEWAY", REPOSITORY / ".build" / "release" / "ekai-gateway"))

START_SECONDS = 10  # bound of the wait for readiness, not the promise (that is test_idle's)
STOP_SECONDS = 10
ROW_SECONDS = 3  # a row is written within 1 s of the end of its answer; the rest is a slow machine

# Values of usage_records.outcome.
OK, FAILED, CANCELLED, TRUNCATED = "ok", "error", "cancelled", "truncated"


class Gateway:
    """One gateway process with a working directory of its own. `config` is the content of its YAML file (JSON is YAML) or its text;
    `key` is what `get` shows where keys are configured; `descriptors_max` bounds the process's open files."""

    def __init__(self, directory: Path, config: dict | str | None = None, env: dict[str, str] | None = None,
                 arguments: tuple[str, ...] = (), *, key: str | None = None, descriptors_max: int | None = None) -> None:
        self.directory = directory
        self.config_file = directory / "ekai.yaml"
        self.database = directory / "usage.db"
        self.log_file = directory / "gateway.log"
        self.ports_file = directory / "ports.json"
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.tls_port = 0
        self.key = key
        self.descriptors_max = descriptors_max
        self.arguments = ["serve", "--ports-file", str(self.ports_file), *arguments]
        if config is not None:
            self.configure(config)
            self.arguments += ["--config", str(self.config_file)]
        self.env = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(directory), "PORT": "0", "PORT_DASHBOARD": "0",
            "DATABASE_PATH": str(self.database), "LOG_FORMAT": "json", "LOG_LEVEL": "info",
        } | (env or {})

    def configure(self, config: dict | str) -> None:
        """Writes the configuration file; a running gateway reads it on SIGHUP."""
        self.config_file.write_text(config if isinstance(config, str) else json.dumps(config, indent=2))

    # Life

    def launch(self) -> "Gateway":
        """Starts the process without waiting for anything."""
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen([str(BINARY), *self.arguments], cwd=self.directory, env=self.env, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=subprocess.STDOUT, preexec_fn=None if self.descriptors_max is None else self._limit_descriptors)
        return self

    def start(self) -> "Gateway":
        self.ports_file.unlink(missing_ok=True)
        self.launch()
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if self.process.poll() is not None:
                raise RuntimeError(f"the gateway exited with {self.process.returncode} at start:\n{self.log[-4000:]}")
            if time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the gateway was not ready within {START_SECONDS} s:\n{self.log[-4000:]}")
            time.sleep(0.002)
        return self

    def _limit_descriptors(self) -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.descriptors_max, self.descriptors_max))

    def _is_ready(self) -> bool:
        try:
            ports = json.loads(self.ports_file.read_text())
            self.port, self.tls_port = gateway_port(ports), int(ports.get("tls_port", 0))
            return self.get("/readyz")[0] == 200
        except (FileNotFoundError, json.JSONDecodeError, ConnectionError):
            return False  # not written yet, half written, not listening yet

    def wait(self, seconds: float = STOP_SECONDS) -> int:
        """The exit code; kills a process that does not end in time and raises."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"the gateway did not exit within {seconds} s:\n{self.log[-4000:]}") from None

    def stop(self) -> None:
        """SIGTERM, and a clean stop or an assertion."""
        if self.process is None or self.process.poll() is not None:
            return
        self.signal(signal.SIGTERM)
        code = self.wait()
        assert code == 0, f"the gateway exited with {code} after SIGTERM:\n{self.log[-4000:]}"

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> "Gateway":
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.stop()
        else:
            self.kill()

    # What it is and says

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def get(self, path: str, key: str | None = None) -> tuple[int, bytes]:
        """Status and body of a GET, with `key` (else the gateway's own) as bearer where there is one."""
        shown = key or self.key
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path, headers={"authorization": f"Bearer {shown}"} if shown else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    # What it uses

    def memory(self, name: str) -> int:
        """Bytes of a memory line of /proc/PID/status: `RssAnon`, `VmRSS`."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
        raise KeyError(name)

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def thread_ticks(self) -> dict[int, tuple[str, int]]:
        """Name and CPU time (clock ticks, user and system) of every thread."""
        ticks = {}
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            text = (task / "stat").read_text()
            name = text[text.index("(") + 1 : text.rindex(")")]
            fields = text[text.rindex(")") + 2 :].split()
            ticks[int(task.name)] = (name, int(fields[11]) + int(fields[12]))
        return ticks

    def cpu_seconds(self) -> float:
        """CPU time of the whole process, user and system."""
        return sum(ticks for _, ticks in self.thread_ticks().values()) / os.sysconf("SC_CLK_TCK")

    # Its books

    def query(self, sql: str, *values: object) -> list[dict]:
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5) as books:
            books.row_factory = sqlite3.Row
            try:
                return [dict(row) for row in books.execute(sql, values)]
            finally:
                books.rollback()

    def row(self, request_id: str | None, within: float = ROW_SECONDS) -> dict:
        """The one usage row of a request, which may take a moment to appear."""
        assert request_id, "the answer carried no x-request-id"
        rows: list[dict] = []
        eventually(lambda: rows.extend(self.query("SELECT * FROM usage_records WHERE request_id = ?", request_id)) or rows, within,
                   f"no usage row for request {request_id}")
        assert len(rows) == 1, f"{len(rows)} rows for one request"
        return rows[0]

    def row_count(self) -> int:
        return self.query("SELECT count(*) AS n FROM usage_records")[0]["n"]


def gateway_port(ports: dict) -> int:
    """The API's port in the ports file."""
    return int(ports["port"])


def tokens(row: dict) -> dict[str, int]:
    """The token columns of a usage row."""
    return {name: row[name] for name in
            ("input_tokens", "cache_write_input_tokens", "cache_read_input_tokens", "output_tokens", "total_tokens")}


def upstream_model(row: dict) -> str:
    """The model as the provider was asked for it."""
    return row["upstream_model"] or row["model"]


def eventually(condition, within: float, message: str, every: float = 0.01):
    """Polls until the condition holds and returns its value; fails with the message after `within` seconds."""
    deadline = time.monotonic() + within
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{message} within {within} s"
        time.sleep(every)
    return value
