"""Real citizens' messages and real service requests: every row in, known the second time.

The files are nobody's of this project; they lie beside it, and where not, this says so.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl  # type: ignore[import-untyped,unused-ignore]
import pytest
from helpers import past_the_walls, run_jobs

from streetwise.gather.jobs import accept_file, check_file, limits
from streetwise.gather.mapping import mapping_named
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer

DATA = Path(__file__).parents[3] / "shared" / "data"
TEXT, REQUESTS = DATA / "text", DATA / "service_requests"
BOSTON = REQUESTS / "boston_311_2011h2.csv.gz"
BOSTON_SLICE = 3000
SYSTEM = Viewer.system("test")

needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the real files are not here ({DATA}); see shared/data/README.md"
)


@dataclass(frozen=True)
class Real:
    """A file and what is known of it."""

    path: Path
    mapping: str
    rows: int


FILES = [
    Real(TEXT / "附件2_一级标签_495.xlsx", "messages-labelled", 495),
    Real(TEXT / "附件3_留言_4326.xlsx", "messages", 4326),
    Real(TEXT / "附件4_留言与答复_2816.xlsx", "messages-answered", 2816),
    Real(BOSTON, "boston-311", 58_251),
]
MESSAGES = FILES[:3]


def name_of(real: Real) -> str:
    return real.mapping


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Chunks and batches as in an installation."""
    return settings.model_copy(update={"import_stalled_after_seconds": 60})


def ask(runtime: Runtime, query: str) -> list[tuple[object, ...]]:
    with past_the_walls(runtime) as connection:
        return connection.execute(query.encode()).fetchall()


async def bring_in(runtime: Runtime, path: Path, mapping: str) -> tuple[object, ...]:
    """(read, new, known, bad) of an import to its end."""
    batch = await accept_file(runtime, SYSTEM, mapping, path, path.name)
    await run_jobs(runtime)
    ((state, *found),) = ask(
        runtime,
        "SELECT state, rows_read, rows_new, rows_known, rows_bad FROM import_batch"
        f" WHERE id = '{batch.id}'",
    )
    assert state == "done"
    return tuple(found)


@needs_data
@pytest.mark.parametrize("real", FILES, ids=name_of)
def test_each_file_has_the_rows_that_are_said(real: Real, settings: Settings) -> None:
    assert check_file(real.path, mapping_named(real.mapping), limits(settings)) == real.rows


@needs_data
@pytest.mark.parametrize("real", MESSAGES, ids=name_of)
async def test_messages_come_in_without_a_bad_row_and_once(runtime: Runtime, real: Real) -> None:
    read, new, known, bad = await bring_in(runtime, real.path, real.mapping)
    assert (read, bad) == (real.rows, 0)
    # Rows that are equal in every column are one; there are few.
    distinct = len({tuple(row) for row in _rows(real.path)})
    assert (new, known) == (distinct, real.rows - distinct)
    # Each has a case, or several where it tells of several problems, or is put aside.
    assert ask(
        runtime,
        "SELECT count(*) FROM (SELECT signal_id FROM case_signal"
        " UNION SELECT signal_id FROM aside) a",
    ) == [(new,)]
    assert ask(runtime, "SELECT sum(voices) = (SELECT count(*) FROM case_signal) FROM cases") == [
        (True,)
    ]
    assert ask(runtime, "SELECT count(*) FROM signal WHERE text_withheld") == [(0,)]
    # Nothing like a mobile number is shown; what was masked lies in the vault.
    pattern = r"(^|[^0-9])1[3-9][0-9]{9}([^0-9]|$)"
    shown = f"coalesce(title, '') || coalesce(text, '') || coalesce(reply, '') ~ '{pattern}'"
    assert ask(runtime, f"SELECT count(*) FROM signal WHERE {shown}") == [(0,)]
    assert ask(
        runtime,
        "SELECT count(*) FROM signal s LEFT JOIN vault_item v ON v.id = s.id WHERE v.id IS NULL",
    ) == [(0,)]  # each has its reporter there
    if real.mapping == "messages-answered":
        check_history(runtime)
    assert await bring_in(runtime, real.path, real.mapping) == (real.rows, 0, real.rows, 0)
    assert ask(runtime, "SELECT count(*) FROM signal") == [(new,)]


def check_history(runtime: Runtime) -> None:
    """Answered messages are closed when their reply came, in Beijing's time; the reply is a note
    of the case."""
    assert ask(runtime, "SELECT DISTINCT state FROM cases") == [("closed",)]
    assert ask(runtime, "SELECT count(*) FROM cases WHERE closed_at < opened_at") == [(0,)]
    assert ask(
        runtime,
        "SELECT count(*) FROM signal s WHERE s.reply IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM case_signal c JOIN note n USING (case_id) WHERE c.signal_id = s.id)",
    ) == [(0,)]


def _rows(path: Path) -> list[list[object]]:
    book = openpyxl.load_workbook(path, read_only=True)
    assert book.active is not None
    rows = [[_plain(cell) for cell in row] for row in book.active.iter_rows(values_only=True)]
    return [row for row in rows[1:] if any(cell is not None for cell in row)]


def _plain(cell: object) -> object:
    return cell.strip() or None if isinstance(cell, str) else cell


@needs_data
async def test_boston_comes_in_as_an_area_of_its_own(runtime: Runtime, tmp_path: Path) -> None:
    """The first rows only: the whole file is for the demo and the benchmarks."""
    path = tmp_path / "boston.csv"
    with gzip.open(BOSTON, "rt", encoding="utf-8", newline="") as file:
        path.write_text("".join(next(file) for _ in range(BOSTON_SLICE + 1)), encoding="utf-8")
    read, new, known, bad = await bring_in(runtime, path, "boston-311")
    assert (read, new, known, bad) == (BOSTON_SLICE, BOSTON_SLICE, 0, 0)
    assert ask(runtime, "SELECT DISTINCT area FROM cases") == [("boston",)]
    zone = ZoneInfo(mapping_named("boston-311").timezone.key)
    ((first,),) = ask(runtime, "SELECT min(reported_at) FROM signal")
    assert first.astimezone(zone).strftime("%Y-%m") == "2011-07"  # type: ignore[attr-defined]
    # Numbers carry Boston's own day.
    assert ask(
        runtime,
        "SELECT count(*) FROM cases WHERE number NOT LIKE"
        " 'BOS-' || to_char(opened_at AT TIME ZONE 'America/New_York', 'YYYYMMDD') || '-%'",
    ) == [(0,)]
    assert await bring_in(runtime, path, "boston-311") == (BOSTON_SLICE, 0, BOSTON_SLICE, 0)
