"""What can be seen in the database, as the role that the application runs as."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg

from streetwise.kernel.backup import folder as folders
from streetwise.kernel.backup.making import RECIPIENT_FILE, installation_of
from streetwise.kernel.clock import wall_now
from streetwise.kernel.crypto import MASTER_KEY_FILE, KeyMissing, load_keys
from streetwise.kernel.doctor.finding import Finding
from streetwise.kernel.errors import StreetwiseError
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.seals.sealing import HEAD_FILE, read_kept
from streetwise.kernel.seals.signing import PRIVATE_FILE
from streetwise.kernel.settings import Settings

#: Who asks: the system, whom no wall stops (kernel/database.py). For looking only.
_AS_SYSTEM = (
    "-c default_transaction_read_only=on -c streetwise.scope=all -c streetwise.clearance=4"
    " -c streetwise.can={*} -c streetwise.areas={} -c streetwise.units={}"
)
_CONNECT_SECONDS = 10
_ROLE = (
    "SELECT current_user, rolsuper, rolbypassrls, rolcreaterole, EXISTS (SELECT FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    " AND pg_has_role(current_user, relowner, 'USAGE'))"
    " FROM pg_roles WHERE rolname = current_user"
)
_JOURNAL_RIGHTS = (
    "SELECT p FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) p"
    " WHERE has_table_privilege('journal', p) UNION ALL"
    " SELECT 'INSERT (' || c || ')' FROM unnest(ARRAY['seq', 'at']) c"
    " WHERE has_column_privilege('journal', c, 'INSERT') UNION ALL"
    " SELECT 'UPDATE (' || attname || ')' FROM pg_attribute WHERE attrelid = 'journal'::regclass"
    " AND attnum > 0 AND NOT attisdropped AND has_column_privilege('journal', attname, 'UPDATE')"
)
_NOW = "SELECT clock_timestamp()"
_SIMULATED = "SELECT simulated FROM clock"
_NEWEST_ENTRY = "SELECT at FROM journal ORDER BY seq DESC LIMIT 1"
_FINGERPRINT = "SELECT fingerprint, hashes FROM master_key"
_SEALS = "SELECT max(number) FROM journal_seal"
_UNSEALED = (
    "SELECT count(*) FROM journal WHERE seq > (SELECT coalesce(max(last), 0) FROM journal_seal)"
)
_LAST_SEAL = "SELECT max(sealed_at) FROM journal_seal"
_FAILED = (
    "SELECT task_name, count(*) FROM procrastinate_jobs WHERE status = 'failed'"
    " GROUP BY task_name ORDER BY task_name"
)
_WAITING = (
    "SELECT count(*), min(began) FROM (SELECT greatest(coalesce(j.scheduled_at, e.at), e.at) began"
    " FROM procrastinate_jobs j JOIN LATERAL (SELECT max(at) at FROM procrastinate_events"
    " WHERE job_id = j.id) e ON true WHERE j.status = 'todo') w WHERE began < %s"
)


@dataclass(frozen=True, slots=True)
class Look:
    """A connection for looking, and the settings. ``machine_now``: this machine's clock."""

    connection: psycopg.Connection[Any]
    settings: Settings
    machine_now: Callable[[], datetime] = wall_now

    def row(self, query: str, *given: object) -> tuple[Any, ...] | None:
        """The first row."""
        return self.connection.execute(query, given or None).fetchone()

    def one(self, query: str, *given: object) -> Any:
        """The first value, None without rows."""
        row = self.row(query, *given)
        return row[0] if row else None


Check = Callable[[Look], Iterator[Finding]]


