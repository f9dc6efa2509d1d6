"""Bringing the town's past in: processes that live through it, and how far they are."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from streetwise.kernel import logs
from streetwise.kernel.errors import StreetwiseError
from streetwise.kernel.runtime import Urls
from streetwise.kernel.settings import Settings
from streetwise.town.chunks import Chunk
from streetwise.town.courses import Course
from streetwise.town.planting import planted_courses

log = logs.get(__name__)

#: Processes at once: the machine's cores, but not all of a large one's.
MOST_WORKERS = 4
#: Behind everybody who is at work, but before who looks at cameras and who analyses: both are of
#: little use without a past. (At 19 a year took twice as long on two cores: the town's cameras are
#: drawn at 15.)
NICE = 10
#: Statements that its one connection keeps prepared: some 300 kinds come again and again.
PREPARED = 1000
#: What a process has to end in when it is told to.
END_SECONDS = 5.0


@dataclass
class Past:
    """What the processes are told."""

    settings: Settings
    where: Urls
    folder: Path
    area: str
    seed: int
    since: datetime
    until: datetime
    _shares: dict[int, float] = field(default_factory=dict)

    @property
    def courses(self) -> tuple[Course, ...]:
        """What happens minute by minute in the whole of the past, and when."""
        return planted_courses(self.seed, self.since.date(), self.until.date())

    async def live(
        self,
        stretches: Sequence[Chunk],
        *,
        behind: bool,
        progress: Callable[[float], None],
        arrived: Callable[[int], None],
    ) -> None:
        """Have these stretches lived through and moved in, newest first.

        ``behind``: beside people at work. ``progress`` is told the share of all of them. Raises
        StreetwiseError when a process fails; what had arrived stays.
        """
        self._shares = {one.number: 0.0 for one in stretches}

        def said(line: dict[str, Any]) -> None:
            self._shares[line["number"]] = line["share"]
            if line["arrived"]:
                arrived(line["number"])
            progress(sum(self._shares.values()) / len(self._shares))

        workers = min(os.cpu_count() or 1, MOST_WORKERS, len(stretches))
        shares = [stretches[first::workers] for first in range(workers)]
        try:
            async with asyncio.TaskGroup() as group:
                for share in shares:
                    group.create_task(self._process(share, said, behind=behind))
        except ExceptionGroup as failed:
            # The others were told to stop; one reason is enough for whoever started it.
            raise failed.exceptions[0] from None

    async def _process(
        self, stretches: Sequence[Chunk], said: Callable[[dict[str, Any]], None], *, behind: bool
    ) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "streetwise.town.past_worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write((json.dumps(self._orders(stretches, behind)) + "\n").encode())
            await process.stdin.drain()
            process.stdin.close()
            async for line in process.stdout:
                said(json.loads(line))
            if await process.wait() != 0:
                raise StreetwiseError(
                    "A process that makes the demo's past ended with an error; what it said"
                    " stands above. Start the demo again: it goes on where it stopped."
                )
        finally:
            await _ended(process)

    def _orders(self, stretches: Sequence[Chunk], behind: bool) -> dict[str, Any]:
        more = {"database_prepared_statements": PREPARED}
        return {
            "settings": self.settings.model_copy(update=more).model_dump(mode="json"),
            "app": self.where.app,
            "owner": self.where.owner,
            "folder": str(self.folder),
            "area": self.area,
            "seed": self.seed,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "nice": NICE if behind else 0,
            "chunks": [
                {
                    "number": one.number,
                    "start": one.start.isoformat(),
                    "end": one.end.isoformat(),
                }
                for one in stretches
            ],
        }


async def _ended(process: asyncio.subprocess.Process) -> None:
    """See to it that a process has ended, whatever made us leave it."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(END_SECONDS):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
