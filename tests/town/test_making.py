"""`town make`: everything in its place, the same bytes twice, and the loader takes the street."""

from __future__ import annotations

import csv
import filecmp
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from town.conftest import SEED

from streetwise.cli import main
from streetwise.directory.folder import read_folder
from streetwise.town import making
from streetwise.town.ledgers import write_ledgers
from streetwise.town.making import make
from streetwise.town.video import record
from streetwise.town.world import World

UNTIL = date(2026, 8, 20)
YEARS = 0.04


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def small(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The town that the tests have already; a fiftieth of its ledgers' rows."""
    monkeypatch.setattr(making, "build_world", lambda *_: world)
    monkeypatch.setattr(making, "write_ledgers", partial(write_ledgers, scale=0.02))
    monkeypatch.setattr(record, "BEFORE", 1)
    monkeypatch.setattr(record, "AFTER", 1)


def test_everything_is_written_and_the_same_twice(small: None, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    made = make(tmp_path / "a", SEED, YEARS, UNTIL, lambda *one: told.append(one))
    make(tmp_path / "b", SEED, YEARS, UNTIL, lambda *_: None)
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*")
                   if p.is_file())  # fmt: skip
    for name in files:
        assert filecmp.cmp(tmp_path / "a" / name, tmp_path / "b" / name, shallow=False), name
    assert {what for what, _ in told} == {
        "street", "history", "weather", "readings", "cameras", "ledgers",
    }  # fmt: skip
    history, truth = tmp_path / "a" / "history", tmp_path / "a" / "truth"
    signals = rows(history / "signals.csv")
    assert len(signals) == made.signals > 800
    assert {row["id"] for row in rows(truth / "signals.csv")} == {row["id"] for row in signals}
    own, orders = rows(history / "reports.csv"), rows(history / "orders.csv")
    assert len(own) + len(orders) == len(signals)
    assert len(rows(history / "weather.csv")) == 15
    assert len(rows(history / "readings.csv")) == made.readings > 40 * 24 * 15 * 0.8
    assert len(list((tmp_path / "a" / "ledgers").iterdir())) == made.ledgers + 1
    for planted in (
        "clusters",
        "associations",
        "actions",
        "batches",
        "rates",
        "reporting_bias",
        "weather",
        "scenes",
    ):
        assert (truth / f"{planted}.csv").exists()
    zones = {row["camera"]: row["scene"] for row in rows(tmp_path / "a" / "cameras" / "zones.csv")}
    cameras = rows(tmp_path / "a" / "cameras.csv")
    assert set(zones) == {row["code"] for row in cameras if row["analysed"] == "yes"}
    assert len(set(zones.values())) == 8
    # What is beside the street's own files is nothing to the loader.
    assert read_folder(tmp_path / "a").book.of("place")


def test_a_folder_in_use_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    result = CliRunner().invoke(main, ["town", "make", str(tmp_path), "--years", "0"])
    assert result.exit_code == 2
    assert "not empty" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
