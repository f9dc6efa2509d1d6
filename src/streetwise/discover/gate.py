"""Has anything changed in a zone, and is there a usable picture at all? Pure.

Cheap: a few operations on 45 × 80 block means. The background follows slowly; a block has changed
when it differs by more than its own noise allows, and it *stays* changed when it has done so in
each picture for some seconds: what passes does not. What a detector has looked at several times
without finding anything (``looked_free``) becomes background at once. The gate sets priority, never
truth: what it calls quiet is still inferred every few minutes.

Before zones the whole picture: too dark or without any contrast is *blind*; when most blocks
changed at once, either the light did (lamps, exposure, infrared: edges stay where they were, and
the background is taken anew) or the camera was *moved* (edges do not lie where they lay): then
somebody must aim it or draw its zones again (``settle``), and until it looks as it did before
nothing may be concluded from it. Small turns, which few blocks show, are looked for now and then.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from streetwise.discover.blocks import (
    Blocks,
    block_means,
    edges,
    likeness,
    shift,
    zone_blocks,
)
from streetwise.discover.values import Luma, Polygon

State = Literal["learning", "clear", "light", "dark", "covered", "moved"]
#: States in which a picture says nothing about what is in it.
BLIND: frozenset[State] = frozenset(("dark", "covered", "moved"))

_DARK = 10.0  # mean brightness; the black of video is 16, a street lamp lifts a night to 20 or more
_FLAT = 3.0  # standard deviation of the blocks; fog over a street still has 6 and more
_FOLLOW_SECONDS = 60.0  # the background follows what is quiet
_ABSORB_SECONDS = 600.0  # and takes in what has changed and stays
_NOISE_FIRST, _NOISE_LEAST = 2.0, 0.6  # mean absolute difference of a block
_SIGMAS = 5.0  # how many times its noise a block must differ
_CALM = 3.0  # so many times its noise counts towards it; more is a thing
_CHANGE_LEAST = 4.0  # and by how much at least
_GLOBAL = 0.5  # more than this share of all blocks: not a thing in the picture
_LEARNING_LOOKS = 5
_STAY_SECONDS = 4.0  # a vehicle that drives covers no block for so long
_FREE_LOOKS = 3  # a detector misses a thing now and then, but not so often in a row
# Likeness of edges from which it is the same view. Measured on the real clips in ../shared/data:
# one camera over its clip 0.64 to 0.99 for five of six, two cameras 0.21 at most.
_SAME_EDGES = 0.4
_MOVED_LOOKS, _MOVED_SECONDS = 3, 6.0  # for so long before it is said: lorries pass
_TURN_EVERY = 30  # pictures between two looks for a small turn
_TURN_GAIN = 0.15  # shifted, the edges must fit by so much better


@dataclass(frozen=True, slots=True)
class GateRead:
    """What one picture says. ``changed``: per zone the share of its blocks that changed, 0 to 1;
    ``staying``: of its blocks those that have been so for some seconds without a break.

    ``shift``: of a moved camera, where the picture has gone (right, down; shares of the picture),
    None where that cannot be told.
    """

    state: State
    changed: Mapping[str, float]
    staying: Mapping[str, float]
    shift: tuple[float, float] | None = None

    @property
    def blind(self) -> bool:
        """Whether nothing can be concluded from this picture."""
        return self.state in BLIND


class Gate:
    """The background of one camera, and its zones."""

    def __init__(self, zones: Mapping[str, Polygon]) -> None:
        self._corners = dict(zones)
        self._zones: dict[str, NDArray[np.intp]] = {}
        self._looks = 0
        self._at = -math.inf
        self._back: Blocks | None = None
        self._noise: Blocks = np.empty((0, 0), np.float32)
        self._view: Blocks = np.empty((0, 0), np.float32)  # edges of the view that is meant
        # Since when each block differs without a break, seconds after ``_epoch``; else infinite.
        self._since: Blocks = np.empty((0, 0), np.float32)
        self._epoch = 0.0
        self._free: dict[str, list[float]] = {}  # per zone, looks in a row without anything
        self._absorb: dict[str, float] = {}  # per zone: what has stayed since then is background
        self._odd_looks, self._odd_since = 0, 0.0
        self._moved = False
        self._shift: tuple[float, float] | None = None

    def read(self, luma: Luma, at: float) -> GateRead:
        """What a picture taken at ``at`` says; pictures come in the order of time."""
        now = block_means(luma)
        if now.mean() < _DARK:
            return self._unseeing("dark")
        if now.std() < _FLAT:
            return self._unseeing("covered")
        if self._back is None or self._back.shape != now.shape:
            self._begin(now, at)
            return GateRead("learning", self._all(1.0), self._all(1.0))
        since, self._at = max(0.0, at - self._at), at
        self._looks += 1
        difference = now - self._back
        # What all blocks have in common is exposure, not a thing.
        offset = np.float32(np.median(difference))
        apart = np.abs(difference - offset)
        change = apart > np.maximum(_SIGMAS * self._noise, _CHANGE_LEAST)
        self._take_in(now, change)
        share = float(change.mean())
        if self._moved or share > _GLOBAL or abs(offset) > 2 * _CHANGE_LEAST:
            state = self._whole(now, at)
        else:
            state = "clear"
            # Once odd, every picture is looked at until it is plain which it is.
            if self._odd_looks or self._looks % _TURN_EVERY == 0:
                state = self._turned(now, at)
            if state == "clear" and not self._odd_looks:
                self._follow(now, apart, change, since)
        if state == "clear" and self._looks < _LEARNING_LOOKS:
            state = "learning"
        if state == "light" or state in BLIND:
            # What changed everywhere is a reason to look at no zone in particular.
            self._since.fill(np.inf)
            return GateRead(state, self._all(0.0), self._all(0.0), self._shift)
        stays = self._stays(change, at)
        return GateRead(state, self._shares(change), self._shares(stays))

    def looked_free(self, zone: str, at: float) -> None:
        """A detector looked at the picture of ``at`` and found nothing in the zone that its scene
        looks for. After some such looks in a row what has stayed since before them is background.
        """
        looks = self._free.setdefault(zone, [])
        looks.append(at)
        if len(looks) >= _FREE_LOOKS:
            self._absorb[zone] = looks[0]
            looks.clear()

    def looked_full(self, zone: str) -> None:
        """It found something there."""
        self._free.pop(zone, None)

    def settle(self) -> None:
        """Somebody has aimed the camera, or drawn its zones again: the next view is right."""
        self._back, self._moved, self._odd_looks, self._shift = None, False, 0, None

    def to_state(self) -> dict[str, Any]:
        """Plain data, without times: what was learned holds whenever one begins again."""
        if self._back is None:
            return {}
        return {
            "rows": self._back.shape[0],
            "columns": self._back.shape[1],
            "looks": self._looks,
            "back": _packed(self._back),
            "noise": _packed(self._noise),
            "view": _packed(self._view),
            "moved": self._moved,
            "shift": list(self._shift) if self._shift else None,
        }

    @classmethod
    def from_state(cls, zones: Mapping[str, Polygon], state: Mapping[str, Any], at: float) -> Gate:
        """The other way round; ``at``: now. Zones may have been drawn anew since."""
        gate = cls(zones)
        if state:
            shape = (state["rows"], state["columns"])
            # Without a background (``outlines``): while it is moved none is used, and one is taken
            # when the view is as it was.
            bare = "back" not in state
            gate._begin(
                np.zeros(shape, np.float32) if bare else _unpacked(state["back"], shape), at
            )
            if not bare:
                gate._noise = _unpacked(state["noise"], shape)
            gate._view = _unpacked(state["view"], shape)
            gate._looks, gate._moved = state["looks"], state["moved"]
            told = state["shift"]
            gate._shift = (told[0], told[1]) if told else None
        return gate

    def _begin(self, now: Blocks, at: float) -> None:
        self._back, self._at, self._looks = now.copy(), at, 1
        self._since, self._epoch = np.full_like(now, np.inf), at
        self._noise = np.full_like(now, _NOISE_FIRST)
        self._view = edges(now)
        self._zones = {n: zone_blocks(c, *now.shape) for n, c in self._corners.items()}

    def _unseeing(self, state: State) -> GateRead:
        self._odd_looks = 0
        self._since.fill(np.inf)
        return GateRead(state, self._all(0.0), self._all(0.0))

    def _all(self, share: float) -> dict[str, float]:
        return dict.fromkeys(self._corners, share)

    def _shares(self, blocks: NDArray[np.bool_]) -> dict[str, float]:
        flat = blocks.ravel()
        return {name: float(flat[cells].mean()) for name, cells in self._zones.items()}

    def _stays(self, change: NDArray[np.bool_], at: float) -> NDArray[np.bool_]:
        """Bring up to date since when each block differs; those that have for long enough."""
        moment = np.float32(at - self._epoch)
        self._since = np.where(change, np.minimum(self._since, moment), np.float32(np.inf))
        stays: NDArray[np.bool_] = self._since <= moment - np.float32(_STAY_SECONDS)
        return stays

    def _take_in(self, now: Blocks, change: NDArray[np.bool_]) -> None:
        """Make background of what a detector has looked at and found to be nothing; of
        ``change`` it is taken out."""
        assert self._back is not None
        for zone, before in self._absorb.items():
            cells = self._zones[zone]
            old = cells[self._since.ravel()[cells] <= np.float32(before - self._epoch)]
            self._back.ravel()[old] = now.ravel()[old]
            change.ravel()[old] = False
        self._absorb.clear()

    def _follow(self, now: Blocks, apart: Blocks, change: NDArray[np.bool_], since: float) -> None:
        """Let background, noise and view drift towards the picture, by the time that went by."""
        quick = np.float32(1 - math.exp(-since / _FOLLOW_SECONDS))
        slow = np.float32(1 - math.exp(-since / _ABSORB_SECONDS))
        # While it is learning every picture counts the same.
        quick = max(quick, np.float32(1 / self._looks)) if self._looks < _LEARNING_LOOKS else quick
        assert self._back is not None
        rate = np.where(change, slow, quick)
        self._back += rate * (now - self._back)
        # What changed is a thing and no noise, unless it goes on for long, as leaves do.
        self._noise += rate * (np.minimum(apart, _CALM * self._noise) - self._noise)
        np.maximum(self._noise, np.float32(_NOISE_LEAST), out=self._noise)

    def _whole(self, now: Blocks, at: float) -> State:
        """The whole picture differs: the light, something large in front, or another view."""
        seen = edges(now)
        if likeness(self._view, seen) >= _SAME_EDGES and not self._fits_turned(seen):
            # The view that is meant (again): take its brightness as it is from here on.
            self._moved, self._odd_looks, self._shift = False, 0, None
            self._back = now.copy()
            return "light"
        return self._odd(seen, at)

    def _turned(self, now: Blocks, at: float) -> State:
        """Whether a small turn, of a block or more, fits the edges better than none."""
        seen = edges(now)
        if self._fits_turned(seen):
            return self._odd(seen, at)
        # The view follows: snow falls, trees come into leaf, day becomes night.
        self._view += np.float32(0.1) * (seen - self._view)
        self._odd_looks = 0
        return "clear"

    def _fits_turned(self, seen: Blocks) -> bool:
        down, right, fit = shift(self._view, seen)
        return bool(down or right) and fit - likeness(self._view, seen) >= _TURN_GAIN

    def _odd(self, seen: Blocks, at: float) -> State:
        """Count looks that do not fit the view; after enough of them the camera was moved."""
        if not self._odd_looks:
            self._odd_since = at
        self._odd_looks += 1
        if self._moved or (
            self._odd_looks >= _MOVED_LOOKS and at - self._odd_since >= _MOVED_SECONDS
        ):
            if not self._moved:
                self._shift = self._told_shift(seen)
            self._moved = True
            return "moved"
        return "light"

    def _told_shift(self, seen: Blocks) -> tuple[float, float] | None:
        down, right, fit = shift(self._view, seen)
        if fit < _SAME_EDGES or not (down or right):
            return None
        rows, columns = seen.shape
        return (right / columns, down / rows)


def outlines(state: Mapping[str, Any]) -> dict[str, Any]:
    """Of the state of a moved camera's gate what is enough to know it again: no brightness, only
    where edges are meant to lie. It may be kept where no picture may.
    """
    return {name: told for name, told in state.items() if name not in ("back", "noise")}


def _packed(blocks: Blocks) -> str:
    return base64.b64encode(blocks.astype("<f2").tobytes()).decode()


def _unpacked(text: str, shape: tuple[int, int]) -> Blocks:
    blocks: Blocks = np.frombuffer(base64.b64decode(text), "<f2").reshape(shape).astype(np.float32)
    return blocks
