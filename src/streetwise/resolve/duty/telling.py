"""Who is told of what the duty room sees to: the leader on duty, or a unit's people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.duty_repository import on_duty
from streetwise.kernel.viewer import WIDE_SCOPES, Viewer
from streetwise.privacy import roles
from streetwise.resolve.duty import people_repository as people
from streetwise.resolve.tables import Case, class_of

#: Who may be told is no question of the actor's own rights.
SYSTEM = Viewer.system("notify")
#: The post of the roster that leads a shift, and the role that stands in where nobody has it.
LEADER_POST, LEADER_ROLE = "leader", "street_commander"


async def leaders(session: AsyncSession, area: str, now: datetime) -> list[UUID]:
    """Who leads the shift now by the roster; where it names nobody, the street's commanders."""
    lines = await on_duty(session, SYSTEM, area, now)
    logins = [line.login for line in lines if line.post == LEADER_POST]
    if logins:
        return await people.staff_with_logins(session, SYSTEM, logins)
    street = (await directory.area(session, SYSTEM, area)).owner_id
    found = await directory.staff_of(session, SYSTEM, [street], [LEADER_ROLE])
    return found.get(street, [])


async def who_may(session: AsyncSession, case: Case, unit_id: UUID, capability: str) -> list[UUID]:
    """The people of a unit who see this case and have the capability."""
    concerned = unit_id in (case.unit_id, case.community_id)
    fit = [
        role.code
        for role in roles().values()
        if {capability, "case.read"} <= role.can
        and role.clearance >= case.grade
        and (concerned or role.scope in WIDE_SCOPES)
    ]
    return (await directory.staff_of(session, SYSTEM, [unit_id], fit)).get(unit_id, [])


async def params_of(
    session: AsyncSession, cases: Iterable[Case], unit_ids: Iterable[UUID] = ()
) -> tuple[dict[UUID, dict[str, str]], dict[UUID, str]]:
    """What a message says of each case (number, class, holder), and the names of these units."""
    known = list(cases)
    keys = {key for case in known if (key := class_of(case))}
    classes = await directory.class_names(session, SYSTEM, keys)
    units = {case.unit_id for case in known if case.unit_id} | set(unit_ids)
    names = await directory.unit_names(session, SYSTEM, units)
    said = {}
    for case in known:
        key = class_of(case)
        said[case.id] = {
            "number": case.number,
            "category": classes.get(key, key[2]) if key else "",
            "unit": names.get(case.unit_id, "") if case.unit_id else "",
        }
        if not said[case.id]["unit"]:
            # Then the template says it in its own language.
            del said[case.id]["unit"]
    return said, names


def but(found: Sequence[UUID], viewer: Viewer) -> list[UUID]:
    """All but who does it: they know."""
    return [one for one in found if one not in viewer.people]
