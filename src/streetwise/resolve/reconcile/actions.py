"""Comparing the two lists of a day and keeping what differs; and saying why a line is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

from streetwise.directory.tables import Area
from streetwise.gather import Listed, Platform, last_files, listed
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Invalid, StaleVersion
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.masking import mask
from streetwise.resolve.notes import write_note
from streetwise.resolve.orders.upstream import understand
from streetwise.resolve.reconcile import repository
from streetwise.resolve.reconcile.engine import Difference, Ours, Rules, Theirs, compare, counts
from streetwise.resolve.reconcile.repository import OrderHere
from streetwise.resolve.reconcile.tables import (
    EXPLAINED,
    GONE,
    OPEN,
    Reconciliation,
    ReconciliationLine,
)
from streetwise.resolve.tables import units_of
from streetwise.resolve.understand.wordlists import load

declare(
    {
        "reconciliation.made": "Our work orders and upstream's list were compared (每日对账); data:"
        " source, day, whole, fresh, gone, and how many differ.",
        "reconciliation.explained": "An officer said why the two lists differ (对账说明); data:"
        " line, number, kind, why, because, note.",
    }
)


@dataclass(frozen=True, slots=True)
class Day:
    """What a run is about: a platform in an area, on a day of the street's calendar."""

    area: Area
    platform: Platform
    on: date

    @classmethod
    def of(cls, area: Area, platform: Platform, now: datetime) -> Day:
        """The day that it is there now."""
        return cls(area, platform, now.astimezone(ZoneInfo(area.timezone)).date())


@cache
def reasons() -> Mapping[str, tuple[str, str]]:
    """What an officer may say of a difference: code → its words, in Chinese and in English."""
    return {one["code"]: (one["name"], one["name_en"]) for one in load("reconcile.yaml")["reasons"]}


async def reconcile(
    uow: UnitOfWork, viewer: Viewer, settings: Settings, day: Day, *, by: str = ""
) -> Reconciliation | None:
    """Compare both lists of a day and keep what differs; again on the day, bring it up to date.

    None: the platform has sent no file to this area. ``by``: who asked for it. The caller holds
    the area's lock.
    """
    session, area, platform = uow.session, day.area.code, day.platform
    last, whole = await last_files(session, viewer, area, platform)
    if last is None:
        return None
    since = uow.now - timedelta(days=settings.reconcile_back_days)
    current = uow.now - timedelta(hours=settings.reconcile_list_hours)
    # A whole list with rows that could not be read is none: their numbers are not known.
    whole_at = whole.at if whole and whole.at >= current and not whole.unread else None
    here = await repository.orders_here(session, viewer, area, platform.source_id, since=since)
    known = {one.order.number: one for one in here}
    there = await listed(
        session, viewer, area, platform.source_id, since=since, numbers=list(known)
    )
    further = [one.number for one in there if one.number not in known]
    for one in await repository.orders_here(
        session, viewer, area, platform.source_id, numbers=further
    ):
        known[one.order.number] = one
    aside = await repository.put_aside(session, viewer, [one.first_id for one in there])
    theirs = [_theirs(one, known, aside) for one in there if one.upstream or one.number in known]
    rules = Rules(
        uow.now,
        whole_at,
        timedelta(days=settings.order_unconfirmed_days),
        timedelta(days=settings.order_call_back_days),
    )
    found = compare([_ours(one) for one in known.values()], theirs, rules)
    fresh, gone = await _keep(uow, viewer, day, found, known, whole=whole_at is not None)
    run = await repository.run_of(session, viewer, area, platform.source_id, day.on)
    if run is None:
        run = Reconciliation(
            id=new_id(), area=area, source_id=platform.source_id, scheme=platform.scheme,
            day=day.on, fresh=0, gone=0,
        )  # fmt: skip
        uow.session.add(run)
    run.made_at, run.list_at, run.whole_at = uow.now, last.at, whole_at
    run.unread = last.unread
    run.ours, run.theirs = len(known), len(theirs)
    run.counts = dict(counts(found))
    run.fresh, run.gone = run.fresh + fresh, run.gone + gone
    uow.record(
        Entry(
            by or viewer.actor,
            "reconciliation.made",
            "reconciliation",
            run.id,
            area=area,
            data={
                "source": platform.code,
                "day": day.on.isoformat(),
                "whole": whole_at is not None,
                "differences": len(found),
                "fresh": fresh,
                "gone": gone,
            },
        )
    )
    return run


