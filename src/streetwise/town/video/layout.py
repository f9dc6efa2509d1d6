"""What stands before each camera: its lens, the ground in strips, walls, trees, and its zone.

A function of the seed, the camera's code and scene, and the field of view that the camera has in
the town's table. Directions of the table do not matter here: a picture has no north.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from streetwise.town.geometry import rng_for

from .solids import HEIGHT, WIDTH, Lens, Place

Corners = tuple[tuple[float, float], ...]  # shares of the picture, in order
Band = tuple[float, float, str]  # from d, to d, what it is paved with
Aim = Callable[[float, float, float], Lens]  # height, turned by degrees to the road, horizon


@dataclass(frozen=True, slots=True)
class Post:
    """A camera as the pictures need it: ``scene`` "" where nothing is looked for."""

    code: str
    scene: str = ""
    fov: int = 66


@dataclass(frozen=True, slots=True)
class Lane:
    """Where something moves along s: across at ``d``, ``way`` 1 away from the camera, -1 towards.

    ``reach``: from and to in metres of s; ``what``: vehicles, walkers or ebikes.
    """

    what: str
    d: float
    way: int
    reach: tuple[float, float]
    speed: float  # metres in a second
    gap: float  # seconds between two, on a middling day


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything of a camera's view that never changes."""

    post: Post
    seed: int
    lens: Lens
    bands: tuple[Band, ...]
    walls: tuple[tuple[float, str], ...]  # at which d, of which kind
    lanes: tuple[Lane, ...]
    trees: tuple[tuple[float, float, float], ...]  # s, d, height
    lamps: tuple[tuple[float, float], ...]  # s, d
    parked: tuple[Place, ...] = ()  # bays where cars may stand
    zone: tuple[tuple[float, float], tuple[float, float]] | None = None  # s and d, from and to
    tall: float = 0.0  # metres above the ground that belong to the zone, too
    hills: bool = False
    extra: dict[str, tuple[float, ...]] = field(default_factory=dict)

    def rng(self, *purpose: object) -> random.Random:
        return rng_for(self.seed, "video", self.post.code, *purpose)

    def zone_corners(self) -> Corners:
        """检测区 in shares of the picture: the ground it covers, upwards as tall as it counts."""
        if self.hills:
            return ((0.04, 0.03), (0.96, 0.03), (0.96, 0.5), (0.04, 0.5))
        if self.zone is None:
            return ()
        (s0, s1), (d0, d1) = self.zone
        ground = [(s, d, 0.0) for s, d in ((s0, d0), (s0, d1), (s1, d1), (s1, d0))]
        spots = ground + ([(s, d, self.tall) for s, d, _ in ground] if self.tall else [])
        seen = [self.lens.see(*p)[:2] for p in spots]
        hull = _hull([(u / WIDTH, v / HEIGHT) for u, v in seen])
        return tuple((round(min(1, max(0, x)), 4), round(min(1, max(0, y)), 4)) for x, y in hull)


def layout_of(seed: int, post: Post) -> Layout:
    """The view of one camera."""
    rng = rng_for(seed, "video", post.code, "layout")
    mirror = rng.random() < 0.5
    f = WIDTH / 2 / math.tan(math.radians(post.fov) / 2)

    def lens(height: float, yaw: float, horizon: float) -> Lens:
        turn = math.radians(-yaw + rng.uniform(-2, 2))
        return Lens(f, horizon + rng.uniform(-8, 8), height + rng.uniform(-0.3, 0.3), turn, mirror)

    build = _BUILD.get(post.scene, _street)
    return build(post, seed, rng, lens)


def _road_lanes(width: float, mirror: bool, rng: random.Random, *, quick: float) -> list[Lane]:
    """Traffic keeps right: beside the camera away from it where the road lies to its left."""
    near = 1 if mirror else -1
    return [
        Lane("vehicles", width * 0.36, near, (7, 90), quick * rng.uniform(0.9, 1.1), 5.5),
        Lane("vehicles", width * 0.76, -near, (7, 90), quick * rng.uniform(0.9, 1.1), 6.0),
        Lane("ebikes", 0.7, near, (8, 55), 4.6, 14),
        Lane("ebikes", width - 0.7, -near, (8, 55), 4.8, 16),
        Lane("walkers", -1.3, 1, (8, 40), 1.25, 15),
        Lane("walkers", -2.2, -1, (8, 40), 1.1, 22),
        Lane("walkers", width + 1.6, -1, (8, 45), 1.2, 13),
        Lane("walkers", width + 2.4, 1, (8, 45), 1.3, 17),
    ]


