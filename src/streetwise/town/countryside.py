"""Green and water that are not on a parcel: forest park, river bank, canal; the wetland beside."""

from __future__ import annotations

from shapely.geometry import LineString, Point
from shapely.ops import substring

from . import names
from .blocks import Layout
from .forest import make_forest
from .geometry import XY, Geom, polygons, snap_all, whole
from .network import parallel
from .streets import RIVER_WIDTH, Plan
from .wetland import make_wetland
from .wild import Countryside


def make_countryside(plan: Plan, layout: Layout, seed: int) -> Countryside:
    out = Countryside()
    # First, so that no hut is put on it.
    _promenade(out, plan, layout)
    surfaces = whole([r.surface(1.5) for r in layout.roads])
    water = whole([plan.river, plan.canal, plan.lake])
    for grid in layout.grids:
        if grid.kind == "forest":
            make_forest(out, plan, layout, grid.shape, surfaces, seed)
        elif grid.kind == "wetland":
            make_wetland(out, plan, layout, grid.shape, surfaces, seed)
        elif grid.kind == "riverside":
            room = grid.shape.difference(surfaces).difference(water)
            out.greens += [(p, "riverside") for p in polygons(room, 300)]
    bank = plan.canal.buffer(7.5, cap_style="flat").difference(whole([surfaces, water.buffer(0.5)]))
    forest = whole([g.shape for g in layout.grids if g.kind == "forest"])
    out.greens += [(p, "bank") for p in polygons(bank.difference(forest), 120)]
    return out


def _promenade(out: Countryside, plan: Plan, layout: Layout) -> None:
    """A walk along the river between the first and the last road that it meets."""
    walk = LineString(parallel(plan.river_line, -(RIVER_WIDTH / 2 + 13)))
    marks = sorted(
        walk.project(Point(p)) for r in layout.roads for p in _touch(walk.intersection(r.line))
    )
    if len(marks) >= 2:
        out.paths.append(snap_all(substring(walk, marks[0], marks[-1]).coords))
    middle = walk.interpolate(0.5, normalized=True)
    out.spots.append(("landmark", f"{names.RIVER}滨河步道", (middle.x, middle.y)))


def _touch(geom: Geom) -> list[XY]:
    if geom.is_empty:
        return []
    if geom.geom_type == "Point":
        return [(geom.x, geom.y)]
    return [p for g in getattr(geom, "geoms", ()) for p in _touch(g)]
