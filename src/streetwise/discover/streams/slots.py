"""The latest picture of each camera, and nothing older: what is not looked at is replaced.

A decoder asks for the one that is due longest. Streams in full mode (``smart``) are the
exception: their pictures build on each other, so they wait in order, bounded, as one run.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field, replace

from streetwise.discover.values import CodedPicture

Run = tuple[CodedPicture, ...]


@dataclass(slots=True)
class _Slot:
    due: float = 0.0
    run: deque[CodedPicture] = field(default_factory=deque)
    size: int = 0
    replaced: int = 0
    cut_until: float | None = None  # a run lost pictures: what follows is built on nothing
    queued: bool = False


class Slots:
    """One process's slots. Not for threads: the owner of the loop puts and takes.

    ``cadence_s``: how long after a take the same camera is due again.
    ``run_pictures``, ``run_bytes``: the most that waits of one stream in full mode; past that the
    run is dropped, and what follows is marked not whole until a key picture or for ``heal_s``.
    """

    def __init__(
        self,
        cadence_s: float,
        *,
        run_pictures: int = 250,
        run_bytes: int = 8_388_608,
        heal_s: float = 30.0,
    ) -> None:
        self.put_count = 0
        self._cadence_s = cadence_s
        self._run_pictures = run_pictures
        self._run_bytes = run_bytes
        self._heal_s = heal_s
        self._slots: dict[str, _Slot] = {}
        self._order: list[tuple[float, str]] = []  # a heap of the cameras that have a picture

    def put(self, picture: CodedPicture) -> None:
        """A new picture: it takes the place of what waits, unless that is needed to decode it."""
        slot = self._slots.setdefault(picture.camera, _Slot())
        self.put_count += 1
        if picture.key:
            self._empty(slot)
            slot.cut_until = None
        elif slot.run and (
            len(slot.run) >= self._run_pictures or slot.size + len(picture.data) > self._run_bytes
        ):
            self._empty(slot)
            slot.cut_until = picture.at + self._heal_s
        if slot.cut_until is not None and picture.at < slot.cut_until:
            picture = replace(picture, whole=False)
        slot.run.append(picture)
        slot.size += len(picture.data)
        if not slot.queued:
            slot.queued = True
            heapq.heappush(self._order, (slot.due, picture.camera))

    @staticmethod
    def _empty(slot: _Slot) -> None:
        slot.replaced += len(slot.run)
        slot.run.clear()
        slot.size = 0

    def take(self, now: float) -> Run:
        """What is due longest of all that wait: one picture, or the run of a stream in full mode.

        Empty where nothing is due. Only the last picture of a run is meant to be looked at.
        """
        while self._order and self._order[0][0] <= now:
            _, camera = heapq.heappop(self._order)
            slot = self._slots.get(camera)
            if slot is None or not slot.run:
                continue
            slot.queued = False
            run = tuple(slot.run)
            slot.run.clear()
            slot.size = 0
            slot.due = now + self._cadence_s
            return run
        return ()

    def replaced(self, camera: str) -> int:
        """How many pictures of a camera nobody took."""
        slot = self._slots.get(camera)
        return slot.replaced if slot else 0

    def forget(self, camera: str) -> None:
        """A camera was switched off: nothing of it may be looked at any more."""
        if self._slots.pop(camera, None) is not None:
            self._order = [one for one in self._order if one[1] != camera]
            heapq.heapify(self._order)