def look(
    settings: Settings,
    app_url: str,
    *,
    tables: bool = True,
    machine_now: Callable[[], datetime] = wall_now,
    more: Sequence[Check] = (),
) -> Iterator[Finding]:
    """All findings in the database; without ``tables`` only what needs none of ours. ``more``:
    checks of other rooms, which need the tables.
    """
    try:
        connection = psycopg.connect(
            **conninfo(app_url),
            options=_AS_SYSTEM,
            connect_timeout=_CONNECT_SECONDS,
            autocommit=True,
        )
    except psycopg.Error as error:
        yield unreachable(str(error).strip().splitlines()[0])
        return
    with connection:
        at = Look(connection, settings, machine_now)
        for check in (*ALWAYS, *WITH_TABLES, *more) if tables else ALWAYS:
            try:
                yield from check(at)
            except (psycopg.Error, StreetwiseError, OSError) as error:
                yield Finding(
                    "check_failed",
                    f"The check {check.__name__.removeprefix('check_')} could not be made"
                    f" ({type(error).__name__}).",
                    "Mend the findings above, then look again.",
                )


def unreachable(why: str) -> Finding:
    """The database does not answer."""
    return Finding(
        "database_down",
        f"The database cannot be reached: {why}",
        "See its log; check STREETWISE_DATABASE_URL, or start `streetwise serve` again.",
    )


def check_role(at: Look) -> Iterator[Finding]:
    """The application's role may not do more than it must."""
    row = at.row(_ROLE)
    assert row is not None
    words = ("is a superuser", "passes all walls (BYPASSRLS)", "makes roles", "owns tables")
    held = [word for word, has in zip(words, row[1:], strict=True) if has]
    if held:
        yield Finding(
            "app_role",
            f"The role {row[0]}, as which the application runs, {' and '.join(held)}.",
            "Give it a role without these rights (STREETWISE_DATABASE_URL), the tables to another"
            " (STREETWISE_OWNER_DATABASE_URL), and run `streetwise migrate`.",
        )


def check_journal_rights(at: Look) -> Iterator[Finding]:
    """Nobody of the application changes the journal."""
    held = [right for (right,) in at.connection.execute(_JOURNAL_RIGHTS)]
    if held:
        yield Finding(
            "journal_rights",
            f"The application's role has rights on the journal that nobody may have:"
            f" {', '.join(held[:4])}.",
            "`streetwise migrate` takes them away; then `streetwise journal verify`.",
        )


def check_clock(at: Look) -> Iterator[Finding]:
    """This machine and the database's agree on the time."""
    before = at.machine_now()
    theirs: datetime = at.one(_NOW)
    off = (theirs - before).total_seconds()
    if abs(off) > at.settings.doctor_clock_seconds:
        yield Finding(
            "clock_off",
            f"This machine's clock is {abs(off):,.0f} s {'behind' if off > 0 else 'ahead of'} the"
            " database's.",
            "Set both by NTP; deadlines and sessions count by them.",
        )


def check_journal_time(at: Look) -> Iterator[Finding]:
    """No entry lies in the future. A town's time is simulated and may."""
    newest = at.one(_NEWEST_ENTRY)
    if at.one(_SIMULATED) or newest is None:
        return
    ahead = newest - at.one(_NOW)
    if ahead > timedelta(seconds=at.settings.doctor_clock_seconds):
        yield Finding(
            "journal_in_future",
            f"The journal's newest entry is dated {newest:%Y-%m-%d %H:%M}, which is still to come:"
            " the clock was ahead.",
            "Set the clock by NTP; until then entries carry that date. Nothing is lost.",
        )


def check_master_key(at: Look) -> Iterator[Finding]:
    """The master key is there, and is the one that this database was sealed with."""
    row = at.row(_FINGERPRINT)
    if row is None:
        return  # before the first start
    folder = at.settings.secrets_path
    try:
        keys = load_keys(folder, create=False)
    except KeyMissing:
        yield Finding(
            "master_key_missing",
            f"There is no master key {folder / MASTER_KEY_FILE}; files and originals do not open.",
            "Restore the file from the newest archive of keys or from where you keep it apart.",
        )
        return
    keys = keys.with_profiles(seals=row[1], hashes=row[1])
    if row[0] not in [one.fingerprint for one in (keys, keys.before) if one is not None]:
        yield Finding(
            "master_key_wrong",
            f"The master key in {folder} is not the one that this database was sealed with.",
            "Put the right one back; do not make a new one.",
        )


