"""The second wall: which rows PostgreSQL itself shows to whom, table by table.

The first wall are the repositories. This one stands behind them, for the read that forgot to
ask. Every table has a line in ``WALLS``: the rule by which its rows are shown, or the reason
why it is open. A table without a line is closed to sw_app, and a test names it.

A rule is a condition in SQL on the row and on who asks. Who asks stands in settings of the
transaction (``kernel.database``); without them no rule holds. Each setting is read in a scalar
subselect, so that it is read once for a statement and not once for a row.

The walls are built after every migration (``run.migrate``), like the grants: they belong to the
program, not to a version of the tables.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Wall:
    """``rule``: the rows that a viewer sees and changes. ``adds``: further rows to be added.

    ``because``: the rule in words, for docs/reference/access.md.
    """

    because: str
    rule: str
    adds: str | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """No wall, and why."""

    because: str


# --- who asks ------------------------------------------------------------------------------


def _asked(name: str, kind: str) -> str:
    # A setting that was never set is NULL, one of a transaction that is over is ''. The second
    # cast does nothing but tell PostgreSQL that ``= ANY`` has an array before it, no subquery.
    read = f"NULLIF(current_setting('streetwise.{name}', true), '')::{kind}"
    return f"(SELECT {read})::{kind}"


_CLEARANCE = _asked("clearance", "smallint")
_AREAS = _asked("areas", "text[]")
#: Compared first, because most people have one area, and it costs half.
_FIRST_AREA = "(SELECT (NULLIF(current_setting('streetwise.areas', true), '')::text[])[1])"
_UNITS = _asked("units", "uuid[]")
_STAFF = _asked("staff", "uuid")
#: Jobs, and what runs before anybody is known (sign-in): everything.
SYSTEM = "(SELECT current_setting('streetwise.scope', true) = 'all')"
#: Whole areas, whoever holds the case.
_WIDE = "(SELECT current_setting('streetwise.scope', true) IN ('all', 'district', 'street'))"
#: Anybody of the street; not the three administrators.
_OF_THE_STREET = "(SELECT current_setting('streetwise.scope', true) NOT IN ('none', ''))"


def may(*capabilities: str) -> str:
    """Who asks has one of these capabilities."""
    wanted = ", ".join(f"'{one}'" for one in ("*", *capabilities))
    return f"(SELECT {_asked('can', 'text[]')} && ARRAY[{wanted}])"


# --- rules ---------------------------------------------------------------------------------


def in_area(column: str = "area") -> str:
    """The row's area is one of the viewer's."""
    return f"({column} = {_FIRST_AREA} OR {SYSTEM} OR {column} = ANY ({_AREAS}))"


def graded(*capabilities: str) -> str:
    """The row's grade is within the viewer's clearance, who has one of the capabilities.

    In one comparison: without the capability the clearance is NULL.
    """
    if not capabilities:
        return f"grade <= {_CLEARANCE}"
    return f"grade <= (SELECT CASE WHEN {may(*capabilities)} THEN {_CLEARANCE} END)"


def of(table: str, column: str, key: str = "id") -> str:
    """The row belongs to one of another table, whose own wall decides."""
    return f"({SYSTEM} OR EXISTS (SELECT FROM {table} whole WHERE whole.{key} = {column}))"


def own(column: str = "staff_id", *, or_may: tuple[str, ...] = ()) -> str:
    """The row is the viewer's own, or the viewer has one of the capabilities."""
    others = f" OR {may(*or_may)}" if or_may else ""
    return f"({SYSTEM} OR {column} = {_STAFF}{others})"


def both(*rules: str) -> str:
    """All of the rules."""
    return " AND ".join(rules)


def either(*rules: str) -> str:
    """One of the rules."""
    return f"({' OR '.join(rules)})"


def _guess_most(rule: str) -> str:
    """The rule, so written that PostgreSQL expects it to let nearly every row through.

    It cannot know what the settings say, and would guess that a wall leaves a tenth of a table;
    with that guess it starts parallel workers and sorts for a page of a list. The repository's
    own filter, which has the values, has narrowed the rows by then. (Of ``<>`` it expects 99.5 %.)
    """
    return f"CASE WHEN {rule} THEN 1 ELSE 0 END <> 0"


