"""Who hears at once what upstream says of an order: its holder, and the street's dispatchers.

What a resident presses for does not wait for the next look at a list: 催单 and 补充 ring as urgent,
through quiet hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.viewer import Viewer
from streetwise.notify import Message, notify
from streetwise.privacy import roles
from streetwise.resolve.tables import Case, class_of

SYSTEM = Viewer.system("notify")
#: What upstream said so long ago is history: a file of last year rings nowhere.
TOLD_WITHIN = timedelta(days=2)
#: Who of the holding unit, and of the street, is told.
HOLDER, DESK = ("case.start", "case.report"), ("case.dispatch",)


@dataclass(frozen=True, slots=True)
class News:
    """A thing that upstream said: ``kind`` of the message, and when it was said there."""

    kind: str
    order_id: UUID
    case_id: UUID
    number: str
    version: int
    at: datetime


async def tell(uow: UnitOfWork, news: Sequence[News], cases: Mapping[UUID, Case]) -> None:
    """Tell the unit that holds each order's case, and the dispatchers of its street."""
    fresh = [one for one in news if uow.now - one.at <= TOLD_WITHIN and one.case_id in cases]
    if not fresh:
        return
    session = uow.session
    held = {cases[one.case_id] for one in fresh}
    owners = {area: await _owner(session, area) for area in sorted({case.area for case in held})}
    people = {
        grade: (
            await _people(session, {case.unit_id for case in held if case.unit_id}, HOLDER, grade),
            await _people(session, set(owners.values()), DESK, grade),
        )
        for grade in sorted({case.grade for case in held})
    }
    units = {case.unit_id for case in held if case.unit_id}
    names = await directory.unit_names(session, SYSTEM, units)
    keys = {key for case in held if (key := class_of(case))}
    classes = await directory.class_names(session, SYSTEM, keys)
    messages = []
    for one in fresh:
        case = cases[one.case_id]
        holders, desks = people[case.grade]
        key = class_of(case)
        of_unit = holders.get(case.unit_id, []) if case.unit_id else []
        messages.append(
            Message(
                one.kind,
                f"{one.kind}:{one.order_id}:{one.version}",
                list(dict.fromkeys([*of_unit, *desks.get(owners[case.area], [])])),
                {
                    "number": case.number,
                    "category": classes.get(key, key[2]) if key else "",
                    "unit": names[case.unit_id] if case.unit_id else "—",
                },
                subject=case.id,
                urgent=True,
            )
        )
    await notify(uow, messages)


async def _owner(session: AsyncSession, area: str) -> UUID:
    return (await directory.area(session, SYSTEM, area)).owner_id


async def _people(
    session: AsyncSession, units: set[UUID], capabilities: Sequence[str], grade: int
) -> dict[UUID, list[UUID]]:
    wanted = [
        role.code
        for role in roles().values()
        if role.clearance >= grade and any(one in role.can for one in capabilities)
    ]
    return await directory.staff_of(session, SYSTEM, units, wanted)
