"""What stands still before a camera: ground, walls, trees and sky, and the light on them.

Drawn once for a camera and season without any light (``Stage``); a light is laid over that in a
few milliseconds (``lit``).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from . import facades, things
from .facades import rgb
from .layout import Layout
from .light import Light
from .solids import HEIGHT, U8, WIDTH, Place, Shape, sprite

# Single precision; NumPy types cannot follow it through arithmetic with Python numbers.
F = NDArray[Any]
_FINE = 2  # drawn so many times larger each way, then averaged
_FAR = 160.0  # metres at which walls end


#: Grass by season; green otherwise.
_GRASS = {"winter": (134, 122, 86), "autumn": (126, 120, 66)}


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A view without its light; all arrays as large as the picture.

    ``paint``: its colours; ``sky``, ``ground``: where they are (255: wholly; of the ground, what
    shines when it is wet); ``shade``: shadows of trees and houses; ``pool``: what the lamps
    reach; ``shine``: what is bright by itself at night; ``water``: where a river runs.
    """

    paint: U8
    sky: U8
    ground: U8
    shade: U8
    pool: U8
    shine: U8
    water: U8

    def packed(self) -> bytes:
        """All of it in a few hundred kilobytes."""
        return zlib.compress(b"".join(layer.tobytes() for layer in self.layers()), 1)

    @classmethod
    def unpacked(cls, data: bytes) -> Stage:
        """From what ``packed`` gave."""
        flat = np.frombuffer(zlib.decompress(data), np.uint8)
        size, at, layers = HEIGHT * WIDTH, 0, []
        for depth in (3, 1, 1, 1, 1, 3, 1):
            layers.append(flat[at : at + size * depth].reshape(HEIGHT, WIDTH, depth))
            at += size * depth
        return cls(*layers)

    def layers(self) -> tuple[U8, ...]:
        """All, in the order of the fields."""
        return (self.paint, self.sky, self.ground, self.shade, self.pool, self.shine, self.water)


