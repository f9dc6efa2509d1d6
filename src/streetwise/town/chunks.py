"""The town's past in stretches, each lived through in a database of its own and then moved in.

A year of history takes minutes, and nobody waits for that: the demo opens with its last month,
and older stretches arrive behind it while people look around. Each is lived through by the real
path in a copy of the loaded street (so nobody meets half-done old cases), then moved into the
street's database in one transaction. Entries of the past get numbers below those of the present,
in a range kept free for each stretch: the journal's order stays the order of time, and no screen
hears of what happened a year ago. The journal is not sealed before all have arrived.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from streetwise.kernel.jobs import conninfo
from streetwise.kernel.journal import COMMIT_LOCK

#: Entries that a stretch may have at most, and where those of the present begin.
ENTRIES, PRESENT = 400_000, 20_000_001
DAYS = 28
DROP_TRIES, DROP_PAUSE_SECONDS = 20, 0.25

#: What a stretch of the past consists of, in an order in which rows may refer to earlier ones.
MOVED = (
    "import_batch", "quarantine", "vault_key", "vault_item", "vault_field", "signal",
    "upstream_item", "cases", "case_signal", "aside", "note", "work_order", "merge_offer",
    "cause_offer", "case_merge", "case_print", "lesson", "answer",
    "letter", "case_party", "score_exemption", "case_clock", "case_request", "contact",
    "petition", "petition_review", "hazard", "hazard_order", "dispute", "dispute_record",
    "case_check", "case_sighting", "call_back",
    "directive", "incident", "incident_report", "incident_tell", "duty_log", "handover",
)  # fmt: skip
#: What the street's folder and the present bring, or what nothing of the past is kept in.
STAYS = (
    "clock", "crosswalk", "directory_history", "directory_form", "job_failure", "journal_seal",
    "master_key", "periodic_work", "setup_code", "sign_in_throttle", "source", "taxonomy", "unit",
    "vault_generation", "vault_reason", "vault_use", "area", "staff", "taxonomy_class", "grid",
    "notification", "notify_preference", "responsibility", "staff_password",
    "staff_recovery_code", "staff_stand_in", "asset", "delivery", "place", "premises",
    "staff_session", "triage_queue", "photo", "camera", "sensor", "duty",
    "learned", "case_fact", "case_step", "dispatch_past", "desk_lock", "speed_baseline",
    "speed_case", "report", "report_file", "reconciliation", "reconciliation_line", "saved_view",
    "video_gateway", "watched_camera", "watch_zone", "finding", "finding_picture",
    "camera_health", "camera_outage", "camera_cadence", "camera_look",
    "camera_threshold",
    "warn_run", "warning", "warn_note", "warn_forecast", "preventive_task",
    "weather_day",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch: reports of start <= at < end. ``number``: 0 is the newest."""

    number: int
    start: datetime
    end: datetime

    @property
    def first_seq(self) -> int:
        """Where its journal entries begin."""
        return PRESENT - (self.number + 1) * ENTRIES


