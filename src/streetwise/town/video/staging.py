"""What stands before a camera in one state: bins, parked cars, and what is happening there."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import things
from .backdrop import grain_tile
from .facades import ridge_rows
from .layout import Layout
from .light import Light
from .program import Happening
from .solids import (
    HEIGHT,
    WIDTH,
    Ball,
    Pixels,
    Place,
    Rod,
    Shape,
    Sprite,
    Tint,
    box,
    extent,
    soft_sprite,
    sprite,
)
from .traffic import shadow_of, standing

# Single precision; NumPy types cannot follow it through arithmetic with Python numbers.
F = NDArray[Any]
PHASES = 8  # pictures of rising smoke before they repeat


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """Something that stands: its class "" where it counts for none (a stand, a look-alike)."""

    what: str
    sprite: Sprite
    of_happening: bool = False


@dataclass(frozen=True, slots=True)
class _Put:
    what: str
    shapes: list[Shape]
    place: Place
    shadow: tuple[float, float] | None
    happening: bool


def pool_at(layout: Layout, light: Light, s: float, d: float) -> float:
    """Share of a lamp's light on the ground at a spot, in thirds."""
    if not light.lamps:
        return 0.0
    pool = sum(math.exp(-((s - a) ** 2 + (d - b) ** 2) / 42) for a, b in layout.lamps)
    return round(min(1.0, pool) * 3) / 3


def things_of(
    layout: Layout, light: Light, happening: Happening | None, growth: float
) -> list[Thing]:
    """All that stands, far ones first."""
    puts = [*_always(layout, happening, growth), *_happening(layout, light, happening, growth)]
    out = []
    for put in puts:
        tint = light.tint(pool_at(layout, light, put.place.s, put.place.d))
        one = sprite(put.shapes, layout.lens, put.place, tint, put.shadow)
        if one is not None:
            out.append(Thing(put.what, one, put.happening))
    return sorted(out, key=lambda thing: -thing.sprite.depth)


def happening_extent(layout: Layout, light: Light, one: Happening) -> Pixels | None:
    """The box around all of what happens once it is there; None where it cannot be seen."""
    if one.scene == "water":
        return puddle(layout, one, 1.0)[1]
    if one.scene == "smoke":
        return plume(layout, light, one, 1.0, phases=1)[0].box
    puts = [*_always(layout, one, 1.0), *_happening(layout, light, one, 1.0)]
    found = [
        box
        for put in puts
        if put.happening and (box := extent(put.shapes, layout.lens, put.place)) is not None
    ]
    if not found:
        return None
    return (min(b[0] for b in found), min(b[1] for b in found),
            max(b[2] for b in found), max(b[3] for b in found))  # fmt: skip


def _always(layout: Layout, happening: Happening | None, growth: float) -> list[_Put]:
    """Parked cars in their bays, and bins, which may be the problem."""
    out = []
    for k, place in enumerate(layout.parked):
        rng = layout.rng("parked", k)
        kind = rng.choice(("car", "car", "car", "van"))
        shapes = things.vehicle(kind, rng.choice(things.PAINTS), lamps=False, wear=rng)
        out.append(_Put(kind, shapes, place, shadow_of(kind), False))
    places = layout.extra.get("bins", ())
    if not places:
        return out
    over = happening is not None and happening.what == "overflow"
    full = (
        set(random.Random(happening.spot).sample(range(len(places)), 2))
        if over and happening
        else set()
    )
    for k, s in enumerate(places):
        rng = layout.rng("bin", k)
        brims = k in full and growth > 0.25
        fill = 1 + 1.2 * growth if brims else 0.5
        shapes = things.bin_(things.BIN_COLOURS[k % len(things.BIN_COLOURS)], fill, rng)
        out.append(_Put("bin_overflow" if brims else "bin", shapes,
                        Place(s, 7.7, -math.pi / 2), (0.4, 0.4), brims))  # fmt: skip
    middle = (places[0] + places[-1]) / 2
    board = box((-1.6, 1.6), (-0.04, 0.04), (1.25, 2.2), (36, 110, 72))
    posts: list[Shape] = [Rod((x, 0, 0), (x, 0, 2.2), 0.09, (150, 152, 154)) for x in (-1.5, 1.5)]
    out.append(_Put("", [*board, *posts], Place(middle, 8.5), None, False))
    return out


