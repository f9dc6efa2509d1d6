"""Coordinates: reference systems, distances, and which grid a point lies in.

Everything is pure: numbers and arrays in, numbers and arrays out. Longitude comes before
latitude everywhere, in decimal degrees; distances are metres.

Reference systems (``KNOWN_CRS``):

* ``WGS-84``: what is stored.
* ``CGCS2000``: the national system. Its ellipsoid and frame differ from WGS-84 by
  centimetres to a few decimetres, below the accuracy of any address or phone fix that
  reaches a street office, so it is taken as WGS-84 unchanged.
* ``GCJ-02``: the offset system of Chinese public maps.
* ``BD-09``: GCJ-02 with a further offset, used by one map provider.

The GCJ-02 and BD-09 formulas are the widely published ones; they have no official text.
Outside a rectangle around China (72.004 to 137.8347 E, 0.8293 to 55.8271 N) both systems equal
WGS-84, and coordinates pass unchanged. The rectangle is what public implementations use;
it also takes in neighbouring countries, and within about 1 km of its edge a conversion
there and back may not be exact.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, overload

import numpy as np
import shapely  # type: ignore[import-untyped,unused-ignore]
from numpy.typing import NDArray

Floats = NDArray[np.float64]
K = TypeVar("K")

KNOWN_CRS = ("WGS-84", "CGCS2000", "GCJ-02", "BD-09")
EARTH_RADIUS_M = 6_371_008.8  # mean radius (IUGG); haversine is good to about 0.5 %

_CHINA = (72.004, 137.8347, 0.8293, 55.8271)  # west, east, south, north
_SEMI_MAJOR_M = 6_378_245.0  # Krasovsky 1940, on which the GCJ-02 offsets are defined
_ECCENTRICITY2 = 0.00669342162296594323
_BD_PI = np.pi * 3000.0 / 180.0
# Each round gains about two digits (measured over the rectangle: 5 rounds leave 1e-12
# degrees). A fixed number makes a point's answer independent of its neighbours.
_ROUNDS = 6


# --- reference systems --------------------------------------------------------------------


@overload
def to_wgs84(lon: float, lat: float, crs: str) -> tuple[float, float]: ...
@overload
def to_wgs84(lon: Floats, lat: Floats, crs: str) -> tuple[Floats, Floats]: ...
def to_wgs84(lon: Any, lat: Any, crs: str) -> tuple[Any, Any]:
    """Convert from ``crs`` to WGS-84.

    Floats give floats, arrays (any equal or broadcastable shapes) give arrays. NaN stays
    NaN. Error of the inversion: below 1e-7 degrees (1 cm). Raises ValueError for an unknown
    ``crs``.
    """
    return _apply(_TO_WGS84[crs_name(crs)], lon, lat)


@overload
def from_wgs84(lon: float, lat: float, crs: str) -> tuple[float, float]: ...
@overload
def from_wgs84(lon: Floats, lat: Floats, crs: str) -> tuple[Floats, Floats]: ...
def from_wgs84(lon: Any, lat: Any, crs: str) -> tuple[Any, Any]:
    """Convert from WGS-84 to ``crs``; the counterpart of :func:`to_wgs84`."""
    return _apply(_FROM_WGS84[crs_name(crs)], lon, lat)


def crs_name(text: str) -> str:
    """The name in ``KNOWN_CRS`` for a spelling such as ``gcj02``, ``BD_09`` or ``EPSG:4490``.

    Raises ValueError naming the known ones.
    """
    key = re.sub(r"[^a-z0-9]", "", text.lower())
    try:
        return _CRS_KEYS[key]
    except KeyError:
        known = ", ".join(KNOWN_CRS)
        raise ValueError(
            f"unknown coordinate reference system {text!r}; known ones: {known}"
        ) from None


def _wgs84_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    d_lon, d_lat = _gcj_offset(lon, lat)
    inside = _in_china(lon, lat)
    return np.where(inside, lon + d_lon, lon), np.where(inside, lat + d_lat, lat)


def _gcj02_to_wgs84(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    w_lon, w_lat = lon, lat
    for _ in range(_ROUNDS):
        d_lon, d_lat = _gcj_offset(w_lon, w_lat)
        w_lon, w_lat = lon - d_lon, lat - d_lat
    inside = _in_china(lon, lat)
    return np.where(inside, w_lon, lon), np.where(inside, w_lat, lat)


def _gcj02_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    d_lon, d_lat = _bd_offset(lon, lat)
    inside = _in_china(lon, lat)
    return np.where(inside, lon + d_lon, lon), np.where(inside, lat + d_lat, lat)


def _bd09_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    g_lon, g_lat = lon, lat
    for _ in range(_ROUNDS):
        d_lon, d_lat = _bd_offset(g_lon, g_lat)
        g_lon, g_lat = lon - d_lon, lat - d_lat
    inside = _in_china(lon, lat)
    return np.where(inside, g_lon, lon), np.where(inside, g_lat, lat)


def _in_china(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    west, east, south, north = _CHINA
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _gcj_offset(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Offset WGS-84 → GCJ-02 in degrees, at a WGS-84 point, wherever it is."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north = north + (wave + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2 / 3
    north = north + (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2 / 3
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east = east + (wave + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2 / 3
    east = east + (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2 / 3

    phi = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY2 * np.sin(phi) ** 2
    meridian = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY2) / (magic * np.sqrt(magic))
    normal = _SEMI_MAJOR_M / np.sqrt(magic)
    # Far outside China the cosine may vanish (the poles); the caller discards those values.
    cos_phi = np.maximum(np.cos(phi), 1e-9)
    return np.degrees(east / (normal * cos_phi)), np.degrees(north / meridian)


def _bd_offset(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Offset GCJ-02 → BD-09 in degrees, at a GCJ-02 point."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_PI)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_PI)
    return radius * np.cos(angle) + 0.0065 - lon, radius * np.sin(angle) + 0.006 - lat


def _bd09_to_wgs84(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return _gcj02_to_wgs84(*_bd09_to_gcj02(lon, lat))


def _wgs84_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return _gcj02_to_bd09(*_wgs84_to_gcj02(lon, lat))


def _same(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return lon.copy(), lat.copy()


_Transform = Callable[[Floats, Floats], tuple[Floats, Floats]]
_TO_WGS84: dict[str, _Transform] = {
    "WGS-84": _same,
    "CGCS2000": _same,
    "GCJ-02": _gcj02_to_wgs84,
    "BD-09": _bd09_to_wgs84,
}
_FROM_WGS84: dict[str, _Transform] = {
    "WGS-84": _same,
    "CGCS2000": _same,
    "GCJ-02": _wgs84_to_gcj02,
    "BD-09": _wgs84_to_bd09,
}
_CRS_KEYS = {
    "wgs84": "WGS-84",
    "epsg4326": "WGS-84",
    "cgcs2000": "CGCS2000",
    "epsg4490": "CGCS2000",
    "gcj02": "GCJ-02",
    "bd09": "BD-09",
    "bd09ll": "BD-09",
}


def _apply(transform: _Transform, lon: Any, lat: Any) -> tuple[Any, Any]:
    if transform is _same and type(lon) is float and type(lat) is float:
        return lon, lat  # most points of most files: an array for each would cost 20 times more
    scalar = np.ndim(lon) == 0 and np.ndim(lat) == 0
    lons, lats = np.broadcast_arrays(
        np.atleast_1d(np.asarray(lon, dtype=np.float64)),
        np.atleast_1d(np.asarray(lat, dtype=np.float64)),
    )
    with np.errstate(invalid="ignore", over="ignore"):  # NaN, infinity: passed through
        out_lon, out_lat = transform(lons, lats)
    if scalar:
        return float(out_lon[0]), float(out_lat[0])
    return out_lon, out_lat


# --- validity and distance ----------------------------------------------------------------


@overload
def valid_lonlat(lon: float, lat: float) -> bool: ...
@overload
def valid_lonlat(lon: Floats, lat: Floats) -> NDArray[np.bool_]: ...
def valid_lonlat(lon: Any, lat: Any) -> Any:
    """Whether a pair can be a place: finite, lon in [-180, 180], lat in [-90, 90].

    Exactly (0, 0) is refused: in practice it is an empty field, not a point in the Gulf of
    Guinea. Floats give a bool, arrays a boolean array.
    """
    if type(lon) is float and type(lat) is float:
        return abs(lon) <= 180.0 and abs(lat) <= 90.0 and (lon != 0.0 or lat != 0.0)
    lons, lats = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    good = (np.abs(lons) <= 180.0) & (np.abs(lats) <= 90.0) & ((lons != 0.0) | (lats != 0.0))
    return bool(good) if good.ndim == 0 else good


@overload
def haversine_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float: ...
@overload
def haversine_m(
    lon1: Floats, lat1: Floats, lon2: Floats | float, lat2: Floats | float
) -> Floats: ...
def haversine_m(lon1: Any, lat1: Any, lon2: Any, lat2: Any) -> Any:
    """Great-circle distance in metres on a sphere; broadcasts, floats give a float."""
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    half_lat = np.sin((phi2 - phi1) / 2.0)
    half_lon = np.sin((np.radians(lon2) - np.radians(lon1)) / 2.0)
    a = half_lat**2 + np.cos(phi1) * np.cos(phi2) * half_lon**2
    # Rounding can lift antipodal points a hair above 1, where arcsin is undefined.
    distance = 2.0 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(a, 0.0, 1.0)))
    return float(distance) if np.ndim(distance) == 0 else distance


# --- which grid ---------------------------------------------------------------------------


class GridIndex(Generic[K]):
    """Which of many polygons each point lies in.

    Built from ``(id, polygon)`` pairs (shapely Polygon or MultiPolygon, same reference
    system as the points). A point on a border shared by several polygons, or in an overlap,
    belongs to the one that came first in the list, so the order of the list is part of the
    answer. Self-crossing outlines (hand-drawn grids have them) are repaired; their ids are
    in ``repaired`` for the caller to report.

    Raises ValueError on a repeated id and on a geometry that is empty or has no area.
    """

    # Points looked up at once: bounds the memory of the candidate list.
    _BLOCK = 200_000

    def __init__(self, grids: Sequence[tuple[K, Any]]) -> None:
        self.ids: tuple[K, ...] = tuple(grid_id for grid_id, _ in grids)
        if len(set(self.ids)) != len(self.ids):
            raise ValueError("a grid id occurs more than once")
        polygons = [_areal(grid_id, geometry) for grid_id, geometry in grids]
        self.repaired: tuple[K, ...] = tuple(
            grid_id for grid_id, geometry in grids if not shapely.is_valid(geometry)
        )
        self._polygons = np.array(polygons, dtype=object)
        shapely.prepare(self._polygons)
        self._tree = shapely.STRtree(shapely.envelope(self._polygons))

    def __len__(self) -> int:
        return len(self.ids)

    def locate(
        self, lon: Floats | Sequence[float], lat: Floats | Sequence[float]
    ) -> NDArray[np.intp]:
        """Index into ``ids`` for each point (1-D arrays of equal length), -1 for none.

        A coordinate that is NaN or infinite gives -1. Raises ValueError on unequal shapes.
        """
        lons, lats = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        if lons.ndim != 1 or lons.shape != lats.shape:
            raise ValueError("longitudes and latitudes must be 1-D arrays of equal length")
        found = np.full(lons.shape, -1, dtype=np.intp)
        for start in range(0, len(lons), self._BLOCK):
            block = slice(start, start + self._BLOCK)
            self._locate_block(lons[block], lats[block], found[block])
        return found

    def locate_one(self, lon: float, lat: float) -> K | None:
        """Id of the grid that holds the point, or None."""
        index = int(self.locate([lon], [lat])[0])
        return None if index < 0 else self.ids[index]

    def _locate_block(self, lons: Floats, lats: Floats, found: NDArray[np.intp]) -> None:
        """Fill ``found`` (a view) for one block of points."""
        usable = np.flatnonzero(np.isfinite(lons) & np.isfinite(lats))
        if not len(usable) or not len(self.ids):
            return
        pairs = self._tree.query(shapely.points(lons[usable], lats[usable]))
        point, polygon = usable[pairs[0]], pairs[1]
        order = np.argsort(polygon, kind="stable")
        point, polygon = point[order], polygon[order]
        # Last polygon first, so that where several hold a point the earliest one is left.
        for index in np.unique(polygon)[::-1]:
            candidates = point[slice(*np.searchsorted(polygon, [index, index + 1]))]
            inside = shapely.intersects_xy(
                self._polygons[index], lons[candidates], lats[candidates]
            )
            found[candidates[inside]] = index


def _areal(grid_id: object, geometry: Any) -> Any:
    """The polygon itself, or its repaired areal part."""
    if not shapely.is_valid(geometry):
        parts = shapely.get_parts(shapely.make_valid(geometry))
        geometry = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    if shapely.get_dimensions(geometry) != 2 or not shapely.area(geometry) > 0.0:
        raise ValueError(f"grid {grid_id!r} has no area: give a polygon with at least 3 corners")
    return geometry
