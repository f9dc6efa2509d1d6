"""A street's folder in and out: what a load would change, loading, and the folder again."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory import staff_repository
from streetwise.directory.folder import named
from streetwise.directory.records import actions, repository, write_repository
from streetwise.directory.records.actions import Plan, carry_out, make_plan
from streetwise.directory.records.book import Book, number_rules
from streetwise.directory.records.files import ACCOUNT_FILES, Folder, scheme_of, write_files
from streetwise.directory.records.kinds import CLASS, KINDS, RULE, SCHEME, STAFF, STAND_IN, Kind
from streetwise.directory.records.staff import Accounts, without
from streetwise.directory.records.values import to_row
from streetwise.directory.tables import Area
from streetwise.kernel.crypto import Keys
from streetwise.kernel.csv_safe import csv_text
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Forbidden, Invalid, StreetwiseError
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import GRADE_INTERNAL, GRADE_SENSITIVE, Viewer

declare(
    {
        "directory.loaded": "A street's folder was loaded; data: counts.",
        "directory.listed": "Records were exported as a table; data: kind, records.",
        "directory.exported": "A street's folder was exported; data: files, records.",
    }
)

SEAL = "directory"
REASON = "folder"
#: What is known of a street that is not there yet.
_NOTHING = Book({}, {}, people=frozenset())
_ACCOUNT_KINDS = (STAFF.kind, STAND_IN.kind)


async def plan_folder(
    session: AsyncSession, viewer: Viewer, folder: Folder, *, accounts: bool
) -> Plan:
    """What loading a folder would change. Changes nothing.

    ``accounts``: with staff and stand-ins, which only the system may: a folder names roles, and
    whoever keeps the data must not hand them out. Without, those files are left out.
    """
    viewer.require("*" if accounts else "directory.write")
    area = await _area(session, viewer, folder, may_be_new=accounts)
    known = await repository.area_is_known(session, area.code)
    before = await repository.book(session, viewer, area) if known else _NOTHING
    closed = await staff_repository.closed_on_screen(session, viewer) if accounts else None
    after = _after(before, folder, closed)
    left_out = () if accounts else tuple(path for path in ACCOUNT_FILES if path in folder.files)
    return await make_plan(session, viewer, area, before, after, folder.mistakes, left_out)


async def _area(session: AsyncSession, viewer: Viewer, folder: Folder, *, may_be_new: bool) -> Area:
    """The area that the folder is of, as the folder has it."""
    code = str(folder.book.town.get("code") or "")
    try:
        return await directory.area(session, viewer, code)
    except StreetwiseError:
        if not may_be_new:
            raise Forbidden(
                f"The folder is of the area '{code}', which is not yours; only the system loads"
                " a new street (streetwise town load DIR).",
                code="area_not_yours",
                area=code,
            ) from None
    return _area_of(folder)


def _area_of(folder: Folder) -> Area:
    town = folder.book.town
    return Area(
        code=str(town["code"]),
        name=town["name"],
        name_en=town.get("name_en") or town["name"],
        timezone=town["timezone"],
        prefix=str(town.get("prefix") or ""),
        home=True,
        revision=new_id(),
        bbox=[float(value) for value in town["bbox"]] if town.get("bbox") else None,
        base=folder.base,
        calendar=_calendar(town),
    )


def _calendar(town: Mapping[str, Any]) -> dict[str, list[str]] | None:
    days = {key: [str(day) for day in town.get(key) or ()] for key in ("holidays", "workdays")}
    return {key: found for key, found in days.items() if found} or None


def _after(before: Book, folder: Folder, closed: frozenset[str] | None) -> Book:
    """The book that the folder asks for; ``closed``: but for these people, None: for all.

    A file that need not be there and is not leaves its kind alone; so do taxonomies that the
    folder does not name, which other streets and old cases may use.
    """
    records = dict(folder.book.records)
    for kind in folder.absent:
        records[kind] = before.of(kind)
    if closed is None:
        for kind in _ACCOUNT_KINDS:
            records[kind] = before.of(kind)
    else:
        records |= without(records, closed)
    named_schemes = set(records[SCHEME.kind])
    for taxonomic in (SCHEME.kind, CLASS.kind):
        others = {
            code: values
            for code, values in before.of(taxonomic).items()
            if f"{values['scheme']}/{values['version']}" not in named_schemes
        }
        records[taxonomic] = {**records[taxonomic], **others}
    numbered = number_rules(before, folder.rules)
    lines = {
        (RULE.kind, code): folder.book.lines[RULE.kind, old]
        for code, old in zip(numbered, folder.book.of(RULE.kind), strict=True)
    }
    records[RULE.kind] = numbered
    return replace(
        folder.book,
        records=records,
        ended=before.ended,
        lines={**folder.book.lines, **lines},
        people=before.people,
    )


async def load_folder(
    uow: UnitOfWork, viewer: Viewer, folder: Folder, keys: Keys | None = None
) -> dict[str, int]:
    """Bring the directory to what the folder says; returns counts by kind.

    What is there already keeps its id; what the folder no longer names has ended (a closed
    community still has its cases). Staff of its units whom it no longer names have left: they
    are out at once, their names stay. Accounts that were closed on the screen stay closed.
    Without ``keys`` the files themselves are not kept, and an export writes them in its own form.
    """
    await directory.lock_loading(uow.session)
    await staff_repository.lock_accounts(uow.session)
    plan = await plan_folder(uow.session, viewer, folder, accounts=True)
    return await _load(uow, viewer, folder, plan, keys, REASON)


async def load_upload(
    uow: UnitOfWork, viewer: Viewer, folder: Folder, keys: Keys, *, reason: str, digest: str
) -> Plan:
    """Do what the preview of an uploaded folder showed, without accounts."""
    await directory.lock_loading(uow.session)
    plan = await plan_folder(uow.session, viewer, folder, accounts=False)
    actions.check(plan, digest)
    await _load(uow, viewer, folder, plan, keys, reason)
    return plan


async def _load(
    uow: UnitOfWork, viewer: Viewer, folder: Folder, plan: Plan, keys: Keys | None, reason: str
) -> dict[str, int]:
    if plan.mistakes:
        raise Invalid(
            f"The street's folder has mistakes: {named(plan.mistakes)}.",
            code="town_folder",
            mistakes=named(plan.mistakes),
        )
    session, area = uow.session, plan.area.code

    async def settle(known: repository.Names) -> None:
        units = plan.after.of("unit")
        street = next(code for code, one in units.items() if one["tier"] == "street")
        await write_repository.write_area(session, _area_of(folder), known.id_of["unit"][street])

    accounts = await Accounts.look(uow, viewer, plan)
    await carry_out(uow, viewer, plan, reason, in_order=True, settle=settle)
    left = await accounts.settle(uow, viewer)
    if keys is not None:
        await _keep(session, viewer, keys, folder, plan)
    counts = _counts(plan, left)
    uow.record(Entry(viewer.actor, "directory.loaded", "area", None, area=area, data=counts))
    return counts


def _counts(plan: Plan, left: int) -> dict[str, int]:
    """How many there are of each kind now, and how many of all kinds changed or ended."""
    words = {"unit": "units", "staff": "staff", "grid": "grids", "place": "places",
             "asset": "assets", "premises": "premises", "rule": "rules", "class": "classes",
             "crosswalk": "crosswalks", "camera": "cameras", "sensor": "sensors",
             "duty": "duties"}  # fmt: skip
    counts = {word: len(plan.after.of(kind)) for kind, word in words.items()}
    counts["left"] = left
    for word, ops in (
        ("new", ("new", "revived")),
        ("changed", ("changed",)),
        ("ended", ("ended",)),
    ):
        counts[word] = sum(effect.op in ops for effect in plan.effects)
    return counts


async def _keep(
    session: AsyncSession, viewer: Viewer, keys: Keys, folder: Folder, plan: Plan
) -> None:
    """Keep the files as they came; those of kinds that the folder leaves alone stay too."""
    area, sealer = plan.area.code, keys.sealer(SEAL)
    held = await _kept(session, viewer, keys, area)
    stay = {KINDS[kind].file for kind in folder.absent}
    stay |= set(ACCOUNT_FILES) if plan.left_out else set()
    named_schemes = set(folder.book.of(SCHEME.kind))
    stay |= {
        path
        for path, content in held.items()
        if path.startswith("taxonomy/") and scheme_of(path, content) not in named_schemes
    }
    files = {path: content for path, content in folder.files.items() if path not in stay}
    sealed = {
        path: sealer.seal(zlib.compress(content), write_repository.form_context(area, path))
        for path, content in files.items()
    }
    await write_repository.replace_forms(session, area, sealed, stay - set(files))


async def _kept(session: AsyncSession, viewer: Viewer, keys: Keys, area: str) -> dict[str, bytes]:
    """The files of an area as they came."""
    sealer = keys.sealer(SEAL)
    sealed = await repository.forms(session, viewer, area)
    return {
        path: zlib.decompress(sealer.open(one, write_repository.form_context(area, path)))
        for path, one in sealed.items()
    }


async def export_folder(
    session: AsyncSession, viewer: Viewer, keys: Keys, area_code: str | None
) -> tuple[Area, dict[str, bytes], int]:
    """The area, its folder's files, and how many records they hold.

    Byte for byte what was loaded, but for what has changed since.
    """
    viewer.require("directory.export")
    if viewer.clearance < GRADE_SENSITIVE:
        raise Forbidden(
            "A street's folder names its staff: exporting needs clearance L3.",
            capability="directory.export",
        )
    area = await directory.area(session, viewer, area_code)
    book = await repository.book(session, viewer, area)
    base = await repository.drawing(session, viewer, area.code)
    kept = await _kept(session, viewer, keys, area.code)
    order = await repository.ordinals(session, RULE, area.code) or {}
    held = {code: order[code] for code in book.of(RULE.kind)}
    files = write_files(book, base, kept, held)
    return area, files, sum(len(records) for records in book.records.values())


async def export(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, area_code: str | None
) -> dict[str, bytes]:
    """The folder of an area, with the entry that says who took it."""
    area, files, records = await export_folder(uow.session, viewer, keys, area_code)
    data = {"files": len(files), "records": records}
    uow.record(
        Entry(viewer.actor, "directory.exported", "area", None, area=area.code,
              grade=GRADE_SENSITIVE, data=data)
    )  # fmt: skip
    return files


async def export_table(uow: UnitOfWork, viewer: Viewer, kind: Kind, area_code: str | None) -> str:
    """The records of a kind as CSV for people, with the entry that says who took it."""
    viewer.require("directory.export")
    area = await directory.area(uow.session, viewer, area_code)
    repository.require_kind(viewer, kind)
    records = (await repository.book(uow.session, viewer, area)).of(kind.kind)
    # A border or a list of conditions is nothing for a cell.
    columns = [one for one in kind.columns if one.type not in ("geometry", "conditions")]
    rows = [to_row(kind, values, all_columns=True) for values in records.values()]
    uow.record(
        Entry(
            viewer.actor,
            "directory.listed",
            "area",
            None,
            area=area.code,
            grade=GRADE_SENSITIVE if kind.kind in _ACCOUNT_KINDS else GRADE_INTERNAL,
            data={"kind": kind.kind, "records": len(rows)},
        )
    )
    return csv_text(
        [f"{one.label} {one.name}" for one in columns],
        [[row[one.name] for one in columns] for row in rows],
    )