def _ours(one: OrderHere) -> Ours:
    order = one.order
    by_us = order.answered_by is not None and not order.answered_by.startswith("source:")
    return Ours(
        number=order.number,
        state=order.state,
        received_at=order.received_at,
        due_at=order.due_at,
        answered_at=order.answered_at if by_us else None,
        answer=order.answer if by_us else None,
        closed_at=order.closed_at,
        resolved=order.resolved,
        satisfied=order.satisfied,
        reached=order.reached,
        exclusion=order.exclusion,
        case_closed=one.case_closed,
        reached_here=one.reached,
    )


def _theirs(one: Listed, known: Mapping[str, OrderHere], aside: set[UUID]) -> Theirs:
    standing = "order" if one.number in known else "waiting" if one.waits else "none"
    if standing == "none" and one.first_id in aside:
        standing = "aside"
    # A row that is no order's (its channel is another's) says nothing of one.
    facts = {"scheme": "", **(one.upstream or {})}
    said = understand(
        facts,
        due_at=one.due_at,
        closed_at=one.closed_at,
        replied=one.reply is not None,
        at=one.upstream_at,
    )
    return Theirs(
        number=one.number,
        listed_at=one.listed_at,
        state=said.state,
        due_at=one.due_at,
        reply=one.reply,
        resolved=said.resolved,
        satisfied=said.satisfied,
        reached=said.reached,
        exclusion=said.exclusion,
        standing=standing,  # type: ignore[arg-type]
    )


async def _keep(
    uow: UnitOfWork,
    viewer: Viewer,
    day: Day,
    found: Sequence[Difference],
    known: Mapping[str, OrderHere],
    *,
    whole: bool,
) -> tuple[int, int]:
    """Bring the lines to what was found; how many are new, how many are gone."""
    lasting = {
        (one.number, one.kind): one
        for one in await repository.lasting(
            uow.session, viewer, day.area.code, day.platform.source_id
        )
    }
    fresh = 0
    for one in found:
        row = lasting.pop((one.number, one.kind), None)
        order = known[one.number].order if one.number in known else None
        if row is None:
            fresh += 1
            row = _line(day, one)
            uow.session.add(row)
        elif row.why != one.why and row.state == EXPLAINED:
            # What was explained was another difference.
            row.state = OPEN
            row.version += 1
        row.why, row.ours, row.theirs, row.last_day = one.why, one.ours, one.theirs, day.on
        row.order_id = order.id if order else None
        row.case_id = order.case_id if order else None
    gone = 0
    for row in lasting.values():
        if row.kind == "only_here" and not whole:
            # Without a whole list nobody knows whether it is there by now.
            continue
        row.state, row.gone_at = GONE, uow.now
        row.version += 1
        gone += 1
    return fresh, gone


def _line(day: Day, one: Difference) -> ReconciliationLine:
    return ReconciliationLine(
        id=new_id(),
        version=1,
        area=day.area.code,
        source_id=day.platform.source_id,
        scheme=day.platform.scheme,
        number=one.number,
        kind=one.kind,
        first_day=day.on,
        state=OPEN,
    )


@dataclass(frozen=True, slots=True)
class Explaining:
    """What an officer says of a line, on the version that it was decided on."""

    line_id: UUID
    version: int
    because: str
    text: str


async def explain(uow: UnitOfWork, viewer: Viewer, keys: Keys, saying: Explaining) -> None:
    """Say why a line is there. It stays in the list until it is gone, and asks no more.

    About a case the words are a note of it, whose original the vault keeps; else they are kept
    masked alone.
    """
    viewer.require("order.answer")
    if saying.because not in reasons():
        raise Invalid("Choose one of the listed reasons.", code="reconcile_reason")
    if not saying.text.strip():
        raise Invalid("An explanation needs words.", code="input_needed", input="text")
    line, case = await repository.lock(uow.session, viewer, saying.line_id)
    if line.version != saying.version:
        raise StaleVersion(
            "Somebody else said so meanwhile; look at it again.", current={"version": line.version}
        )
    if line.state == GONE:
        raise Conflict("The two lists do not differ there any more.", code="reconcile_gone")
    data = {
        "line": str(line.id),
        "number": line.number,
        "kind": line.kind,
        "why": line.why,
        "because": saying.because,
    }
    if case is not None:
        note = await write_note(uow, viewer, keys, case.id, "reconciliation", saying.text)
        line.text = note.text
        data["note"] = str(note.id)
    else:
        line.text = mask(saying.text.strip()).text
    line.state, line.because = EXPLAINED, saying.because
    line.explained_at, line.explained_by = uow.now, viewer.actor
    line.version += 1
    uow.record(
        Entry(
            viewer.actor,
            "reconciliation.explained",
            "case" if case is not None else "reconciliation",
            case.id if case is not None else line.id,
            area=line.area,
            units=units_of(case) if case is not None else [],
            grade=case.grade if case is not None else 2,
            data=data,
            drill=viewer.drill,
        )
    )