#: Who looks after accounts ends their sessions.
_ACCOUNTS = ("staff.manage", "role.grant", "account.manage")
_CASE = both(
    graded("case.read"),
    in_area(),
    # Who holds it, where it lies, and the units that were called to it.
    f"({_WIDE} OR unit_id = ANY ({_UNITS}) OR community_id = ANY ({_UNITS})"
    f" OR party_ids && {_UNITS})",
)
_IN_DIRECTORY = Wall(
    "who may read the directory: of the viewer's areas", both(may("directory.read"), in_area())
)
_WATCHES = both(may("camera.watch", "camera.set_up"), in_area())
_READS_WARNINGS = both(may("warning.read"), in_area())
_IN_DUTY_ROOM = both(may("duty.read"), in_area())
_SIGNAL = both(
    graded("case.read", "vault.read", "vault.read_restricted", "vault.search", "vault.forget"),
    in_area(),
    # A signal has no unit of its own: who does not see whole areas sees it by its case.
    f"({_WIDE} OR EXISTS (SELECT FROM case_signal link WHERE link.signal_id = signal.id))",
)
_ORIGINAL = either(
    SYSTEM,
    "(kind = 'signal' AND EXISTS (SELECT FROM signal s WHERE s.id = vault_item.id))",
    "(kind = 'note' AND EXISTS (SELECT FROM note n WHERE n.id = vault_item.id))",
    "(kind = 'dispute' AND EXISTS (SELECT FROM dispute_record d WHERE d.id = vault_item.id))",
    "(kind = 'quarantine' AND EXISTS (SELECT FROM quarantine q WHERE q.id = vault_item.id))",
)
#: The column names who asks as the journal does.
_BY_ONESELF = f"({SYSTEM} OR {{}} = (SELECT 'staff:' || {_STAFF}))"
_JOURNAL_AREA = f"({SYSTEM} OR area IS NULL OR area = ANY ({_AREAS}))"

