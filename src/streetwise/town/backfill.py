"""The town's past: reports taken in and cases handled by the same actions as ever.

Somebody sits down when something is due, at most about once an hour: one unit of work a sitting,
at its simulated time. Nights with nothing to do cost nothing. What has just come is taken up a few
minutes later, at a short sitting of the desk.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.triage import triage
from streetwise.town import handling
from streetwise.town.agenda import Agenda
from streetwise.town.asking import Asking
from streetwise.town.calling import Calling
from streetwise.town.caseload import FOREVER, TOWN, Caseload
from streetwise.town.desk import Desk
from streetwise.town.disputes import Mediating
from streetwise.town.mailbag import Mailbag, mailbag
from streetwise.town.office import Office, Shift, office_of
from streetwise.town.orderbook import Orderbook
from streetwise.town.petitions import Petitioning
from streetwise.town.reports import Report
from streetwise.town.room import Room
from streetwise.town.turning import Turning

#: Minutes from the first thing that is due until somebody sits down to it: never on the hour.
SITTING_MINUTES = (40, 80)
#: Minutes until the desk takes up what has come.
DESK_MINUTES = (6, 14)


async def backfill(
    runtime: Runtime,
    reports: Iterable[Report],
    *,
    area: str,
    seed: int,
    start: datetime,
    end: datetime,
    progress: Callable[[float], None],
    handled_until: datetime | None = None,
) -> list[tuple[str, str]]:
    """Take in the reports between start and end, and let the staff handle their cases until
    ``handled_until`` (end, when not given).

    ``progress`` is told the share done, 0 to 1. Needs a simulated database. Gives back what was
    planned and could not be done as things stood then, as (action, number of the case).
    """
    async with runtime.database.read(TOWN) as session:
        office = await office_of(session, area)
    told = sorted(reports, key=lambda report: (report.at, report.upstream_key))
    last = handled_until or end
    past = Past(runtime, office, told, seed, (start, end), last)
    whole = max((last - start).total_seconds(), 1.0)
    while (now := past.next_sitting()) is not None:
        await past.sit(now)
        progress(min(1.0, (now - start).total_seconds() / whole))
    progress(1.0)
    return past.cases.dropped


class Past:
    """One stretch of the past while it is lived through."""

    def __init__(
        self,
        runtime: Runtime,
        office: Office,
        told: list[Report],
        seed: int,
        period: tuple[datetime, datetime],
        last: datetime,
    ) -> None:
        name = f"{seed}:{period[0].isoformat()}"
        self._runtime, self._office, self._last = runtime, office, last
        self._rng = rng = random.Random(name)
        self._bag: Mailbag = mailbag(told)
        self._agenda = agenda = Agenda()
        self._desk = Desk.of(office.area, told, random.Random(f"{name}:desk"))
        turning = Turning(office, seed)
        series = f"{period[0].astimezone(office.zone):%m%d}"
        self._mediating = Mediating(runtime.keys, office, seed, self._reopen)
        self.cases = Caseload(
            runtime.keys, turning, self._desk, agenda, rng, last, series, self._mediating
        )
        self._orders = Orderbook(runtime.keys, turning, self.cases, agenda, rng)
        self._calling = Calling(runtime.keys, office, agenda, random.Random(f"{name}:calls"))
        self._asking = Asking(runtime, office, agenda, seed, (period[0], last), self._reopen)
        self._room = Room(runtime.keys, office, random.Random(f"{name}:room"), period)
        self._petitioning = Petitioning(runtime.keys, runtime.settings, office, seed, series)
        self._desk_at: datetime | None = None

    def next_sitting(self) -> datetime | None:
        """When somebody sits down next; None when nothing is left to be done by the end."""
        times = [at for at in (self._bag.next_at, self._agenda.next_at) if at is not None]
        first = min(times, default=None)
        soon = [at for at in (self._desk_at, self._room.next_at) if at is not None]
        if first is not None and first <= self._last:
            soon.append(first + timedelta(minutes=self._rng.uniform(*SITTING_MINUTES)))
        elif all(at > self._last for at in soon):
            return None
        return min(*soon, self._last)

    async def sit(self, now: datetime) -> None:
        """One unit of work: what came, what is due."""
        at_the_desk = now == self._desk_at
        shift = self._office.shift(self._rng)
        async with self._runtime.database.unit_of_work(TOWN, now=now) as uow:
            if not at_the_desk:
                await self._take_in(uow, shift)
            else:
                self._desk_at = None
            due = self._agenda.take(now)
            ours = [one for one in due if one[0] not in handling.NOT_ON_CASES]
            closed = await self.cases.act(uow, shift, ours)
            if closed:
                await self._orders.plan_answers(uow, closed)
                await self._petitioning.follow(uow, closed)
            read = [one for action, one in due if action == "read"]
            if read:
                for case in await self._desk.read(uow, shift.on_duty["duty_officer"], read):
                    self.cases.plan(now, "accept", case)
            await self._orders.act(uow, shift, [o for o in due if o[0] in handling.ON_ORDERS])
            await self._calling.keep(uow, shift, [o for a, o in due if a == "promise"])
            if at_the_desk:
                await self._calling.call(uow, shift)
            await self._asking.ask(uow, shift, [o for o in due if o[0] in handling.ON_VOICES])
            await self._mediating.look(uow)
            await self._petitioning.look(uow)
            await self._room.look(uow, shift)

    def _reopen(self, now: datetime, case_id: UUID) -> None:
        """For who says in a call-back that it is not done, and where an agreement is not kept."""
        self._orders.plan(now, "reopen", case_id)

    async def _take_in(self, uow: UnitOfWork, shift: Shift) -> None:
        """What has come by now, and what upstream has found."""
        steward, now = shift.on_duty["data_steward"], uow.now
        came, again = await self._bag.deliver(uow, self._runtime.keys, steward, self._office.zone)
        fetched = await self._orders.fetch(uow, steward)
        if came or fetched:
            await triage(uow, Viewer.system("triage"), FOREVER)
            desk_at = now + timedelta(minutes=self._rng.uniform(*DESK_MINUTES))
            opened = await self.cases.plan_new(uow, desk_at)
            if desk_at <= self._last and (opened or came):
                self._desk_at = min(desk_at, self._desk_at or desk_at)
            self._room.heard_of(opened)
            for signal_id in await self._desk.new_asides(uow, self._last - now):
                self._orders.plan(now, "read", signal_id)
        if again or fetched:
            await self._orders.plan_returned(uow)
