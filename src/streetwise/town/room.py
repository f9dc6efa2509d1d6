"""The duty room of the town's past: its log, hand-overs signed by two and read by the leader,
leaders' notes on cases, and incidents with their reports upward.

By the product's own actions. Nobody is notified of what was done long ago but where the action
itself does that; those messages stay in the copy that the stretch is lived through in.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, time, timedelta
from uuid import UUID

from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.directives import actions as directives
from streetwise.resolve.directives.tables import Directive
from streetwise.resolve.duty import actions as duty
from streetwise.resolve.duty.tables import Handover
from streetwise.resolve.incidents import actions as incidents
from streetwise.resolve.incidents import repository as incident_repository
from streetwise.resolve.incidents.plan import PHONE
from streetwise.resolve.incidents.tables import Incident
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.tables import Case
from streetwise.resolve.whom import People
from streetwise.town import astray
from streetwise.town.caseload import TOWN
from streetwise.town.office import Office, Shift
from streetwise.town.said import said

#: Local hours at which one shift hands over to the next, and minutes after that.
SHIFTS, SHIFT_MINUTES = (8, 20), (0, 20)
#: Looks at the room in a shift, about: lines of the log are dealt over them.
LOOKS_A_SHIFT = 11
#: Leaders who may take a case upon them, by login.
CHARGED = tuple(f"commander{n}" for n in range(2, 7))
#: Only a leader says these.
OF_LEADERS = ("instruction", "charge")
#: Grades of incidents by weight: nearly all are ordinary ones.
LEVELS = ((4, 85), (3, 15))
Step = Callable[[UnitOfWork, Shift], Awaitable[None]]


class Room:
    """What the officers on duty do beside the cases, in one stretch."""

    def __init__(
        self, keys: Keys, office: Office, rng: random.Random, period: tuple[datetime, datetime]
    ) -> None:
        self._keys, self._office, self._rng = keys, office, rng
        self._start, self._end = period
        self._steps: list[tuple[datetime, int, Step]] = []
        self._planned = 0
        self._next_shift(self._start)

    @property
    def next_at(self) -> datetime | None:
        """When a shift ends; the rest is done when somebody is there anyway."""
        return self._shift_at

    def _next_shift(self, now: datetime) -> None:
        local = now.astimezone(self._office.zone)
        ends = [
            datetime.combine(local.date() + timedelta(days=days), time(hour), self._office.zone)
            for days in (0, 1)
            for hour in SHIFTS
        ]
        minutes = timedelta(minutes=self._rng.uniform(*SHIFT_MINUTES))
        self._shift_at = next(one for one in ends if one > now) + minutes
        if self._shift_at >= self._end:
            self._shift_at = None

    _shift_at: datetime | None = None

    def heard_of(self, opened: Iterable[Case]) -> None:
        """Some of what has just come is an incident, or something that a leader takes up."""
        for case in opened:
            if case.priority == "high" and astray.happens("incident", self._rng):
                self._plan(case.opened_at, 0, self._incident(case.id))
            elif astray.happens("directive", self._rng):
                self._plan(case.opened_at, self._delay("directive"), self._directive(case.id))

    async def look(self, uow: UnitOfWork, shift: Shift) -> None:
        """Do what is due."""
        now = uow.now
        if self._start <= now < self._end and self._rng.random() < (
            astray.duty_lines() / LOOKS_A_SHIFT
        ):
            kind = astray.ground("duty", self._rng)
            words = duty.Noting(kind, said("duty_log", kind, self._rng))
            officer = shift.on_duty["duty_officer"]
            await duty.note(uow, officer, self._keys, self._office.area, words)
        due = []
        while self._steps and self._steps[0][0] <= now:
            due.append(heapq.heappop(self._steps)[2])
        for step in due:
            await step(uow, shift)
        if due:
            await uow.session.flush()
            uow.jobs.clear()  # messages are sent by nobody here
        # After what is due: the hand-over before is signed by then, however quiet the night was.
        if self._shift_at is not None and now >= self._shift_at:
            self._next_shift(now)
            await self._hand_over(uow, shift)

    def _plan(self, since: datetime, minutes: float, step: Step) -> None:
        self._planned += 1
        at = since + timedelta(minutes=minutes)
        heapq.heappush(self._steps, (at, self._planned, step))

    def _delay(self, name: str) -> float:
        return astray.delay(name, self._rng)

    # --- hand-overs ------------------------------------------------------------------------------

    async def _hand_over(self, uow: UnitOfWork, shift: Shift) -> None:
        officers = self._office.by_role["duty_officer"]
        giver, taker = self._rng.sample(officers, 2)
        words = said("handover", None, self._rng)
        row = await duty.give(uow, giver, self._office.area, words)

        async def take(uow: UnitOfWork, shift: Shift) -> None:
            signed = await duty.take(uow, taker, row.id, row.version)
            if astray.happens("handover_read", self._rng):
                self._plan(uow.now, self._rng.uniform(30, 300), self._reading(signed))

        self._plan(uow.now, 5, take)

    def _reading(self, row: Handover) -> Step:
        async def read(uow: UnitOfWork, shift: Shift) -> None:
            leaders = await People(uow.session, uow.now).leaders(self._office.area)
            for viewer in self._office.by_role["street_commander"]:
                if viewer.staff_id in leaders:
                    await duty.read(uow, viewer, row.id, row.version, leaders)
                    return

        return read

    # --- leaders' notes --------------------------------------------------------------------------

    def _directive(self, case_id: UUID) -> Step:
        async def give(uow: UnitOfWork, shift: Shift) -> None:
            case = (await cases.cases_by_id(uow.session, TOWN, [case_id]))[case_id]
            if case.state == CLOSED or case.unit_id is None:
                return
            rng = self._rng
            kind = astray.ground("directive", rng)
            login = rng.choice(CHARGED) if kind == "charge" else None
            of_leader = kind in OF_LEADERS
            giver = shift.on_duty["street_commander" if of_leader else "duty_officer"]
            giving = directives.Giving(kind, said("directive", kind, rng), login=login)
            row = await directives.give(uow, giver, self._keys, case_id, giving)
            hours = (row.due_at - uow.now) / timedelta(minutes=1)
            self._plan(uow.now, hours * rng.lognormvariate(-0.6, 0.6), self._report(row, giver))

        return give

    def _report(self, row: Directive, giver: Viewer) -> Step:
        async def report(uow: UnitOfWork, shift: Shift) -> None:
            case = (await cases.cases_by_id(uow.session, TOWN, [row.case_id]))[row.case_id]
            doer = self._doer(row)
            words = said("directive_report", None, self._rng)
            if not cases.sees(doer, case):  # it has gone to another unit meanwhile
                doing = directives.Doing(row.id, row.version, "withdraw", words)
                await directives.act(uow, giver, self._keys, doing)
                return
            doing = directives.Doing(row.id, row.version, "report", words)
            done = await directives.act(uow, doer, self._keys, doing)
            self._plan(uow.now, self._delay("grant"), self._check(done, giver))

        return report

    def _check(self, row: Directive, giver: Viewer) -> Step:
        async def check(uow: UnitOfWork, shift: Shift) -> None:
            back = astray.happens("directive_sent_back", self._rng)
            words = said("directive_return", None, self._rng) if back else ""
            checker = self._checker(row, giver)
            doing = directives.Doing(row.id, row.version, "return" if back else "pass", words)
            done = await directives.act(uow, checker, self._keys, doing)
            if back:
                self._plan(uow.now, self._delay("directive"), self._report(done, giver))

        return check

    def _checker(self, row: Directive, giver: Viewer) -> Viewer:
        """Who gave it; where they took it upon themselves, another leader."""
        if giver.staff_id != row.reported_by:
            return giver
        leaders = self._office.by_role["street_commander"]
        return next(one for one in leaders if one.staff_id != row.reported_by)

    def _doer(self, row: Directive) -> Viewer:
        if row.staff_id is None:
            return self._office.by_unit[row.unit_id][0]
        leaders = self._office.by_role["street_commander"]
        return next(one for one in leaders if one.staff_id == row.staff_id)

    # --- incidents -------------------------------------------------------------------------------

    def _incident(self, case_id: UUID) -> Step:
        async def begin(uow: UnitOfWork, shift: Shift) -> None:
            case = (await cases.cases_by_id(uow.session, TOWN, [case_id]))[case_id]
            if case.state == CLOSED:
                return
            levels, weights = zip(*LEVELS, strict=True)
            level = self._rng.choices(levels, weights)[0]
            officer = shift.on_duty["duty_officer"]
            opening = incidents.Opening(level, min(case.opened_at, uow.now))
            row = await incidents.open_incident(uow, officer, case_id, opening)
            await uow.session.flush()
            row = await self._tell(uow, officer, row, by_phone=True)
            self._plan(uow.now, self._rng.uniform(20, 110), self._written(row.id, "incident"))
            self._plan(uow.now, self._rng.uniform(180, 900), self._over(row.id))

        return begin

    def _written(self, incident_id: UUID, words: str) -> Step:
        """The report that is owed is written, and everybody told."""

        async def write(uow: UnitOfWork, shift: Shift) -> None:
            officer = shift.on_duty["duty_officer"]
            row, _ = await incident_repository.incident(uow.session, officer, incident_id)
            text = said(words, None, self._rng)
            row = await incidents.write(uow, officer, self._keys, row.id, row.version, text)
            await self._tell(uow, officer, row, by_phone=False)

        return write

    def _over(self, incident_id: UUID) -> Step:
        async def over(uow: UnitOfWork, shift: Shift) -> None:
            officer = shift.on_duty["duty_officer"]
            row, _ = await incident_repository.incident(uow.session, officer, incident_id)
            await incidents.over(uow, officer, row.id, row.version)
            minutes = self._rng.uniform(600, 2800)
            self._plan(uow.now, minutes, self._written(incident_id, "incident_final"))

        return over

    async def _tell(
        self, uow: UnitOfWork, officer: Viewer, row: Incident, *, by_phone: bool
    ) -> Incident:
        """Everybody who is to be told by telephone, or of what is written."""
        reports = await incident_repository.reports(uow.session, officer, [row.id])
        ready = {one.id for one in reports if one.written_at is not None}
        for one in await incident_repository.tells(uow.session, officer, [row.id]):
            phone = one.way == PHONE
            if one.told_at is None and (phone if by_phone else phone or one.report_id in ready):
                row = await incidents.tell(uow, officer, row.id, row.version, one.id)
        return row
