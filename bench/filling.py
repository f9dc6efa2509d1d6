"""A street that has been at work for years: cases by the ten thousand, written by COPY.

A few thousand messages take the real path; their cases and signals are then repeated with other
numbers, times, states and hands. States, ages and deadlines are spread as a street's are: open is
what came in a month, most of it young, some overdue; a tenth has no deadline.

(Until 2026-11-23 a tenth of all was open: of a million cases four months of work that nobody did.
What that costs is in docs/decisions/0023-lists-at-size.md.)
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from bench import files
from bench.street import SEED, Bench
from streetwise.directory.actions import add_area
from streetwise.directory.areas import NewArea
from streetwise.gather import jobs
from streetwise.kernel.copying import array_text, json_text
from streetwise.kernel.ids import new_ids
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import Runtime, Urls, open_runtime
from streetwise.kernel.search import bigrams
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.jobs import run_triage
from streetwise.resolve.tables import Case

YEARS = 3
#: Share of cases in further areas (files of other places), four of them.
ELSEWHERE = 0.2
OTHER_AREAS = tuple(f"other-{number}" for number in range(1, 5))
#: Open states and how the open cases spread over them.
OPEN = {
    "received": 8, "accepted": 8, "dispatched": 20, "handling": 40, "reported": 14, "verified": 10,
}  # fmt: skip
#: What came in so many days is open.
OPEN_DAYS = 30
OPEN_SHARE = OPEN_DAYS / (365 * YEARS)

#: As the tables say, so that a column that comes later is written as it is.
_JSON, _ARRAYS = (
    tuple(column.name for column in Case.__table__.columns if isinstance(column.type, kind))
    for kind in (JSONB, ARRAY)
)

#: The way of a case through its states, as the journal has it.
_WAY = """
(VALUES (0, 'case.opened', 'received'), (1, 'case.accepted', 'accepted'),
        (2, 'case.dispatched', 'dispatched'), (3, 'case.started', 'handling'),
        (4, 'case.reported', 'reported'), (5, 'case.verified', 'verified'),
        (6, 'case.closed', 'closed')) AS way (step, action, state)
"""
_STEP = """
array_position(ARRAY['received', 'accepted', 'dispatched', 'handling', 'reported', 'verified',
                     'closed'], c.state) - 1
"""
_JOURNAL = f"""
INSERT INTO journal
    (at, actor, action, subject_kind, subject, area, units, grade, data, drill)
SELECT c.opened_at + way.step * interval '2 hours',
       CASE WHEN way.step = 0 THEN 'system:triage' ELSE 'staff:' || %(staff)s END,
       way.action, 'case', c.id, c.area, array_remove(ARRAY[c.unit_id, c.community_id], NULL),
       c.grade, jsonb_build_object('to', way.state, 'version', way.step + 1), false
