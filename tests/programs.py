"""`streetwise …` in a process of its own, forked from one that has imported the program.

Importing is most of what a short command costs, and no test looks at it a hundred times: one
process of each worker imports once and forks for each command. From there on everything is as from
a shell: a process and a session of its own, its own environment, files for what it says, real
signals and hard ends. That a new interpreter finds its way there too is for tests that say so
(``fresh``).
"""

from __future__ import annotations

import atexit
import io
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerContext
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
#: What the commands import once they know what they are asked for.
IMPORTED = [
    "streetwise.cli",
    "streetwise.discover.catalogue",
    "streetwise.gather.console",
    "streetwise.migrations.run",
    "streetwise.web.rooms",
    "streetwise.web.server",
]


def of_home(home: Path, database_url: str) -> dict[str, str]:
    """The environment of a command on a test's own home and database."""
    return {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(SOURCE),
        "COLUMNS": "300",
        "STREETWISE_HOME": str(home),
        "STREETWISE_DATABASE_URL": database_url,
    }


class Forked:
    """A process, as `subprocess.Popen` shows one."""

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], out: Path, err: Path
    ) -> None:
        self._process = _context().Process(
            target=_run, args=(list(arguments), dict(environment), str(out), str(err))
        )
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid
        self._arguments = arguments

    def poll(self) -> int | None:
        """Its exit status; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, once it ended; `subprocess.TimeoutExpired` after ``timeout`` seconds."""
        self._process.join(timeout)
        status = self._process.exitcode
        if status is None:
            raise subprocess.TimeoutExpired(self._arguments, timeout or 0.0)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def kill(self) -> None:
        """End it."""
        self._process.kill()


#: A running command, forked or fresh.
Program = Forked | subprocess.Popen[bytes]


def start(
    arguments: Sequence[str], environment: Mapping[str, str], said: Path, *, fresh: bool = False
) -> Program:
    """Start `streetwise …`; what it says is added to the file ``said``."""
    with said.open("ab") as log:  # there at once, for whoever waits for a word in it
        if not fresh:
            return Forked(arguments, environment, said, said)
        return subprocess.Popen(
            [sys.executable, "-m", "streetwise.cli", *arguments],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
        )


def run(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    timeout: float,
    *,
    fresh: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run `streetwise …` to its end: exit status, and what it printed and said."""
    if fresh:
        return subprocess.run(
            [sys.executable, "-m", "streetwise.cli", *arguments],
            env=dict(environment),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = Forked(arguments, environment, out, err)
        try:
            status = process.wait(timeout)
        finally:
            process.kill()
        printed, said = (path.read_text("utf-8") if path.exists() else "" for path in (out, err))
    return subprocess.CompletedProcess(list(arguments), status, printed, said)


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED)
    return context


def _run(arguments: list[str], environment: dict[str, str], out: str, err: str) -> None:
    """In the new process: what stands between a fork and a start from a shell, and the command."""
    os.setsid()
    os.chdir("/")
    os.environ.clear()
    os.environ.update(environment)
    for path, descriptor in ((os.devnull, 0), (out, 1), (err, 2)):
        opened = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    for stream in (sys.stdout, sys.stderr):
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(encoding="utf-8")
    sys.argv = ["streetwise", *arguments]
    from streetwise.cli import main

    try:
        main()
    finally:
        # A forked process ends without them, an interpreter does not: they stop the database.
        atexit._run_exitfuncs()