def _happening(
    layout: Layout, light: Light, happening: Happening | None, growth: float
) -> list[_Put]:
    if happening is None:
        return []
    rng = random.Random(happening.spot)
    make = _MAKE.get(happening.what)
    return [] if make is None else make(layout, light, happening, growth, rng)


def _stopped(
    layout: Layout, light: Light, one: Happening, growth: float, rng: random.Random
) -> list[_Put]:
    """A vehicle in the zone, be it for long or for a moment."""
    kind = one.what.removeprefix("brief_")
    assert layout.zone is not None
    (s0, s1), (d0, d1) = layout.zone
    half = things.SIZES[kind][0] / 2
    aside = (d0 + d1) / 2 + rng.uniform(-0.3, 0.3) * min(1.0, (d1 - d0) / 3)
    place = Place(rng.uniform(s0 + half + 0.4, s1 - half + 0.4), aside,
                  rng.choice((0.0, math.pi)) + rng.uniform(-0.05, 0.05))  # fmt: skip
    brief = one.kind == "look-alike"
    shapes = things.vehicle(kind, rng.choice(things.PAINTS), lamps=brief and light.lamps, wear=rng)
    return [_Put("van" if kind == "truck" else kind, shapes, place, shadow_of(kind), True)]


def _overflow(
    layout: Layout, light: Light, one: Happening, growth: float, rng: random.Random
) -> list[_Put]:
    """Bags in front of the bins and beside them."""
    places = layout.extra["bins"]
    out = []
    for at in (rng.uniform(places[0], places[-1]), places[-1] + 0.5, places[0] - 0.5):
        count = round(rng.randint(3, 7) * growth)
        if count:
            shapes = things.bags(count, (0.62, 0.32), rng)
            out.append(
                _Put("bag", shapes, Place(at, 7.05 + rng.uniform(-0.15, 0.1)), (0.8, 0.45), True)
            )
    return out


def _one_bag(
    layout: Layout, light: Light, one: Happening, growth: float, rng: random.Random
) -> list[_Put]:
    s, d = _somewhere(layout, rng)
    return [_Put("bag", things.bags(1, (0.1, 0.1), rng), Place(s, d), (0.3, 0.25), True)]


def _somewhere(layout: Layout, rng: random.Random) -> tuple[float, float]:
    assert layout.zone is not None
    (s0, s1), (d0, d1) = layout.zone
    return (s0 + (s1 - s0) * rng.uniform(0.3, 0.7), d0 + (d1 - d0) * rng.uniform(0.3, 0.7))


def _people(
    layout: Layout, light: Light, one: Happening, growth: float, rng: random.Random
) -> list[_Put]:
    s, d = _somewhere(layout, rng)
    count = 1 if one.what == "person_waits" else rng.randint(3, 4)
    return [_Put("person", things.person(rng, None), Place(s + a, d + b, turn), (0.26, 0.24), True)
            for a, b, turn in standing(rng, count, 0.9)]  # fmt: skip


