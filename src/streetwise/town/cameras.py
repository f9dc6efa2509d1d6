"""Where the cameras stand and what they look at: crossings, gates, lanes, yards, parks, water.

Far more spots are proposed than there are cameras; what makes sense for a scene and the
crossings go first, the rest is shared out so that no grid is left without.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shapely.geometry import Point

from .geometry import XY, Geom, rng_for
from .sight import Sight
from .viewpoints import View, Views

CAMERAS = 1_200
#: Scene → how many cameras are analysed for it; together 101.
SCENES = {
    "bins": 22,
    "fire_lane": 16,
    "no_stopping": 16,
    "vendors": 14,
    "heaps": 12,
    "water": 6,
    "river": 8,
    "smoke": 7,
}
LEAST_SIGHT = 14.0  # metres that a camera sees at least, straight ahead
MARGIN = 0.5  # metres from a pole to the next wall
#: How far, in degrees, a camera is turned to see past a wall.
_TURNS = (0, 8, -8, 16, -16, 26, -26, 38, -38, 52, -52)
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera: `angle` in radians from the east, `fov` in degrees.

    `scene` is what it is analysed for, "" where it is not.
    """

    at: XY
    angle: float
    fov: int
    label: str
    place: str
    unit: str
    grid: str
    scene: str

    @property
    def analysed(self) -> bool:
        """Whether anything is looked for in its picture."""
        return bool(self.scene)

    @property
    def direction(self) -> int:
        """Degrees clockwise from north."""
        return round(90 - math.degrees(self.angle)) % 360


def make_cameras(
    views: Views,
    houses: Sequence[Geom],
    outline: Geom,
    grid_of: Callable[[XY], str],
    seed: int,
) -> list[Camera]:
    """The 1,200 cameras, in the order of their grids and names."""
    rng = rng_for(seed, "cameras")
    sight = Sight(houses)
    seen: list[tuple[View, str]] = []
    for view in views.all():
        mended = _mended(view, sight, outline)
        if mended is not None:
            seen.append((mended, grid_of(mended.at)))
    analysed = _analysed(seen, rng)
    chosen = _chosen(seen, analysed, rng)
    out = [
        Camera(v.at, v.angle, v.fov, v.label, v.place, v.unit, grid, v.scene * (i in analysed))
        for i, (v, grid) in enumerate(seen)
        if i in chosen
    ]
    return sorted(out, key=lambda c: (c.grid, c.label, c.at, c.direction))


def _mended(view: View, sight: Sight, outline: Geom) -> View | None:
    """The view turned past the wall before it; None where that does not help."""
    if not (outline.contains(Point(view.at)) and sight.free(view.at, MARGIN)):
        return None
    for turn in _TURNS:
        angle = view.angle + math.radians(turn)
        # What is written is a whole degree: look along that one.
        angle = math.radians(round(math.degrees(angle)))
        if sight.reach(view.at, angle, LEAST_SIGHT + 1) > LEAST_SIGHT:
            return view.turned(angle)
    return None


def _analysed(seen: Sequence[tuple[View, str]], rng: random.Random) -> set[int]:
    """Which views are analysed: of every scene its share, where few are analysed yet."""
    load: Counter[str] = Counter()
    out: set[int] = set()
    # What a scene lacks (a town has one underpass) the bins get, which are everywhere.
    lacking = 0
    for scene in sorted(SCENES, key=lambda s: s == "bins"):
        here = [i for i, (v, _) in enumerate(seen) if v.scene == scene]
        rng.shuffle(here)
        wanted = SCENES[scene] + (lacking if scene == "bins" else 0)
        lacking += max(0, wanted - len(here))
        for _ in range(min(wanted, len(here))):
            best = min(here, key=lambda i: load[seen[i][1]])
            here.remove(best)
            out.add(best)
            load[seen[best][1]] += 1
    return out


def _chosen(seen: Sequence[tuple[View, str]], analysed: set[int], rng: random.Random) -> set[int]:
    """The analysed ones and the first ones, then round and round through the grids."""
    first = [i for i, (v, _) in enumerate(seen) if v.first and i not in analysed]
    rest = [i for i, (v, _) in enumerate(seen) if not v.first and i not in analysed]
    rng.shuffle(first)
    rng.shuffle(rest)
    chosen = set([*sorted(analysed), *first][:CAMERAS])
    load = Counter(seen[i][1] for i in chosen)
    turn: dict[int, int] = {}
    for i in rest:
        turn[i] = load[seen[i][1]]
        load[seen[i][1]] += 1
    rest.sort(key=lambda i: turn[i])
    chosen.update(rest[: CAMERAS - len(chosen)])
    return chosen


def camera_rows(cameras: Sequence[Camera], point: Callable[[XY], Row]) -> list[Row]:
    """The rows of cameras.csv; a number makes the names of one spot different."""
    count: Counter[str] = Counter()
    rows = []
    for i, c in enumerate(cameras, 1):
        count[c.label] += 1
        rows.append(
            {
                "code": f"CAM-{i:04d}",
                "name": f"{c.label}{count[c.label]}号",
                **point(c.at),
                "direction": str(c.direction),
                "field_of_view": str(c.fov),
                "grid": c.grid,
                "place": c.place,
                "unit": c.unit,
                "analysed": "yes" if c.analysed else "no",
            }
        )
    return rows
