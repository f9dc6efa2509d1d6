"""From the plane to GeoJSON: rounded once, turned one way, the same bytes every time."""

from __future__ import annotations

from typing import Any

from shapely.geometry import MultiPolygon, Polygon, mapping
from shapely.geometry.polygon import orient

from .geometry import XY, Coords, Frame, Geom, largest, polygons

# An invented town: it lies on real paper only because a map needs some coordinates.
CENTRE = Frame(116.9, 40.1)

Feature = dict[str, Any]


def point(at: XY) -> dict[str, str]:
    """A point of the plane as the two columns of a table."""
    lon, lat = CENTRE.lonlat(*at)
    return {"lon": f"{lon:.6f}", "lat": f"{lat:.6f}"}


def area(geom: Geom) -> dict[str, Any]:
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
    """A polygon in degrees as GeoJSON."""
    geom = geom.normalize()
    parts = [orient(p) for p in getattr(geom, "geoms", [geom])]
    made = mapping(parts[0] if len(parts) == 1 else MultiPolygon(parts))
    return {"type": made["type"], "coordinates": _rounded(made["coordinates"])}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    return [_rounded(v) for v in value]


def line(coords: Coords) -> dict[str, Any]:
    """A line of the plane as GeoJSON."""
    return {"type": "LineString", "coordinates": [list(CENTRE.lonlat(*c)) for c in coords]}


def feature(geometry: dict[str, Any], *, layer: str, kind: str, name: str = "") -> Feature:
    """A feature of the base map."""
    properties = {"layer": layer, "kind": kind}
    if name:
        properties["name"] = name
    return {"type": "Feature", "properties": properties, "geometry": geometry}
