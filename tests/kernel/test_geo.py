"""Coordinates, distances, and which grid a point lies in."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely  # type: ignore[import-untyped,unused-ignore]
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.kernel.geo import (
    KNOWN_CRS,
    GridIndex,
    crs_name,
    from_wgs84,
    haversine_m,
    to_wgs84,
    valid_lonlat,
)

# Inside the rectangle around China, with room for the offset at its edge.
china_lon = st.floats(72.1, 137.7)
china_lat = st.floats(0.9, 55.7)


def plain_wgs84_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """The published formula, written out once more with plain floats."""
    sin, pi = math.sin, math.pi
    x, y = lon - 105, lat - 35
    common = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    d_lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + common
    d_lat += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    d_lat += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    d_lon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + common
    d_lon += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    d_lon += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    a, ee = 6378245.0, 0.00669342162296594323
    rad = lat / 180 * pi
    magic = 1 - ee * sin(rad) ** 2
    d_lat = d_lat * 180 / ((a * (1 - ee)) / (magic * math.sqrt(magic)) * pi)
    d_lon = d_lon * 180 / (a / math.sqrt(magic) * math.cos(rad) * pi)
    return lon + d_lon, lat + d_lat


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [  # published pairs, used by several public implementations
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_published_gcj_pairs(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    assert from_wgs84(*wgs, "GCJ-02") == pytest.approx(gcj, abs=2e-6)
    assert to_wgs84(*gcj, "GCJ-02") == pytest.approx(wgs, abs=2e-6)


@settings(deadline=None)
@given(china_lon, china_lat)
def test_gcj_equals_the_plain_formula(lon: float, lat: float) -> None:
    assert from_wgs84(lon, lat, "GCJ-02") == pytest.approx(plain_wgs84_to_gcj02(lon, lat), abs=1e-9)


@settings(deadline=None)
@given(china_lon, china_lat)
def test_bd09_equals_the_plain_formula(lon: float, lat: float) -> None:
    x, y = plain_wgs84_to_gcj02(lon, lat)
    z = math.sqrt(x * x + y * y) + 0.00002 * math.sin(y * math.pi * 3000 / 180)
    theta = math.atan2(y, x) + 0.000003 * math.cos(x * math.pi * 3000 / 180)
    expected = (z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006)
    assert from_wgs84(lon, lat, "BD-09") == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("crs", KNOWN_CRS)
@settings(deadline=None)
@given(lon=china_lon, lat=china_lat)
def test_there_and_back(crs: str, lon: float, lat: float) -> None:
    back = to_wgs84(*from_wgs84(lon, lat, crs), crs)
    assert max(abs(back[0] - lon), abs(back[1] - lat)) < 1e-7


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09"])
def test_the_offset_is_some_hundred_metres(crs: str) -> None:
    lon, lat = from_wgs84(116.39, 39.91, crs)
    assert 200 < haversine_m(116.39, 39.91, lon, lat) < 2000


@pytest.mark.parametrize("crs", KNOWN_CRS)
@pytest.mark.parametrize("place", [(-71.06, 42.36), (2.35, 48.86), (151.2, -33.9), (0.0, 90.0)])
def test_outside_china_unchanged(crs: str, place: tuple[float, float]) -> None:
    assert to_wgs84(*place, crs) == place
    assert from_wgs84(*place, crs) == place


def test_cgcs2000_is_taken_as_wgs84() -> None:
    assert to_wgs84(116.4, 39.9, "CGCS2000") == (116.4, 39.9)


@pytest.mark.parametrize("crs", KNOWN_CRS)
def test_arrays_give_what_floats_give(crs: str) -> None:
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(60, 150, 300), rng.uniform(-10, 60, 300)
    got_lon, got_lat = to_wgs84(lon, lat, crs)
    pairs = zip(lon.tolist(), lat.tolist(), strict=True)
    one_by_one = np.array([to_wgs84(x, y, crs) for x, y in pairs])
    assert np.array_equal(got_lon, one_by_one[:, 0])
    assert np.array_equal(got_lat, one_by_one[:, 1])


def test_arrays_are_not_changed_and_shapes_kept() -> None:
    lon = np.array([[116.4, np.nan], [121.5, np.inf]])
    lat = np.array([[39.9, 31.2], [31.2, 31.2]])
    before = lon.copy()
    for crs in KNOWN_CRS:
        out_lon, out_lat = to_wgs84(lon, lat, crs)
        assert out_lon.shape == out_lat.shape == (2, 2)
        assert np.isnan(out_lon[0, 1]) and np.isinf(out_lon[1, 1])
        out_lon[0, 0] = 0.0
    assert np.array_equal(lon, before, equal_nan=True)


def test_empty_arrays() -> None:
    out_lon, out_lat = to_wgs84(np.array([]), np.array([]), "BD-09")
    assert len(out_lon) == len(out_lat) == 0


@pytest.mark.parametrize("text", ["wgs84", "WGS 84", "GCJ02", "gcj_02", "Bd-09", "EPSG:4490"])
def test_spellings(text: str) -> None:
    assert crs_name(text) in KNOWN_CRS


@pytest.mark.parametrize("text", ["", "GCJ-03", "EPSG:3857", "北京54"])
def test_unknown_crs_names_the_known_ones(text: str) -> None:
    with pytest.raises(ValueError, match="unknown coordinate reference system") as error:
        to_wgs84(116.4, 39.9, text)
    assert all(known in str(error.value) for known in KNOWN_CRS)


# --- validity and distance ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("lon", "lat", "good"),
    [
        (116.4, 39.9, True),
        (-180.0, -90.0, True),
        (180.0, 90.0, True),
        (0.0, 51.5, True),
        (0.0, 0.0, False),
        (180.1, 0.0, False),
        (39.9, 116.4, False),
        (math.nan, 39.9, False),
        (116.4, math.inf, False),
    ],
)
def test_valid_lonlat(lon: float, lat: float, good: bool) -> None:
    assert valid_lonlat(lon, lat) is good
    assert valid_lonlat(np.array([lon, 1.0]), np.array([lat, 1.0])).tolist() == [good, True]


def test_haversine_known_lengths() -> None:
    assert haversine_m(0, 0, 1, 0) == pytest.approx(111_195, abs=1)
    assert haversine_m(116.4, 39.9, 121.47, 31.23) == pytest.approx(1_067_000, rel=0.005)
    assert haversine_m(0, 0, 180, 0) == pytest.approx(math.pi * 6_371_008.8)


@settings(deadline=None)
@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90))
def test_haversine_is_a_distance(lon1: float, lat1: float, lon2: float, lat2: float) -> None:
    there = haversine_m(lon1, lat1, lon2, lat2)
    assert 0 <= there <= math.pi * 6_371_009
    assert there == pytest.approx(haversine_m(lon2, lat2, lon1, lat1), abs=1e-6)
    assert haversine_m(lon1, lat1, lon1, lat1) == 0.0
    # the chord through the globe, by another way
    one, two = (
        (
            math.cos(math.radians(lat)) * math.cos(math.radians(lon)),
            math.cos(math.radians(lat)) * math.sin(math.radians(lon)),
            math.sin(math.radians(lat)),
        )
        for lon, lat in ((lon1, lat1), (lon2, lat2))
    )
    chord = math.dist(one, two) / 2
    assert math.sin(there / 6_371_008.8 / 2) == pytest.approx(chord, abs=1e-9)


def test_haversine_broadcasts() -> None:
    got = haversine_m(np.array([116.0, 117.0]), np.array([39.0, 39.0]), 116.0, 39.0)
    assert got.shape == (2,) and got[0] == 0.0 and 80_000 < got[1] < 90_000


# --- which grid ---------------------------------------------------------------------------


def slow_locate(grids: list[tuple[str, object]], lon: float, lat: float) -> int:
    """First polygon in the list that the point touches."""
    for index, (_, polygon) in enumerate(grids):
        if shapely.intersects(polygon, shapely.Point(lon, lat)):
            return index
    return -1


def star(x: float, y: float, radius: float, spikes: int) -> object:
    angles = np.arange(2 * spikes) * math.pi / spikes
    radii = np.where(np.arange(2 * spikes) % 2 == 0, radius, radius / 3)
    corners = np.c_[x + radii * np.cos(angles), y + radii * np.sin(angles)]
    return shapely.Polygon(corners)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_same_as_looking_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    grids: list[tuple[str, object]] = []
    for i in range(int(rng.integers(1, 12))):
        x, y = (int(v) for v in rng.integers(0, 5, 2))
        shape = shapely.box(x, y, x + 2, y + 1) if i % 2 else star(x, y, 1.5, 5 + i)
        grids.append((f"g{i}", shape))
    grids.append(("two parts", shapely.MultiPolygon([star(0, 5, 1, 4), star(5, 0, 1, 4)])))
    # Half of the points on whole and half numbers: corners and borders of the boxes.
    points = np.r_[rng.uniform(-1, 7, (60, 2)), rng.integers(-2, 14, (60, 2)) / 2]
    got = GridIndex(grids).locate(points[:, 0], points[:, 1])
    assert got.tolist() == [slow_locate(grids, x, y) for x, y in points.tolist()]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_a_tessellation_leaves_no_point_out(seed: int, turn: bool) -> None:
    rng = np.random.default_rng(seed)
    cells = [
        (f"{x}/{y}", shapely.box(x / 3, y / 3, (x + 1) / 3, (y + 1) / 3))
        for x in range(3)
        for y in range(3)
    ]
    order = rng.permutation(len(cells))
    grids = [cells[i] for i in order]
    coordinates = np.r_[rng.uniform(0, 1, (50, 2)), rng.integers(0, 4, (20, 2)) / 3]
    found = GridIndex(grids).locate(coordinates[:, 0], coordinates[:, 1])
    assert (found >= 0).all()
    if turn:  # the order of the points must not matter
        again = GridIndex(grids).locate(coordinates[::-1, 0].copy(), coordinates[::-1, 1].copy())
        assert again[::-1].tolist() == found.tolist()


def test_a_shared_border_goes_to_the_first_in_the_list() -> None:
    left, right = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
    assert GridIndex([("left", left), ("right", right)]).locate_one(1.0, 0.5) == "left"
    assert GridIndex([("right", right), ("left", left)]).locate_one(1.0, 0.5) == "right"


def test_a_hole_is_outside() -> None:
    ring = shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (3, 1), (3, 3), (1, 3)]])
    index = GridIndex([("ring", ring)])
    assert index.locate([2.0, 0.5, 9.0], [2.0, 0.5, 9.0]).tolist() == [-1, 0, -1]


def test_more_points_than_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GridIndex, "_BLOCK", 7)
    index = GridIndex([("a", shapely.box(0, 0, 1, 1)), ("b", shapely.box(2, 0, 3, 1))])
    lon = np.linspace(-0.5, 3.5, 41)
    expected = [0 if 0 <= x <= 1 else 1 if 2 <= x <= 3 else -1 for x in lon]
    assert index.locate(lon, np.full(41, 0.5)).tolist() == expected


def test_no_points_no_grids_and_unusable_points() -> None:
    index = GridIndex([(1, shapely.box(0, 0, 1, 1))])
    assert index.locate([], []).tolist() == []
    assert index.locate([math.nan, math.inf, 0.5], [0.5, 0.5, -math.inf]).tolist() == [-1] * 3
    empty: GridIndex[int] = GridIndex([])
    assert len(empty) == 0 and empty.locate_one(0.5, 0.5) is None
    with pytest.raises(ValueError, match="equal length"):
        index.locate([1.0, 2.0], [1.0])


def test_a_self_crossing_outline_is_repaired_and_reported() -> None:
    bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    index = GridIndex([("ok", shapely.box(5, 5, 6, 6)), ("tie", bow_tie)])
    assert index.repaired == ("tie",)
    assert index.locate_one(0.2, 1.0) == "tie" and index.locate_one(1.0, 0.2) is None


@pytest.mark.parametrize(
    "shape",
    [
        None,
        shapely.Polygon(),
        shapely.Point(1, 1),
        shapely.LineString([(0, 0), (1, 1)]),
        shapely.Polygon([(0, 0), (1, 1), (2, 2)]),
    ],
)
def test_a_shape_without_area_is_refused(shape: object) -> None:
    with pytest.raises(ValueError, match="'bad' has no area"):
        GridIndex([("bad", shape)])


def test_a_repeated_id_is_refused() -> None:
    with pytest.raises(ValueError, match="more than once"):
        GridIndex([("a", shapely.box(0, 0, 1, 1)), ("a", shapely.box(2, 0, 3, 1))])