def _row(d: float, first: float, step: float, rng: random.Random, tall: float
         ) -> list[tuple[float, float, float]]:  # fmt: skip
    return [(first + step * k + rng.uniform(-1, 1), d, tall * rng.uniform(0.85, 1.15))
            for k in range(6)]  # fmt: skip


def _street(post: Post, seed: int, rng: random.Random, lens: Aim, *, water: bool = False) -> Layout:
    width = rng.uniform(9.5, 11.5)
    view = lens(6.0, 13, 84)
    side = rng.choice(("shops", "flats"))
    kerb = "yellow" if post.scene == "no_stopping" else "kerb"
    far = 2.6 + width
    return Layout(
        post, seed, view,
        ((-30, -0.25, "pavers"), (-0.25, 0, kerb), (0, width, "asphalt"),
         (width, width + 0.25, "kerb"), (width + 0.25, 60, "pavers")),
        ((far + 3.4, side), (-6.5, "flats")),
        tuple(_road_lanes(width, view.mirror, rng, quick=8.5)),
        (*_row(width + 1.0, 15, 11, rng, 7), *_row(-3.4, 22, 12, rng, 7)),
        tuple((9 + 24 * k, width + 0.7) for k in range(4)),
        zone=(((10.5, 17.0), (1.6, width * 0.66)) if water else
              ((10.5, 23.0), (0.15, 2.9)) if post.scene == "no_stopping" else None),
        tall=1.0 if post.scene == "no_stopping" else 0.0,
        extra={"width": (width,)},
    )  # fmt: skip


def _water(post: Post, seed: int, rng: random.Random, lens: Aim) -> Layout:
    return _street(post, seed, rng, lens, water=True)


def _fire_lane(post: Post, seed: int, rng: random.Random, lens: Aim) -> Layout:
    view = lens(6.2, 4, 66)
    return Layout(
        post, seed, view,
        ((-30, -1.6, "grass"), (-1.6, 0, "pavers"), (0, 0.2, "kerb"), (0.2, 5.0, "asphalt"),
         (5.0, 5.25, "kerb"), (5.25, 8.4, "bays"), (8.4, 30, "pavers")),
        ((10.5, "flats"), (-7.0, "flats")),
        (Lane("vehicles", 2.6, rng.choice((1, -1)), (15, 95), 4.0, 42),
         Lane("walkers", -0.8, 1, (14, 70), 1.2, 19), Lane("walkers", 4.4, -1, (14, 70), 1.1, 24),
         Lane("ebikes", 1.0, -1, (14, 80), 4.0, 26)),
        (*_row(-2.8, 24, 10, rng, 6), *_row(9.4, 44, 12, rng, 6)),
        tuple((22 + 26 * k, -1.2) for k in range(3)),
        tuple(Place(s, 6.9, rng.choice((0.0, math.pi))) for s in (21.5, 28.0, 34.5, 41.0, 47.5)
              if rng.random() < 0.7),
        zone=((18.5, 34.0), (0.5, 4.7)), tall=1.0, extra={"hatch": (18.5, 34.0, 0.5, 4.7)},
    )  # fmt: skip


def _bins(post: Post, seed: int, rng: random.Random, lens: Aim) -> Layout:
    view = lens(4.2, 50, 74)
    return Layout(
        post, seed, view,
        ((-30, 0.6, "grass"), (0.6, 0.85, "kerb"), (0.85, 5.4, "asphalt"), (5.4, 5.6, "kerb"),
         (5.6, 30, "pavers")),
        ((9.4, "hutong"), (17.0, "flats")) if rng.random() < 0.5 else ((9.4, "flats"),),
        (Lane("walkers", 4.8, 1, (-4, 40), 1.2, 12), Lane("walkers", 5.9, -1, (-4, 40), 1.1, 16),
         Lane("ebikes", 3.6, 1, (-4, 50), 4.0, 19), Lane("vehicles", 2.9, -1, (-6, 60), 4.0, 40)),
        ((19.0, 7.6, 6.0), (26.0, 7.8, 6.4), (0.5, 8.6, 5.2)),
        ((12.5, 6.2), (32.0, 6.2)),
        zone=((4.2, 10.4), (6.2, 8.8)), tall=1.5,
        extra={"bins": tuple(5.4 + 0.86 * k for k in range(rng.randint(3, 5)))},
    )  # fmt: skip


