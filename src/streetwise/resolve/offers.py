"""What a viewer may do with a case now: from the loop's table, with what there is to choose."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.tables import Area, Unit
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import choices, loop
from streetwise.resolve.dispatch.suggest import TIERS
from streetwise.resolve.dispatch.views import unit_offers
from streetwise.resolve.guards import guarded
from streetwise.resolve.lists import Row
from streetwise.resolve.loop import Transition
from streetwise.resolve.schemas import ActionOffer, OutcomeOffer, StepView, UnitOffer
from streetwise.resolve.steps import RELEASED
from streetwise.resolve.tables import Case


async def offers(
    session: AsyncSession, viewer: Viewer, row: Row, area: Area, now: datetime, metres: float
) -> list[ActionOffer]:
    """What this viewer may do with the case now; the likely one is primary. ``metres``: so near
    to another grid it is asked who is responsible.
    """
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
            offer = await _offer(session, viewer, row, area, now, metres, lines)
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
    metres: float,
    lines: list[Transition],
) -> ActionOffer:
    action = lines[0].action
    needs = set[str](lines[0].needs).intersection(*(line.needs for line in lines))
    if loop.needs_result(action):
        needs.add("result")
    takes = set[str](one for line in lines for one in (*line.needs, *line.takes)) - needs
    asked = needs | takes
    units: list[UnitOffer] = []
    asks: list[StepView] = []
    if "unit" in asked:
        units, asks = await unit_offers(session, viewer, row, area, now, metres)
        if action == "reassign":
            units = [unit for unit in units if row.unit is None or unit.code != row.unit[0]]
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
        asks=asks,
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
