"""``streetwise eval warn``: from files to figures."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from streetwise.cli import main
from streetwise.evaluation.warn.town import read_street
from streetwise.kernel.errors import Invalid
from streetwise.warn.plane import Plane
from streetwise.warn.values import day_of

START = date(2024, 1, 1)


def _write(folder: Path, doubled_at: int | None) -> tuple[Path, Path]:
    """Half a year of two categories; one has more for a fortnight."""
    rng = np.random.default_rng(5)
    signals, truth = folder / "signals.csv", folder / "truth.csv"
    with signals.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "at", "category", "lon", "lat"])
        number = 0
        for day in range(182):
            for category, mean in (("垃圾", 8.0), ("噪声", 3.0)):
                more = doubled_at is not None and 0 <= day - doubled_at < 14
                count = rng.poisson(mean * (3 if more and category == "垃圾" else 1))
                for _ in range(count):
                    number += 1
                    lon, lat = 116.3 + rng.uniform(0, 0.03), 39.9 + rng.uniform(0, 0.03)
                    at = (START + timedelta(days=day)).isoformat()
                    rows.writerow([number, at, category, f"{lon:.6f}", f"{lat:.6f}"])
    with truth.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "category", "first_day", "last_day", "class"])
        if doubled_at is not None:
            first = START + timedelta(days=doubled_at)
            rows.writerow(["one", "垃圾", first, first + timedelta(days=13), "large"])
    return signals, truth


def _figures(*arguments: str) -> dict[str, Any]:
    found = CliRunner().invoke(main, ["eval", "warn", *arguments, "--json"])
    assert found.exit_code == 0, found.output
    figures: dict[str, Any] = json.loads(found.output)
    return figures


def test_what_was_planted_is_found_and_counted(tmp_path: Path) -> None:
    signals, truth = _write(tmp_path, 140)
    found = _figures("--signals", str(signals), "--truth", str(truth), "--no-scan")
    (large,) = found["classes"]
    assert (large["size"], large["planted"], large["found"]) == ("large", 1, 1)
    first, last = START + timedelta(days=140), START + timedelta(days=153)
    days = [date.fromisoformat(one["day"]) for one in found["said"] if one["category"] == "垃圾"]
    delays = [(day - first).days for day in days if first <= day <= last]
    assert large["delay"] == min(delays)
    assert found["warnings"] == found["true"] + found["known"] + found["false"]
    assert len(found["said"]) == found["warnings"]


def test_the_table_for_people_says_the_same(tmp_path: Path) -> None:
    signals, truth = _write(tmp_path, 140)
    found = CliRunner().invoke(
        main, ["eval", "warn", "--signals", str(signals), "--truth", str(truth), "--no-scan"]
    )
    assert found.exit_code == 0, found.output
    assert "large: 1 of 1 found" in found.output


def test_grids_of_the_town_are_places_and_its_communities_regions(tmp_path: Path) -> None:
    plane = Plane(116.4, 39.9)
    east, north = plane.degrees(np.array([0.0, 200.0, 400.0]), np.array([0.0, 100.0, 0.0]))
    drawn = [
        {
            "properties": {"code": code, "community": community},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [
                        [east[at], north[0]],
                        [east[at + 1], north[0]],
                        [east[at + 1], north[1]],
                        [east[at], north[1]],
                        [east[at], north[0]],
                    ]
                ],
            },
        }
        for at, (code, community) in enumerate([("g1", "c2"), ("g2", "c1")])
    ]
    (tmp_path / "grids.geojson").write_text(json.dumps({"features": drawn}), encoding="utf-8")
    (tmp_path / "town.yaml").write_text("holidays:\n- 2026-10-01\n", encoding="utf-8")
    street, holidays = read_street(tmp_path, plane)
    assert street.places.names == ("g1", "g2")
    np.testing.assert_allclose(street.places.x, [100.0, 300.0], atol=0.01)
    np.testing.assert_allclose(street.places.y, [50.0, 50.0], atol=0.01)
    np.testing.assert_allclose(street.places.area, [20_000.0, 20_000.0], rtol=1e-4)
    assert [street.regions[of] for of in street.region.tolist()] == ["c2", "c1"]
    assert holidays == {day_of(date(2026, 10, 1))}
    with pytest.raises(Invalid, match="town make"):
        read_street(tmp_path / "none", plane)


def test_only_some_rows_and_another_column_of_categories(tmp_path: Path) -> None:
    signals, truth = _write(tmp_path, 140)
    rows = list(csv.DictReader(signals.open(encoding="utf-8", newline="")))
    with signals.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, [*rows[0], "group", "area"])
        table.writeheader()
        for n, one in enumerate(rows):
            table.writerow({**one, "group": "all", "area": f"a{n % 4}"})
    found = _figures(
        "--signals", str(signals), "--truth", str(truth), "--category", "group",
        "--only", "area=a0", "--only", "area=a1",
    )  # fmt: skip
    assert found["reports"] == sum(n % 4 < 2 for n in range(len(rows)))
    assert {one["category"] for one in found["said"]} <= {"all"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--only", "area=a0"], "no column area"),
        (["--category", "group"], "no column group"),
        (["--preset", "town", "--only", "area=a0"], "not for it"),
        (["--inject", "1", "--truth", "truth.csv"], "either --truth or --inject"),
        (["--history-days", "400"], "asks for 400"),
    ],
)
def test_bad_input_exits_2_with_a_sentence(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    signals, _ = _write(tmp_path, None)
    found = CliRunner().invoke(main, ["eval", "warn", "--signals", str(signals), *arguments])
    assert found.exit_code == 2
    assert sentence in " ".join(found.output.split())