def _vendors(post: Post, seed: int, rng: random.Random, lens: Aim) -> Layout:
    view = lens(4.4, 34 if post.fov > 70 else 26, 92)
    return Layout(
        post, seed, view,
        ((-30, -0.2, "pavers"), (-0.2, 0, "kerb"), (0, 4.4, "asphalt"), (4.4, 4.6, "kerb"),
         (4.6, 40, "pavers")),
        ((13.5, "shops"), (-9.0, "flats")),
        (Lane("walkers", 5.6, 1, (-2, 40), 1.2, 8), Lane("walkers", 10.0, -1, (-2, 40), 1.1, 7),
         Lane("walkers", 11.4, 1, (-2, 40), 1.0, 9), Lane("ebikes", 3.8, 1, (0, 60), 4.2, 15),
         Lane("vehicles", 2.2, -1, (2, 70), 6.0, 16)),
        tuple((16 + 9 * k, 5.4, 6.5 * rng.uniform(0.9, 1.1)) for k in range(4)),
        ((13.0, 5.0), (36.0, 5.0)),
        zone=((5.0, 12.0), (6.4, 9.6)), tall=1.4,
    )  # fmt: skip


def _heaps(post: Post, seed: int, rng: random.Random, lens: Aim) -> Layout:
    view = lens(5.0, 15, 82)
    return Layout(
        post, seed, view,
        ((-30, -0.2, "pavers"), (-0.2, 4.9, "asphalt"), (4.9, 5.05, "kerb"), (5.05, 30, "pavers")),
        ((6.0, "hutong"), (15.0, "flats"), (-3.4, "hutong"), (-16.0, "flats")),
        (Lane("walkers", 0.6, 1, (8, 45), 1.2, 14), Lane("walkers", 2.2, -1, (8, 45), 1.1, 17),
         Lane("ebikes", 1.6, -1, (8, 60), 4.2, 16), Lane("vehicles", 1.8, 1, (9, 80), 4.5, 45)),
        ((20.0, 5.5, 6.0), (33.0, 5.5, 7.0), (26.0, -2.8, 6.5)),
        ((15.0, -0.9), (41.0, -0.9)),
        zone=((9.4, 15.5), (3.1, 5.9)), tall=0.9,
    )  # fmt: skip


def _river(post: Post, seed: int, rng: random.Random, lens: Aim) -> Layout:
    view = lens(6.5, 0, 88)
    return Layout(
        post, seed, view,
        ((-80, -12.6, "grass"), (-12.6, -10.6, "pavers"), (-10.6, -9.0, "stone"),
         (-9.0, 9.0, "water"), (9.0, 10.6, "stone"), (10.6, 12.6, "pavers"), (12.6, 80, "grass")),
        ((24.0, "flats"), (-26.0, "flats")),
        (Lane("walkers", 11.4, 1, (16, 60), 1.2, 14),
         Lane("walkers", -11.6, -1, (16, 60), 1.2, 17)),
        (*_row(14.5, 19, 8, rng, 7), *_row(-14.5, 17, 8, rng, 7)),
        ((20.0, 11.0), (46.0, 11.0), (30.0, -11.0)),
        zone=((11.0, 40.0), (-8.6, 8.6)), extra={"water": (-9.0, 9.0)},
    )  # fmt: skip


def _smoke(post: Post, seed: int, rng: random.Random, lens: Aim) -> Layout:
    return Layout(
        post, seed, lens(5.0, 0, 178),
        ((-90, 1.4, "grass"), (1.4, 4.0, "pavers"), (4.0, 90, "grass")), (),
        (Lane("walkers", 2.2, 1, (7, 38), 1.2, 16), Lane("walkers", 3.2, -1, (7, 38), 1.1, 22)),
        tuple((rng.uniform(11, 42), rng.choice((-1, 1)) * rng.uniform(5, 24), rng.uniform(4, 7))
              for _ in range(15)),
        (), hills=True,
    )  # fmt: skip


_BUILD = {
    "no_stopping": _street, "water": _water, "fire_lane": _fire_lane, "bins": _bins,
    "vendors": _vendors, "heaps": _heaps, "river": _river, "smoke": _smoke,
}  # fmt: skip


def _hull(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The convex hull, in order (Andrew's monotone chain)."""
    points = sorted(set(points))

    def half(line: list[tuple[float, float]]) -> list[tuple[float, float]]:
        out: list[tuple[float, float]] = []
        for p in line:
            while len(out) > 1 and _turn(out[-2], out[-1], p) <= 0:
                out.pop()
            out.append(p)
        return out[:-1]

    return half(points) + half(points[::-1])


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