@lru_cache(maxsize=1)
def grain_tile() -> F:
    """Rough noise from -1 to 1 for surfaces, the same in every town; 256 x 256, wraps around."""
    rng = np.random.default_rng(20260101)
    out = rng.standard_normal((256, 256)).astype(np.float32)
    for size, weight in ((4, 0.8), (16, 1.0), (64, 1.0)):
        coarse = rng.standard_normal((256 // size, 256 // size)).astype(np.float32)
        wide = Image.fromarray(np.tile(coarse, (3, 3))).resize((768, 768), Image.Resampling.BICUBIC)
        out += weight * np.asarray(wide)[256:512, 256:512]
    tile: F = np.clip(out / 2.6, -1, 1).astype(np.float32)
    return tile


def stage(layout: Layout, season: str) -> Stage:
    """Draw a camera's view without light."""
    lens = layout.lens
    rows, cols = HEIGHT * _FINE, WIDTH * _FINE
    v = (np.arange(rows, dtype=np.float32) + 0.5) / _FINE - lens.horizon
    x = ((np.arange(cols, dtype=np.float32) + 0.5) / _FINE - WIDTH / 2) / lens.f
    c, n = np.float32(np.cos(lens.yaw)), np.float32(np.sin(lens.yaw))
    below = np.maximum(v, 1e-3)[:, None]
    depth = lens.f * lens.height / below  # of the ground
    s, d = x * depth * n + depth * c, x * depth * c - depth * n
    on_ground = np.broadcast_to((v > 1e-3)[:, None], (rows, cols)).copy()
    paint, shine, shade, pool = _ground(layout, s, d, depth, season)
    sky = ~on_ground
    nearest = np.where(on_ground, depth, np.float32(1e6))
    water = on_ground & _between(d, layout.extra.get("water"))
    if layout.hills:
        facades.paint_hills(layout, paint, on_ground, season, v, x)
        sky &= paint[:, :, 0] < 0
    for at, kind in layout.walls:
        facades.paint_wall(
            layout, at, kind, (v, x), (paint, shine, shade, pool), nearest, sky, on_ground
        )
    facades.paint_far(layout, paint, sky, v, x)
    wet = on_ground & ~_grassy(layout, d)
    layers = [
        _half(paint) / 255, _half(sky), _half(wet), _half(shade), _half(pool),
        _half(shine) / 255, _half(water),
    ]  # fmt: skip
    if lens.mirror:
        layers = [np.ascontiguousarray(layer[:, ::-1]) for layer in layers]
    return _props(layout, layers, season)


def _grassy(layout: Layout, d: F) -> NDArray[np.bool_]:
    out = np.zeros(d.shape, bool)
    for low, high, what in layout.bands:
        if what == "grass":
            out |= (d >= low) & (d < high)
    return out


def _between(values: F, limits: tuple[float, ...] | None) -> NDArray[np.bool_]:
    if limits is None:
        return np.zeros(values.shape, bool)
    return (values > limits[0]) & (values < limits[1])


def _half(values: NDArray[np.generic]) -> F:
    """Averaged down to the picture's size."""
    wide = values.astype(np.float32)
    out = (wide[::2, ::2] + wide[1::2, ::2] + wide[::2, 1::2] + wide[1::2, 1::2]) / 4
    return out if out.ndim == 3 else out[:, :, None]


def _ground(layout: Layout, s: F, d: F, depth: F, season: str) -> tuple[F, F, F, F]:
    """Colours, shine, shadows and lamp light of the ground."""
    tile = grain_tile()
    fade = np.clip(26 / depth, 0, 1).astype(np.float32)  # what is far has no fine pattern
    rough = tile[(s * 22).astype(np.int32) & 255, (d * 22).astype(np.int32) & 255] * fade
    patch = tile[(s * 2.2).astype(np.int32) & 255, (d * 2.2).astype(np.int32) & 255]
    paint = np.full((*d.shape, 3), 150, np.float32)
    rng = layout.rng("ground")
    base = {
        "asphalt": rgb([96, 97, 100]) * rng.uniform(0.82, 1.12),
        "pavers": rgb(rng.choice(((172, 164, 154), (164, 150, 140), (156, 158, 160)))),
        "kerb": rgb([178, 176, 172]), "yellow": rgb([214, 176, 40]),
        "grass": rgb(_GRASS.get(season, (84, 118, 58))),
        "water": rgb([66, 88, 84]), "stone": rgb([140, 136, 128]),
        "bays": rgb([112, 112, 112]),
    }  # fmt: skip
    for low, high, what in layout.bands:
        here = (d >= low) & (d < high)
        paint[here] = base[what]
        if what in ("pavers", "stone"):
            size = 0.6 if what == "pavers" else 0.9
            joint = ((s / size) % 1 < 0.07) | ((d / size) % 1 < 0.07)
            paint[here & joint] *= 0.84
            odd = tile[(s / size).astype(np.int32) & 255, (d / size).astype(np.int32) & 255]
            paint[here] *= (1 + 0.07 * odd * fade)[here][:, None]
        if what == "bays":
            line = ((s / 6.5 - 0.25) % 1 < 0.02) | (d < low + 0.15) | (d > high - 0.15)
            paint[here & line] = (226, 226, 222)
    paint *= (1 + 0.1 * rough + 0.05 * patch)[:, :, None]
    if "width" in layout.extra:
        middle = layout.extra["width"][0] * 0.56
        for at, dashed in ((middle, False), (middle * 0.5, True), (middle * 1.42, True)):
            line = np.abs(d - at) < 0.09
            if dashed:
                line &= s % 6 < 2.4
            paint[line] = (222, 190, 60) if not dashed else (220, 220, 216)
    if "hatch" in layout.extra:
        _hatch(layout.extra["hatch"], paint, s, d)
    shade = _tree_shade(layout, s, d)
    pool = np.zeros(d.shape, np.float32)
    for at, side in layout.lamps:
        pool += np.exp(-((s - at) ** 2 + (d - side) ** 2) / 42)
    return paint, np.zeros_like(paint), shade, np.minimum(pool, 1)


def _hatch(area: tuple[float, ...], paint: F, s: F, d: F) -> None:
    """A fire lane: yellow frame, red and yellow stripes across."""
    s0, s1, d0, d1 = area
    inside = (s > s0) & (s < s1) & (d > d0) & (d < d1)
    edge = inside & ((s < s0 + 0.25) | (s > s1 - 0.25) | (d < d0 + 0.18) | (d > d1 - 0.18))
    way = (s * 0.62 + d) / 2.4 % 1
    paint[inside & (way < 0.13)] = (210, 172, 52)
    paint[inside & (way > 0.5) & (way < 0.63)] = (166, 58, 50)
    paint[edge] = (214, 178, 50)


def _tree_shade(layout: Layout, s: F, d: F) -> F:
    tile = grain_tile()
    shade = np.zeros(s.shape, np.float32)
    for at, side, tall in layout.trees:
        r = ((s - at - tall * 0.3) ** 2 + (d - side - tall * 0.25) ** 2) / (tall * 0.42) ** 2
        shade = np.maximum(shade, np.clip(1.4 - r, 0, 1))
    spots = tile[(s * 9).astype(np.int32) & 255, (d * 9).astype(np.int32) & 255]
    dappled: F = np.where(
        shade < 1, shade * np.clip(0.8 + spots, 0, 1), shade * (0.86 + 0.14 * spots)
    )
    return dappled


def _props(layout: Layout, layers: list[F], season: str) -> Stage:
    """Trees and lamps, far ones first, drawn into the finished picture."""
    rng = layout.rng("props")
    lens = layout.lens
    spots: list[tuple[Place, list[Shape]]] = []
    for s, d, tall in layout.trees:
        spots.append((Place(s, d), things.tree(rng, season, tall)))
    for s, d in layout.lamps:
        turn = 0.0 if d < 1 else 3.1416
        spots.append((Place(s, d, turn), things.lamp_post(6.4)))
    small = [np.clip(layer * 255, 0, 255).astype(np.uint8) for layer in layers]
    for place, shapes in sorted(spots, key=lambda one: -lens.see(one[0].s, one[0].d)[2]):
        if lens.see(place.s, place.d)[2] < 5:
            continue
        one = sprite(shapes, lens, place)
        if one is None or (cut := one.cut(HEIGHT, WIDTH)) is None:
            continue
        rows, columns, y, x = cut
        keep = one.keep[y : y + rows.stop - rows.start, x : x + columns.stop - columns.start]
        one.lay(small[0])
        for k in (1, 2, 3, 5, 6):
            small[k][rows, columns] = small[k][rows, columns] * keep >> 8
    small[5] = np.clip(small[5] + _halos(layout), 0, 255).astype(np.uint8)
    return Stage(*small)


def _halos(layout: Layout) -> F:
    """The glow around the head of each lamp."""
    shine = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    rows, cols = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    for s, d in layout.lamps:
        side = 1.7 if d < 1 else -1.7
        u, v, depth = layout.lens.see(s, d + side, 6.6)
        if depth < 5:
            continue
        size = 0.9 * layout.lens.f / depth
        glow = np.exp(-((cols - u) ** 2 + (rows - v) ** 2) / (size * size * 0.5))
        shine += glow[:, :, None] * rgb([250, 214, 150])
    return shine


def lit(layout: Layout, small: Stage, light: Light) -> U8:
    """The view in a light: (360, 640, 3), red first."""
    ambient, direct = rgb(light.ambient), rgb(light.direct)
    paint, sky_at, ground, shade, pool, shine, water = (
        layer.astype(np.float32) for layer in small.layers()
    )
    for mask in (sky_at, ground, shade, pool, water):
        mask *= np.float32(1 / 255)
    glow = ambient + direct * (1 - light.shadow * shade) + rgb(light.lamp) * pool
    out: F = paint * glow
    if light.rain:
        out *= 1 - (0.1 + 0.1 * light.rain) * ground
    high, low = (rgb(colour) for colour in light.sky)
    reach = max(40.0, layout.lens.horizon)
    up = np.clip(np.arange(HEIGHT, dtype=np.float32) / reach, 0, 1)[:, None, None] ** 0.8
    sky = high * (1 - up) + low * up
    if light.cloud == 1 or (light.cloud == 0 and not light.night):
        sky = sky + _clouds(layout)[:, :, None] * (30 if light.sun > 0 else 10)
    out = out * (1 - sky_at) + sky * sky_at
    if light.lamps:
        out += shine * (1.0 if light.night else 0.6)
    out = _mirrored(layout, out, water, 0.5)
    if light.rain:
        out = _mirrored(layout, out, ground * (1 - water), 0.16 + 0.08 * light.rain)
        grey = out.mean(axis=2, keepdims=True)
        out = out * 0.72 + (grey * 0.85 + 14) * 0.28
    return np.clip(out, 12, 243).astype(np.uint8)


def _clouds(layout: Layout) -> F:
    rng = np.random.default_rng(layout.rng("clouds").randrange(1 << 30))
    out = np.zeros((HEIGHT, WIDTH), np.float32)
    for rows, cols, weight in ((10, 7, 0.6), (28, 22, 0.3), (80, 60, 0.12)):
        coarse = rng.standard_normal((rows, cols)).astype(np.float32)
        size = (WIDTH, HEIGHT)
        out += weight * np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC))
    clouds: F = np.clip(out, 0, 1)
    return clouds


def _mirrored(layout: Layout, picture: F, where: F, share: float) -> F:
    """What lies over the horizon, seen again in wet ground or water."""
    line = int(layout.lens.horizon)
    below = HEIGHT - line
    rows = np.clip(line - (np.arange(below) * line * 0.92 / below).astype(np.int64), 0, HEIGHT - 1)
    # Ripples move each row a little to a side.
    wave = (2.5 * np.sin(np.arange(below) * 0.9) * np.linspace(0.3, 2.2, below)).astype(np.int64)
    cols = (np.arange(WIDTH)[None, :] + wave[:, None]) % WIDTH
    seen = picture[rows[:, None], cols]
    part = where[line:] * share
    picture[line:] = picture[line:] * (1 - part) + seen * part
    return picture
