"""From rows of disputes to what a screen shows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import lists
from streetwise.resolve import views as case_views
from streetwise.resolve.directives.views import actor_view
from streetwise.resolve.disputes import loop, repository
from streetwise.resolve.disputes.actions import MAY, first_row
from streetwise.resolve.disputes.rules import rules
from streetwise.resolve.disputes.schemas import (
    ColourView,
    DisputeOffer,
    DisputeRecordView,
    DisputeRow,
    DisputeView,
)
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.schemas import UnitOffer
from streetwise.resolve.tables import Case, units_of
from streetwise.resolve.whom import who_may
from streetwise.resolve.words import Named


async def dispute_view(session: AsyncSession, viewer: Viewer, case: Case) -> DisputeView:
    """The dispute of a case, with what this viewer may do now. No word of a party."""
    is_one = case.nature == "dispute" and case.nature_state is not None
    row = await repository.of_case(session, viewer, case.id) or first_row(case)
    records = await repository.records(session, viewer, case.id) if is_one else []
    names = await directory.staff_names(session, viewer, {one.by for one in records})
    known = rules()
    values: dict[str, Any] = {
        "version": row.version,
        "state": row.state if is_one else None,
        "kind": row.kind,
        "colour": row.colour,
        "mediator": (await _named(session, viewer, {row.mediator_id})).get(row.mediator_id),
        "visits": row.visits,
        "visited_at": row.visited_at,
        "ended_at": row.ended_at,
        "referred_to": row.referred_to,
        "follow_up_on": row.follow_up_on,
        "records": [
            DisputeRecordView(
                id=one.id,
                n=one.n,
                kind=cast(Any, one.kind),
                role=one.role,
                result=one.result,
                at=one.at,
                by=actor_view(names, one.by),
            )
            for one in records
        ],
        "actions": await _offers(session, viewer, case, row.state) if is_one else [],
        "may_add": is_one and case.state != CLOSED and viewer.may(MAY),
        "kinds": list(known.kinds),
        "roles": list(known.roles),
        "results": list(known.results),
        "bodies": list(known.bodies),
        "colours": [
            ColourView(code=cast(Any, one.code), visit_days=one.visit_days, tell=list(one.tell))
            for one in known.colours.values()
        ],
        "follow_up_days": known.follow_up_days,
    }
    return DisputeView(**values)


async def _offers(
    session: AsyncSession, viewer: Viewer, case: Case, state: str
) -> list[DisputeOffer]:
    if not viewer.may(MAY):
        return []
    found: dict[str, DisputeOffer] = {}
    for line in loop.LINES:
        if line.source != state or (case.state == CLOSED and line.action != "follow_up"):
            continue
        units = await _units(session, viewer, case) if line.action == "assign" else []
        offer = DisputeOffer(action=cast(Any, line.action), needs=list(line.needs), units=units)
        found.setdefault(line.action, offer)
    return list(found.values())


async def _units(session: AsyncSession, viewer: Viewer, case: Case) -> list[UnitOffer]:
    """Units that may mediate: those of whom somebody sees the case; the community's own first."""
    concerned = set(units_of(case)) | ({viewer.unit_id} if viewer.unit_id else set())
    found = []
    for unit in await directory.units(session, viewer):
        if unit.id in concerned and await who_may(session, case, unit.id, MAY):
            found.append(unit)
    found.sort(key=lambda unit: (unit.id != case.community_id, unit.ordinal))
    return [
        UnitOffer(code=unit.code, name=unit.name, suggested=unit.id == case.community_id, why=None)
        for unit in found
    ]


async def _named(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID | None]
) -> dict[UUID | None, Named]:
    wanted = {one for one in ids if one}
    if not wanted:
        return {}
    return {
        unit.id: Named(code=unit.code, name=unit.name)
        for unit in await directory.units(session, viewer, ended=True)
        if unit.id in wanted
    }


async def dispute_rows(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID], now: datetime, soon: timedelta
) -> list[DisputeRow]:
    """Lines of a list, in the order of the ids."""
    wanted = list(ids)
    rows = await lists.by_ids(session, viewer, wanted)
    known = await repository.of_cases(session, viewer, wanted)
    parties = await repository.parties(session, viewer, wanted)
    names = await _named(session, viewer, {one.mediator_id for one in known.values()})
    found = []
    for row in rows:
        one = known.get(row.case.id) or first_row(row.case)
        values: dict[str, Any] = {
            "case": case_views.case_row(row, now, soon),
            "state": row.case.nature_state,
            "kind": one.kind,
            "colour": one.colour,
            "mediator": names.get(one.mediator_id),
            "visits": one.visits,
            "visited_at": one.visited_at,
            "follow_up_on": one.follow_up_on,
            "parties": parties.get(row.case.id, 0),
        }
        found.append(DisputeRow(**values))
    return found
