"""PostgreSQL's own programs, fed and read in pieces: pg_dump and psql."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO

from streetwise.kernel import postgres_engine
from streetwise.kernel.errors import StreetwiseError, Unavailable
from streetwise.kernel.jobs import conninfo

PIECE_BYTES = 256 * 1024
_VERSION_SECONDS = 30
_MAJOR = re.compile(r"\) (\d+)")
_END_SECONDS = 60


class DumpFailed(StreetwiseError):
    """pg_dump ended with an error."""

    code = "backup_dump_failed"
    title = "The database could not be dumped"


class LoadFailed(StreetwiseError):
    """psql ended with an error; the transaction was rolled back."""

    code = "restore_load_failed"
    title = "The database could not be filled"


def find(program: str, server_version: int) -> str:
    """The oldest such program that is not older than the server: ours, or one on PATH.

    Raises Unavailable. (An older pg_dump refuses a newer server; what a newer one writes may
    not load into an older server.)
    """
    candidates = [shutil.which(program)]
    if (ours := postgres_engine.client_programs()) is not None:
        candidates.append(str(ours / program))
    majors = {_major(path): path for path in candidates if path is not None}
    fit = [major for major in majors if major >= server_version // 10_000]
    if not fit:
        raise Unavailable(
            f"There is no {program} here of version {server_version // 10_000} or newer, which the"
            f" database server has; install PostgreSQL's client programs.",
            code="backup_program_missing",
        )
    return majors[min(fit)]


def _major(path: str) -> int:
    try:
        done = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=_VERSION_SECONDS
        )
        found = _MAJOR.search(done.stdout)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return int(found[1]) if found else 0


def _environment(url: str) -> dict[str, str]:
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
             "dbname": "PGDATABASE"}  # fmt: skip
    told = {names[key]: str(value) for key, value in conninfo(url).items()}
    return {**postgres_engine.clean_environment(), "PGTZ": "UTC", **told}


def dump(program: str, url: str, arguments: Sequence[str]) -> Iterator[bytes]:
    """What pg_dump writes, in pieces. Raises DumpFailed at its end; ended with the iterator."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [program, "--no-password", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            env=_environment(url),
        )
        assert process.stdout is not None
        try:
            while piece := process.stdout.read(PIECE_BYTES):
                yield piece
            if process.wait() != 0:
                raise DumpFailed(
                    f"The database could not be dumped: {_last_line(said)}. Nothing was kept."
                )
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


class Loading:
    """A psql at work in one transaction that only ``finish`` ends well."""

    def __init__(self, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
        self._process, self._said = process, said

    def feed(self, sql: bytes) -> None:
        """Give it SQL. Raises LoadFailed when it has ended."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(sql)
        except OSError:
            self._fail()

    def finish(self) -> None:
        """Commit. Raises LoadFailed: then nothing was changed."""
        assert self._process.stdin is not None
        try:
            self.feed(b"\nCOMMIT;\n")
            self._process.stdin.close()
        except OSError:
            self._fail()
        if self._process.wait() != 0:
            self._fail()

    def _fail(self) -> None:
        self._process.wait(_END_SECONDS)
        # The SQL state alone: a message could hold what stands in a row.
        state = _last_line(self._said)
        raise LoadFailed(
            f"The database refused what the archive holds ({state}). Nothing was changed.",
            sql_state=state.rpartition(" ")[2],
        )


@contextmanager
def loading(url: str) -> Iterator[Loading]:
    """A psql that waits for SQL; without ``finish`` everything is rolled back."""
    ours = postgres_engine.client_programs()
    program = str(ours / "psql") if ours is not None else shutil.which("psql")
    if program is None:
        raise Unavailable(
            "There is no psql here; install PostgreSQL's client programs.",
            code="backup_program_missing",
        )
    options = ("-q", "-X", "-w", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=sqlstate", "-f", "-")
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [program, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=_environment(url),
        )
        assert process.stdin is not None
        try:
            work = Loading(process, said)
            # Without COMMIT the end of the input is the end of the transaction: killed at any
            # point, nothing stays.
            work.feed(b"BEGIN;\n")
            yield work
        finally:
            process.kill()
            process.wait()
            with suppress(OSError):
                process.stdin.close()


def _last_line(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else "no reason was given"