#: Every table of the database. Those of the job queue are open as a whole (``QUEUE``).
WALLS: Mapping[str, Wall | Open] = {
    # resolve
    "cases": Wall("of the viewer's areas, grade and, where these are not whole, units", _CASE),
    "case_signal": Wall("as its case", of("cases", "case_id")),
    "note": Wall("as its case", of("cases", "case_id")),
    "photo": Wall(
        "as its case; and who uploaded it", either(own("uploaded_by"), of("cases", "case_id"))
    ),
    "work_order": Wall("as its case", of("cases", "case_id")),
    "case_party": Wall("as its case", of("cases", "case_id")),
    "score_exemption": Wall("as its case", of("cases", "case_id")),
    "report": Wall("who reads scores: of the viewer's areas", both(may("score.read"), in_area())),
    "report_file": Wall("as its report", of("report", "report_id")),
    "aside": Wall("as its signal", of("signal", "signal_id")),
    "case_print": Wall("as its case", of("cases", "case_id")),
    "merge_offer": Wall(
        "as both of its cases", both(of("cases", "case_id"), of("cases", "other_id"))
    ),
    "cause_offer": Wall(
        "as all of its cases",
        either(
            SYSTEM,
            "NOT EXISTS (SELECT FROM unnest(members) one"
            " WHERE NOT EXISTS (SELECT FROM cases c WHERE c.id = one))",
        ),
    ),
    "case_merge": Wall("as the case that was merged", of("cases", "from_id")),
    "lesson": Wall("as its case", of("cases", "case_id")),
    "learned": Wall(
        "weights of word pieces; who reads cases or takes calls",
        may("case.read", "signal.register"),
    ),
    "answer": Wall("as its signal", of("signal", "signal_id")),
    "contact": Wall("as its case", of("cases", "case_id")),
    "letter": Wall("as its case", of("cases", "case_id")),
    "petition": Wall("as its case", of("cases", "case_id")),
    "petition_review": Wall("as its case", of("cases", "case_id")),
    "case_fact": Wall(
        "of the viewer's areas: who reads scores counts what others may not open",
        both(may("score.read"), in_area()),
    ),
    "case_step": Wall(
        "of the viewer's areas: who reads scores counts what others may not open",
        both(may("score.read"), in_area()),
    ),
    "speed_baseline": Wall(
        "who may read scores: of the viewer's areas", both(may("score.read"), in_area())
    ),
    "speed_case": Wall("as its baseline", of("speed_baseline", "baseline_id")),
    "case_clock": Wall("as its case", of("cases", "case_id")),
    "case_request": Wall("as its case", of("cases", "case_id")),
    "desk_lock": Wall("as its case", of("cases", "case_id")),
    "dispatch_past": Wall(
        "who may give a case to a unit: of the viewer's areas; numbers of units, no case",
        both(may("case.dispatch", "case.reassign", "case.whistle"), in_area()),
    ),
    "directive": Wall("as its case", of("cases", "case_id")),
    "hazard": Wall("as its case", of("cases", "case_id")),
    "hazard_order": Wall("as its case", of("cases", "case_id")),
    "dispute": Wall("as its case", of("cases", "case_id")),
    "dispute_record": Wall("as its case", of("cases", "case_id")),
    "incident": Wall("as its case", of("cases", "case_id")),
    "incident_report": Wall("as its incident", of("incident", "incident_id")),
    "incident_tell": Wall("as its report", of("incident_report", "report_id")),
    "duty_log": Wall("who may read the duty log: of the viewer's areas", _IN_DUTY_ROOM),
    "handover": Wall("who may read the duty log: of the viewer's areas", _IN_DUTY_ROOM),
    "reconciliation": Wall(
        "who reads cases, of the viewer's areas: only counts", both(may("case.read"), in_area())
    ),
    "reconciliation_line": Wall(
        "as its case; one without a case: who answers orders",
        either(
            of("cases", "case_id"), f"(case_id IS NULL AND {may('order.answer')} AND {in_area()})"
        ),
    ),
    "case_check": Wall("as its case", of("cases", "case_id")),
    "case_sighting": Wall("as its case", of("cases", "case_id")),
    # Who reads scores counts what others may not open (estimates).
    "call_back": Wall(
        "as its case; who may read scores: of the viewer's areas",
        either(of("cases", "case_id"), both(may("score.read"), in_area())),
    ),
    "saved_view": Wall(
        "its owner; one that is shared: who reads cases, of the viewer's areas",
        either(own("owner_id"), f"(unit_id IS NOT NULL AND {may('case.read')} AND {in_area()})"),
    ),
    # discover
    "video_gateway": Wall("who watches or sets up cameras: of the viewer's areas", _WATCHES),
    "watched_camera": Wall("who watches or sets up cameras: of the viewer's areas", _WATCHES),
    "watch_zone": Wall("as its camera", of("watched_camera", "watched_id")),
    "finding": Wall(
        "who watches cameras: of the viewer's areas", both(may("camera.watch"), in_area())
    ),
    "finding_picture": Wall("as its finding", of("finding", "finding_id")),
    "camera_threshold": Wall("as its camera", of("watched_camera", "watched_id")),
    "camera_health": Wall("as its camera", of("watched_camera", "watched_id")),
    "camera_outage": Wall("as its camera", of("watched_camera", "watched_id")),
    "camera_cadence": Wall("as its camera", of("watched_camera", "watched_id")),
    "camera_look": Wall("one's own", own()),
    # warn
    "warn_run": Wall("who reads warnings: of the viewer's areas", _READS_WARNINGS),
    "warning": Wall("who reads warnings: of the viewer's areas", _READS_WARNINGS),
    "warn_note": Wall("as its night", of("warn_run", "run_id")),
    "warn_forecast": Wall("as its night", of("warn_run", "run_id")),
    "preventive_task": Wall("who reads warnings: of the viewer's areas", _READS_WARNINGS),
    "case_counter": Open("counts numbers given out; tells nothing of a case"),
    # gather
    "signal": Wall(
        "of the viewer's areas and grade; of some units only: as its case",
        _SIGNAL,
        adds=both(graded("signal.register"), in_area()),
    ),
    "triage_queue": Wall(
        "as its import", of("import_batch", "batch_id"), adds=may("signal.register")
    ),
    "import_batch": Wall(
        "who may read imports: of the viewer's areas", both(may("import.read"), in_area())
    ),
    "quarantine": Wall("as its import", of("import_batch", "batch_id")),
    "source": Open("names of channels"),
    "weather_day": Open("what the weather was; the repository narrows it by area"),
    "upstream_item": Open("upstream numbers and keyed hashes; only imports ask"),
    # privacy; an original is added before the note that it belongs to
    "vault_item": Wall(
        "sealed; as the signal, note or row that it is of", _ORIGINAL, adds=_OF_THE_STREET
    ),
    "vault_field": Wall(
        "sealed; as its original, for who may read, search or forget",
        both(
            of("vault_item", "item_id"),
            may("vault.read", "vault.search", "vault.forget"),
        ),
        adds=_OF_THE_STREET,
    ),
    # Wrapped keys: they open nothing without the master key, and whoever writes needs one.
    "vault_key": Wall(
        "wrapped; all but the administrators, of whom one rotates",
        either(_OF_THE_STREET, may("key.rotate")),
    ),
    "vault_generation": Wall(
        "wrapped; all but the administrators, of whom one rotates",
        either(_OF_THE_STREET, may("key.rotate")),
    ),
    "vault_reason": Wall(
        "one's own; all for who audits", either(may("audit.read"), _BY_ONESELF.format("author"))
    ),
    "vault_use": Wall(
        "one's own; all for who audits", either(may("audit.read"), _BY_ONESELF.format("actor"))
    ),
    # kernel
    "journal": Wall(
        "of the viewer's areas, grade and, where these are not whole, units",
        both(
            graded(),
            _JOURNAL_AREA,
            f"({_WIDE} OR units && {_UNITS})",
        ),
        # What somebody did is written down whether or not they may read it afterwards.
        adds=_JOURNAL_AREA,
    ),
    "journal_seal": Wall("hashes; who audits", may("audit.read")),
    "job_failure": Wall("who operates the system", may("system.operate")),
    "periodic_work": Open("when periodic work last came"),
    "clock": Open("what time it is"),
    "master_key": Open("a fingerprint; only the system asks for it"),
    "alembic_version": Open("the version of the tables"),
    # notify: who tells somebody something does so with the eyes of the system
    "notification": Wall("one's own", own()),
    "delivery": Wall("as its notification", of("notification", "notification_id")),
    "notify_preference": Wall("one's own; addresses are sealed", own()),
    # directory: what the street is, known to all its staff; the repositories narrow it by area
    "unit": Open("names of public bodies"),
    "staff": Open("names and posts stand beside what was done; only sign-in reads the hashes"),
    "area": Open("names of areas; sign-in makes Viewers from them"),
    "grid": Open("public places"),
    "place": Open("public places"),
    "asset": Open("public things"),
    "premises": Open("public places"),
    "camera": _IN_DIRECTORY,
    "sensor": _IN_DIRECTORY,
    "duty": _IN_DIRECTORY,
    "crosswalk": Open("published standards"),
    "directory_history": Wall(
        "who may read the directory", may("directory.read", "staff.manage", "role.grant")
    ),
    "directory_form": Wall(
        "sealed; who writes or exports the directory of the area",
        both(may("directory.write", "directory.export"), in_area()),
    ),
    "responsibility": Open("who answers for what is public"),
    "taxonomy": Open("published standards"),
    "taxonomy_class": Open("published standards"),
    "staff_password": Wall("one's own; all for who looks after accounts", own(or_may=_ACCOUNTS)),
    "staff_recovery_code": Wall(
        "one's own; all for who looks after accounts", own(or_may=_ACCOUNTS)
    ),
    "sign_in_throttle": Wall("who looks after accounts", may("account.manage")),
    "setup_code": Wall("the system alone", SYSTEM),
    "staff_session": Wall("one's own; all for who looks after accounts", own(or_may=_ACCOUNTS)),
    "staff_stand_in": Wall("one's own; all for who looks after accounts", own(or_may=_ACCOUNTS)),
}
#: Tables of the job queue: ids only, asked by workers and by whoever defers a job.
QUEUE = "procrastinate_"

