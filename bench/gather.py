"""Rows per second of an import, by the real path, against a bare COPY of the same rows.

Measured: ``accept_file`` (check the whole file, seal and store it) and ``run_import`` (read, map,
mask, hash, seal originals, store, journal; a transaction per 500 rows), as the server runs them,
on an empty street. Triage is deferred but not run.

Baseline (DESIGN §12): parse the same file with ``csv.DictReader``, then COPY row by row, in one
transaction, into a table with the same columns and indexes, the very values that the import had
stored. Neither foreign keys, nor a check, nor a journal.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from bench import files
from bench.meter import Spent, median
from bench.report import Row, row
from bench.street import SEED, Bench
from streetwise.gather import jobs, repository
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import open_runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import jobs as resolve_jobs

#: Imported so that storing signals defers triage, as it does in the server.
ROOMS = (jobs, resolve_jobs)

PLAIN_GOAL, TEXT_GOAL = "ratio >= 0.333", "ratio >= 0.1"
BASELINE = "DictReader, then COPY row by row"


def run(bench: Bench) -> list[Row]:
    """Made-up files of both kinds; the real ones too where they are."""
    bench.ready()
    plain, texts = bench.home / "requests.csv", bench.home / "reports.csv"
    files.requests_csv(plain, bench.size(20_000, 2_000))
    files.reports_csv(texts, bench.town, SEED, bench.size(6_000, 1_000))
    repeats = bench.size(3, 1)
    rows = [
        *_compare(bench, "gather.plain", plain, "boston-311", PLAIN_GOAL, repeats),
        *_compare(bench, "gather.text", texts, "street-reports", TEXT_GOAL, repeats),
    ]
    if not bench.quick and files.BOSTON.exists():
        rows += _compare(bench, "gather.boston", files.BOSTON, "boston-311", PLAIN_GOAL, 1)
    if not bench.quick and files.MESSAGES.exists():
        rows += _compare(bench, "gather.messages", files.MESSAGES, "messages", TEXT_GOAL, 1)
    return rows


def _compare(
    bench: Bench, name: str, file: Path, mapping: str, goal: str, repeats: int
) -> list[Row]:
    """Import and baseline in turn, so that both see the same neighbours on the machine."""
    ours, theirs, count = [], [], 0
    for number in range(repeats):
        bench.note(f"{name}: {file.name}, {number + 1} of {repeats}")
        with bench.database() as urls:
            count, took = asyncio.run(_import(bench, urls.app, file, mapping))
            assert urls.owner is not None
            ours.append(took)
            theirs.append(_copy(bench, urls.owner, file))
    wall = (count / median([one.wall for one in found]) for found in (ours, theirs))
    cpu = (count / median([one.cpu for one in found]) for found in (ours, theirs))
    return [
        row(name, next(wall), "rows/s", baseline=(BASELINE, next(wall)), goal=goal),
        row(f"{name}.cpu", next(cpu), "rows/CPU s", baseline=(BASELINE, next(cpu)), goal=goal),
    ]


async def _import(bench: Bench, url: str, file: Path, mapping: str) -> tuple[int, Spent]:
    async with open_runtime(bench.settings, url) as runtime:
        with bench.spent() as took:
            batch = await jobs.accept_file(
                runtime, Viewer.system("bench"), mapping, file, file.name
            )
            await jobs.run_import(runtime, batch_id=str(batch.id))
        async with runtime.database.read(Viewer.system("bench")) as session:
            done = await repository.batch(session, Viewer.system("bench"), batch.id)
        if done.state != "done" or done.rows_bad:
            raise RuntimeError(f"{file.name}: {done.state}, {done.rows_bad} rows in quarantine")
        return done.rows_read, took


def _copy(bench: Bench, owner_url: str, file: Path) -> Spent:
    with psycopg.connect(**conninfo(owner_url)) as connection:
        stored = connection.execute("SELECT * FROM signal ORDER BY id")
        columns = [column.name for column in stored.description or ()]
        values = [_values(one) for one in stored.fetchall()]
        connection.execute("CREATE TABLE baseline (LIKE signal INCLUDING ALL)")
        connection.commit()
        names = ", ".join(columns)
        with bench.spent() as took, connection.cursor() as cursor:
            read = _parse(file)
            with cursor.copy(f"COPY baseline ({names}) FROM STDIN".encode()) as copy:
                for one in values:
                    copy.write_row(one)
            connection.commit()
        assert read >= len(values)
        return took


def _values(stored: Sequence[Any]) -> list[Any]:
    return [Jsonb(value) if isinstance(value, dict | list) else value for value in stored]


def _parse(file: Path) -> int:
    """Read all rows of the file as dicts; how many."""
    content = file.read_bytes()
    if file.suffix == ".xlsx":
        return _parse_workbook(content)
    if file.suffix == ".gz":
        content = gzip.decompress(content)
    return len(list(csv.DictReader(io.StringIO(content.decode(), newline=""))))


def _parse_workbook(content: bytes) -> int:
    """A workbook has no DictReader: the quickest library there is, and dicts made of its rows."""
    import python_calamine

    sheet = python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0)
    header, *rows = sheet.to_python()
    return len([dict(zip(header, cells, strict=False)) for cells in rows])
