"""The synthetic street as a folder: the same format that a real street would load.

Everything is a function of the seed. Floats are rounded once, here, on the way from the plane
to the tables, so that a world read back equals the world that was written.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.geometry.polygon import orient

from . import names, people
from .assets import KINDS, make_assets
from .blocks import Layout, make_layout
from .countryside import make_countryside
from .gazetteer import Finder, Place, make_places, number_houses
from .geometry import Coords, Frame, Geom, largest, polygons, rng_for, whole
from .network import weld
from .program import Builder
from .sites import Site
from .streets import Road, make_plan

# An invented town: it lies on real paper only because a map needs some coordinates.
CENTRE = Frame(116.9, 40.1)
SCHEME, VERSION = "urban-management", "yuncheng-2020s"

# The taxonomy belongs to the directory; the town only puts a copy into its folder. The files
# are read by path because importing that room would bring its database along.
TAXONOMIES = Path(__file__).parent.parent / "directory" / "data" / "taxonomy"

#: Kinds of places, or how the map draws them → kinds of premises.
PREMISES = {"shop": "shop", "school": "school", "market": "market", "works": "factory",
            "hospital": "other", "mall": "market"}  # fmt: skip

Row = dict[str, str]
Feature = dict[str, Any]

COLUMNS: dict[str, tuple[str, ...]] = {
    "units": ("code", "parent", "tier", "name", "name_en", "kind"),
    "staff": ("login", "name", "unit", "roles"),
    "places": (
        "code", "name", "kind", "lon", "lat", "aliases", "parent", "grid", "numbers", "roads",
    ),
    "assets": ("code", "scheme", "version", "class", "name", "lon", "lat", "grid", "unit"),
    "premises": ("code", "name", "kind", "place", "grid", "lon", "lat", "unit"),
    "responsibility": (
        "scheme", "class", "condition", "grid", "unit", "note", "days", "hours", "exception",
    ),
    "crosswalks": (
        "from_scheme", "from_version", "from_code", "to_scheme", "to_version", "to_code",
        "relation",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """The tables of the folder."""

    town: dict[str, Any]
    units: list[Row]
    staff: list[Row]
    places: list[Row]
    assets: list[Row]
    premises: list[Row]
    responsibility: list[Row]
    crosswalks: list[Row]
    grids: list[Feature]
    base: list[Feature]


def build_world(seed: int) -> World:
    plan = make_plan(seed)
    layout = make_layout(plan, seed)
    builder = Builder(plan, layout, seed)
    sites = builder.build()
    wild = make_countryside(plan, layout, seed)
    roads = _all_roads(layout, sites, wild.paths, seed)
    number_houses(sites, roads)

    grids = [_area(g.shape) for g in layout.grids]
    outline = whole([shape(g) for g in grids])
    plane_outline = whole([g.shape for g in layout.grids])
    finder = Finder(layout.grids)
    places = make_places(plan, roads, sites, wild, plane_outline, seed)
    things = make_assets(roads, sites, places, plane_outline, seed)

    base = [_feature(mapping_of(Polygon(outline.exterior)), layer="outline", kind="street")]
    base[0]["properties"]["name"] = names.TOWN[0]
    for green, kind in [*wild.greens, *((g, k) for s in sites for g, k in s.greens)]:
        base += [_feature(_area(p), layer="green", kind=kind) for p in polygons(green, 20.0)]
    waters = [(plan.river, "river", names.RIVER), (plan.canal, "canal", names.CANAL),
              (plan.lake, "lake", "栖云湖"), *((p, "pond", "") for p in builder.ponds)]  # fmt: skip
    for water, kind, name in waters:
        base.append(_feature(_area(water), layer="water", kind=kind, name=name))
    for kind in ("path", "lane", "street", "arterial"):
        base += [
            _feature(_line(r.coords), layer="road", kind=kind, name=r.name)
            for r in roads
            if r.kind == kind
        ]
    for b in [*wild.buildings, *(b for s in sites for b in s.buildings)]:
        short = b.name if b.kind != "courtyard" else f"{b.number}号" if b.name else ""
        base.append(_feature(_area(b.shape), layer="building", kind=b.kind, name=short))
    for p in places:
        if p.look:
            point = {"type": "Point", "coordinates": list(CENTRE.lonlat(*p.at))}
            base.append(_feature(point, layer="landmark", kind=p.look, name=p.name))

    return World(
        town={
            "format": 1,
            "code": names.TOWN_CODE,
            "name": names.TOWN[0],
            "name_en": names.TOWN[1],
            "timezone": "Asia/Shanghai",
            "crs": "WGS84",
            "bbox": [round(v, 6) for v in outline.bounds],
            "district": {
                "code": names.DISTRICT[0],
                "name": names.DISTRICT[1],
                "name_en": names.DISTRICT[2],
            },
        },
        units=people.units(),
        staff=people.staff(seed),
        places=[
            {
                "code": p.code,
                "name": p.name,
                "kind": p.kind,
                **_point(p.at),
                "aliases": "|".join(p.aliases),
                "parent": p.parent,
                "grid": finder.grid(p.at).code,
                "numbers": p.numbers,
                "roads": "|".join(p.roads),
            }
            for p in places
        ],
        assets=[
            {
                "code": f"{t.klass.replace('-', '')}-{i:04d}",
                "scheme": SCHEME,
                "version": VERSION,
                "class": t.klass,
                "name": f"{t.label}{KINDS[t.klass][0]}",
                **_point(t.at),
                "grid": finder.grid(t.at).code,
                "unit": KINDS[t.klass][1],
            }
            for i, t in enumerate(things, 1)
        ],
        premises=_premises(places, finder),
        responsibility=people.responsibility(),
        crosswalks=people.crosswalks(),
        grids=[
            {
                "type": "Feature",
                "properties": {
                    "code": g.code,
                    "name": g.name,
                    "community": names.COMMUNITIES[g.community][0],
                },
                "geometry": area,
            }
            for g, area in zip(layout.grids, grids, strict=True)
        ],
        base=base,
    )


def _premises(places: Sequence[Place], finder: Finder) -> list[Row]:
    """Who has a door of their own on the street: shops, schools, markets and the like."""
    out: list[Row] = []
    for p in places:
        kind = PREMISES.get(p.look or p.kind)
        if kind is not None:
            grid = finder.grid(p.at)
            out.append(
                {
                    "code": f"PR-{len(out) + 1:03d}",
                    "name": p.name,
                    "kind": kind,
                    "place": p.code,
                    "grid": grid.code,
                    **_point(p.at),
                    "unit": names.COMMUNITIES[grid.community][0],
                }
            )
    return out


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


def _point(at: tuple[float, float]) -> Row:
    lon, lat = CENTRE.lonlat(*at)
    return {"lon": f"{lon:.6f}", "lat": f"{lat:.6f}"}


def _area(geom: Geom) -> dict[str, Any]:
    """A polygon of the plane as GeoJSON: rounded, outer ring counter-clockwise, stable start."""
    parts = polygons(geom) if geom.geom_type != "Polygon" else [geom]
    turned = [
        Polygon(
            [CENTRE.lonlat(*c) for c in p.exterior.coords],
            [[CENTRE.lonlat(*c) for c in ring.coords] for ring in p.interiors],
        )
        for p in parts
    ]
    # Rounding can make two corners of one ring meet.
    turned = [p if p.is_valid else largest(p.buffer(0)) for p in turned]
    return mapping_of(turned[0] if len(turned) == 1 else MultiPolygon(turned))


def mapping_of(geom: Geom) -> dict[str, Any]:
    geom = geom.normalize()
    parts = [orient(p) for p in getattr(geom, "geoms", [geom])]
    made = mapping(parts[0] if len(parts) == 1 else MultiPolygon(parts))
    return {"type": made["type"], "coordinates": _rounded(made["coordinates"])}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    return [_rounded(v) for v in value]


def _line(coords: Coords) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [list(CENTRE.lonlat(*c)) for c in coords]}


def _feature(geometry: dict[str, Any], *, layer: str, kind: str, name: str = "") -> Feature:
    properties = {"layer": layer, "kind": kind}
    if name:
        properties["name"] = name
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def write_world(folder: Path, seed: int) -> None:
    """Write the street of this seed; the same seed gives the same bytes."""
    write_tables(folder, build_world(seed))


def write_tables(folder: Path, world: World) -> None:
    """Write a world that is already built."""
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(world.town, allow_unicode=True, sort_keys=False)
    _write(folder / "town.yaml", text)
    for table, columns in COLUMNS.items():
        _write_csv(folder / f"{table}.csv", columns, getattr(world, table))
    _write_features(folder / "grids.geojson", world.grids)
    _write_features(folder / "base.geojson", world.base)
    (folder / "taxonomy").mkdir(exist_ok=True)
    for source in sorted(TAXONOMIES.glob("*.yaml")):
        _write(folder / "taxonomy" / source.name, source.read_text(encoding="utf-8"))


def read_world(folder: Path) -> World:
    """The tables of a folder, as strings; checking them is the loader's work, not the town's."""
    tables: dict[str, list[Row]] = {}
    for table in COLUMNS:
        with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as f:
            tables[table] = list(csv.DictReader(f))
    return World(
        town=yaml.safe_load((folder / "town.yaml").read_text(encoding="utf-8")),
        grids=_read_features(folder / "grids.geojson"),
        base=_read_features(folder / "base.geojson"),
        **tables,
    )


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as f:
        f.write(text)


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as f:
        writer = csv.DictWriter(f, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _write_features(path: Path, features: Sequence[Feature]) -> None:
    """One feature per line: a difference between two worlds can be read."""
    lines = [json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features]
    body = ",\n".join(lines)
    _write(path, '{"type":"FeatureCollection","features":[\n' + body + "\n]}\n")


def _read_features(path: Path) -> list[Feature]:
    features: list[Feature] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return features
