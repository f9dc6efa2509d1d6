"""Walls along a street: flats, shops, old courtyards; hills and the far end of the view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .layout import Layout

# Single precision; NumPy types cannot follow it through arithmetic with Python numbers.
F = NDArray[Any]
B = NDArray[np.bool_]
_FAR = 160.0
_PLASTER = ((206, 192, 172), (190, 170, 152), (198, 198, 194), (176, 132, 112), (214, 204, 184),
            (160, 158, 160))  # fmt: skip
_SIGNS = ((170, 36, 36), (36, 90, 150), (40, 120, 80), (214, 150, 40), (90, 50, 110),
          (220, 220, 214), (200, 80, 40))  # fmt: skip


def rgb(values: Sequence[float]) -> F:
    """A colour, or light, for arithmetic with pictures."""
    return np.array(values, np.float32)


def paint_wall(
    layout: Layout, at: float, kind: str, sight: tuple[F, F], layers: tuple[F, F, F, F], nearest: F,
    sky: B, ground: B,
) -> None:  # fmt: skip
    """A wall along ``d`` = ``at`` into the layers (paint, shine, shade, pool), in place."""
    v, x = sight
    paint, shine, shade, pool = layers
    lens = layout.lens
    c, n = np.float32(np.cos(lens.yaw)), np.float32(np.sin(lens.yaw))
    slope = x * c - n
    with np.errstate(divide="ignore"):
        depth = np.float32(at) / slope
    ok = (depth > 2.0) & (depth < _FAR)
    depth = np.where(ok, depth, np.float32(1.0))
    s = x * depth * n + depth * c
    z = np.float32(lens.height) - v[:, None] * depth / np.float32(lens.f)
    look, tall = _segments(layout, at, kind, s)
    hit = ok & (z >= 0) & (z < tall) & (depth < nearest)
    rows, cols = np.nonzero(hit)
    colour, bright = _surface(kind, s[cols], z[rows, cols], depth[cols], look[cols], tall[cols])
    paint[rows, cols], shine[rows, cols] = colour, bright
    nearest[rows, cols] = depth[cols]
    shade[rows, cols] = 0.55 if at > 0 else 0.0
    pool[rows, cols] = 0.28 * np.exp(-z[rows, cols] / 3.5)
    sky[rows, cols] = False
    ground[rows, cols] = False


def _segments(layout: Layout, at: float, kind: str, s: F) -> tuple[NDArray[np.int64], F]:
    """Which house stands at each s, and how high it is there."""
    rng = layout.rng("wall", at)
    edges, heights, looks = [-30.0], [], []
    while edges[-1] < 260:
        edges.append(edges[-1] + rng.uniform(13, 30))
        low = {"flats": (12, 21), "shops": (7, 14), "hutong": (2.9, 3.6)}[kind]
        heights.append(rng.uniform(*low) if kind == "hutong" or rng.random() > 0.1 else 2.4)
        looks.append(rng.randrange(1000))
    index = np.clip(np.searchsorted(np.array(edges), s) - 1, 0, len(heights) - 1)
    return np.array(looks)[index], np.array(heights, np.float32)[index]


def _hash(a: NDArray[np.int64], b: NDArray[np.int64], salt: NDArray[np.int64]) -> F:
    """A number from 0 to 1 for each pair."""
    mixed = (a * 73_856_093) ^ (b * 19_349_663) ^ (salt * 83_492_791)
    mixed = (mixed ^ (mixed >> 13)) * 1_274_126_177
    return ((mixed >> 8) % 4096).astype(np.float32) / 4096


def _surface(kind: str, s: F, z: F, depth: F, look: NDArray[np.int64], tall: F) -> tuple[F, F]:
    """Colour and own brightness of points on a wall."""
    fade = np.clip(30 / depth, 0, 1)[:, None]
    plaster = np.array(_PLASTER, np.float32)[look % len(_PLASTER)]
    bright = np.zeros_like(plaster)
    if kind == "hutong":
        colour = np.tile(rgb([138, 136, 134]), (len(s), 1)) * (0.9 + 0.15 * (look % 7) / 7)[:, None]
        row = np.floor(z / 0.14)
        joint = (z / 0.14 % 1 < 0.16) | ((s / 0.36 + 0.5 * (row % 2)) % 1 < 0.07)
        colour *= 1 - 0.16 * joint[:, None] * fade
        roof = z > tall - 0.5
        colour[roof] = (74, 74, 78)
        colour[roof & (s / 0.3 % 1 < 0.35)] = (98, 98, 100)
        door = (s / 11 + look / 1000) % 1 < 0.16
        colour[door & (z < 2.3)] = (128, 44, 38)
        colour[door & (z < 2.3) & ((s / 11 + look / 1000) % 1 > 0.155)] = (60, 40, 36)
        window = ((s / 5.5 + 0.4) % 1 < 0.2) & (z > 1.3) & (z < 2.2) & ~door
        colour[window] = (66, 74, 84)
        lit = window & (_hash((s / 5.5 + 0.4).astype(np.int64), look, look) < 0.4)
        bright[lit] = (190, 150, 80)
        return colour * (1 - 0.1 * np.clip(0.4 - z, 0, 0.4) / 0.4)[:, None], bright
    colour = plaster * (1 + 0.03 * np.sin(s * 3.1))[:, None]
    floor, wide = np.floor(z / 3.0).astype(np.int64), 3.3
    column = np.floor(s / wide).astype(np.int64)
    inx, inz = s / wide % 1, z / 3.0 % 1
    window = (inx > 0.2) & (inx < 0.78) & (inz > 0.3) & (inz < 0.8) & (z < tall - 0.8)
    chance = _hash(column, floor, look)
    glass = np.stack([58 + 40 * chance, 70 + 44 * chance, 84 + 46 * chance], 1)
    colour = np.where(window[:, None], glass, colour)
    frame = window & ((np.abs(inx - 0.49) < 0.02) | (inz > 0.76))
    colour[frame] = (212, 212, 208)
    colour[(inz < 0.05)] *= 0.86
    unit = (inx > 0.82) & (inx < 0.97) & (inz > 0.2) & (inz < 0.42) & (chance > 0.5)
    colour[unit] = (206, 206, 202)
    colour[(z > tall - 0.5)] *= 0.8
    lit = window & (chance < 0.34) & ~frame
    warm = np.where((chance * 97 % 1 > 0.3)[:, None], rgb([214, 170, 96]), rgb([180, 196, 200]))
    bright = np.where(lit[:, None], warm, bright).astype(np.float32)
    if kind == "shops":
        shop = np.floor(s / 4.6).astype(np.int64)
        inshop, pick = s / 4.6 % 1, _hash(shop, look, look)
        sign = (z > 2.7) & (z < 3.8) & (inshop > 0.03)
        tone = np.array(_SIGNS, np.float32)[(pick * 6.99).astype(np.int64)]
        colour = np.where(sign[:, None], tone, colour)
        # Bars instead of characters: a sign, and nothing to be read.
        marks = sign & (z > 3.0) & (z < 3.5) & (inshop > 0.2) & (inshop < 0.8) & (s / 0.5 % 1 < 0.7)
        colour[marks] = (238, 234, 220)
        inside = (z < 2.7) & (z > 0.3) & (inshop > 0.06) & (inshop < 0.97)
        colour = np.where(inside[:, None], rgb([70, 72, 74]) + 46 * pick[:, None], colour)
        colour[inside & (np.abs(inshop - 0.5) < 0.015)] = (200, 200, 196)
        open_ = pick > 0.3
        bright = np.where((sign & open_)[:, None], tone * 0.6, bright)
        bright = np.where((inside & open_)[:, None], rgb([176, 150, 104]), bright)
    else:
        door = (z < 2.6) & (s / 14 % 1 < 0.14)
        colour[door] = (92, 84, 78)
    return colour.astype(np.float32), bright.astype(np.float32)


def paint_far(layout: Layout, paint: F, sky: B, v: F, x: F) -> None:
    """The hazy end of the view: blocks of houses on the horizon."""
    if layout.hills:
        return
    rng = layout.rng("far")
    tops = np.repeat([rng.uniform(4, 20) for _ in range(60)], 22)[: len(x)]
    here = sky & (v[:, None] > -tops[None, :])
    tone = np.repeat([rng.uniform(150, 184) for _ in range(60)], 22)[: len(x)]
    rows, cols = np.nonzero(here)
    paint[rows, cols] = tone[cols][:, None] * rgb([0.96, 1.0, 1.05])
    sky[rows, cols] = False


def ridge_rows(layout: Layout, columns: F) -> list[F]:
    """Rows of the skylines of four ranges of hills at columns of the picture, far ones first."""
    rng = layout.rng("hills")
    out = []
    for k in range(4):
        base = layout.lens.horizon - 104 + 30 * k
        row = np.full(columns.shape, base, np.float32)
        for wave, height in ((210, 26), (90, 12), (34, 5), (11, 1.6)):
            row += (
                height
                * np.sin(columns / wave * rng.uniform(0.8, 1.2) + rng.uniform(0, 6))
                * (1 - 0.14 * k)
            )
        out.append(row.astype(np.float32))
    return out


def paint_hills(layout: Layout, paint: F, ground: B, season: str, v: F, x: F) -> None:
    """Wooded ranges over the horizon, paler with distance; red under 0 marks what stays sky."""
    columns = x * layout.lens.f + 320
    rows = v + layout.lens.horizon
    over = ~ground
    paint[over] = -1
    tree = {"winter": (104, 96, 82), "autumn": (140, 104, 56), "spring": (92, 120, 66)}.get(
        season, (60, 94, 56)
    )
    rng = layout.rng("woods")
    speck = np.random.default_rng(rng.randrange(1 << 30)).normal(0, 1, (90, 160)).astype(np.float32)
    size = (speck.shape[1] * 8, speck.shape[0] * 8)
    rough = np.asarray(Image.fromarray(speck).resize(size, Image.Resampling.BICUBIC))
    fine = (
        np.random.default_rng(rng.randrange(1 << 30)).normal(0, 1, rough.shape).astype(np.float32)
    )
    for k, top in enumerate(ridge_rows(layout, columns)):
        haze = 0.62 - 0.2 * k
        colour = rgb(tree) * (1 - haze) + rgb([178, 192, 206]) * haze
        here = over & (rows[:, None] > top[None, :])
        grain = 1 + (0.09 * rough + 0.08 * fine) * (1 - haze)
        r, c = np.nonzero(here)
        paint[r, c] = np.clip(colour * grain[r, c][:, None], 0, 255)
