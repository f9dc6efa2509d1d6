"""A pinhole camera above a street, and small sprites of solid things seen through it.

The street's coordinates are metres: ``s`` along the road, ``d`` across it to the right, ``z`` up;
the camera stands at s = d = 0. A thing has its own: ``x`` forward, ``y`` to its left side in an
unmirrored view, ``z`` up. Faces are drawn far ones first, those that face away not at all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

WIDTH, HEIGHT = 640, 360
NEAREST = 2.5  # metres before the camera; what comes nearer is not drawn
#: Pixels of a sprite's margin, and how many small dots make one of its pixels each way.
_MARGIN, _FINE = 2, 2

U8 = NDArray[np.uint8]
Colour = tuple[int, int, int]
P3 = tuple[float, float, float]
Pixels = tuple[float, float, float, float]  # left, top, right, bottom
Tint = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Lens:
    """``f`` in pixels, ``horizon`` the row of it, ``height`` and ``yaw`` (radians) of the camera.

    ``mirror``: the road lies to the left instead of to the right.
    """

    f: float
    horizon: float
    height: float
    yaw: float
    mirror: bool = False

    def see(self, s: float, d: float, z: float = 0.0) -> P3:
        """Column, row and depth in metres; a depth under ``NEAREST`` means: not to be drawn."""
        c, n = math.cos(self.yaw), math.sin(self.yaw)
        x, depth = d * c + s * n, s * c - d * n
        if depth < NEAREST:
            return 0.0, 0.0, depth
        u = self.f * x / depth
        column = WIDTH / 2 + (-u if self.mirror else u)
        return column, self.horizon + self.f * (self.height - z) / depth, depth


@dataclass(frozen=True, slots=True)
class Face:
    """A flat piece, corners counter-clockwise seen from outside; ``lift`` draws it later."""

    points: tuple[P3, ...]
    colour: Colour
    glow: bool = False  # shines by itself: the light of the day does not count
    lift: float = 0.0
    both: bool = False  # to be seen from behind, too


@dataclass(frozen=True, slots=True)
class Rod:
    """A stick of ``width`` metres."""

    a: P3
    b: P3
    width: float
    colour: Colour
    lift: float = 0.0


@dataclass(frozen=True, slots=True)
class Ball:
    """A ball; ``squash`` under 1 makes it lower than wide."""

    centre: P3
    radius: float
    colour: Colour
    squash: float = 1.0
    glow: bool = False
    lift: float = 0.0


Shape = Face | Rod | Ball


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing stands and where its front points (radians from ``s`` towards ``d``)."""

    s: float
    d: float
    heading: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """What to lay over a picture: ``paint`` is weighted by its own cover, ``keep`` of 256 stays.

    ``left``, ``top``: of the array in the picture. ``box``: of the thing without its shadow.
    """

    left: int
    top: int
    paint: U8
    keep: NDArray[np.uint16]
    box: Pixels
    depth: float

    def moved(self, dx: int, dy: int) -> Sprite:
        """The same a few pixels further."""
        a, b, c, d = self.box
        box = (a + dx, b + dy, c + dx, d + dy)
        return Sprite(self.left + dx, self.top + dy, self.paint, self.keep, box, self.depth)

    def lay(self, picture: U8) -> None:
        """Paint it into a picture (height, width, 3), in place."""
        cut = self.cut(picture.shape[0], picture.shape[1])
        if cut is None:
            return
        rows, columns, y, x = cut
        part = picture[rows, columns]
        height, width = part.shape[:2]
        kept = part * self.keep[y : y + height, x : x + width]
        kept >>= 8
        kept += self.paint[y : y + height, x : x + width]
        np.minimum(kept, 255, out=kept)
        part[:] = kept

    def cut(self, height: int, width: int) -> tuple[slice, slice, int, int] | None:
        """Rows and columns of the picture that it covers, and where its own begin."""
        top, left = max(0, self.top), max(0, self.left)
        bottom = min(height, self.top + self.paint.shape[0])
        right = min(width, self.left + self.paint.shape[1])
        if top >= bottom or left >= right:
            return None
        return slice(top, bottom), slice(left, right), top - self.top, left - self.left


