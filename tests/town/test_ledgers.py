"""The town's ledgers: big enough, dirty exactly where the truth says, and nobody's."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from math import cos, hypot, radians
from pathlib import Path

import pytest
import shapely
import yaml
from shapely.geometry import shape
from town.conftest import SEED
from town.ledger_files import (
    BELOW,
    NUMBER,
    PAIRS,
    SAFE_PHONE,
    Read,
    cell_is_sound,
    day,
    plain,
    read,
    same,
)

from streetwise.gather.readers import ReadError, RowProblem, open_table
from streetwise.town.ledgers import KINDS, Column, Planted, write_ledger_truth, write_ledgers
from streetwise.town.world import World

UNTIL = date(2026, 9, 30)
START = date(2023, 9, 30)
PERSONAL = {"shops", "schools"}


#: What is looked at cell by cell is a part of the rows; how many there are is counted in full.
SCALE = 0.2


@pytest.fixture(scope="module")
def ledgers(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Read]:
    """All ledgers, written once and read back."""
    folder = tmp_path_factory.mktemp("ledgers")
    files = write_ledgers(folder, world, SEED, UNTIL, scale=SCALE)
    return {f.key: read(folder, f) for f in files}


def columns_of(ledgers: dict[str, Read]) -> Iterator[tuple[Read, Column]]:
    return ((r, c) for r in ledgers.values() for c in r.file.columns)


# --- how much, how known -------------------------------------------------------------------


def test_there_are_over_210_000_rows_in_some_25_ledgers(world: World, tmp_path: Path) -> None:
    files = write_ledgers(tmp_path, world, SEED, UNTIL)
    ledgers = {f.key: read(tmp_path, f) for f in files}
    counts = {key: len(r.data()) for key, r in ledgers.items()}
    months = ((UNTIL - START).days) / 30.4375
    assert 285 < counts["hazards"] / months < 300
    assert 210_000 < sum(counts.values()) < 225_000
    assert 25 <= len(counts) <= 32
    assert counts == {key: r.file.rows for key, r in ledgers.items()}
    formats = Counter(r.file.format for r in ledgers.values())
    assert formats["xlsx"] >= 9 and formats["jsonl"] == 2 and formats["csv"] >= 14
    encodings = {r.file.encoding for r in ledgers.values()}
    assert {"utf-8", "utf-8-sig", "gbk", "gb18030"} <= encodings


def test_the_index_tells_what_is_needed_to_load_them(
    ledgers: dict[str, Read], world: World
) -> None:
    folder = next(iter(ledgers.values())).path.parent
    index = yaml.safe_load((folder / "ledgers.yaml").read_text("utf-8"))
    assert index["period"] == {"from": START.isoformat(), "to": UNTIL.isoformat()}
    files = {p.name for p in folder.iterdir()}
    assert files == {e["file"] for e in index["ledgers"]} | {"ledgers.yaml"}
    units = {u["code"]: u["name"] for u in world.units}
    for entry in index["ledgers"]:
        found = ledgers[entry["key"]]
        assert units[entry["owner"]] == entry["owner_name"]
        assert entry["grade"] in ("L1", "L2", "L3", "L4")
        assert entry["category"] and entry["refresh"]
        assert all(c["meaning"] and c["type"] for c in entry["columns"])
        if "header_row" in entry and entry["key"] != "materials":
            for rows in found.sheets.values():
                assert rows[entry["header_row"] - 1] == [c["name"] for c in entry["columns"]]


# --- the truth ------------------------------------------------------------------------------


def test_all_kinds_are_planted_and_the_truth_file_lists_every_piece(
    ledgers: dict[str, Read], tmp_path: Path
) -> None:
    path = tmp_path / "truth.csv"
    count = write_ledger_truth(path, [r.file for r in ledgers.values()])
    with path.open(encoding="utf-8", newline="") as f:
        lines = list(csv.DictReader(f))
    assert len(lines) == count == sum(len(r.file.planted) for r in ledgers.values())
    assert {line["kind"] for line in lines} == set(KINDS)
    assert {(x["ledger"], x["file"]) for x in lines} == {
        (key, r.file.file) for key, r in ledgers.items()
    }
    pairs = [line for line in lines if line["kind"] in PAIRS]
    assert pairs and all(int(p["pair"]) != int(p["row"]) for p in pairs)


def test_every_dirty_cell_is_where_the_truth_says(ledgers: dict[str, Read]) -> None:
    for r in ledgers.values():
        by_name = {c.name: c for c in r.file.columns}
        for p in r.file.planted:
            if p.row is None or p.column == "":
                continue
            assert same(r.cell(p), p.found), p
            assert DIRT[p.kind](p, by_name[p.column]), (r.file.key, p)


def _date_format(p: Planted, column: Column) -> bool:
    others = [f for f in ("iso", "slash", "dot", "compact", "han", "serial") if f != column.form]
    return p.true_value in {str(day(p.found, f)) for f in others}


def _date_impossible(p: Planted, column: Column) -> bool:
    found = day(p.found, column.form)
    return found is None or found.year > UNTIL.year + 100


def _date_stale(p: Planted, column: Column) -> bool:
    found = day(p.found, column.form)
    return found is not None and found.isoformat() < column.low <= p.true_value


def _number_as_text(p: Planted, column: Column) -> bool:
    if NUMBER.fullmatch(p.found):
        return False
    found = re.search(r"[\d.,]+", plain(p.found))
    return found is not None and float(found[0].replace(",", "")) == float(p.true_value)


def _impossible(p: Planted, column: Column) -> bool:
    return not float(column.low) <= float(p.found) <= float(column.high)


def _spelling(p: Planted, column: Column) -> bool:
    if p.found == p.true_value or p.found.strip() == p.true_value:
        return False
    # A unit's name of before the last reform may have no character in common.
    return column.kind == "unit" or bool(set(plain(p.found)) & set(plain(p.true_value)))


def _moved(p: Planted, column: Column) -> bool:
    metres = abs(float(p.found) - float(p.true_value)) * 111_000
    return 20 < metres < 1200


DIRT: dict[str, Callable[[Planted, Column], bool]] = {
    "missing": lambda p, c: p.found == "" != p.true_value,
    "placeholder": lambda p, c: p.found not in c.options and "" != p.true_value != p.found,
    "spelling": _spelling,
    "spaces": lambda p, c: p.found != p.true_value == p.found.strip(),
    "date_format": _date_format,
    "date_impossible": _date_impossible,
    "date_stale": _date_stale,
    "number_as_text": _number_as_text,
    "impossible": _impossible,
    "coords_swapped": lambda p, c: (float(p.found) > 90) == (c.value == "lat"),
    "coords_gcj02": _moved,
    "coords_default": lambda p, c: float(p.found).is_integer(),
    "coords_decimal": lambda p, c: not 0.2 < float(p.found) / float(p.true_value) < 5,
    "stale_gone": lambda p, c: p.true_value == "" != p.found,
    "duplicate_near": lambda p, c: c.kind == "serial" and p.pair is not None,
    "rare_character": lambda p, c: gbk_fails(p.found),
}


def gbk_fails(value: str) -> bool:
    try:
        value.encode("gbk")
    except UnicodeEncodeError:
        return bool(value.encode("gb18030"))
    return False


def test_swapped_coordinates_are_each_others(ledgers: dict[str, Read]) -> None:
    swapped = 0
    for r in ledgers.values():
        whole = [p for p in r.file.planted if p.kind == "coords_swapped"]
        for lon, lat in zip(whole[::2], whole[1::2], strict=True):
            assert (lon.row, lon.found, lat.found) == (lat.row, lat.true_value, lon.true_value)
            swapped += 1
    assert swapped > 50 * SCALE


def test_repeated_rows_repeat_the_row_that_is_named(ledgers: dict[str, Read]) -> None:
    seen: Counter[str] = Counter()
    for r in ledgers.values():
        changed: dict[tuple[str, int | None], set[str]] = {}
        for p in r.file.planted:
            changed.setdefault((p.sheet, p.row), set()).add(p.column)
        for p in r.file.planted:
            if p.kind not in PAIRS:
                continue
            assert p.row is not None and p.pair is not None
            again, first = r.row(p.sheet, p.row), r.row(p.sheet, p.pair)
            differing = {r.file.columns[k].name for k in range(len(again)) if again[k] != first[k]}
            if p.kind == "duplicate_exact":
                assert not differing
            else:
                assert p.column in differing
                assert differing <= changed[p.sheet, p.row]
            seen[p.kind] += 1
    assert min(seen[kind] for kind in PAIRS) > 200 * SCALE


def test_nothing_is_dirty_that_the_truth_does_not_list(ledgers: dict[str, Read]) -> None:
    for r in ledgers.values():
        for sheet, number, row in r.data():
            assert len(row) == len(r.file.columns)
            for column, value in zip(r.file.columns, row, strict=True):
                if not cell_is_sound(column, value):
                    assert (sheet, number, column.name) in r.dirty, (column.name, value)
        for k, column in enumerate(r.file.columns):
            if column.kind == "serial":
                twice = {(p.sheet, p.row) for p in r.file.planted if p.kind == "duplicate_exact"}
                codes = [row[k] for s, n, row in r.data() if (s, n) not in twice]
                assert len(codes) == len(set(codes))


# --- facts of files ----------------------------------------------------------------------------


def test_facts_of_the_files_are_true(ledgers: dict[str, Read]) -> None:
    for r in ledgers.values():
        raw = r.path.read_bytes()
        facts = {p.kind: p for p in r.file.planted if p.row is None and p.kind != "missing"}
        if r.file.format in ("csv", "tsv"):
            assert ("line_ends" in facts) == (b"\r\n" in raw)
            assert ("delimiter" in facts) == (r.file.delimiter != ",")
            marked = raw.startswith(b"\xef\xbb\xbf")
            assert marked == (r.file.encoding == "utf-8-sig")
            try:
                raw.decode("utf-8")
            except UnicodeDecodeError:
                assert facts["encoding"].found in ("gbk", "gb18030")
            else:
                assert ("encoding" in facts) == marked
        if any(p.kind == "rare_character" for p in r.file.planted):
            assert r.file.encoding == "gb18030"
        assert ("several_sheets" in facts) == (len(r.sheets) > 1)
        for p in r.file.planted:
            if p.kind in ("title_row", *BELOW):
                assert p.row is not None
                assert r.row(p.sheet, p.row)[0] == p.found


def test_workbooks_have_the_merged_cells_and_hidden_columns(ledgers: dict[str, Read]) -> None:
    for r in ledgers.values():
        if r.file.format != "xlsx":
            continue
        kinds = {p.kind for p in r.file.planted}
        with zipfile.ZipFile(r.path) as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
            sheets = sum(n.startswith("xl/worksheets/sheet") for n in book.namelist())
        assert ("mergeCell " in sheet) == bool(kinds & {"title_row", "merged_header"})
        assert ('hidden="1"' in sheet) == ("hidden_column" in kinds)
        assert ("extra_sheet" in kinds) == (sheets > len(r.sheets))
    top = ledgers["materials"].sheets["Sheet1"]
    assert "库存情况" in top[1] and "数量" in top[2] and "数量" not in top[1]


def test_sums_below_add_up_what_is_a_number_above(ledgers: dict[str, Read]) -> None:
    r = ledgers["green"]
    k = r.places["面积"]
    clean = [float(row[k]) for s, n, row in r.data() if (s, n, "面积") not in r.dirty]
    total = next(p for p in r.file.planted if p.kind == "totals_row")
    assert total.row is not None
    assert float(r.row(total.sheet, total.row)[k]) == pytest.approx(sum(clean), abs=0.06)


# --- the same world ---------------------------------------------------------------------------


def test_what_is_said_to_exist_exists(ledgers: dict[str, Read], world: World) -> None:
    grids = {g["properties"]["code"]: g["properties"] for g in world.grids}
    units = {u["code"]: u["name"] for u in world.units}
    names = {p["name"] for p in world.places} | {g["name"] for g in grids.values()}
    tops = {p["name"]: int(p["numbers"].rpartition("-")[2])
            for p in world.places if p["kind"] == "road"}  # fmt: skip
    for r, column in columns_of(ledgers):
        if column.kind not in ("grid", "community", "unit", "address", "place"):
            continue
        k = r.places[column.name]
        values = {row[k] for s, n, row in r.data() if (s, n, column.name) not in r.dirty}
        if column.kind == "grid":
            assert values <= set(grids)
        elif column.kind in ("community", "unit"):
            assert values <= set(units.values())
        else:
            for value in values:
                road = re.fullmatch(r"(\D+?)(\d+)号", value)
                assert value in names or road, value
                if road and value not in names:
                    assert 1 <= int(road[2]) <= tops[road[1]], value
    gone = {p.found for r in ledgers.values() for p in r.file.planted if p.kind == "stale_gone"}
    assert gone and not gone & names


def test_clean_coordinates_lie_in_the_grid_of_their_row(
    ledgers: dict[str, Read], world: World
) -> None:
    shapes = {g["properties"]["code"]: shape(g["geometry"]) for g in world.grids}
    for r in ledgers.values():
        if not {"经度", "纬度", "网格编码"} <= set(r.places):
            continue
        keys = ("经度", "纬度", "网格编码")
        lon, lat, grid = (r.places[key] for key in keys)
        gone = {(p.sheet, p.row) for p in r.file.planted if p.kind == "stale_gone"}
        rows = [row for s, n, row in r.data()
                if not any((s, n, key) in r.dirty for key in keys)
                and (s, n) not in gone]  # fmt: skip
        points = shapely.points([[float(x[lon]), float(x[lat])] for x in rows])
        far = shapely.distance(points, [shapes[x[grid]] for x in rows])
        assert far.max() < 2e-4, r.file.key


def test_hazards_go_their_way_in_order(ledgers: dict[str, Read]) -> None:
    r = ledgers["hazards"]
    assert len(r.data()) > 1_000
    steps = ("发现日期", "整改日期", "复查日期", "销号日期")
    for s, n, row in r.data():
        if not any((s, n, step) in r.dirty for step in steps):
            days = [row[r.places[step]] for step in steps]
            filled = [d for d in days if d]
            assert filled == sorted(filled) and days[: len(filled)] == filled


# --- nobody's ------------------------------------------------------------------------------


def test_only_two_ledgers_have_personal_columns_and_nobody_can_be_reached(
    ledgers: dict[str, Read],
) -> None:
    personal = {(r.file.key, p.column) for r in ledgers.values() for p in r.file.planted
                if p.kind == "personal_column"}  # fmt: skip
    assert personal == {(key, c) for key in PERSONAL for c in ("联系人", "联系电话")}
    assert {r.file.key for r, c in columns_of(ledgers) if c.value == "person"} == PERSONAL
    for r in ledgers.values():
        for _, _, row in r.data():
            for value in (v for v in row if len(v) > 10):
                digits = re.sub(r"(?<=\d)[ -](?=\d)", "", plain(value))
                for number in re.findall(r"\d{11,}", digits):
                    assert SAFE_PHONE.fullmatch(number), value
                assert not re.search(r"\d{17}[\dX]", digits)


# --- the product's own reader ------------------------------------------------------------------


def test_the_products_reader_reads_them_or_says_why_not(ledgers: dict[str, Read]) -> None:
    for r in ledgers.values():
        odd = {"title_row", "merged_header", *BELOW, "several_sheets"}
        plainly = not odd & {p.kind for p in r.file.planted}
        try:
            table = open_table(r.path)
            rows = [row for chunk in table.chunks(5000) for row in chunk]
        except ReadError as error:
            assert not plainly, (r.file.key, error.code)
            assert error.code and str(error)
            continue
        if plainly:
            assert not any(isinstance(row, RowProblem) for row in rows)
            assert table.columns == [c.name for c in r.file.columns]
            assert [row[0] for row in rows if isinstance(row, tuple)] == [
                number for _, number, _ in r.data()
            ]


# --- the same bytes ------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_in_another_process(
    world: World, folder: Path, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    write_ledgers(here, world, SEED, UNTIL, scale=0.05)
    code = (
        "import sys; from pathlib import Path; from datetime import date\n"
        "from streetwise.town.ledgers import write_ledgers\n"
        "from streetwise.town.world import read_world\n"
        "write_ledgers(Path(sys.argv[2]), read_world(Path(sys.argv[1])), "
        f"{SEED}, date.fromisoformat('{UNTIL}'), scale=0.05)"
    )
    there = tmp_path / "there"
    # Another order of sets and dictionaries' hashes, another moment.
    env = {**os.environ, "PYTHONHASHSEED": "4711"}
    subprocess.run([sys.executable, "-c", code, folder, there], check=True, env=env, timeout=120)
    files = sorted(p.name for p in here.iterdir())
    assert files == sorted(p.name for p in there.iterdir())
    assert [f for f in files if (here / f).read_bytes() != (there / f).read_bytes()] == []


def test_workbooks_carry_no_moment_of_writing(ledgers: dict[str, Read]) -> None:
    for r in ledgers.values():
        if r.file.format == "xlsx":
            with zipfile.ZipFile(r.path) as book:
                assert {e.date_time for e in book.infolist()} == {(2026, 1, 5, 9, 0, 0)}
                core = book.read("docProps/core.xml").decode()
            assert set(re.findall(r">(\d{4}-[^<]*)<", core)) == {"2026-01-05T09:00:00Z"}


def test_another_seed_gives_other_rows(world: World, tmp_path: Path) -> None:
    one = write_ledgers(tmp_path / "1", world, SEED, UNTIL, scale=0.01)
    two = write_ledgers(tmp_path / "2", world, SEED + 1, UNTIL, scale=0.01)
    assert [f.file for f in one] == [f.file for f in two]
    for f in one:
        if f.format == "csv":
            assert (tmp_path / "1" / f.file).read_bytes() != (tmp_path / "2" / f.file).read_bytes()


@pytest.mark.parametrize(("until", "years"), [(date(2024, 2, 29), 1), (date(2031, 1, 1), 2)])
def test_a_poorer_world_and_any_period_will_do(
    world: World, tmp_path: Path, until: date, years: int
) -> None:
    poor = replace(world, assets=[], premises=world.premises[:3])
    files = write_ledgers(tmp_path, poor, SEED, until, years, scale=0.02)
    for r in (read(tmp_path, f) for f in files):
        assert len(r.data()) == r.file.rows > 0
        for sheet, number, row in r.data():
            for column, value in zip(r.file.columns, row, strict=True):
                if not cell_is_sound(column, value):
                    assert (sheet, number, column.name) in r.dirty, (column.name, value)


def test_shifted_points_lie_some_hundred_metres_off(ledgers: dict[str, Read]) -> None:
    for r in ledgers.values():
        whole = [p for p in r.file.planted if p.kind == "coords_gcj02"]
        for lon, lat in zip(whole[::2], whole[1::2], strict=True):
            x = (float(lon.found) - float(lon.true_value)) * 111_000 * cos(radians(40.1))
            y = (float(lat.found) - float(lat.true_value)) * 111_000
            assert 300 < hypot(x, y) < 900