def _stalls(
    layout: Layout, light: Light, one: Happening, growth: float, rng: random.Random
) -> list[_Put]:
    assert layout.zone is not None
    (s0, s1), (d0, d1) = layout.zone
    count = 2 if one.what == "two_stalls" else 1
    out = []
    for k in range(count):
        s = s0 + (s1 - s0) * (rng.uniform(0.3, 0.7) if count == 1 else 0.22 + 0.52 * k)
        d = d0 + (d1 - d0) * rng.uniform(0.45, 0.65)
        out.append(
            _Put("stall", things.stall(rng), Place(s, d, rng.uniform(-0.3, 0.3)), (1.4, 1.1), True)
        )
        out.append(
            _Put("person", things.person(rng, None), Place(s, d + 1.1, -1.6), (0.26, 0.24), True)
        )
        for j in range(rng.randint(0, 2)):
            where = Place(s - 0.7 + 1.2 * j, d - 1.25, 1.6)
            out.append(_Put("person", things.person(rng, None), where, (0.26, 0.24), True))
    return out


def _heap(
    layout: Layout, light: Light, one: Happening, growth: float, rng: random.Random
) -> list[_Put]:
    size = rng.uniform(1.7, 2.6) * (0.4 + 0.6 * growth)
    s, d = _somewhere(layout, rng)
    return [_Put("heap", things.heap(size, one.what == "rubble", rng), Place(s, d),
                 (size * 0.62, size * 0.48), True)]  # fmt: skip


def _bike(
    layout: Layout, light: Light, one: Happening, growth: float, rng: random.Random
) -> list[_Put]:
    s, d = _somewhere(layout, rng)
    turn = 1.4 if layout.post.scene == "heaps" else rng.choice((0.0, math.pi))
    return [
        _Put("ebike", things.ebike(rng, False, lamps=False), Place(s, d, turn), (0.8, 0.3), True)
    ]


def _drift(
    layout: Layout, light: Light, one: Happening, growth: float, rng: random.Random
) -> list[_Put]:
    place = Place(rng.uniform(14, 19), rng.uniform(-4, 4), rng.uniform(-0.3, 0.3))
    return [_Put("floating", things.floating(round(95 * growth), rng), place, None, True)]


def _leaves(
    layout: Layout, light: Light, one: Happening, growth: float, rng: random.Random
) -> list[_Put]:
    out: list[Shape] = []
    for _ in range(9):
        at = (rng.uniform(-6, 6), rng.uniform(-4, 4), 0.02)
        out.append(Ball(at, rng.uniform(0.05, 0.1), (110, 100, 50), 0.4))
    return [_Put("", out, Place(19, 0), None, True)]


def _boat(
    layout: Layout, light: Light, one: Happening, growth: float, rng: random.Random
) -> list[_Put]:
    return [
        _Put("", things.boat(), Place(rng.uniform(15, 20), rng.uniform(-4, 4), 0.2), None, True)
    ]


_MAKE = {
    "car": _stopped, "van": _stopped, "truck": _stopped, "brief_car": _stopped,
    "brief_van": _stopped, "overflow": _overflow, "one_bag": _one_bag, "person_waits": _people,
    "people_talk": _people, "stall": _stalls, "two_stalls": _stalls, "rubbish": _heap,
    "rubble": _heap, "ebike": _bike, "drift": _drift, "leaves": _leaves, "boat": _boat,
}  # fmt: skip


def puddle(layout: Layout, happening: Happening, growth: float) -> tuple[F, Pixels]:
    """Where water stands: cover 0 to 1 for each pixel, and its box."""
    assert layout.zone is not None
    (s0, s1), (d0, d1) = layout.zone
    rng = random.Random(happening.spot)
    size = 0.3 if happening.what == "small_puddle" else 0.5 + 0.6 * growth
    lens, (c, n) = layout.lens, (math.cos(layout.lens.yaw), math.sin(layout.lens.yaw))
    rows, cols = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    below = np.maximum(rows - lens.horizon, 1e-3)
    depth = lens.f * lens.height / below
    x = (WIDTH / 2 - cols if lens.mirror else cols - WIDTH / 2) / lens.f
    s, d = x * depth * n + depth * c, x * depth * c - depth * n
    a, b = (s - (s0 + s1) / 2) / ((s1 - s0) / 2), (d - (d0 + d1) / 2) / ((d1 - d0) / 2)
    turn = np.arctan2(b, a)
    rim = 0.86 + sum(
        rng.uniform(0.03, 0.09) * np.sin(k * turn + rng.uniform(0, 6)) for k in (2, 3, 5)
    )
    cover = np.clip((rim * size - np.hypot(a, b)) * 9, 0, 1) * (rows > lens.horizon + 4)
    ys, xs = np.nonzero(cover > 0.3)
    box = (float(xs.min()), float(ys.min()), float(xs.max()) + 1, float(ys.max()) + 1)
    return cover.astype(np.float32), box


