"""Counts that take long are shown again for a while, and counted anew behind the answer.

Among a hundred thousand cases nothing here is ever reused: whoever has just acted sees it counted.
Among a million, fifty people who look at the same six numbers would keep the database busy with
nothing else; they get those of some seconds ago, and the answer says of when they are.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from streetwise.kernel import logs

log = logs.get(__name__)

#: Counting may take so much of the time: what took half a second is shown for five.
SHARE = 0.1
#: So many times older than that, and nobody has looked for long: counted before it is shown.
LONG_AGO = 6
#: Keys that are remembered; the oldest goes first.
MOST_KEYS = 200

Count = Callable[[], Awaitable[Any]]


@dataclass(slots=True)
class _Known:
    value: Any
    took: float
    at: float


class Counted:
    """What was counted slowly, by what it was counted for. As it is made: nothing is slow."""

    def __init__(
        self, slow_seconds: float = math.inf, clock: Callable[[], float] = monotonic
    ) -> None:
        self._slow_seconds = slow_seconds
        self._clock = clock
        self._known: dict[Hashable, _Known] = {}
        self._counting: dict[Hashable, asyncio.Task[Any]] = {}

    async def get(self, key: Hashable, count: Count) -> Any:
        """The count: a new one, or one that is no older than it was worth.

        ``count`` may run after the answer was given: it must bring its own connection.
        """
        known = self._known.get(key)
        if known is None:
            return await self._count(key, count)
        age, fresh = self._clock() - known.at, known.took / SHARE
        if age > fresh * LONG_AGO:
            return await asyncio.shield(self._begin(key, count))
        if age > fresh:
            self._begin(key, count)
        return known.value

    def _begin(self, key: Hashable, count: Count) -> asyncio.Task[Any]:
        """Count behind the answer, once however many ask."""
        task = self._counting.get(key)
        if task is None:
            task = self._counting[key] = asyncio.create_task(self._count(key, count))
            task.add_done_callback(lambda done: self._ended(key, done))
        return task

    def _ended(self, key: Hashable, task: asyncio.Task[Any]) -> None:
        self._counting.pop(key, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Nobody may be waiting for it: the next one counts, and is told.
            self._known.pop(key, None)
            log.warning("count_failed", error=type(error).__name__)

    async def _count(self, key: Hashable, count: Count) -> Any:
        began = self._clock()
        value = await count()
        took = self._clock() - began
        self._known.pop(key, None)
        if took >= self._slow_seconds:
            self._known[key] = _Known(value, took, self._clock())
            if len(self._known) > MOST_KEYS:
                del self._known[next(iter(self._known))]
        return value
