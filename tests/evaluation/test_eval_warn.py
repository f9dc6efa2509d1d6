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


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
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
