"""All ledgers of a world: plan, draw, soil, write, and say what was planted."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from ..geometry import rng_for
from ..world import World
from .dirt import Soiler
from .draws import clean_rows
from .files import file_name, write_file
from .ground import Ground
from .homes import make_houses
from .layout import lay_out, planted
from .model import Column, Ledger, LedgerFile
from .plan import plan, words
from .subjects import Desk

TRUTH_COLUMNS = (
    "ledger", "file", "sheet", "row", "column", "kind", "true_value", "found", "pair",
)  # fmt: skip


def write_ledgers(
    folder: Path, world: World, seed: int, until: date, years: int = 3, scale: float = 1.0
) -> list[LedgerFile]:
    """Write all ledgers and their index ``ledgers.yaml`` into ``folder``; give their facts.

    Logs cover the ``years`` before ``until``. ``scale`` shrinks the number of rows, for tests.
    The truth does not lie in the folder: see ``write_ledger_truth``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    start = until - timedelta(days=round(365.25 * years))
    ledgers = plan(start, until, scale)
    ground = Ground(world, seed, words())
    flats = next(x.rows for x in ledgers if x.subject == "dwellings")
    desk = Desk(ground, make_houses(ground, flats, until.year), start, until)
    files = [_write(folder, ledger, desk, seed) for ledger in ledgers]
    index = {"period": {"from": start.isoformat(), "to": until.isoformat()},
             "ledgers": [_entry(f) for f in files]}  # fmt: skip
    text = yaml.safe_dump(index, allow_unicode=True, sort_keys=False, width=100)
    with (folder / "ledgers.yaml").open("w", encoding="utf-8", newline="\n") as f:
        f.write(text)
    return files


def _write(folder: Path, ledger: Ledger, desk: Desk, seed: int) -> LedgerFile:
    rows = clean_rows(ledger, desk, rng_for(seed, "ledgers", ledger.key))
    soiler = Soiler(ledger, rows, desk.ground, rng_for(seed, "ledgers", "dirt", ledger.key))
    sheets = lay_out(ledger, soiler.soil())
    write_file(folder / file_name(ledger), ledger, sheets)
    spec = ledger.spec
    text = spec["format"] in ("csv", "tsv")
    return LedgerFile(
        key=ledger.key,
        file=file_name(ledger),
        name=ledger.name,
        owner=ledger.owner,
        owner_name=desk.ground.unit(ledger.owner),
        category=ledger.category,
        grade=ledger.grade,
        refresh=ledger.refresh,
        format=spec["format"],
        encoding=spec.get("encoding", "utf-8") if text else "",
        delimiter=("\t" if spec["format"] == "tsv" else spec.get("delimiter", ",")) if text else "",
        sheets=tuple(s.title for s in sheets if s.lines and s.title),
        header_row=len(sheets[0].top),
        rows=sum(len(s.lines) for s in sheets),
        columns=ledger.columns,
        planted=tuple(planted(ledger, sheets)),
    )


def _entry(f: LedgerFile) -> dict[str, Any]:
    """What the office tells the person who loads the file; not what is wrong with it."""
    entry: dict[str, Any] = {
        "key": f.key, "file": f.file, "name": f.name, "owner": f.owner,
        "owner_name": f.owner_name, "category": f.category, "grade": f"L{f.grade}",
        "refresh": f.refresh, "format": f.format,
    }  # fmt: skip
    if f.encoding:
        entry |= {"encoding": f.encoding, "delimiter": f.delimiter}
    if f.sheets:
        entry["sheets"] = list(f.sheets)
    if f.header_row:
        entry["header_row"] = f.header_row
    return {**entry, "rows": f.rows, "columns": [_column(c) for c in f.columns]}


def _column(column: Column) -> dict[str, str]:
    entry = {"name": column.name, "meaning": column.meaning, "type": column.value}
    if column.unit:
        entry["unit"] = column.unit
    if column.form:
        entry["date_form"] = column.form
    return entry


def write_ledger_truth(path: Path, files: Iterable[LedgerFile]) -> int:
    """Write every planted piece of dirt as a line of a CSV file; give their number.

    ``row`` counts in the file (or sheet) as a person sees it, from 1, titles and header
    included; it is empty for facts of a file or a whole column. ``pair`` is the row repeated.
    """
    count = 0
    with path.open("w", encoding="utf-8", newline="") as f:
        writer = csv.writer(f, lineterminator="\n")
        writer.writerow(TRUTH_COLUMNS)
        for file in files:
            for p in file.planted:
                writer.writerow((file.key, file.file, p.sheet, p.row, p.column, p.kind,
                                 p.true_value, p.found, p.pair))  # fmt: skip
            count += len(file.planted)
    return count