def check_seals(at: Look) -> Iterator[Finding]:
    """The journal is sealed, and the head kept outside is the newest seal."""
    settings, newest = at.settings, at.one(_SEALS)
    if newest is not None and not (settings.secrets_path / PRIVATE_FILE).exists():
        yield Finding(
            "signing_key_missing",
            f"The journal was sealed before, and {settings.secrets_path / PRIVATE_FILE} is gone.",
            "Restore it from the newest archive of keys; until then nothing is sealed.",
        )
    kept = read_kept(settings.home / HEAD_FILE)
    if kept and kept[0].number > (newest or 0):
        yield Finding(
            "journal_cut",
            f"Seal {kept[0].number} was kept, and the database ends with seal {newest or 0}: the"
            " journal's end is gone.",
            "Run `streetwise journal verify`; if this is no restored backup, somebody cut it off.",
        )
    elif newest is not None and (not kept or kept[0].number < newest):
        yield Finding(
            "journal_head_behind",
            f"{settings.home / HEAD_FILE} is behind the database's seal {newest}.",
            "Nothing, if the server runs: it follows with the next seal. Else check that the"
            " service's user may write there.",
            serious=False,
        )
    since, waiting = at.one(_LAST_SEAL), at.one(_UNSEALED)
    late = timedelta(minutes=settings.doctor_jobs_waiting_minutes)
    if waiting and since is not None and at.one(_NOW) - since > late:
        yield Finding(
            "journal_unsealed",
            f"{waiting:,} entries of the journal wait for a seal since {since:%Y-%m-%d %H:%M}.",
            "Start `streetwise serve` or `streetwise worker`; if one runs, see its log.",
        )


def check_jobs(at: Look) -> Iterator[Finding]:
    """No job has failed for good, and none waits in vain."""
    failed = list(at.connection.execute(_FAILED))
    if failed:
        named = ", ".join(f"{name} ({count})" for name, count in failed)
        yield Finding(
            "jobs_failed",
            f"Jobs have failed for good: {named}.",
            "Look at them on the page System, where the system administrator puts them back or"
            " throws them away.",
        )
    minutes = at.settings.doctor_jobs_waiting_minutes
    row = at.row(_WAITING, at.one(_NOW) - timedelta(minutes=minutes))
    if row is not None and row[0]:
        yield Finding(
            "jobs_waiting",
            f"{row[0]} jobs wait for more than {minutes:g} minutes, the oldest since"
            f" {row[1]:%Y-%m-%d %H:%M}.",
            "Start `streetwise serve` or `streetwise worker`; if one runs, see its log.",
        )


def check_backups(at: Look) -> Iterator[Finding]:
    """There is a backup, not too old, that somebody can open."""
    settings = at.settings
    if settings.backup_folder is None:
        yield Finding(
            "backup_not_set",
            "No periodic backup is set.",
            "Make a key (`streetwise backup-key`) and set STREETWISE_BACKUP_FOLDER.",
            serious=False,
        )
        return
    if not (settings.secrets_path / RECIPIENT_FILE).exists():
        yield Finding(
            "backup_no_key",
            "A folder for backups is set, and there is no backup key.",
            "Make one: `streetwise backup-key FILE`.",
        )
    try:
        of = installation_of(load_keys(settings.secrets_path, create=False))
    except KeyMissing:
        return  # which is said by its own check
    found = folders.archives(settings.backup_folder, folders.tag(of))
    newest = found[-1].at if found else None
    limit = timedelta(hours=2 * settings.backup_every_hours)
    if newest is None or wall_now() - newest > limit:
        when = f"is of {newest:%Y-%m-%d %H:%M} UTC" if newest else "is not there"
        yield Finding(
            "backup_old",
            f"The newest backup in {settings.backup_folder} {when}; one is due every"
            f" {settings.backup_every_hours:g} hours.",
            "Run `streetwise backup`; it says what is in the way.",
        )


ALWAYS: tuple[Check, ...] = (check_role, check_clock)
WITH_TABLES: tuple[Check, ...] = (
    check_journal_rights,
    check_journal_time,
    check_master_key,
    check_seals,
    check_jobs,
    check_backups,
)
