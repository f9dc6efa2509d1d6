"""Mappings: what a row of somebody's file says, and why it cannot be used."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from streetwise.gather import order_columns
from streetwise.gather.mapping import (
    TEXT_FIELDS,
    TIME_FIELDS,
    BadCell,
    Record,
    apply,
    mapping_named,
    mappings,
    missing_columns,
    parse,
)
from streetwise.kernel.errors import Invalid, NotFound
from streetwise.kernel.geo import from_wgs84, haversine_m, valid_lonlat

NAMES = [
    "boston-311",
    "hotline-list",
    "hotline-orders",
    "messages",
    "messages-answered",
    "messages-labelled",
    "petition-list",
    "petition-orders",
    "street-reports",
]

BASE = """
name: t
title: 试
title_en: T
description: d
source: {code: t, name: t, name_en: t}
timezone: Asia/Shanghai
time_formats: [iso, "%d.%m.%Y %H:%M"]
columns: {key: K, reported_at: T, title: A, text: B, lon: X, lat: Y}
"""


# What a workbook gives: it knows no zones.
NOON, LAST_HOUR, MODERN, FAR = map(
    datetime.fromisoformat, ["2011-07-01T12:00", "9999-12-31T23:00", "1992-01-01", "2200-01-01"]
)


def mapping(**changes: Any) -> Any:
    return parse({**yaml.safe_load(BASE), **changes})


def read(row: dict[str, Any], how: Any = None) -> Record:
    found = apply(how or mapping(), row)
    assert isinstance(found, Record), found
    return found


def refused(row: dict[str, Any], how: Any = None) -> BadCell:
    found = apply(how or mapping(), row)
    assert isinstance(found, BadCell), found
    return found


def test_these_mappings_ship() -> None:
    assert sorted(mappings()) == NAMES
    with pytest.raises(NotFound, match="street-reports"):
        mapping_named("made-up")


@pytest.mark.parametrize("name", NAMES)
def test_each_shipped_mapping_reads_a_row_of_its_own_columns(name: str) -> None:
    how = mapping_named(name)
    row: dict[str, Any] = {column: f"text of {column}" for column in how.needed_columns}
    for field in TIME_FIELDS:
        if field in how.columns:
            row[how.columns[field]] = "2011-07-01 00:30:05"
    for field, value in (("lon", "-71.05"), ("lat", 42.36)):
        if field in how.columns:
            row[how.columns[field]] = value
    orders = how.work_order
    said = set()
    if orders is not None:
        said = {"scheme", *orders.columns} - {"updated_at"}
        for field, column in orders.columns.items():
            if field in order_columns.TIME_FIELDS:
                row[column] = "2011-07-01 00:30:05"
            elif field in order_columns.WORD_FIELDS:
                row[column] = next(iter(orders.words[field]))
    found = read(row, how)
    assert set(found.upstream or ()) == said
    for field in TEXT_FIELDS:
        expected = f"text of {how.columns[field]}" if field in how.columns else None
        assert getattr(found, field) == expected
    assert set(found.facts) == set(how.facts)
    hours = 4 if name == "boston-311" else -8
    assert found.reported_at == datetime(2011, 7, 1, 0, 30, 5, tzinfo=UTC) + timedelta(hours=hours)
    assert missing_columns(how, how.needed_columns) == []
    for column in how.needed_columns:
        rest = [one for one in how.needed_columns if one != column]
        assert missing_columns(how, rest) == [column]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2011-07-01 00:00:00", "2011-07-01T04:00:00"),  # summer, midnight
        ("2011-12-31 23:59:59", "2012-01-01T04:59:59"),  # winter, another year in UTC
        ("2011-03-13 01:59:59", "2011-03-13T06:59:59"),
        # This hour does not exist: the clocks went from 2 to 3.
        ("2011-03-13 02:30:00", "2011-03-13T07:30:00"),
        ("2011-03-13 03:00:00", "2011-03-13T07:00:00"),
        # This hour came twice; without a sign it is the first.
        ("2011-11-06 01:30:00", "2011-11-06T05:30:00"),
        ("2011-11-06 02:00:00", "2011-11-06T07:00:00"),
        # A file that says its own offset is believed.
        ("2011-11-06T01:30:00-05:00", "2011-11-06T06:30:00"),
        ("2011-11-06T01:30:00Z", "2011-11-06T01:30:00"),
        (NOON, "2011-07-01T16:00:00"),
        (date(2011, 7, 1), "2011-07-01T04:00:00"),
    ],
)
def test_times_of_boston(cell: Any, expected: str) -> None:
    row = {"case_enquiry_id": 1, "open_dt": cell, "case_title": "x", "type": "x"}
    found = read(row, mapping_named("boston-311")).reported_at
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@given(st.datetimes(MODERN, FAR))
def test_beijing_is_eight_hours_ahead_whatever_the_form(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    expected = moment.replace(tzinfo=UTC) - timedelta(hours=8)
    minute = moment.replace(second=0)
    for cell, truth in (
        (moment, expected),
        (moment.isoformat(), expected),
        (f" {moment} ", expected),
        (f"{minute:%d.%m.%Y %H:%M}", expected.replace(second=0)),
    ):
        assert read({"T": cell, "A": "x"}).reported_at == truth


@given(st.floats(-180, 180), st.floats(-85, 85))
def test_coordinates_are_stored_as_wgs84_with_the_original_kept(lon: float, lat: float) -> None:
    for crs in ("WGS84", "GCJ-02", "BD-09", "CGCS2000"):
        shown = from_wgs84(lon, lat, crs)
        if not valid_lonlat(*shown):  # 0, 0 is what a form gives that nobody filled in
            continue
        found = read({"T": "2026-01-01", "A": "x", "X": shown[0], "Y": str(shown[1])},
                     mapping(crs=crs))  # fmt: skip
        assert found.original_point == (*shown, crs)
        assert found.lon is not None and found.lat is not None
        near_the_edge = not _inland(lon, lat)
        # The offset systems jump at the edge of their rectangle.
        assert haversine_m(lon, lat, found.lon, found.lat) < (2000 if near_the_edge else 1)


def _inland(lon: float, lat: float) -> bool:
    edges = (72.004, 137.8347), (0.8293, 55.8271)
    return all(
        abs(value - edge) > 0.02
        for value, pair in zip((lon, lat), edges, strict=True)
        for edge in pair
    )


def test_gcj02_moves_a_point_of_beijing_by_half_a_kilometre() -> None:
    found = read({"T": "2026-01-01", "A": "x", "X": 116.404, "Y": 39.915}, mapping(crs="GCJ-02"))
    assert found.lon is not None and found.lat is not None
    assert 400 < haversine_m(116.404, 39.915, found.lon, found.lat) < 700


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (188006.0, "188006"),  # what a spreadsheet makes of a number
        (188006.5, "188006.5"),
        (1e15, "1000000000000000"),
        (101000000001, "101000000001"),
        (True, "True"),
        (date(2026, 5, 1), "2026-05-01"),
        ("  N-7  ", "N-7"),
        ("   ", None),
        ("", None),
        (None, None),
    ],
)
def test_a_cell_as_text(cell: Any, text: str | None) -> None:
    assert read({"K": cell, "T": "2026-01-01", "A": "x"}).key == text


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ({"T": "2026-01-01"}, "nothing_said", None),
        ({"T": "2026-01-01", "A": " ", "B": None}, "nothing_said", None),
        ({"A": "x"}, "time_missing", "T"),
        ({"A": "x", "T": "  "}, "time_missing", "T"),
        ({"A": "x", "T": "昨天 13800138000"}, "time_unreadable", "T"),
        ({"A": "x", "T": "2026-02-30"}, "time_unreadable", "T"),
        ({"A": "x", "T": 3.5}, "time_unreadable", "T"),
        ({"A": "x", "T": "9999-12-31 23:59:59"}, "time_impossible", "T"),
        ({"A": "x", "T": LAST_HOUR}, "time_impossible", "T"),
        ({"A": "x", "T": "0001-01-01"}, "time_impossible", "T"),
        ({"A": "x", "T": "2026-01-01", "X": "东经", "Y": "40"}, "point_unreadable", "X"),
        ({"A": "x", "T": "2026-01-01", "X": "181", "Y": "40"}, "point_impossible", "X"),
        ({"A": "x", "T": "2026-01-01", "X": "nan", "Y": "40"}, "point_impossible", "X"),
        ({"A": "x", "T": "2026-01-01", "X": float("inf"), "Y": 1}, "point_impossible", "X"),
        ({"A": "x", "T": "2026-01-01", "K": "1" * 201}, "key_too_long", "K"),
    ],
)
def test_why_a_row_cannot_be_used(row: dict[str, Any], code: str, column: str | None) -> None:
    bad = refused(row)
    assert (bad.code, bad.column) == (code, column)
    assert bad.reason.endswith(".")
    # The reason is read on a screen: it names the column, never what stands there.
    assert "13800138000" not in bad.reason
    assert "昨天" not in bad.reason


def test_half_a_point_is_none_and_no_error() -> None:
    found = read({"T": "2026-01-01", "A": "x", "X": "116.9"})
    assert (found.lon, found.lat, found.original_point) == (None, None, None)


def test_a_class_alone_says_enough() -> None:
    how = mapping(columns={"reported_at": "T", "category": "C"})
    assert read({"T": "2026-01-01", "C": "路灯"}, how).category == "路灯"


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=30),
    st.datetimes(),
    st.datetimes(timezones=st.timezones()),
    st.dates(),
    st.sampled_from(["9999-12-31 23:59:59", "0001-01-01T00:00:00+14:00", "1e400", "-0", "１２"]),
)


@given(st.dictionaries(st.sampled_from(["K", "T", "A", "B", "X", "Y"]), CELLS))
def test_no_content_breaks_it(row: dict[str, Any]) -> None:
    """Whatever a cell holds: a record, or a reason. Times come out in UTC and sane."""
    for zone in ("Asia/Shanghai", "America/New_York", "Pacific/Kiritimati"):
        found = apply(mapping(timezone=zone, crs="GCJ-02"), row)
        if isinstance(found, Record):
            assert found.reported_at is not None
            assert found.reported_at.utcoffset() == timedelta(0)
            assert 1899 <= found.reported_at.year <= 2201
            assert (found.lon is None) == (found.lat is None)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"columns": {"reported_at": "T", "face": "照片"}}, Invalid),
        ({"timezone": "Asia/Nowhere"}, Exception),
        ({"source": {"code": "x"}}, Exception),
    ],
)
def test_a_mapping_with_a_mistake_is_refused(change: dict[str, Any], error: type) -> None:
    with pytest.raises(error):
        mapping(**change)
