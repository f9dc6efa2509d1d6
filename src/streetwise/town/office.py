"""The town's staff, as the directory knows them: who does what, with whose rights."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.responsibility import (
    DayCalendar,
    Question,
    Rule,
    calendar_of,
    responsible,
)
from streetwise.directory.sessions import viewer_of
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import loop
from streetwise.resolve.guards import guarded
from streetwise.resolve.lists import Row
from streetwise.resolve.tables import Case
from streetwise.town import language
from streetwise.town.inspecting import Conditions

#: Who decides on what is nobody's alone; the leader last.
AT_THE_OFFICE = ("dispatcher", "duty_officer", "inspector", "street_commander")
USUALLY = {"accept": "duty_officer", "verify": "inspector", "reopen": "duty_officer"}


@dataclass
class Shift:
    """Who is there for one sitting, and what they have written: the same for the same matter."""

    on_duty: dict[str, Viewer]
    notes: dict[tuple[UUID | None, str], str] = field(default_factory=dict)


@dataclass
class Office:
    """The staff and the responsibilities, with the rights that the directory gives.

    ``by_unit`` holds those who can handle cases.
    """

    area: str
    by_role: dict[str, list[Viewer]]
    by_unit: dict[UUID, list[Viewer]]
    unit_id: dict[str, UUID]
    rules: list[Rule]
    zone: ZoneInfo
    calendar: DayCalendar = field(default_factory=DayCalendar)
    #: What must be so before a case of a class is closed, as the directory has it.
    conditions: Conditions = field(default_factory=dict)

    def shift(self, rng: random.Random) -> Shift:
        """Somebody of each role."""
        return Shift({role: rng.choice(held) for role, held in sorted(self.by_role.items())})

    def who(
        self, shift: Shift, case: Case, action: str, result: str | None = None
    ) -> Viewer | None:
        """Somebody who may take an action on a case as it stands; None: nobody, or not now."""
        line = loop.find(action, case.state, result)
        if line is None:
            return None
        for viewer in self._asked(shift, case, line):
            if viewer.may(line.capability) and guarded(viewer, case, line) is None:
                return viewer
        return None

    def _asked(self, shift: Shift, case: Case, line: loop.Transition) -> Iterator[Viewer]:
        """Whom to look at, the likeliest first."""
        if "called" in line.guards or "here" in line.guards:
            for unit in case.party_ids:
                yield from self.by_unit.get(unit, ())[:1]
        elif {"holder", "lead"} & set(line.guards):
            unit_id = case.unit_id if "holder" in line.guards else case.lead_unit_id
            if unit_id is not None:
                yield from self.by_unit.get(unit_id, ())[:1]
        else:
            if line.action in USUALLY:
                yield shift.on_duty[USUALLY[line.action]]
            for role in AT_THE_OFFICE:
                yield shift.on_duty[role]
            for role in AT_THE_OFFICE:
                yield from self.by_role[role]

    def able(self) -> list[str]:
        """The units that somebody of can handle cases, by code."""
        return sorted(code for code, unit_id in self.unit_id.items() if self.by_unit.get(unit_id))

    def handler(self, code: str) -> Viewer:
        """Who handles cases for a unit."""
        return self.by_unit[self.unit_id[code]][0]

    def code_of(self, unit_id: UUID) -> str:
        """A unit's code."""
        return next(code for code, known in self.unit_id.items() if known == unit_id)

    def note(self, shift: Shift, row: Row, rng: random.Random) -> str:
        """What was done, in the words for this kind of matter."""
        matter = f"{row.case.category_scheme}:{row.case.category_code}"
        key = (row.case.unit_id, matter)
        if key not in shift.notes:
            theme = _themes().get(matter) or rng.choice(language.themes())
            shift.notes[key] = language.handling_note(theme, rng)
        return shift.notes[key]

    def unit_for(self, row: Row, at: datetime, rng: random.Random) -> str:
        """The unit that is responsible, at this time of the street's own day."""
        answer = responsible(
            self.rules,
            Question(
                row.case.category_scheme,
                row.case.category_code,
                row.case.category_condition,
                row.grid[0] if row.grid else None,
                row.community[0] if row.community else None,
                at=at.astimezone(self.zone),
                calendar=self.calendar,
            ),
        )
        able = self.able()
        if answer is not None and answer.unit in able:
            return answer.unit
        # Nobody is named for it: the dispatcher decides.
        return rng.choice(able)


@cache
def _themes() -> dict[str, language.Theme]:
    """Class → one of its themes, for words that fit."""
    return {theme.category: theme for theme in language.themes()}


async def office_of(session: AsyncSession, area: str) -> Office:
    """Everybody who has a password, as they would be signed in."""
    system = Viewer.system("town")
    by_role: dict[str, list[Viewer]] = defaultdict(list)
    by_unit: dict[UUID, list[Viewer]] = defaultdict(list)
    for staff, unit in await directory.demo_staff(session, system):
        viewer = await viewer_of(session, staff)
        if viewer.may("case.report"):
            by_unit[unit.id].append(viewer)
        for role in staff.roles:
            by_role[role].append(viewer)
    units = {unit.code: unit.id for unit in await directory.units(session, system)}
    rules = await directory.rules(session, system, area)
    found = await directory.area(session, system, area)
    zone = ZoneInfo(found.timezone)
    calendar = calendar_of(found.calendar, found.timezone)
    conditions = {
        (scheme, version, code): asked
        for scheme, version, code, _, _, asked in await directory.conditions(session, system)
    }
    return Office(area, by_role, by_unit, units, rules, zone, calendar, conditions)