#: Search. An array's ``@>`` is not proven free of leaks, so PostgreSQL would use no index for it
#: behind a policy: among a million cases each search would read them all. The view has the wall
#: of ``cases`` written into it, as a plain condition, and belongs to the owner, whom policies
#: let pass. It gives ids; the rows themselves are then read through the policy.
SEARCH_VIEW = "case_search"
_SEARCH = f"SELECT * FROM cases WHERE {_guess_most(_CASE)}"  # noqa: S608


# --- building ------------------------------------------------------------------------------


def take_down_views(connection: Connection) -> None:
    """Before a migration: no view may stand in the way of a table's change."""
    connection.execute(text(f"DROP VIEW IF EXISTS {SEARCH_VIEW}"))


def build(connection: Connection, app_role: str) -> None:
    """Bring every wall to what stands above. One that is so already is not touched."""
    built = connection.execute(
        text(
            "SELECT t.relname, t.relrowsecurity, obj_description(p.oid, 'pg_policy')"
            " FROM pg_class t LEFT JOIN pg_policy p ON p.polrelid = t.oid AND p.polname = 'seen'"
            " WHERE t.relkind IN ('r', 'p') AND t.relnamespace = 'public'::regnamespace"
        )
    ).all()
    for table, closed, mark in built:
        if not table.startswith(QUEUE):
            wall = WALLS.get(table)
            if closed == isinstance(wall, Open) or mark != _mark(wall):
                _rebuild(connection, table, wall, app_role)
    view = connection.execute(
        text("SELECT obj_description(to_regclass(:view), 'pg_class')"), {"view": SEARCH_VIEW}
    ).scalar()
    if view != _digest(_SEARCH):
        take_down_views(connection)
        connection.execute(text(f"CREATE VIEW {SEARCH_VIEW} AS {_SEARCH}"))
        connection.execute(text(f"GRANT SELECT ON {SEARCH_VIEW} TO {app_role}"))
        connection.execute(text(f"COMMENT ON VIEW {SEARCH_VIEW} IS '{_digest(_SEARCH)}'"))


