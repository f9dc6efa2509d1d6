"""From suggestions to what a screen shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.tables import Area, Unit
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.dispatch.decide import Option, Reason, Suggestion
from streetwise.resolve.dispatch.schemas import UnitLoad
from streetwise.resolve.dispatch.suggest import Suggester, said, suggester, suggestions
from streetwise.resolve.lists import Row
from streetwise.resolve.schemas import StepView, UnitOffer


def reason_view(reason: Reason, names: Mapping[str, str]) -> StepView:
    """A reason with the names of its units."""
    code, params = said(reason, names)
    return StepView(code=code, params=params)


def unit_names(known: Suggester) -> dict[str, str]:
    """code → name, of all units that ever were."""
    return {unit.code: unit.name for unit in known.units}


def option_views(known: Suggester, found: Suggestion, names: Mapping[str, str]) -> list[UnitOffer]:
    """Units that something speaks for, the likeliest first."""
    units = {unit.code: unit for unit in known.able}
    return [
        _offer(known, units[option.unit], found, option, names)
        for option in found.options
        if option.unit in units
    ]


def _offer(
    known: Suggester,
    unit: Unit,
    found: Suggestion,
    option: Option | None,
    names: Mapping[str, str],
) -> UnitOffer:
    load = known.load_of(unit)
    because = option.reasons if option else ()
    note = next((one.params.get("note") for one in because if "note" in one.params), None)
    return UnitOffer(
        code=unit.code,
        name=unit.name,
        suggested=unit.code == found.unit,
        why=note or None,
        confidence=round(option.confidence, 3) if option else None,
        because=[reason_view(one, names) for one in because],
        open=load.open,
        overdue=load.overdue,
    )


async def unit_offers(
    session: AsyncSession, viewer: Viewer, row: Row, area: Area, now: datetime, metres: float
) -> tuple[list[UnitOffer], list[StepView]]:
    """The units that can get the case, those that something speaks for first; and why none of
    them is preselected, where none is.
    """
    known = await suggester(session, viewer, area, now)
    found = (await suggestions(session, viewer, known, [row], now, metres))[0]
    names = unit_names(known)
    likely = option_views(known, found, names)
    named = {one.code for one in likely}
    rest = [
        _offer(known, unit, found, None, names) for unit in known.able if unit.code not in named
    ]
    return [*likely, *rest], [reason_view(one, names) for one in found.asks]


def loads(known: Suggester, found: Sequence[Suggestion]) -> list[UnitLoad]:
    """What each unit holds, and would get."""
    more = Counter(one.unit for one in found if one.unit is not None)
    return [
        UnitLoad(
            code=unit.code,
            name=unit.name,
            open=(load := known.load_of(unit)).open,
            overdue=load.overdue,
            more=more[unit.code],
        )
        for unit in known.able
    ]


def rows_of(rows: Sequence[Row], ids: Sequence[UUID]) -> list[Row]:
    """The rows in the order of the ids."""
    by_id = {row.case.id: row for row in rows}
    return [by_id[one] for one in ids if one in by_id]
