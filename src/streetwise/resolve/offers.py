"""What a viewer may do with a case now: from the loop's table, with what there is to choose."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.responsibility import Question, calendar_of, responsible
from streetwise.directory.tables import Area, Unit
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import choices, loop
from streetwise.resolve.guards import guarded
from streetwise.resolve.knowledge import rules_of
from streetwise.resolve.lists import Row
from streetwise.resolve.loop import Transition
from streetwise.resolve.schemas import ActionOffer, OutcomeOffer, UnitOffer
from streetwise.resolve.steps import RELEASED
from streetwise.resolve.tables import Case

#: Units that can be given a case or called to it.
TIERS = ("community", "department", "team", "outside")


async def offers(
    session: AsyncSession, viewer: Viewer, row: Row, area: Area, now: datetime
) -> list[ActionOffer]:
    """What this viewer may do with the case now; the likely one is primary."""
    found: list[ActionOffer] = []
    for action in loop.actions_in(row.case.state):
        lines = [
            line
            for line in loop.TRANSITIONS
            if line.action == action
            and line.source == row.case.state
            and viewer.may(line.capability)
            and guarded(viewer, row.case, line) is None
        ]
        if lines:
            offer = await _offer(session, viewer, row, area, now, lines)
            offer.primary = _likely(row.case, lines) and not any(one.primary for one in found)
            found.append(offer)
    return found


def _likely(case: Case, lines: list[Transition]) -> bool:
    # What came back from upstream asks to be opened again.
    came_back = lines[0].action == "reopen" and case.order_attention is not None
    return lines[0].awaited or came_back


async def _offer(
    session: AsyncSession,
    viewer: Viewer,
    row: Row,
    area: Area,
    now: datetime,
    lines: list[Transition],
) -> ActionOffer:
    action = lines[0].action
    needs = set[str](lines[0].needs).intersection(*(line.needs for line in lines))
    if loop.needs_result(action):
        needs.add("result")
    takes = set[str](one for line in lines for one in (*line.needs, *line.takes)) - needs
    asked = needs | takes
    units: list[UnitOffer] = []
    if "unit" in asked:
        units = await unit_offers(session, viewer, row, area, now)
    elif "units" in asked:
        units = await _several(session, viewer, row.case, action)
    came_back = action == "reopen" and row.case.order_attention is not None
    ends = choices.outcomes(row.case.state) if "outcome" in asked else ()
    return ActionOffer(
        action=action,
        primary=False,
        needs=sorted(needs),
        takes=sorted(takes),
        units=units,
        grounds=list(choices.grounds(action)) if "ground" in asked else [],
        ground="upstream" if came_back else None,
        outcomes=[OutcomeOffer(code=one.code, body=one.body) for one in ends],
    )


async def _several(
    session: AsyncSession, viewer: Viewer, case: Case, action: str
) -> list[UnitOffer]:
    """To be called: all that are not there; to be released: those that are."""
    there: set[UUID] = {
        UUID(unit) for unit, stage in (case.parties or {}).items() if stage != RELEASED
    }

    def fits(unit: Unit) -> bool:
        if action == "release":
            return unit.id in there
        return unit.tier in TIERS and unit.id not in there and unit.id != case.unit_id

    return [
        UnitOffer(code=unit.code, name=unit.name, suggested=False, why=None)
        for unit in await directory.units(session, viewer)
        if fits(unit)
    ]


async def unit_offers(
    session: AsyncSession, viewer: Viewer, row: Row, area: Area, now: datetime
) -> list[UnitOffer]:
    """The units that can get the case, the responsible one first and with its reason."""
    rules = await rules_of(session, viewer, area)
    answer = responsible(rules, await _question(session, viewer, row, area, now))
    offers = [
        UnitOffer(
            code=unit.code,
            name=unit.name,
            suggested=answer is not None and unit.code == answer.unit,
            why=(answer.rule.note or None) if answer and unit.code == answer.unit else None,
        )
        for unit in await directory.units(session, viewer)
        if unit.tier in TIERS
    ]
    return sorted(offers, key=lambda offer: not offer.suggested)


async def _question(
    session: AsyncSession, viewer: Viewer, row: Row, area: Area, now: datetime
) -> Question:
    """Who is responsible for this case, at this time of the area's own day?"""
    case = row.case
    words = ((case.place_why or {}).get("params") or {}).get("words")
    return Question(
        scheme=case.category_scheme,
        class_code=case.category_code,
        condition=case.category_condition,
        grid=row.grid[0] if row.grid else None,
        community=row.community[0] if row.community else None,
        places=await directory.places_named(
            session, viewer, case.area, [name for name in (case.place_text, words) if name]
        ),
        at=now.astimezone(ZoneInfo(area.timezone)),
        calendar=calendar_of(area.calendar, area.timezone),
    )