def _rebuild(connection: Connection, table: str, wall: Wall | Open | None, app_role: str) -> None:
    def run(statement: str) -> None:
        connection.execute(text(statement))

    for policy in ("seen", "added"):
        run(f'DROP POLICY IF EXISTS {policy} ON "{table}"')
    switch = "DISABLE" if isinstance(wall, Open) else "ENABLE"
    run(f'ALTER TABLE "{table}" {switch} ROW LEVEL SECURITY')
    if isinstance(wall, Wall):
        rule = _guess_most(wall.rule)
        run(f'CREATE POLICY seen ON "{table}" FOR ALL TO {app_role} USING ({rule})')
        run(f"COMMENT ON POLICY seen ON \"{table}\" IS '{_mark(wall)}'")
        if wall.adds is not None:
            adds = either(SYSTEM, wall.adds)
            run(f'CREATE POLICY added ON "{table}" FOR INSERT TO {app_role} WITH CHECK ({adds})')


def _mark(wall: Wall | Open | None) -> str | None:
    """What stands as the policy's comment once a wall is built; None where there is no policy."""
    return _digest(f"{_guess_most(wall.rule)} {wall.adds}") if isinstance(wall, Wall) else None


def _digest(rule: str) -> str:
    return f"wall {hashlib.sha256(rule.encode()).hexdigest()[:16]}"
