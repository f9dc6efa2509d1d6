"""The synthetic street as a folder: the same format that a real street would load.

Everything is a function of the seed. Floats are rounded once, on the way from the plane to the
tables, so that a world read back equals the world that was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from shapely.geometry import shape

from . import almanac, names, people
from .assets import KINDS, Thing, make_assets
from .basemap import base_map
from .blocks import Grid, Layout, make_layout
from .cameras import camera_rows, make_cameras
from .countryside import make_countryside
from .features import CENTRE, Feature, area, point
from .folder import (
    COLUMNS,
    OPTIONAL,
    TAXONOMIES,
    WRITE_OPTIONAL,
    Row,
    World,
    read_world,
    write_tables,
)
from .gazetteer import make_places, number_houses
from .geometry import Coords, Geom, rng_for, whole
from .network import weld
from .places import Finder, Place
from .premises import premises
from .program import Builder
from .roster import roster
from .sensors import make_sensors, sensor_rows
from .sites import Site, keep_clear
from .streets import Road, make_plan
from .viewpoints import Views

__all__ = [
    "CENTRE",
    "COLUMNS",
    "OPTIONAL",
    "TAXONOMIES",
    "World",
    "build_world",
    "read_world",
    "write_tables",
    "write_world",
]

SCHEME, VERSION = "urban-management", "yuncheng-2020s"
#: The days whose holidays the street's folder names.
CALENDAR = (date(2023, 1, 1), date(2029, 1, 1))
#: First day and number of days of the duty roster.
Period = tuple[date, int]


def build_world(seed: int, period: Period | None = None) -> World:
    """The street of this seed; with a period also the duty roster of its days."""
    plan = make_plan(seed)
    layout = make_layout(plan, seed)
    builder = Builder(plan, layout, seed)
    sites = builder.build()
    wild = make_countryside(plan, layout, seed)
    roads = _all_roads(layout, sites, wild.paths, seed)
    keep_clear(sites, roads)
    number_houses(sites, roads)

    grids = [area(g.shape) for g in layout.grids]
    outline = whole([shape(g) for g in grids])
    plane = whole([g.shape for g in layout.grids])
    finder = Finder(layout.grids)

    def grid_of(at: tuple[float, float]) -> str:
        return finder.grid(at).code

    places = make_places(plan, roads, sites, wild, plane, seed)
    things = make_assets(roads, sites, wild, places, plane, seed)
    houses = [b.shape for b in [*wild.buildings, *(b for s in sites for b in s.buildings)]]
    views = Views(plan, roads, sites, wild, places, plane, seed)
    staff = people.staff(seed)
    cameras = make_cameras(views, houses, plane, grid_of, seed)
    rows = camera_rows(cameras, point)
    return World(
        town=_town(outline),
        units=people.units(),
        staff=staff,
        places=[_place(p, finder) for p in places],
        assets=[_asset(i, t, finder) for i, t in enumerate(things, 1)],
        premises=premises(places, finder),
        responsibility=people.responsibility(),
        crosswalks=people.crosswalks(),
        cameras=rows,
        sensors=sensor_rows(make_sensors(places, things, wild, seed), point, grid_of),
        duty=roster(seed, staff, *period) if period else [],
        grids=[_grid(g, a) for g, a in zip(layout.grids, grids, strict=True)],
        base=base_map(plan, roads, sites, wild, builder.ponds, places, outline),
        scenes={r["code"]: c.scene for r, c in zip(rows, cameras, strict=True) if c.analysed},
    )


def _town(outline: Geom) -> dict[str, object]:
    return {
        "format": 1,
        "code": names.TOWN_CODE,
        "name": names.TOWN[0],
        "name_en": names.TOWN[1],
        "timezone": "Asia/Shanghai",
        "crs": "WGS84",
        "bbox": [round(v, 6) for v in outline.bounds],
        "holidays": almanac.holidays_between(*CALENDAR),
        "workdays": almanac.swapped_workdays_between(*CALENDAR),
        "district": {
            "code": names.DISTRICT[0],
            "name": names.DISTRICT[1],
            "name_en": names.DISTRICT[2],
        },
    }


def _place(p: Place, finder: Finder) -> Row:
    return {
        "code": p.code,
        "name": p.name,
        "kind": p.kind,
        **point(p.at),
        "aliases": "|".join(p.aliases),
        "parent": p.parent,
        "grid": finder.grid(p.at).code,
        "numbers": p.numbers,
        "roads": "|".join(p.roads),
    }


def _asset(number: int, t: Thing, finder: Finder) -> Row:
    name, owner = KINDS[t.klass]
    return {
        "code": f"{t.klass.replace('-', '')}-{number:04d}",
        "scheme": SCHEME,
        "version": VERSION,
        "class": t.klass,
        "name": f"{t.label}{name}",
        **point(t.at),
        "grid": finder.grid(t.at).code,
        "unit": owner,
    }


def _grid(grid: Grid, geometry: dict[str, object]) -> Feature:
    return {
        "type": "Feature",
        "properties": {
            "code": grid.code,
            "name": grid.name,
            "community": names.COMMUNITIES[grid.community][0],
        },
        "geometry": geometry,
    }


def _all_roads(
    layout: Layout, sites: Sequence[Site], trails: Sequence[Coords], seed: int
) -> list[Road]:
    """Streets, lanes, hutongs and paths, welded into one network."""
    rng = rng_for(seed, "hutong names")
    used = {r.name for r in layout.roads}
    pool = [n for n in names.HUTONGS if n not in used]
    rng.shuffle(pool)
    roads = list(layout.roads)
    spare = 0
    for site in sites:
        for coords in site.lanes:
            spare += not pool
            roads.append(Road(pool.pop() if pool else f"新开胡同{spare}条", "lane", coords))
    roads += [Road("", "path", c) for s in sites for c in s.paths]
    roads += [Road("", "path", c) for c in trails]
    for road, coords in zip(roads, weld([r.coords for r in roads]), strict=True):
        road.coords = coords
    return roads


def write_world(
    folder: Path, seed: int, *, period: Period | None = None, optional: bool = WRITE_OPTIONAL
) -> None:
    """Write the street of this seed; the same seed gives the same bytes."""
    write_tables(folder, build_world(seed, period), optional=optional)
