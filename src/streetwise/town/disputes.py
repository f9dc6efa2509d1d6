"""The town's disputes: mediated, the parties seen, an end found, and whether it holds looked at.

What happens to one is drawn by its case (``Course``), so that the past and the living town draw
alike. In the past by the actions themselves (``Mediating``); ``mediators`` has the living town's.
Names and numbers of parties are invented, and lie in the vault alone.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.actions import Doing
from streetwise.resolve.disputes import actions, loop, repository
from streetwise.resolve.disputes.actions import Given
from streetwise.resolve.disputes.rules import rules
from streetwise.resolve.disputes.tables import Dispute
from streetwise.resolve.loop import CLOSED, HANDLING
from streetwise.resolve.tables import Case
from streetwise.town import astray, handling
from streetwise.town.astray import Draw
from streetwise.town.names import SURNAMES
from streetwise.town.office import Office
from streetwise.town.platform import NUMBER_PREFIX
from streetwise.town.said import said

SYSTEM = Viewer.system("town")
#: A mediator goes again after such a share of the days that the colour gives (median, spread).
VISITED = (0.55, 0.45)
#: Until an agreement is looked at again, in days.
FOLLOWED_UP_DAYS = (7, 35)
#: Local hour at which somebody goes there then.
FOLLOWED_UP_HOUR = 10
#: Who a party is to the others, by kind of dispute; else two that are named so.
ROLES = {
    "labour": ("worker", "employer"),
    "consumer": ("buyer", "seller"),
    "housing": ("tenant", "owner"),
    "property": ("owner", "respondent"),
}
TWO = ("applicant", "respondent")
Step = Callable[[UnitOfWork], Awaitable[None]]


def drawing(seed: int, number: str, reopened: int) -> Draw:
    """Chance for a dispute: by its case and how often that was opened again."""
    return astray.drawing(seed, number, f"dispute {reopened}")


@dataclass(frozen=True, slots=True)
class Course:
    """How a dispute goes, as far as chance decides (``drawing``)."""

    draw: Draw

    @property
    def mediated(self) -> bool:
        """Whether somebody mediates at all: much is settled by one visit."""
        return astray.happens("mediated", self.draw("mediated"))

    @property
    def kind(self) -> str:
        """What it is about."""
        return astray.ground("dispute_kind", self.draw("kind"))

    @property
    def end(self) -> str:
        """agree, disagree, or refer."""
        if astray.happens("mediation_agreed", self.draw("agreed")):
            return "agree"
        referred = astray.happens("mediation_referred", self.draw("referred"))
        return "refer" if referred else "disagree"

    @property
    def kept(self) -> bool:
        """Whether what was agreed is found to be kept."""
        return astray.happens("agreement_kept", self.draw("kept"))

    def days_to_visit(self, within: int, n: int) -> float:
        """Until the ``n``-th visit, of so many days: seldom too late."""
        median, sigma = VISITED
        return float(within * median * self.draw(f"visit {n}").lognormvariate(0, sigma))

    def follow_up_days(self) -> int:
        """Until an agreement is looked at again."""
        return self.draw("follow up").randint(*FOLLOWED_UP_DAYS)

    def parties(self) -> list[tuple[str, str, str]]:
        """(role, name, number) of two or three, invented."""
        rng = self.draw("parties")
        roles = list(ROLES.get(self.kind, TWO)) + ["relative"] * (rng.random() < 0.15)
        return [(role, _name(rng), f"{NUMBER_PREFIX}{rng.randrange(10**7):07}") for role in roles]

    def ending(self, today: datetime) -> tuple[str, Given]:
        """The action that ends the mediation, and what comes with it."""
        action, rng = self.end, self.draw("ending")
        if action == "refer":
            return action, Given(body=astray.ground("dispute_body", rng))
        note = said("mediation", action, rng)
        day = today.date() + timedelta(days=self.follow_up_days())
        return action, Given(note=note, day=day if action == "agree" else None)

    def visit(self, n: int) -> Given:
        """The ``n``-th visit."""
        rng = self.draw(f"visited {n}")
        return Given(result=astray.ground("visit", rng), note=said("mediation", "visit", rng))


def _name(rng: random.Random) -> str:
    return rng.choice(SURNAMES) + rng.choice(("某", "先生", "女士"))


class Mediating:
    """The disputes of a stretch of the past. ``reopen``: plans that a case is opened again."""

    def __init__(
        self, keys: Keys, office: Office, seed: int, reopen: Callable[[datetime, UUID], None]
    ) -> None:
        self._keys, self._office, self._seed, self._reopen = keys, office, seed, reopen
        self._steps: list[tuple[datetime, int, Step]] = []
        self._planned = 0
        #: Whose agreement was not kept: taken up again once the case is open.
        self._broken: set[UUID] = set()

    async def follow(self, uow: UnitOfWork, doings: Sequence[Doing], done: Sequence[Case]) -> None:
        """Begin to mediate with the handling of a case, and end it before that is reported."""
        for doing, case in zip(doings, done, strict=True):
            if case.nature != "dispute" or case.nature_state is None:
                continue
            if doing.action in ("start", "reopen") and case.state == HANDLING:
                await self._begin(uow, case)
            elif doing.action == "report" and case.nature_state == loop.MEDIATING:
                await self._end(uow, case)

    async def look(self, uow: UnitOfWork) -> None:
        """Visits, and looks at what was agreed, that are due."""
        while self._steps and self._steps[0][0] <= uow.now:
            await heapq.heappop(self._steps)[2](uow)

    def course(self, case: Case) -> Course:
        """How it goes."""
        return Course(drawing(self._seed, case.number, case.reopened))

    def _plan(self, at: datetime, step: Step) -> None:
        self._planned += 1
        heapq.heappush(self._steps, (at, self._planned, step))

    async def _begin(self, uow: UnitOfWork, case: Case) -> None:
        course = self.course(case)
        if case.id in self._broken and case.nature_state == loop.AGREED:
            self._broken.discard(case.id)
            note = said("mediation", "broken", course.draw("broken"))
            await self._act(uow, case, "follow_up", Given(result="fail", note=note))
        elif case.nature_state == loop.OPEN and course.mediated and case.unit_id is not None:
            for role, name, phone in course.parties():
                version = await self._version(uow, case)
                viewer = self._mediator(case)
                await actions.add_party(
                    uow, viewer, self._keys, case.id, version, role, name, phone
                )
            unit = self._office.code_of(case.unit_id)
            colour = rules().colour_of(case.title)
            await self._act(uow, case, "assign", Given(course.kind, colour, unit))
        else:
            return
        self._next_visit(uow, case, course, 1)

    def _next_visit(self, uow: UnitOfWork, case: Case, course: Course, n: int) -> None:
        within = rules().colours[rules().colour_of(case.title)].visit_days
        at = uow.now + timedelta(days=course.days_to_visit(within, n))
        at = handling.in_office(at.astimezone(self._office.zone), course.draw(f"at {n}"))

        async def visit(uow: UnitOfWork) -> None:
            now = (await cases.cases_by_id(uow.session, SYSTEM, [case.id]))[case.id]
            if now.state == HANDLING and now.nature_state == loop.MEDIATING:
                await self._act(uow, now, "visit", course.visit(n))
                self._next_visit(uow, now, course, n + 1)

        self._plan(at, visit)

    async def _end(self, uow: UnitOfWork, case: Case) -> None:
        course = self.course(case)
        row = await repository.of_case(uow.session, SYSTEM, case.id)
        if row is not None and row.visits == 0:
            await self._act(uow, case, "visit", course.visit(0))
        today = uow.now.astimezone(self._office.zone)
        action, given = course.ending(today)
        await self._act(uow, case, action, given)
        if action == "agree":
            assert given.day is not None
            at = datetime.combine(given.day, time(FOLLOWED_UP_HOUR), self._office.zone)
            self._plan(at, self._looking(case.id, course))

    def _looking(self, case_id: UUID, course: Course) -> Step:
        async def look(uow: UnitOfWork) -> None:
            case = (await cases.cases_by_id(uow.session, SYSTEM, [case_id]))[case_id]
            if case.nature_state != loop.AGREED:
                return
            if not course.kept and case.state == CLOSED:
                self._broken.add(case_id)
                self._reopen(uow.now, case_id)
                return
            note = said("mediation", "kept", course.draw("kept words"))
            await self._act(uow, case, "follow_up", Given(result="pass", note=note))

        return look

    async def _act(self, uow: UnitOfWork, case: Case, step: str, given: Given) -> Dispute:
        version, viewer = await self._version(uow, case), self._mediator(case)
        row = await actions.act(uow, viewer, self._keys, case.id, version, step, given)
        await uow.session.flush()
        uow.jobs.clear()  # messages are sent by nobody here
        return row

    async def _version(self, uow: UnitOfWork, case: Case) -> int:
        await uow.session.flush()
        row = await repository.of_case(uow.session, SYSTEM, case.id)
        return row.version if row is not None else 1

    def _mediator(self, case: Case) -> Viewer:
        """Somebody of the unit that has the case; the office where nobody has it."""
        held = self._office.by_unit.get(case.unit_id, ()) if case.unit_id else ()
        return held[0] if held else self._office.by_role["duty_officer"][0]