def plume(
    layout: Layout, light: Light, happening: Happening, growth: float, phases: int = PHASES
) -> list[Sprite]:
    """Smoke rising from a ridge, one picture a phase; mist along it; steam, which soon is gone."""
    rng = random.Random(happening.spot)
    column = rng.uniform(0.25, 0.75) * WIDTH
    ridge = ridge_rows(layout, np.arange(WIDTH, dtype=np.float32))[rng.choice((1, 2, 2))]
    foot = float(ridge[int(column)]) + 10
    grey = rng.choice((0.5, 0.62, 0.98))
    level = min(1.0, light.ambient[1] * 1.3 + 0.3 * light.direct[0] + 0.04)
    tone = 255 * level * grey
    colour: Tint = (tone, 0.99 * tone, 0.97 * tone)
    if happening.what == "mist":
        cover = _mist(ridge)
        return [soft_sprite(cover, (238 * level, 240 * level, 242 * level), 0, 0, 900.0)] * phases
    tall, wide, thick = (110.0 * (0.5 + 0.5 * growth), 34.0 * (0.6 + 0.4 * growth), 1.0)
    if happening.what == "steam":
        tall, wide, thick, colour = 26.0, 9.0, 0.55, (246 * level, 246 * level, 246 * level)
    tall = min(tall, foot - 12)
    lean = rng.uniform(-0.7, 0.7)
    left, top = int(column - tall * 0.9 - wide * 2), int(foot - tall - 8)
    right = int(column + tall * 0.9 + wide * 2)
    return [
        soft_sprite(_column(column - left, foot - top, tall, wide, lean, thick, k / phases,
                            (int(foot) + 4 - top, right - left)), colour, left, top, 900.0)
        for k in range(phases)
    ]  # fmt: skip


def _column(
    x0: float, y0: float, tall: float, wide: float, lean: float, thick: float, phase: float,
    shape: tuple[int, int],
) -> NDArray[np.float64]:  # fmt: skip
    """A rising column: puffs that grow and thin out on their way up."""
    rows, cols = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float64)
    cover = np.zeros(shape)
    puffs = 16
    for k in range(puffs):
        way = (k + phase) / puffs
        r = wide * (0.18 + 0.82 * way)
        x = x0 + lean * tall * way**1.3 + 0.3 * r * math.sin(k * 2.4 + 1)
        y = y0 - tall * way
        puff = np.exp(-(((cols - x) / r) ** 2 + ((rows - y) / (r * 0.8)) ** 2))
        cover = 1 - (1 - cover) * (1 - thick * (1 - 0.8 * way) ** 0.8 * 0.9 * puff)
    tile = grain_tile()
    rough = tile[(rows * 2 + phase * 32).astype(int) % 256, (cols * 2).astype(int) % 256]
    out: NDArray[np.float64] = np.clip(cover * (1 + 0.22 * rough), 0, 0.97)
    return out


def _mist(ridge: F) -> NDArray[np.float64]:
    rows = np.arange(HEIGHT, dtype=np.float64)[:, None]
    middle = ridge[None, :] * 0.25 + float(ridge.mean()) * 0.75 + 16
    out: NDArray[np.float64] = 0.62 * np.exp(-(((rows - middle) / 13) ** 2))
    return out
