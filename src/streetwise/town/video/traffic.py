"""What moves: vehicles, e-bikes and passers-by, in a round of ``CYCLE_S`` seconds.

Everything comes back after a round at the same place, so that a clip of one round can be shown
again and again without a jump.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from . import things
from .layout import Lane, Layout
from .solids import Shape

CYCLE_S = 30.0
#: Share of the vehicles and people that are there by ``Light.busy``.
_SHARE = (0.12, 0.45, 1.0, 1.6)
_LOOKS = 4  # so many different ones of a kind a lane has
STEPS = 6  # pictures of one step of somebody walking


@dataclass(frozen=True, slots=True)
class Mover:
    """Where one is now: ``look`` of its lane, ``step`` of its walk (0 for vehicles)."""

    lane: int
    look: int
    s: float
    d: float
    step: int


def movers(layout: Layout, busy: int, at: float) -> list[Mover]:
    """All that move, ``at`` seconds of the round (any number)."""
    out = []
    for index, lane in enumerate(layout.lanes):
        for start, look, aside in _starts(layout, index, lane, busy):
            near, far = lane.reach
            gone = (at - start) % CYCLE_S
            # What needs longer than a round is there more than once.
            while (way := gone * lane.speed) < far - near:
                s = near + way if lane.way > 0 else far - way
                step = int(gone / 1.1 * STEPS) % STEPS if lane.what == "walkers" else 0
                out.append(Mover(index, look, s, lane.d + aside, step))
                gone += CYCLE_S
    return out


def _starts(layout: Layout, index: int, lane: Lane, busy: int) -> list[tuple[float, int, float]]:
    """When each of a lane sets out, how it looks, how far aside it keeps."""
    rng = layout.rng("traffic", index, busy)
    wanted = CYCLE_S / lane.gap * _SHARE[busy]
    count = int(wanted) + (rng.random() < wanted % 1)
    if not count:
        return []
    room = CYCLE_S / count
    slack = max(0.0, room - 3.2) if lane.what == "vehicles" else room
    first = rng.uniform(0, CYCLE_S)
    wide = 0.1 if lane.what == "vehicles" else 0.35
    return [
        (first + room * k + rng.uniform(0, slack), rng.randrange(_LOOKS), rng.uniform(-wide, wide))
        for k in range(count)
    ]


def shapes_of(layout: Layout, lane_index: int, look: int, step: int, lamps: bool) -> list[Shape]:
    """The solids of a mover."""
    lane = layout.lanes[lane_index]
    rng = layout.rng("look", lane_index, look)
    if lane.what == "walkers":
        return things.person(rng, step / STEPS)
    if lane.what == "ebikes":
        return things.ebike(rng, True, lamps=lamps)
    kind = kind_of(layout, lane_index, look)
    return things.vehicle(kind, rng.choice(things.PAINTS), lamps=lamps, wear=rng)


def kind_of(layout: Layout, lane_index: int, look: int) -> str:
    """Which class a mover is of: car, van, bus, truck, ebike, person."""
    lane = layout.lanes[lane_index]
    if lane.what != "vehicles":
        return "person" if lane.what == "walkers" else "ebike"
    rng = layout.rng("kind", lane_index, look)
    large = "width" in layout.extra
    return rng.choice(("car", "car", "car", "van", "bus" if large else "car"))


def shadow_of(kind: str) -> tuple[float, float]:
    """Half length and half width of the dark patch below."""
    if kind in things.SIZES:
        length, width, _ = things.SIZES[kind]
        return length * 0.53, width * 0.62
    return (0.8, 0.3) if kind == "ebike" else (0.26, 0.24)


def standing(rng: random.Random, count: int, wide: float) -> list[tuple[float, float, float]]:
    """Places around a middle where people stand: s, d, heading towards it."""
    out = []
    for k in range(count):
        a = math.tau * (k + rng.uniform(-0.2, 0.2)) / max(1, count)
        out.append((wide * math.cos(a), wide * 0.8 * math.sin(a), a + math.pi))
    return out
