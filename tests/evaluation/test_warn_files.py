"""Events in files: columns, times, zones, bad rows; what is written is read back."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from streetwise.evaluation.warn.files import Columns, read_reports, write_reports
from streetwise.evaluation.warn.town import read_town
from streetwise.kernel.errors import Invalid
from streetwise.kernel.geo import haversine_m
from streetwise.warn.plane import Plane
from streetwise.warn.values import day_of

DAY = day_of(date(2026, 3, 1))


def _file(folder: Path, text: str, name: str = "events.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def test_rows_are_read_put_in_order_and_bad_ones_named(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "编号,时间,类别,经度,纬度\n"
        "a,2026-03-02T00:30:00+08:00,灯,116.4,39.9\n"
        "b,2026-03-01 23:59:01,井盖,116.41,39.91\n"
        "c,2026-03-01,灯,,\n"
        "d,someday,灯,116.4,39.9\n"
        "e,2026-03-01\n"
        "\n"
        "f,2026-03-03T17:00:00Z,,x,39.9\n"
        "g,2026/3/2 7:05,灯,0,0\n",
    )
    events = read_reports(path)
    reports = events.reports
    assert list(reports.ids) == ["c", "b", "a", "g", "f"]
    assert reports.day.tolist() == [DAY, DAY, DAY + 1, DAY + 1, DAY + 3]
    assert reports.seconds.tolist() == [-1, 86_341, 1_800, 7 * 3_600 + 300, 3_600]
    names = [reports.categories[c] for c in reports.category.tolist()]
    assert names == ["灯", "井盖", "灯", "灯", "(none)"]
    assert np.isnan(reports.x).tolist() == [True, False, False, True, True]
    assert (events.rows, events.left_out) == (7, 2)
    assert events.problems == {
        "no time that can be read": 1,
        "too few columns": 1,
        "no coordinates": 1,
        "coordinates that are no numbers": 1,
        "coordinates that are nowhere on earth": 1,
    }
    assert "row 4: no time that can be read" in events.examples


def test_columns_zone_days_and_plane_can_be_said(tmp_path: Path) -> None:
    text = "n,t,k\n1,2026-03-01T02:00:00Z,x\n2,2026-03-05T12:00:00Z,y\n"
    path = tmp_path / "events.csv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    columns = Columns("t", "k", "n", zone="America/Chicago")
    events = read_reports(path, columns, plane=Plane(1.0, 2.0))
    assert events.reports.day.tolist() == [DAY - 1, DAY + 4]
    assert events.plane == Plane(1.0, 2.0)
    late = read_reports(path, columns, first_day=date(2026, 3, 2))
    assert list(late.reports.ids) == ["2"]
    assert late.reports.categories == ("y",)


def test_gb18030_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes("时间,类别\n2026-03-01,垃圾\n".encode("gb18030"))
    assert read_reports(path).reports.categories == ("垃圾",)


@pytest.mark.parametrize(
    ("text", "columns", "says"),
    [
        ("", None, "is empty"),
        ("a,b\n1,2\n", None, "No column for the time"),
        ("day\nnever\n", None, "no row with a time"),
        ("day\n2026-03-01\n", Columns("day", "kind"), "no column kind"),
        ("day\n2026-03-01\n", "paris", "not 'paris'"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(
    tmp_path: Path, text: str, columns: Columns | str | None, says: str
) -> None:
    with pytest.raises(Invalid, match=says):
        read_reports(_file(tmp_path, text), columns)


def test_a_broken_archive_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "half.csv.gz"
    path.write_bytes(gzip.compress(b"day\n" + b"2026-03-01\n" * 5_000)[:-20])
    with pytest.raises(Invalid, match="cannot be read as CSV"):
        read_reports(path)
    with pytest.raises(Invalid, match="cannot be read as CSV"):
        read_reports(tmp_path / "none.csv")


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    source = _file(
        tmp_path,
        "id,at,category,lon,lat\n1,2026-03-01T07:08:09,a,116.4,39.9\n2,2026-03-02,b,,\n",
    )
    events = read_reports(source)
    for name in ("out.csv", "out.csv.gz"):
        write_reports(tmp_path / name, events.reports, events.plane)
        again = read_reports(tmp_path / name, plane=events.plane).reports
        assert list(again.ids) == ["1", "2"]
        assert again.seconds.tolist() == [7 * 3_600 + 8 * 60 + 9, -1]
        np.testing.assert_allclose(again.x, events.reports.x, atol=0.02)
        assert replace(again, x=again.y).categories == ("a", "b")


def test_the_plane_keeps_distances_of_a_city() -> None:
    plane = Plane(116.4, 39.9)
    lon, lat = np.array([116.4, 116.5, 116.3]), np.array([39.9, 40.1, 39.75])
    x, y = plane.metres(lon, lat)
    east, north = plane.degrees(x, y)
    np.testing.assert_allclose(east, lon)
    np.testing.assert_allclose(north, lat)
    true = haversine_m(lon[1], lat[1], lon[2], lat[2])
    assert abs(np.hypot(x[1] - x[2], y[1] - y[2]) / true - 1) < 0.003


def test_the_town_is_read_by_its_truth(tmp_path: Path) -> None:
    for folder in ("history", "truth"):
        (tmp_path / folder).mkdir()
    _file(tmp_path, "code,name,lon,lat\nP1,x,116.4,39.9\n", "places.csv")
    _file(
        tmp_path / "history",
        "id,channel,at,title,text,lon,lat,refers_to\n"
        "1,a,2026-03-01T08:00:00+08:00,,,,,\n2,a,2026-03-01T09:00:00+08:00,,,116.5,39.8,\n"
        "3,a,2026-03-01T10:00:00+08:00,,,,,\n4,a,2026-03-01T11:00:00+08:00,,,,,\n",
        "signals.csv",
    )
    _file(
        tmp_path / "truth",
        "id,problem,category,place,kind,errors\n1,p,k,P1,problem,\n2,p,k,P1,problem,\n"
        "3,p,k,P1,urge,\n4,q,k,P1,problem,mistyped|vague_place\n",
        "signals.csv",
    )
    events = read_town(tmp_path)
    assert list(events.reports.ids) == ["1", "2", "4"]
    lon, _ = events.plane.degrees(events.reports.x, events.reports.y)
    np.testing.assert_allclose(lon, [116.4, 116.5, np.nan])
    cases = read_town(tmp_path, cases=True).reports
    assert list(cases.ids) == ["1", "4"]
    assert cases.volume.tolist() == [2, 1]
    with pytest.raises(Invalid, match="cannot be read"):
        read_town(tmp_path / "truth")
