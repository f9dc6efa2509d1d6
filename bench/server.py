"""The product as people run it: ``streetwise serve`` or ``demo`` in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

API = "/api/v1"
READY_SECONDS = 300.0
STOP_SECONDS = 30.0
LOOK_SECONDS = 0.01


@dataclass(frozen=True)
class Server:
    """A server that answers."""

    pid: int
    port: int
    ready_seconds: float


@contextmanager
def running(home: Path, *arguments: str, log: Path, **settings: str) -> Iterator[Server]:
    """Run ``streetwise ARGUMENTS --port …`` on ``home`` until the block ends.

    ``ready_seconds``: from the start of the process until /api/v1/about answers.
    """
    port = free_port()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("STREETWISE_")
    }
    environment |= {f"STREETWISE_{name.upper()}": value for name, value in settings.items()}
    environment["STREETWISE_HOME"] = str(home)
    command = [sys.executable, "-m", "streetwise.cli", *arguments, "--port", str(port)]
    with log.open("ab") as words:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=words, stderr=words
        )
        try:
            _wait_until_ready(process, port, log)
            yield Server(process.pid, port, time.perf_counter() - started)
        finally:
            _stop(process)


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    # Not the proxy of the environment: this is our own machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended while starting: {log.read_text()[-2000:]}")
        try:
            opener.open(f"http://127.0.0.1:{port}{API}/about", timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(LOOK_SECONDS)
    raise RuntimeError(f"the server did not answer within {READY_SECONDS:g} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
