"""Start a Streamlit app on a free port of this machine, for tests and benchmarks."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
STARTED_WITHIN_SECONDS = 90
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def running_dashboard(home: Path, log: Path, recording: str | None = None) -> Iterator[str]:
    """Run the dashboard over a library, and over a recording if one is named: its address.

    It ends with the block. The library may be new; the folder of the log has to be there.
    """
    port = free_port()
    named = [] if recording is None else [recording]
    command = [sys.executable, "-m", "unitscope", "serve", *named]
    command += ["--no-browser", "--port", str(port)]
    process, url = start_process(command, port, {"UNITSCOPE_HOME": str(home)}, log)
    try:
        yield url
    finally:
        process.terminate()
        process.wait(20)


def start_server(
    app_path: Path, env: frozenset[tuple[str, str]], log: Path
) -> tuple[subprocess.Popen[bytes], str]:
    """Run a Streamlit app on a free port and wait until it is well: its process and its address."""
    port = free_port()
    options = {
        "server.address": "127.0.0.1",
        "server.port": port,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "runner.postScriptGC": "false",
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "streamlit", "run", str(app_path), *flags]
    return start_process(command, port, dict(env), log)


def start_process(
    command: Sequence[str], port: int, environment: Mapping[str, str], log: Path
) -> tuple[subprocess.Popen[bytes], str]:
    """Run a command that serves the dashboard on a port and wait until it is well.

    Raises
    ------
    RuntimeError
        If it ends or does not answer in time; with all that it wrote.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + STARTED_WITHIN_SECONDS
    while not _is_well(url):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise RuntimeError(f"{command} did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.1)
    return process, url


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_well(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
