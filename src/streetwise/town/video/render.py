"""The picture of a camera at a moment, and what is truly in it.

``Eye(seed, post).picture(at)`` is 360 x 640 x 3 bytes, red first; the same seed, camera and moment
give the same bytes. Backdrops and sprites are kept, so that a further picture of the same state
costs a few milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from streetwise.town.courses import Course

from . import staging, things, traffic
from .backdrop import Stage, lit, stage
from .layout import Layout, Post, layout_of
from .light import Light, light_at
from .program import Happening, happening_at
from .solids import HEIGHT, U8, WIDTH, Pixels, Place, Sprite, sprite

#: Left, top, right, bottom in shares of the picture.
Box = tuple[float, float, float, float]
#: What may be in a picture; ``bag`` is one or several lying together.
CLASSES = (
    "person", "car", "van", "bus", "ebike", "bin", "bin_overflow", "bag", "heap", "stall",
    "water", "floating", "smoke",
)  # fmt: skip
_LEAST_SEEN = 0.35  # share of a thing that must not be hidden for it to have a box
_LEAST_PIXELS = 6.0  # height below which a thing is too small to have one
_SPRITES = 2_000  # sprites kept for each camera's state
_RAIN_LAYERS = 5
_NOON = Light("summer", 42, 0, 0, 2)


@dataclass(frozen=True, slots=True)
class State:
    """Everything a picture depends on but the second of the round: equal states share clips."""

    light: Light
    happening: Happening | None
    growth: float


@dataclass(slots=True)
class _Item:
    what: str
    sprite: Sprite


class Eye:
    """One camera. Keeps what it has drawn of its present state; not for several threads."""

    def __init__(self, seed: int, post: Post, courses: Sequence[Course] = ()) -> None:
        self.seed, self.post, self.courses = seed, post, tuple(courses)
        self.layout: Layout = layout_of(seed, post)
        self._stage: tuple[str, bytes] | None = None
        self._set: _Set | None = None

    def state(self, at: datetime) -> State:
        """What is to be seen at a moment, but for what moves."""
        one = happening_at(self.seed, self.post, at, self.courses)
        growth = one.growth(at) if one else 0.0
        return State(light_at(self.seed, at, self.courses), one, growth)

    def picture(self, at: datetime) -> U8:
        """The picture of a moment."""
        return self.frame(self.state(at), at.timestamp())

    def boxes(self, at: datetime) -> list[tuple[str, Box]]:
        """What is in the picture of a moment, as far as it can be seen."""
        return self.frame_boxes(self.state(at), at.timestamp())

    def rest(self) -> None:
        """Let go of everything that can be drawn again; what stands still stays, packed."""
        self._set = None

    def frame(self, state: State, second: float, *, quiet: bool = False) -> U8:
        """The picture of a state; ``quiet``: nothing moves, no noise, no rain in the air."""
        the = self._setting(state)
        out = the.base.copy()
        if quiet:
            for one in the.clouds[:1]:
                one.lay(out)
            return out
        moment = round(second * 1000)
        phase = second % traffic.CYCLE_S
        if the.clouds:
            the.clouds[int(phase * 4) % staging.PHASES].lay(out)
        for item in self._over(the, self._movers(the, phase)):
            item.sprite.lay(out)
        if len(the.glints):
            _glints(out, the.glints, moment)
        if state.light.rain:
            _rain(out, state.light, moment)
        _grain(out, state.light.grain, moment)
        return out

    def frame_boxes(
        self, state: State, second: float, *, quiet: bool = False
    ) -> list[tuple[str, Box]]:
        """The boxes of ``frame``."""
        the = self._setting(state)
        moving = [] if quiet else self._movers(the, second % traffic.CYCLE_S)
        standing = [_Item(thing.what, thing.sprite) for thing in the.things]
        items = sorted([*standing, *moving], key=lambda item: -item.sprite.depth)
        out = _visible(items)
        if the.water is not None:
            out.append(("water", _shares(the.water)))
        one = state.happening
        if the.clouds and one is not None and one.what == "plume":
            out.append(("smoke", _shares(the.clouds[0].box)))
        return out

    def _setting(self, state: State) -> _Set:
        if self._set is None or self._set.state != state:
            kept = self._set
            self._set = self._build(state)
            # Sprites of movers depend on the light alone.
            if kept is not None and kept.state.light == state.light:
                self._set.sprites.update(kept.sprites)
        return self._set

    def _build(self, state: State) -> _Set:
        light, one = state.light, state.happening
        if self._stage is None or self._stage[0] != light.season:
            self._stage = (light.season, stage(self.layout, light.season).packed())
        small = Stage.unpacked(self._stage[1])
        base = lit(self.layout, small, light)
        water = None
        if one is not None and one.scene == "water":
            cover, water = staging.puddle(self.layout, one, state.growth)
            _flood(self.layout, base, cover, light)
        found = staging.things_of(self.layout, light, one, state.growth)
        for thing in found:
            thing.sprite.lay(base)
        clouds: list[Sprite] = []
        if one is not None and one.scene == "smoke":
            clouds = staging.plume(self.layout, light, one, state.growth)
        glints = (
            np.flatnonzero(small.water[:, :, 0] > 230) if not light.night else np.empty(0, np.int64)
        )
        if len(glints):
            pick = np.random.default_rng(self.layout.rng("glints").randrange(1 << 30))
            glints = pick.choice(glints, len(glints) // 24)
        return _Set(state, base, found, clouds, water, glints, {})

    def _movers(self, the: _Set, phase: float) -> list[_Item]:
        light = the.state.light
        one = the.state.happening
        out = []
        for mover in traffic.movers(self.layout, light.busy, phase):
            kind = traffic.kind_of(self.layout, mover.lane, mover.look)
            seen = self._mover(the, mover, kind)
            if seen is not None:
                out.append(_Item(kind, seen))
        if one is not None and one.what == "cart_passes":
            out += self._cart(the, one, phase)
        return sorted(out, key=lambda item: -item.sprite.depth)

    def _mover(self, the: _Set, mover: traffic.Mover, kind: str) -> Sprite | None:
        """The sprite of a mover, drawn for a depth near its own and shifted to where it is."""
        lens, light = self.layout.lens, the.state.light
        u, v, depth = lens.see(mover.s, mover.d)
        if depth < 4:
            return None
        fine = 0.09 if kind in ("person", "ebike") else 0.06
        near = round(math.log(depth) / fine)
        pool = staging.pool_at(self.layout, light, mover.s, mover.d)
        key = (mover.lane, mover.look, mover.step, near, pool)
        if key not in the.sprites:
            if len(the.sprites) >= _SPRITES:
                the.sprites.pop(next(iter(the.sprites)))
            lane = self.layout.lanes[mover.lane]
            shapes = traffic.shapes_of(self.layout, mover.lane, mover.look, mover.step, light.lamps)
            # The place on the lane that is as deep as the class of depths that it belongs to.
            s = mover.s + (math.exp(near * fine) - depth) / max(0.2, math.cos(lens.yaw))
            place = Place(s, mover.d, 0.0 if lane.way > 0 else math.pi)
            made = sprite(shapes, lens, place, light.tint(pool), traffic.shadow_of(kind))
            the.sprites[key] = (made, lens.see(s, mover.d)[:2])
        made, (u0, v0) = the.sprites[key]
        if made is None:
            return None
        moved = made.moved(round(u - u0), round(v - v0))
        return Sprite(moved.left, moved.top, moved.paint, moved.keep, moved.box, depth)

    def _cart(self, the: _Set, one: Happening, phase: float) -> list[_Item]:
        """A vendor who only comes through, pushing the cart."""
        rng = self.layout.rng("cart", one.spot)
        s, d = (phase * 0.8) % 26 + 2, 8.0
        light = the.state.light
        tint = light.tint(staging.pool_at(self.layout, light, s, d))
        lens = self.layout.lens
        cart = sprite(things.stall(rng, walking=True), lens, Place(s, d), tint, (1.0, 0.6))
        step = int(phase / 1.1 * traffic.STEPS) % traffic.STEPS / traffic.STEPS
        man = sprite(things.person(rng, step), lens, Place(s - 1.4, d), tint, (0.3, 0.25))
        return [_Item(what, seen) for what, seen in (("", cart), ("person", man)) if seen]

    def _over(self, the: _Set, moving: list[_Item]) -> list[_Item]:
        """What to paint: movers, and again what stands before one of them."""
        again = [
            _Item(thing.what, thing.sprite)
            for thing in the.things
            if any(_covers(thing.sprite, item.sprite) for item in moving)
        ]
        return sorted([*moving, *again], key=lambda item: -item.sprite.depth) if again else moving


def happening_box(layout: Layout, one: Happening) -> Box | None:
    """The box around all of a happening once it is there; None where nothing is seen of it."""
    found = staging.happening_extent(layout, _NOON, one)
    return _shares(found) if found else None


@dataclass(slots=True, eq=False)
class _Set:
    """What is kept of a state: its still picture, what stands in it, sprites of movers."""

    state: State
    base: U8
    things: list[staging.Thing]
    clouds: list[Sprite]
    water: Pixels | None
    glints: NDArray[np.int64]
    sprites: dict[tuple[object, ...], tuple[Sprite | None, tuple[float, float]]]


def _covers(near: Sprite, far: Sprite) -> bool:
    a, b = near.box, far.box
    return near.depth < far.depth and a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _shares(box: Pixels) -> Box:
    return (max(0.0, box[0] / WIDTH), max(0.0, box[1] / HEIGHT),
            min(1.0, box[2] / WIDTH), min(1.0, box[3] / HEIGHT))  # fmt: skip


def _visible(items: Sequence[_Item]) -> list[tuple[str, Box]]:
    """Boxes of what is not hidden by nearer things nor outside of the picture."""
    whose = np.full((HEIGHT, WIDTH), -1, np.int16)
    size = []
    for k, item in enumerate(items):
        solid = item.sprite.keep[:, :, 0] < 64
        size.append(int(solid.sum()))
        if cut := item.sprite.cut(HEIGHT, WIDTH):
            rows, columns, y, x = cut
            part = whose[rows, columns]
            part[solid[y : y + part.shape[0], x : x + part.shape[1]]] = k
    seen = np.bincount(whose[whose >= 0], minlength=len(items))
    out: list[tuple[str, Box]] = []
    for k, item in enumerate(items):
        box = _shares(item.sprite.box)
        small = (box[3] - box[1]) * HEIGHT < _LEAST_PIXELS
        if not item.what or small or seen[k] < _LEAST_SEEN * max(1, size[k]):
            continue
        out.append(("van" if item.what == "truck" else item.what, box))
        if item.what == "ebike" and size[k] and box[3] - box[1] > 0.03 and _ridden(item):
            out.append(("person", (box[0], box[1], box[2], box[1] + 0.72 * (box[3] - box[1]))))
    return out


def _ridden(item: _Item) -> bool:
    """Whether somebody sits on an e-bike: then it is higher than wide."""
    a, b, c, d = item.sprite.box
    return d - b > 0.8 * (c - a)


def _flood(layout: Layout, base: U8, cover: NDArray[np.float32], light: Light) -> None:
    """Standing water: the sky and the houses upside down in it, a muddy tone, a bright rim."""
    rows, cols = np.nonzero(cover > 0.01)
    line = int(layout.lens.horizon)
    up = np.clip(
        line - ((rows - line) * line * 0.95 / (HEIGHT - line)).astype(np.int64), 0, HEIGHT - 1
    )
    wave = np.round(1.6 * np.sin(rows * 0.7 + cols * 0.05)).astype(np.int64)
    seen = base[up, np.clip(cols + wave, 0, WIDTH - 1)].astype(np.float32)
    mud = np.array([126, 104, 74], np.float32) * np.array(light.tint(0.3), np.float32)
    sky = np.array(light.sky[1], np.float32)
    water = 0.42 * seen + 0.42 * mud + 0.24 * sky
    ring = (np.sin(rows * 1.1 + 3 * np.sin(cols * 0.06)) > 0.86)[:, None]
    water = water + 14 * ring * light.ambient[0]
    share = cover[rows, cols][:, None]
    edge = np.exp(-(((share - 0.45) / 0.2) ** 2))
    mixed = base[rows, cols] * (1 - share) + water * share - 30 * edge * light.ambient[1]
    base[rows, cols] = np.clip(mixed, 12, 243)


def _glints(out: U8, glints: NDArray[np.int64], moment: int) -> None:
    """Light that dances on a river."""
    flat = out.reshape(-1, 3)
    pick = glints[(moment // 40) % 7 :: 7]
    flat[pick] = np.minimum(flat[pick].astype(np.uint16) + 34, 240)


@lru_cache(maxsize=2)
def _streaks(heavy: bool) -> list[NDArray[np.int64]]:
    """Pixels of falling drops, a few layers."""
    rng = np.random.default_rng(77)
    out = []
    for _ in range(_RAIN_LAYERS):
        found = []
        for _ in range(420 if heavy else 170):
            x, y = int(rng.integers(0, WIDTH)), int(rng.integers(-20, HEIGHT))
            long = int(rng.integers(7, 20))
            for k in range(long):
                if 0 <= y + k < HEIGHT:
                    found.append((y + k) * WIDTH + min(WIDTH - 1, x + k // 6))
        out.append(np.unique(np.array(found, np.int64)))
    return out


def _rain(out: U8, light: Light, moment: int) -> None:
    layer = _streaks(light.rain == 2)[(moment * 7919 // 90) % _RAIN_LAYERS]
    flat = out.reshape(-1, 3)
    shift = moment * 31 % (WIDTH * HEIGHT)
    where = (layer + shift) % (WIDTH * HEIGHT)
    bright = int(70 + 110 * light.ambient[1])
    flat[where] = (flat[where].astype(np.uint16) * 3 + bright) >> 2


@lru_cache(maxsize=4)
def _noise(grain: int) -> U8:
    rng = np.random.default_rng(grain)
    size = (HEIGHT + 64, WIDTH + 64)
    bright = rng.normal(0, grain / 2.4, size)[:, :, None] + rng.normal(0, grain / 5, (*size, 3))
    return np.clip(np.round(bright), -grain, grain).astype(np.int8).view(np.uint8)


def _grain(out: U8, grain: int, moment: int) -> None:
    """The sensor's noise. Bytes wrap around, so nothing may lie nearer to an end than that."""
    np.clip(out, grain, 255 - grain, out=out)
    rng = (moment * 2_654_435_761) & 0xFFFFFFFF
    y, x = (rng >> 8) % 64, (rng >> 16) % 64
    np.add(out, _noise(grain)[y : y + HEIGHT, x : x + WIDTH], out=out)
