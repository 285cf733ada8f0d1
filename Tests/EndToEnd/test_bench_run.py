"""`Benchmarks run`: scenarios from start to end with the real gateway, and what it says when something is missing or fails."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from gateway import BINARY, REPOSITORY, eventually
from test_bench_provider import BINARY as BENCHMARKS

RUN_SECONDS_MAX = 120


def run(*arguments: str, program: Path = BENCHMARKS, directory: Path | None = None,
        temporary: Path | None = None) -> subprocess.CompletedProcess[str]:
    env = dict(os.environ) | ({"TMPDIR": str(temporary)} if temporary else {})
    return subprocess.run([str(program), "run", *arguments], capture_output=True, text=True, timeout=RUN_SECONDS_MAX, cwd=directory,
                          env=env, stdin=subprocess.DEVNULL)


def processes_in(folder: Path) -> list[str]:
    """Command lines that name the folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # ended meanwhile
        if str(folder) in command:
            found.append(command)
    return found


@pytest.fixture
def elsewhere(binary: Path, tmp_path: Path) -> Path:
    """A place with the peers' configurations and no peer of PyPI, and the program in it."""
    program = tmp_path / "bin" / "Benchmarks"
    program.parent.mkdir()
    try:
        os.link(BENCHMARKS.resolve(), program)
    except OSError:
        shutil.copy(BENCHMARKS, program)
    shutil.copytree(REPOSITORY / "Benchmarks" / "peers", tmp_path / "Benchmarks" / "peers")
    return tmp_path


def test_two_scenarios(binary: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    json_file, markdown = tmp_path / "run.json", tmp_path / "run.md"
    finished = run("short-requests", "cold-start", "--rounds", "1", "--seconds", "1", "--peers", "none", "--gateway", str(BINARY),
                   "--json", str(json_file), "--markdown", str(markdown), temporary=temporary)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    result = json.loads(json_file.read_text())
    assert (result["rounds"], result["seconds"], result["absent"]) == (1, 1, [])
    assert result["versions"]["gateway"] and result["machine"]["processors"] >= 1
    assert result["date"].endswith("Z")
    short, cold = result["scenarios"]
    assert (short["name"], cold["name"]) == ("short-requests", "cold-start")

    [server] = short["servers"]
    assert server["name"] == "gateway" and server["problems"] == []
    values = {name: each[0] for name, each in server["values"].items() if len(each) == 1}
    assert 1 < values["cpu_us_per_request"] < 10_000
    assert values["requests_per_second"] > 50
    assert 0 < values["latency_p50_us"] <= values["latency_p99_us"]
    # One core cannot spend more than a second in a second: CPU and rate are of the same load.
    assert values["cpu_us_per_request"] * values["requests_per_second"] < 1.5e6
    # Without nginx there is nothing to hold it against.
    assert [target["verdict"] for target in short["targets"]] == ["not measured"]

    [server] = cold["servers"]
    assert server["problems"] == []
    assert 0 < server["values"]["fresh_ms"][0] <= server["values"]["slowest_ms"][0]
    assert 0 < server["values"]["existing_ms"][0] <= server["values"]["slowest_ms"][0]
    assert len(cold["targets"]) == 2
    for target in cold["targets"]:
        measured = target["measured"]["median"]
        assert target["verdict"] == ("met" if measured <= 500 else "missed")

    assert "short-requests" in finished.stdout and "CPU us/request" in finished.stdout
    text = markdown.read_text()
    assert "| scenario | target |" in text and "### cold-start" in text and result["machine"]["kernel"] in text
    assert not list(temporary.iterdir()) and not processes_in(temporary), "something was left behind"


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_nothing_goes_on_after_an_interruption(binary: Path, tmp_path: Path, ending: signal.Signals) -> None:
    process = subprocess.Popen([str(BENCHMARKS), "run", "idle", "--rounds", "1", "--seconds", "60", "--peers", "none", "--gateway", str(BINARY)],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=dict(os.environ) | {"TMPDIR": str(tmp_path)})
    try:
        eventually(lambda: len(processes_in(tmp_path)) >= 2, 10, "provider and gateway did not start")
        process.send_signal(ending)
        process.wait(5)
    finally:
        process.kill()
    assert process.returncode != 0
    eventually(lambda: not processes_in(tmp_path), 5, "processes went on")
    if ending != signal.SIGKILL:
        assert not list(tmp_path.iterdir()), "the folder was left behind"


def test_absent_peer_is_skipped_with_a_line(elsewhere: Path) -> None:
    finished = run("cold-start", "--rounds", "1", "--seconds", "1", "--peers", "envoy,litellm", "--gateway", str(BINARY), "--json", "run.json",
                   program=elsewhere / "bin" / "Benchmarks", directory=elsewhere)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    lines = finished.stdout.splitlines()
    for peer in ("envoy", "litellm"):
        line = f"{peer}: skipped, it is not installed (Benchmarks/peers/setup {peer} installs it)"
        assert line in lines
        assert line in json.loads((elsewhere / "run.json").read_text())["absent"]


def test_gateway_that_does_not_start_fails_the_run(binary: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho out of order >&2\nexit 3\n")
    broken.chmod(0o755)
    finished = run("short-requests", "--rounds", "1", "--seconds", "1", "--peers", "none", "--gateway", str(broken))
    assert finished.returncode == 1
    assert "PROBLEM short-requests: gateway" in finished.stdout and "out of order" in finished.stdout


def test_errors_of_the_gateway_fail_the_run(binary: Path, tmp_path: Path) -> None:
    """The gateway is real, but does not know the model: every answer is an error."""
    wrong = tmp_path / "wrong"
    wrong.write_text(f"#!/bin/sh\nsed -i s/'\"[*]\"'/none/ bench.yaml\nexec {BINARY} \"$@\"\n")
    wrong.chmod(0o755)
    finished = run("big-bodies", "--rounds", "1", "--seconds", "1", "--peers", "none", "--gateway", str(wrong))
    assert finished.returncode == 1
    assert "PROBLEM big-bodies: gateway" in finished.stdout


@pytest.mark.parametrize("arguments", [["unheard-of"], ["--rounds", "0"], ["--seconds", "0"], ["--peers", "caddy"]])
def test_wrong_arguments(binary: Path, arguments: list[str]) -> None:
    assert run(*arguments).returncode == 64


def test_missing_gateway(binary: Path) -> None:
    finished = run("idle", "--gateway", "/nowhere/ekai-gateway", "--peers", "none")
    assert finished.returncode != 0
    assert "no gateway at /nowhere/ekai-gateway" in finished.stdout + finished.stderr