def sprite(
    shapes: Sequence[Shape],
    lens: Lens,
    place: Place,
    tint: Tint = (1.0, 1.0, 1.0),
    shadow: tuple[float, float] | None = None,
) -> Sprite | None:
    """Things at a place as seen; None where nothing of it is in the picture.

    ``shadow``: half length and half width in metres of a soft dark patch under it.
    """
    seen = [one for one in (_look(shape, lens, place, tint) for shape in shapes) if one]
    if not seen:
        return None
    box = _around(seen)
    patch = _patch(lens, place, shadow) if shadow else []
    left = math.floor(min([box[0], *(x for x, _ in patch)])) - _MARGIN
    top = math.floor(min([box[1], *(y for _, y in patch)])) - _MARGIN
    right = math.ceil(max([box[2], *(x for x, _ in patch)])) + _MARGIN
    bottom = math.ceil(max([box[3], *(y for _, y in patch)])) + _MARGIN
    left, top = max(left, -40), max(top, -40)
    right, bottom = min(right, WIDTH + 40), min(bottom, HEIGHT + 40)
    if right <= 0 or bottom <= 0 or left >= WIDTH or top >= HEIGHT or right - left < 2:
        return None
    fine = _FINE if (right - left) * (bottom - top) > 6_000 else 2 * _FINE
    image = Image.new("RGBA", ((right - left) * fine, (bottom - top) * fine))
    pen = ImageDraw.Draw(image)

    def at(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        return [((x - left) * fine, (y - top) * fine) for x, y in points]

    if patch:
        pen.polygon(at(patch), fill=(0, 0, 0, 96))
    for one in sorted(seen, key=lambda one: -one.depth):
        _draw(pen, one, at, fine)
    depth = lens.see(place.s, place.d)[2]
    # RGBa: colours weighted by their cover, as they are laid over a picture.
    small = image.convert("RGBa").reduce(fine)
    rgba = np.frombuffer(small.tobytes(), np.uint8).reshape(small.height, small.width, 4)
    return _sprite(rgba, left, top, box, depth)


def extent(shapes: Sequence[Shape], lens: Lens, place: Place) -> Pixels | None:
    """The box of ``sprite`` without drawing it; None where nothing of it is to be seen."""
    seen = [one for one in (_look(shape, lens, place, (1.0, 1.0, 1.0)) for shape in shapes) if one]
    return _around(seen) if seen else None


def _around(seen: Sequence[_Seen]) -> Pixels:
    xs = [x for one in seen for x, _ in one.outline]
    ys = [y for one in seen for _, y in one.outline]
    return min(xs), min(ys), max(xs), max(ys)


def _sprite(rgba: U8, left: int, top: int, box: Pixels, depth: float) -> Sprite:
    """From an array whose colours are weighted by their cover already."""
    cover = rgba[:, :, 3:].astype(np.uint16)
    keep = (256 - (cover * 257 >> 8)).astype(np.uint16)
    return Sprite(left, top, np.ascontiguousarray(rgba[:, :, :3]), keep, box, depth)


def soft_sprite(
    cover: NDArray[np.float64], colour: Tint, left: int, top: int, depth: float
) -> Sprite:
    """A cloud: ``cover`` 0 to 1 for each pixel, one colour (0 to 255)."""
    rgba = np.empty((*cover.shape, 4), np.uint8)
    for k in range(3):
        rgba[:, :, k] = cover * colour[k]
    rgba[:, :, 3] = cover * 255
    ys, xs = np.nonzero(cover > 0.08)
    box = (
        (left + float(xs.min()), top + float(ys.min()), left + float(xs.max()) + 1,
         top + float(ys.max()) + 1) if len(xs) else (0.0, 0.0, 0.0, 0.0)
    )  # fmt: skip
    return _sprite(rgba, left, top, box, depth)


@dataclass(slots=True)
class _Seen:
    """A shape in pixels: an outline to fill, or a line with a width."""

    kind: str
    points: list[tuple[float, float]]
    outline: list[tuple[float, float]]
    depth: float
    width: float
    fill: tuple[int, int, int, int]


def _look(shape: Shape, lens: Lens, place: Place, tint: Tint) -> _Seen | None:
    if isinstance(shape, Face):
        return _look_face(shape, lens, place, tint)
    if isinstance(shape, Rod):
        a, b = _at(lens, place, shape.a), _at(lens, place, shape.b)
        if a[2] < NEAREST or b[2] < NEAREST:
            return None
        depth = (a[2] + b[2]) / 2
        wide = max(0.6, shape.width * lens.f / depth)
        r = wide / 2
        outline = [(p[0] + i, p[1] + j) for p in (a, b) for i, j in ((-r, -r), (r, r))]
        return _Seen("rod", [a[:2], b[:2]], outline, depth - shape.lift, wide,
                     _fill(shape.colour, tint, 0.92))  # fmt: skip
    x, y, depth = _at(lens, place, shape.centre)
    if depth < NEAREST:
        return None
    r = shape.radius * lens.f / depth
    corners = [(x - r, y - r * shape.squash), (x + r, y + r * shape.squash)]
    light = (1.0, 1.0, 1.0) if shape.glow else tint
    return _Seen("ball", corners, corners, depth - shape.lift, r, _fill(shape.colour, light, 1.0))


def _look_face(face: Face, lens: Lens, place: Place, tint: Tint) -> _Seen | None:
    world = [_place(place, p) for p in face.points]
    across = _normal(world)
    c, n = math.cos(lens.yaw), math.sin(lens.yaw)
    # The camera is above s = d = 0; the mirrored view is the mirror image of an unmirrored one.
    middle = [sum(p[k] for p in world) / len(world) for k in range(3)]
    towards = (-middle[0], -middle[1], lens.height - middle[2])
    if not face.both and sum(a * b for a, b in zip(across, towards, strict=True)) <= 0:
        return None
    points, depths = [], []
    for p in world:
        u, v, depth = lens.see(*p)
        if depth < NEAREST:
            return None
        points.append((u, v))
        depths.append(depth)
    if face.glow:
        fill = _fill(face.colour, (1.0, 1.0, 1.0), 1.0)
    else:
        # From above, a little from the left: every side of a box has its own brightness.
        side = abs(across[0] * c - across[1] * n) * 0.06 + (across[0] * n + across[1] * c) * 0.12
        fill = _fill(face.colour, tint, 0.72 + 0.3 * max(0.0, across[2]) - side)
    return _Seen("face", points, points, sum(depths) / len(depths) - face.lift, 0.0, fill)


def _draw(pen: ImageDraw.ImageDraw, one: _Seen, at: Any, fine: int) -> None:
    points = at(one.points)
    if one.kind == "face":
        pen.polygon(points, fill=one.fill)
    elif one.kind == "ball":
        (x0, y0), (x1, y1) = points
        pen.ellipse((x0, y0, x1, y1), fill=one.fill)
        # A light spot and nothing more: it is round.
        r, g, b, a = one.fill
        up = tuple(min(255, int(c * 1.18)) for c in (r, g, b))
        pen.ellipse(
            (x0 + (x1 - x0) * 0.14, y0 + (y1 - y0) * 0.06, x0 + (x1 - x0) * 0.68,
             y0 + (y1 - y0) * 0.5), fill=(*up, a),
        )  # fmt: skip
    else:
        pen.line(points, fill=one.fill, width=max(1, round(one.width * fine)))


def _fill(colour: Colour, tint: Tint, shade: float) -> tuple[int, int, int, int]:
    r, g, b = (min(255, max(0, int(c * t * shade))) for c, t in zip(colour, tint, strict=True))
    return r, g, b, 255


def _place(place: Place, p: P3) -> P3:
    c, n = math.cos(place.heading), math.sin(place.heading)
    return place.s + p[0] * c - p[1] * n, place.d + p[0] * n + p[1] * c, p[2]


def _at(lens: Lens, place: Place, p: P3) -> P3:
    return lens.see(*_place(place, p))


def _patch(lens: Lens, place: Place, half: tuple[float, float]) -> list[tuple[float, float]]:
    out = []
    for k in range(14):
        a = math.tau * k / 14
        u, v, depth = _at(lens, place, (half[0] * math.cos(a), half[1] * math.sin(a), 0.0))
        if depth < NEAREST:
            return []
        out.append((u, v))
    return out


def _normal(points: Sequence[P3]) -> P3:
    """Unit vector out of a face whose corners run counter-clockwise."""
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = points[0], points[1], points[2]
    ux, uy, uz, vx, vy, vz = bx - ax, by - ay, bz - az, cx - bx, cy - by, cz - bz
    x, y, z = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    size = math.sqrt(x * x + y * y + z * z) or 1.0
    return x / size, y / size, z / size


def block(
    low: Sequence[P3], high: Sequence[P3], colour: Colour, top: Colour | None = None
) -> list[Face]:
    """A solid between two quadrilaterals (counter-clockwise seen from above): sides and roof."""
    out = []
    for k in range(4):
        j = (k + 1) % 4
        out.append(Face((low[k], low[j], high[j], high[k]), colour))
    out.append(Face((high[0], high[1], high[2], high[3]), top or colour))
    return out


def flat(x0: float, x1: float, y0: float, y1: float, z: float) -> tuple[P3, P3, P3, P3]:
    """A level rectangle, counter-clockwise seen from above."""
    return (x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)


def box(
    x: tuple[float, float], y: tuple[float, float], z: tuple[float, float], colour: Colour,
    top: Colour | None = None,
) -> list[Face]:  # fmt: skip
    """A box between two values of each axis: front (x), sides (y), roof, in the order of ``block``.

    0: its right side (low y), 1: front (high x), 2: left side, 3: rear, 4: roof.
    """
    return block(flat(*x, *y, z[0]), flat(*x, *y, z[1]), colour, top)


def pane(
    face: Face, u: tuple[float, float], v: tuple[float, float], colour: Colour, *,
    glow: bool = False, lift: float = 0.25,
) -> Face:  # fmt: skip
    """A piece of a four-cornered face: shares along its lower edge and up its side."""
    a, b, c, d = face.points

    def point(i: float, j: float) -> P3:
        return tuple(  # type: ignore[return-value]
            (a[k] * (1 - i) + b[k] * i) * (1 - j) + (d[k] * (1 - i) + c[k] * i) * j
            for k in range(3)
        )

    corners = (point(u[0], v[0]), point(u[1], v[0]), point(u[1], v[1]), point(u[0], v[1]))
    return Face(corners, colour, glow, face.lift + lift)