def stretches(start: datetime, end: datetime, first_days: int, zone: ZoneInfo) -> list[Chunk]:
    """The period cut up, newest first: two halves of the last ``first_days``, then four weeks each.

    Two, because two processes make them. Cut at midnight: cases are numbered by the day.
    """
    today = end.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    cuts = [end, today - timedelta(days=first_days // 2), today - timedelta(days=first_days)]
    while cuts[-1] > start:
        cuts.append(max(start, cuts[-1] - timedelta(days=DAYS)))
    pairs = zip(cuts[1:], cuts, strict=False)
    return [Chunk(number, low, high) for number, (low, high) in enumerate(pairs)]


def make_base(owner_url: str) -> None:
    """Copy the loaded street, before anything has happened in it. Nobody may be connected."""
    with psycopg.connect(**conninfo(owner_url), autocommit=True) as connection:
        connection.execute(
            sql.SQL("ALTER TABLE journal ALTER COLUMN seq RESTART WITH {}").format(PRESENT)
        )
    with _beside(owner_url) as connection:
        _drop(connection, _base(owner_url))
        _copy_database(connection, _base(owner_url), _street(owner_url))


def open_copy(owner_url: str, chunk: Chunk) -> None:
    """A street of its own for a stretch."""
    with _beside(owner_url) as connection:
        _drop(connection, _copy_of(owner_url, chunk))
        _copy_database(connection, _copy_of(owner_url, chunk), _base(owner_url))
        # It is made again if the machine stops: no commit has to wait for the disk.
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(
                sql.Identifier(_copy_of(owner_url, chunk))
            )
        )


def drop_copies(owner_url: str, stretches: Sequence[Chunk]) -> None:
    """Remove what was only needed while the past was made."""
    with _beside(owner_url) as connection:
        for name in (*(_copy_of(owner_url, one) for one in stretches), _base(owner_url)):
            _drop(connection, name)


def close_copy(owner_url: str, chunk: Chunk) -> None:
    """Remove the database of a stretch."""
    with _beside(owner_url) as connection:
        _drop(connection, _copy_of(owner_url, chunk))


def has_arrived(owner_url: str, chunk: Chunk) -> bool:
    """Whether a stretch has been moved in, whatever was noted of it."""
    with psycopg.connect(**conninfo(owner_url), autocommit=True) as connection:
        found = connection.execute(
            "SELECT EXISTS (SELECT FROM journal WHERE seq >= %s AND seq < %s)",
            (chunk.first_seq, chunk.first_seq + ENTRIES),
        ).fetchone()
    return found == (True,)


def move_in(owner_url: str, chunk: Chunk) -> int:
    """Move a stretch from its own database into the street's, whole or not at all; its entries."""
    theirs = {**conninfo(owner_url), "dbname": _copy_of(owner_url, chunk)}
    with (
        psycopg.connect(**theirs) as source,
        psycopg.connect(**conninfo(owner_url)) as target,
        target.transaction(),
    ):
        for table in MOVED:
            _move(source, target, table, _columns(source, table))
        _add_counters(source, target)
        return _move_journal(source, target, chunk)


def _move_journal(
    source: psycopg.Connection[tuple[object, ...]],
    target: psycopg.Connection[tuple[object, ...]],
    chunk: Chunk,
) -> int:
    """Last, under the lock that orders commits: the entries with their times and free numbers."""
    columns = [name for name in _columns(source, "journal") if name != "seq"]
    # Those of the loaded street are there already; a copied database counts on behind them.
    counted = source.execute("SELECT count(*) FROM journal WHERE seq >= %s", (PRESENT,)).fetchone()
    assert counted is not None and isinstance(counted[0], int)
    if counted[0] >= ENTRIES:
        raise ValueError(f"{counted[0]} entries are more than a stretch has numbers for")
    # Read out before the lock is taken: we are behind everybody who is at work, and while we hold
    # it they would wait for us, with the cases that they have locked.
    target.execute("CREATE TEMPORARY TABLE arriving (LIKE journal) ON COMMIT DROP")
    query = sql.SQL("SELECT seq - {}, {} FROM journal WHERE seq >= {} ORDER BY seq").format(
        PRESENT - chunk.first_seq, _names(columns), PRESENT
    )
    _copy(source, target, "arriving", ["seq", *columns], query)
    target.execute("SELECT pg_advisory_xact_lock(%s)", (COMMIT_LOCK,))
    # The trigger would say that all of it happened now.
    target.execute("ALTER TABLE journal DISABLE TRIGGER journal_at")
    target.execute(
        sql.SQL(
            "INSERT INTO journal (seq, {0}) OVERRIDING SYSTEM VALUE"
            " SELECT seq, {0} FROM arriving ORDER BY seq"
        ).format(_names(columns))
    )
    target.execute("ALTER TABLE journal ENABLE TRIGGER journal_at")
    return counted[0]


def _add_counters(
    source: psycopg.Connection[tuple[object, ...]], target: psycopg.Connection[tuple[object, ...]]
) -> None:
    """How many case numbers of a day are used: the present may have used more of its own."""
    rows = source.execute("SELECT key, used FROM case_counter ORDER BY key").fetchall()
    with target.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO case_counter (key, used) VALUES (%s, %s) ON CONFLICT (key)"
            " DO UPDATE SET used = greatest(case_counter.used, excluded.used)",
            rows,
        )


def _move(
    source: psycopg.Connection[tuple[object, ...]],
    target: psycopg.Connection[tuple[object, ...]],
    table: str,
    columns: list[str],
) -> None:
    query = sql.SQL("SELECT {} FROM {}").format(_names(columns), sql.Identifier(table))
    _copy(source, target, table, columns, query)


def _copy(
    source: psycopg.Connection[tuple[object, ...]],
    target: psycopg.Connection[tuple[object, ...]],
    table: str,
    columns: list[str],
    query: sql.Composed,
) -> None:
    out = sql.SQL("COPY ({}) TO STDOUT (FORMAT binary)").format(query)
    into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier(table), _names(columns)
    )
    with (
        source.cursor() as reading,
        target.cursor() as writing,
        reading.copy(out) as read,
        writing.copy(into) as write,
    ):
        for piece in read:
            write.write(piece)


def _columns(connection: psycopg.Connection[tuple[object, ...]], table: str) -> list[str]:
    found = connection.execute(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        (table,),
    ).fetchall()
    return [str(name) for (name,) in found]


def _names(columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _copy_database(
    connection: psycopg.Connection[tuple[object, ...]], name: str, template: str
) -> None:
    connection.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(template)
        )
    )


def _drop(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    """Remove a database; connections that are just ending get a moment."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    for _ in range(DROP_TRIES - 1):
        try:
            connection.execute(statement)
        except psycopg.errors.ObjectInUse:
            time.sleep(DROP_PAUSE_SECONDS)
        else:
            return
    connection.execute(statement)


def _beside(owner_url: str) -> psycopg.Connection[tuple[object, ...]]:
    """A connection that is in none of the street's databases."""
    return psycopg.connect(**{**conninfo(owner_url), "dbname": "postgres"}, autocommit=True)


def in_copy(url: str, chunk: Chunk) -> str:
    """The same server and role, in the database of a stretch."""
    return make_url(url).set(database=_copy_of(url, chunk)).render_as_string(hide_password=False)


def _street(url: str) -> str:
    return str(conninfo(url)["dbname"])


def _base(url: str) -> str:
    """The loaded street before anything happened in it: what all stretches begin with."""
    return f"{_street(url)}_base"


def _copy_of(url: str, chunk: Chunk) -> str:
    """The database that a stretch has to itself while it is lived through."""
    return f"{_street(url)}_past_{chunk.number}"
