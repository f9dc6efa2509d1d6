"""Who is meant: from a word of a table (holder, dispatcher, leader, …) to members of staff.

Asked with the eyes of the system: who may be told is no question of the actor's own rights. Asked
once of each unit and each street, however many cases there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.duty import POST_ORDER
from streetwise.directory.duty_repository import on_duty
from streetwise.kernel.viewer import WIDE_SCOPES, Viewer
from streetwise.privacy import roles
from streetwise.resolve.tables import Case

SYSTEM = Viewer.system("notify")
#: Whoever in the street may do this is meant.
_BY_CAPABILITY = {
    "dispatcher": "case.dispatch",
    "checker": "case.verify",
    "granter": "case.grant_extension",
    "reviewer": "case.review_appeal",
}
#: Who commands the street hears of what nobody else has settled.
COMMANDER = "street_commander"
LEADER_POST = POST_ORDER[0]


@dataclass
class People:
    """The people of the cases of one transaction."""

    session: AsyncSession
    now: datetime
    _units: dict[tuple[UUID, tuple[str, ...]], list[UUID]] = field(default_factory=dict)
    _streets: dict[str, tuple[UUID, ...]] = field(default_factory=dict)
    _of_street: dict[tuple[str, tuple[str, ...]], list[UUID]] = field(default_factory=dict)
    _leaders: dict[str, list[UUID]] = field(default_factory=dict)

    async def of(
        self, case: Case, words: Sequence[str], capability: str, *, unit: UUID | None = None
    ) -> list[UUID]:
        """Everybody whom the words mean, each once. ``capability``: of a unit's people those who
        have it. ``unit``: whom the word "unit" means.
        """
        found: dict[UUID, None] = {}
        for word in words:
            if word == "unit":
                able = _roles_that(capability, case.grade)
                found.update(dict.fromkeys(await self._of_unit(unit, able) if unit else []))
                continue
            found.update(dict.fromkeys(await self._meant(case, word, capability)))
        return list(found)

    async def _meant(self, case: Case, word: str, capability: str) -> list[UUID]:
        able = _roles_that(capability, case.grade)
        if word == "holder":
            return await self._of_unit(case.unit_id, able) if case.unit_id else []
        if word == "helper":
            return [one for unit in case.party_ids for one in await self._of_unit(unit, able)]
        if word == "leader":
            return await self.leaders(case.area)
        if word == "commander":
            return await self._in_street(case.area, (COMMANDER,))
        return await self._in_street(case.area, _roles_that(_BY_CAPABILITY[word], case.grade))

    async def _of_unit(self, unit: UUID, wanted: tuple[str, ...]) -> list[UUID]:
        if (unit, wanted) not in self._units:
            found = await directory.staff_of(self.session, SYSTEM, [unit], wanted)
            self._units[unit, wanted] = found.get(unit, [])
        return self._units[unit, wanted]

    async def _in_street(self, area: str, wanted: tuple[str, ...]) -> list[UUID]:
        if (area, wanted) not in self._of_street:
            if area not in self._streets:
                owner = (await directory.area(self.session, SYSTEM, area)).owner_id
                self._streets[area] = (await directory.belonging(self.session, owner)).subtree
            found = await directory.staff_of(self.session, SYSTEM, self._streets[area], wanted)
            self._of_street[area, wanted] = [one for people in found.values() for one in people]
        return self._of_street[area, wanted]

    async def leaders(self, area: str) -> list[UUID]:
        """The leader on duty by the roster; where nobody is on it, who commands the street."""
        if area not in self._leaders:
            there = await on_duty(self.session, SYSTEM, area, self.now)
            logins = [one.login for one in there if one.post == LEADER_POST]
            found = await directory.staff_by_logins(self.session, SYSTEM, logins)
            self._leaders[area] = found or await self._in_street(area, (COMMANDER,))
        return self._leaders[area]


def _roles_that(capability: str, grade: int) -> tuple[str, ...]:
    """The roles that have the capability and are cleared for the grade."""
    return tuple(
        role.code for role in roles().values() if capability in role.can and role.clearance >= grade
    )


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
