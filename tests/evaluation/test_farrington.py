"""``streetwise eval farrington``: files of anybody, what it prints, what it refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from streetwise.cli import main
from streetwise.evaluation.farrington import read_weekly
from streetwise.kernel.errors import Invalid
from streetwise.warn.values import date_of

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "data" / "reference"


def written(folder: Path, text: str) -> Path:
    file = folder / "series.csv"
    file.write_text(text, encoding="utf-8")
    return file


def weeks(count: int, *, dated: bool = False) -> str:
    """Two series: one with a case or more in every week, one that falls silent."""
    rng = np.random.default_rng(1)
    lines = ["index,week,north,south" if dated else "index,north,south"]
    for at in range(count):
        day = f"{date_of(17_532 + 7 * at)}," if dated else ""
        south = rng.poisson(3) if at < count - 10 else 0
        lines.append(f"{at + 1},{day}{1 + rng.poisson(4)},{south}")
    return "\n".join(lines) + "\n"


def run(*arguments: str) -> dict[str, list[dict[str, Any]]]:
    done = CliRunner().invoke(main, ["eval", "farrington", *arguments])
    assert done.exit_code == 0, done.output
    found: dict[str, list[dict[str, Any]]] = json.loads(done.output)
    return found


def test_dates_are_found_where_there_are_any(tmp_path: Path) -> None:
    plain = read_weekly(written(tmp_path, weeks(5)))
    assert plain.names == ("north", "south")
    assert (plain.index, plain.first_day, plain.counts.shape) == (1, None, (2, 5))
    dated = read_weekly(written(tmp_path, weeks(5, dated=True)))
    assert dated.names == ("north", "south")
    assert (dated.index, dated.first_day) == (1, 17_532)
    assert (dated.counts == plain.counts).all()


def test_each_week_is_told_by_series(tmp_path: Path) -> None:
    file = written(tmp_path, weeks(230))
    found = run("--series", str(file))
    assert list(found) == ["north", "south"]
    # 4 years of 52 weeks and 3 weeks before the oldest anniversary.
    assert [row["index"] for row in found["north"]] == list(range(212, 231))
    for row in found["north"]:
        assert set(row) == {"index", "expected", "upperbound", "alarm"}
        assert 2 < row["expected"] < 9
        assert row["upperbound"] > row["expected"]
        assert row["alarm"] in (0, 1)
    silent = found["south"][-1]
    assert silent == {
        "index": 230, "expected": None, "upperbound": None, "alarm": 0, "status": "few_cases",
    }  # fmt: skip


def test_a_start_without_history_is_told_as_such(tmp_path: Path) -> None:
    file = written(tmp_path, weeks(230))
    found = run("--series", str(file), "--start", "210")["north"]
    assert [row.get("status") for row in found[:3]] == ["not_enough_history"] * 2 + [None]
    assert found[0]["expected"] is None
    assert found[0]["alarm"] == 0
    fewer = run("--series", str(file), "--start", "210", "--fewest-years", "3")["north"]
    assert fewer[0]["expected"] > 2


def test_options_reach_the_engine(tmp_path: Path) -> None:
    file = str(written(tmp_path, weeks(230)))
    usual = run("--series", file)["north"]
    for options in (
        ("--years-back", "3"), ("--half-window", "2"), ("--periods", "1"),
        ("--weeks-left-out", "10"), ("--reweight-above", "0.5"), ("--no-reweight",),
        ("--trend-p", "0"),
    ):  # fmt: skip
        other = run("--series", file, "--start", "212", *options)["north"]
        assert [row["expected"] for row in other] != [row["expected"] for row in usual], options
    for options in (("--alpha", "0.001"), ("--bound", "two_thirds")):
        other = run("--series", file, *options)["north"]
        assert [row["expected"] for row in other] == [row["expected"] for row in usual], options
        assert [row["upperbound"] for row in other] != [row["upperbound"] for row in usual], options
    few = run("--series", file, "--few-cases", "1000", "--few-weeks", "2")["north"]
    assert {row["status"] for row in few} == {"few_cases"}


WRONG = {
    "": "",
    "index,north\n": "no",
    "index\n1\n": "no column of counts",
    "index,north\n1,2\n3,4\n": "row 3: the index must go up by 1",
    "index,north\n1,2\n2,many\n": "row 3: north is 'many'",
    "index,north\n1,2\n2,\n": "row 3: north is empty",
    "index,north\n1,2\n2,-1\n": "row 3: a count must be",
    "index,north\n1,2\n2,1.5\n": "north is '1.5'",
    "index,north\n1,2\n2,nan\n": "north is 'nan'",
    "index,week,north\n1,2024-01-01,2\n2,2024-01-09,4\n": "seven days apart",
    "index,week,north\n1,2024-01-01,2\n2,soon,4\n": "week must be a date",
    "index,week\n1,2024-01-01\n2,2024-01-08\n": "no column of counts",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_cannot_be_read_is_said_with_its_row(text: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=WRONG[text]):
        read_weekly(written(tmp_path, text))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--start", "0"), "index 0 is not in the file"),
        (("--start", "400"), "index 400 is not in the file"),
        (("--years-back", "6"), "Not enough history"),
        (("--alpha", "2"), "alpha"),
        (("--fewest-years", "9"), "fewest years"),
    ],
)
def test_bad_input_ends_with_2_and_a_sentence(
    options: tuple[str, ...], said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, weeks(230))
    done = CliRunner().invoke(main, ["eval", "farrington", "--series", str(file), *options])
    assert done.exit_code == 2
    assert said in done.stderr + capfd.readouterr().err
    assert not done.stdout


def test_a_file_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.csv")
    assert CliRunner().invoke(main, ["eval", "farrington", "--series", missing]).exit_code == 2


@pytest.mark.skipif(
    not REFERENCE.exists(), reason="the reference tables (../shared/data/reference) are not here"
)
@pytest.mark.parametrize(
    ("series", "known", "options"),
    [
        ("series_salmonella_agona", "farflex_agona_improved_nbPlugin", ("--start", "282")),
        (
            "series_salmNewport_total",
            "farflex_salmNewport_improved_nbPlugin",
            ("--start", "366", "--years-back", "5", "--alpha", "0.01"),
        ),
    ],
)
def test_the_command_prints_the_tables(series: str, known: str, options: tuple[str, ...]) -> None:
    found = run("--series", str(REFERENCE / f"{series}.csv"), *options)["observed"]
    with (REFERENCE / f"{known}.csv").open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert [row["index"] for row in found] == [int(row["index"]) for row in table]
    for ours, theirs in zip(found, table, strict=True):
        assert ours["alarm"] == int(theirs["alarm"])
        if theirs["expected"] == "NA":
            assert ours["expected"] is ours["upperbound"] is None
        else:
            assert ours["expected"] == pytest.approx(float(theirs["expected"]), rel=1e-9)
            assert ours["upperbound"] == float(theirs["upperbound"])
