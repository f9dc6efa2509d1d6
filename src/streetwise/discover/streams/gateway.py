"""A gateway as the loop holds it: its ring of cameras, and how many streams it gives at a time.

Both may change while cameras are connected; then the ring goes on from those who are, so that
nobody is cut off who need not be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Set

from streetwise.discover.streams.rotation import Rotation, Turn

#: The edge of a turn is a float: one that begins a hair from now has begun.
_EDGE_S = 1e-6


class Places:
    """The places of a gateway, ``async with`` one; ``cap`` 0: everybody may come in.

    A lower cap takes nobody's place away: it is felt when one is given back.
    """

    def __init__(self, cap: int) -> None:
        self.cap = cap
        self.taken = 0
        self._free = asyncio.Event()

    async def __aenter__(self) -> None:
        while self.cap and self.taken >= self.cap:
            self._free.clear()
            await self._free.wait()
        self.taken += 1

    async def __aexit__(self, *_: object) -> None:
        self.taken -= 1
        self._free.set()

    def resize(self, cap: int) -> None:
        """So many from now on."""
        self.cap = cap
        self._free.set()


class Gateway:
    """Cameras that share a gateway, in the order of their ring."""

    def __init__(self, cap: int, dwell_s: float) -> None:
        self.members: list[str] = []
        self.places = Places(cap)
        self.rotation = Rotation(0, cap, dwell_s)
        self._ring: tuple[str, ...] = ()
        self._changed = asyncio.Event()

    def turn(self, camera: str, now: float) -> Turn:
        """The camera's turn that runs, or its next one."""
        return self.rotation.turn(self.members.index(camera), now)

    def turn_ends(self, camera: str, now: float) -> float:
        """When a camera that is connected has to go: at once where it is not its turn."""
        turn = self.turn(camera, now)
        return turn.ends if turn.begins <= now + _EDGE_S else now

    def follow(self, cap: int, connected: Set[str], now: float) -> bool:
        """Take on a new cap, or members that came and went; whether turns are others now."""
        ring, dwell_s = tuple(self.members), self.rotation.dwell_s
        if (self._ring, self.rotation.cap) == (ring, cap):
            return False
        fresh = Rotation(len(ring), cap, dwell_s, now)
        if fresh.rotates:
            first = _first([one in connected for one in ring], cap)
            fresh = Rotation(len(ring), cap, dwell_s, now - first * fresh.step_s)
        self._ring, self.rotation = ring, fresh
        self.places.resize(cap)
        self._changed.set()
        self._changed = asyncio.Event()
        return True

    async def wait(self, waiting: Awaitable[None]) -> None:
        """Wait for a turn; not longer than turns stay as they are."""
        ends = [asyncio.ensure_future(waiting), asyncio.ensure_future(self._changed.wait())]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for one in ends:
                if one.done():
                    one.result()
        finally:
            for one in ends:
                one.cancel()


def split_cap(cap: int, streams: int, snapshots: int) -> tuple[int, int]:
    """A cap shared by cameras that stream and cameras that are asked for pictures: (for streams,
    for pictures asked for at once), together never more than the cap; 0 of a cap of 0: no cap.

    By their numbers, each side one place at least. A cap of one is the streams'.
    """
    if cap == 0 or not snapshots:
        return cap, 0
    if not streams:
        return cap, min(cap, snapshots)
    asked = min(cap - 1, snapshots, max(1, round(cap * snapshots / (streams + snapshots))))
    return cap - asked, asked


def _first(connected: list[bool], cap: int) -> int:
    """Where a window of ``cap`` places on the ring holds the most who are connected."""
    count = len(connected)
    within = sum(connected[:cap])
    best, most = 0, within
    for first in range(1, count):
        within += connected[(first + cap - 1) % count] - connected[first - 1]
        if within > most:
            best, most = first, within
    return best