FROM cases c JOIN {_WAY} ON way.step <= {_STEP}
JOIN origin ON origin.case_id = c.id
ORDER BY 1
"""


async def fill(bench: Bench, urls: Urls, count: int) -> None:
    """Fill a fresh database with about ``count`` cases, their signals and their journal."""
    assert urls.owner is not None
    # Nobody else is there: on a busy machine it would rest for minutes.
    settings = bench.settings.model_copy(update={"bulk_rest_seconds": 0.0})
    async with open_runtime(settings, urls.app) as runtime:
        await _templates(bench, runtime, min(count // 10, 3_000))
    with psycopg.connect(**conninfo(urls.owner), autocommit=True) as connection:
        with connection.transaction():
            _repeat(connection, count)
        # As autovacuum will have done long since.
        for table in ("cases", "signal", "case_signal", "journal"):
            connection.execute(f"VACUUM ANALYZE {table}".encode())


async def _templates(bench: Bench, runtime: Runtime, messages: int) -> None:
    file = bench.home / "templates.csv"
    files.reports_csv(file, bench.town, SEED, messages)
    viewer = Viewer.system("bench")
    batch = await jobs.accept_file(runtime, viewer, "street-reports", file, file.name)
    await jobs.run_import(runtime, batch_id=str(batch.id))
    await run_triage(runtime)
    async with runtime.database.unit_of_work(Viewer.system("bench")) as uow:
        for code in OTHER_AREAS:
            await add_area(uow, viewer, NewArea(code, code, code, "Asia/Shanghai", f"{code}-"))


def _repeat(connection: psycopg.Connection[Any], count: int) -> None:
    with connection.cursor(row_factory=dict_row) as cursor:
        templates = cursor.execute(
            "SELECT c.*, s.signal_id FROM cases c JOIN case_signal s ON s.case_id = c.id"
            " WHERE s.why = 'opened' ORDER BY c.id"
        ).fetchall()
        units = [
            row["id"]
            for row in cursor.execute(
                "SELECT id FROM unit WHERE tier IN ('community', 'department', 'outside')"
            )
        ]
        staff = cursor.execute("SELECT id FROM staff WHERE login = 'dispatcher'").fetchone()
    assert staff is not None
    columns = [name for name in templates[0] if name != "signal_id"]
    origins: list[tuple[UUID, UUID]] = []

    def cases() -> Iterator[tuple[Any, ...]]:
        pick = itemgetter(*columns)
        for case in _cases(templates, units, count):
            origins.append((case["id"], case["signal_id"]))
            yield pick(case)

    indexes = _take_indexes(connection)
    _copy(connection, "cases", columns, cases())
    connection.execute("CREATE TEMPORARY TABLE origin (case_id uuid, signal_id uuid)")
    _copy(connection, "origin", ["case_id", "signal_id"], origins)
    _signals(connection)
    # The entries' times are in the past, which the trigger would not have.
    connection.execute("ALTER TABLE journal DISABLE TRIGGER journal_at")
    connection.execute(_JOURNAL.encode(), {"staff": str(staff["id"])})
    connection.execute("ALTER TABLE journal ENABLE TRIGGER journal_at")
    for statement in indexes:
        connection.execute(statement.encode())


def _take_indexes(connection: psycopg.Connection[Any]) -> list[str]:
    """Drop what is quicker built once everything is there; the statements that bring it back."""
    found = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = ANY (ARRAY['cases', 'signal', 'case_signal', 'journal']::regclass[])"
        " AND NOT indisunique"
    ).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}".encode())
    return [statement for _, statement in found]


def _cases(
    templates: Sequence[dict[str, Any]], units: Sequence[UUID], count: int
) -> Iterator[dict[str, Any]]:
    rng = random.Random(count)
    now = datetime.now(UTC)
    for number, case_id in enumerate(new_ids(count)):
        template = templates[number % len(templates)]
        yield _case(template, case_id, number, count, now, units, rng)


def _case(
    template: dict[str, Any],
    case_id: UUID,
    number: int,
    count: int,
    now: datetime,
    units: Sequence[UUID],
    rng: random.Random,
) -> dict[str, Any]:
    """The oldest have the lowest numbers; of the youngest, half are still open."""
    age = timedelta(days=365 * YEARS * (1 - number / count) * rng.uniform(0.98, 1.02))
    opened = now - age
    due = opened + timedelta(hours=rng.choice((4, 24, 72, 168, 360)))
    young = number > count * (1 - 1.8 * OPEN_SHARE)
    is_open = rng.random() < (0.5 if young else 0.1 * OPEN_SHARE)
    if is_open:
        opened = now - timedelta(hours=rng.expovariate(1 / 60))
        due = now + timedelta(hours=rng.gauss(48, 60))
    state = rng.choices(list(OPEN), list(OPEN.values()))[0] if is_open else "closed"
    elsewhere = rng.random() < ELSEWHERE
    case = {
        **template,
        "id": case_id,
        "number": f"{opened:%Y%m%d}-{number:06d}",
        "version": 3,
        "state": state,
        "opened_at": opened,
        "due_at": None if rng.random() < 0.1 else due,
        "closed_at": None if is_open else opened + timedelta(hours=rng.expovariate(1 / 50)),
        "unit_id": None if state in ("received", "accepted") else rng.choice(units),
    }
    if elsewhere:
        case |= {"area": rng.choice(OTHER_AREAS), "grid_id": None, "community_id": None}
    case["search"] = bigrams(case["number"], case["title"], case["place_text"])
    for name in _ARRAYS:
        case[name] = array_text(case[name])
    for name in _JSON:
        case[name] = json_text(case[name])
    return case


def _copy(
    connection: psycopg.Connection[Any], table: str, columns: Sequence[str], rows: Any
) -> None:
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for row in rows:
            copy.write_row(row)


def _signals(connection: psycopg.Connection[Any]) -> None:
    """A signal for each case, with the words of the one that its template came from."""
    cursor = connection.execute("SELECT * FROM signal LIMIT 0")
    kept = [
        column.name
        for column in cursor.description or ()
        if column.name not in ("id", "content_hash", "text_hash", "source_key")
    ]
    names = ", ".join(kept)
    taken = ", ".join(f"s.{name}" for name in kept)
    connection.execute(
        f"INSERT INTO signal (id, content_hash, source_key, {names})"
        f" SELECT o.case_id, sha256(o.case_id::text::bytea), o.case_id::text, {taken}"
        " FROM origin o JOIN signal s ON s.id = o.signal_id".encode()
    )
    connection.execute(
        "INSERT INTO case_signal (signal_id, part, case_id, why, joined_at, text_hash)"
        " SELECT c.id, 0, c.id, 'opened', c.opened_at, NULL FROM cases c"
        " JOIN origin o ON o.case_id = c.id"
    )
