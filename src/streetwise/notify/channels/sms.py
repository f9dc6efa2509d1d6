"""SMS into a file, one JSON object a line, for a gateway that takes them from there.

The file is the boundary: what stands in it whole is sent. A line that was being written when
the machine died is no JSON; the next one begins on a new line, and its letter is written again.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
from pathlib import Path
from time import monotonic, sleep
from typing import IO

from streetwise.notify.channels import Failed, Letter

#: How often a file that another writer holds is tried.
LOOK_SECONDS = 0.01


class FileSink:
    """Appends to one file, one writer at a time, also of several processes."""

    def __init__(self, path: Path, wait_seconds: float) -> None:
        self._path = path
        self._wait = wait_seconds

    async def send(self, letter: Letter) -> str | None:
        """Write it and wait until it is on the disk. Raises Failed."""
        try:
            await asyncio.to_thread(self._write, letter)
        except OSError:
            raise Failed("unreachable") from None
        return str(letter.id)

    async def probe(self) -> None:
        """See that it can be written; a folder that is not there is made when it is needed."""
        there = next(one for one in (self._path, *self._path.parents) if one.exists())
        if not os.access(there, os.W_OK):
            raise Failed("unreachable", f"{there}: not writable")

    def _lock(self, file: IO[bytes]) -> None:
        """Wait for the file, but no longer than our claim holds: who wrote after that, unseen by
        the next attempt, would write a second line. Raises OSError.
        """
        until = monotonic() + self._wait
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if monotonic() > until:
                    raise
            sleep(LOOK_SECONDS)

    def _write(self, letter: Letter) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a+b") as file:
            self._lock(file)
            # Only a letter that was tried before can stand there: the file may be long.
            if letter.again and _stands_in(file, str(letter.id)):
                return
            line = {"id": str(letter.id), "to": letter.address, "text": letter.text}
            torn = _is_torn(file)
            file.write(
                (b"\n" if torn else b"") + json.dumps(line, ensure_ascii=False).encode() + b"\n"
            )
            file.flush()
            os.fsync(file.fileno())


def _is_torn(file: IO[bytes]) -> bool:
    """Whether the file ends within a line."""
    if file.seek(0, os.SEEK_END) == 0:
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"


def _stands_in(file: IO[bytes], wanted: str) -> bool:
    """Whether a whole line of the file is the letter of this id."""
    file.seek(0)
    for line in file:
        if wanted.encode() in line and line.endswith(b"\n"):
            try:
                if json.loads(line).get("id") == wanted:
                    return True
            except ValueError:
                continue
    return False
