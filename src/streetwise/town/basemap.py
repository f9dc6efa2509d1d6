"""The base map: what the screen draws under everything else, from the ground up."""

from __future__ import annotations

from collections.abc import Sequence

from shapely.geometry import Polygon

from . import names
from .features import CENTRE, Feature, area, feature, line, mapping_of
from .geometry import Geom, polygons
from .places import Place
from .sites import Building, Site
from .streets import Plan, Road
from .wild import Countryside

LAKE = "栖云湖"
LEAST_GREEN = 20.0  # square metres


def base_map(
    plan: Plan,
    roads: Sequence[Road],
    sites: Sequence[Site],
    wild: Countryside,
    ponds: Sequence[Geom],
    places: Sequence[Place],
    outline: Geom,
) -> list[Feature]:
    """All features; `outline` is in degrees already (the union of the grids as written)."""
    base = [
        feature(
            mapping_of(Polygon(outline.exterior)),
            layer="outline",
            kind="street",
            name=names.TOWN[0],
        )
    ]
    for green, kind in [*wild.greens, *((g, k) for s in sites for g, k in s.greens)]:
        base += [feature(area(p), layer="green", kind=kind) for p in polygons(green, LEAST_GREEN)]
    for water, kind, name in [
        (plan.river, "river", names.RIVER),
        (plan.canal, "canal", names.CANAL),
        (plan.lake, "lake", LAKE),
        *((p, "pond", "") for p in ponds),
        *wild.waters,
    ]:
        base.append(feature(area(water), layer="water", kind=kind, name=name))
    for kind in ("path", "lane", "street", "arterial"):
        base += [
            feature(line(r.coords), layer="road", kind=kind, name=r.name)
            for r in roads
            if r.kind == kind
        ]
    for b in [*wild.buildings, *(b for s in sites for b in s.buildings)]:
        base.append(feature(area(b.shape), layer="building", kind=b.kind, name=_sign(b)))
    for p in places:
        if p.look:
            at = {"type": "Point", "coordinates": list(CENTRE.lonlat(*p.at))}
            base.append(feature(at, layer="landmark", kind=p.look, name=p.name))
    return base


def _sign(b: Building) -> str:
    """What stands on a house: in the old quarter its number only, for the lane is drawn."""
    if b.kind != "courtyard":
        return b.name
    return f"{b.number}号" if b.name else ""
