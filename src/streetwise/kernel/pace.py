"""Bulk work rests, and takes smaller bites, while others wait: who clicks comes first.

How much others wait is what Linux says of the processors (PSI, ``/proc/pressure/cpu``: the time in
which something was ready to run and could not). Where nothing says it, bulk work goes on as ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic

PRESSURE = Path("/proc/pressure/cpu")


def waited_seconds(told: Path = PRESSURE) -> float:
    """For how long, since the machine started, something waited for a processor; 0: nobody says."""
    try:
        first = told.read_text().split("\n", 1)[0]
        return int(first.rpartition("total=")[2]) / 1e6
    except (OSError, ValueError):
        return 0.0


#: Others are waiting when they did so for this share of the time.
BUSY_SHARE = 0.03


class Pace:
    """Between two pieces of bulk work: ``await pace.rest()``."""

    def __init__(
        self, rests: float, *, told: Callable[[], float] = waited_seconds,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = monotonic,
    ) -> None:  # fmt: skip
        """``rests``: seconds of rest for each second of work in which others waited."""
        self._rests = rests
        self._told, self._sleep, self._clock = told, sleep, clock
        self._began, self._waited = clock(), told()
        #: Whether others waited during the last piece of work.
        self.busy = False

    async def rest(self) -> None:
        """Rest for what others waited since the last rest."""
        took = self._clock() - self._began
        waited = min(max(0.0, self._told() - self._waited), took)
        self.busy = self._rests > 0 and waited > BUSY_SHARE * took
        await self._sleep(self._rests * waited)
        self._began, self._waited = self._clock(), self._told()
