"""The town's staff, as the directory knows them: who does what, with whose rights."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.responsibility import Question, Rule, responsible
from streetwise.directory.sessions import viewer_of
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.inputs import Inputs
from streetwise.resolve.lists import Row
from streetwise.town import language
from streetwise.town.handling import SENT_BACK

NOT_DONE = (
    "现场复查仍未处理到位。",
    "照片与现场不符，请重新处理。",
    "只处理了一部分，周边仍有残留。",
    "来电人反映问题依旧，请再次到场。",
)


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

    def shift(self, rng: random.Random) -> Shift:
        """Somebody of each role."""
        return Shift({role: rng.choice(held) for role, held in sorted(self.by_role.items())})

    def choice(
        self, shift: Shift, row: Row, action: str, rng: random.Random
    ) -> tuple[Viewer, Inputs]:
        """Who takes an action on a case, and with what."""
        on_duty = shift.on_duty
        if action == "accept":
            return on_duty["duty_officer"], Inputs()
        if action == "dispatch":
            return on_duty["dispatcher"], Inputs(unit=self._unit(row, rng))
        if action == "close":
            return on_duty["dispatcher"], Inputs()
        if action == "verify":
            if rng.random() < SENT_BACK:
                return on_duty["inspector"], Inputs(result="fail", note=rng.choice(NOT_DONE))
            return on_duty["inspector"], Inputs(result="pass")
        assert row.case.unit_id is not None
        viewer = self.by_unit[row.case.unit_id][0]
        if action != "report":
            return viewer, Inputs()
        return viewer, Inputs(note=self._note(shift, row, rng))

    def _note(self, shift: Shift, row: Row, rng: random.Random) -> str:
        """What was done, in the words for this kind of matter."""
        matter = f"{row.case.category_scheme}:{row.case.category_code}"
        key = (row.case.unit_id, matter)
        if key not in shift.notes:
            theme = _themes().get(matter) or rng.choice(language.themes())
            shift.notes[key] = language.handling_note(theme, rng)
        return shift.notes[key]

    def _unit(self, row: Row, rng: random.Random) -> str:
        answer = responsible(
            self.rules,
            Question(
                row.case.category_scheme,
                row.case.category_code,
                row.case.category_condition,
                row.grid[0] if row.grid else None,
                row.community[0] if row.community else None,
            ),
        )
        able = [code for code, unit_id in self.unit_id.items() if self.by_unit.get(unit_id)]
        if answer is not None and answer.unit in able:
            return answer.unit
        # Nobody is named for it: the dispatcher decides.
        return rng.choice(sorted(able))


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
    zone = ZoneInfo((await directory.area(session, system, area)).timezone)
    return Office(area, by_role, by_unit, units, rules, zone)
