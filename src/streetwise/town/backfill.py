"""The town's past: reports taken in and cases handled by the same actions as ever.

Somebody sits down when something is due, at most about once an hour: one unit of work a sitting,
at its simulated time. Nights with nothing to do cost nothing.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import actions as resolve
from streetwise.resolve import lists
from streetwise.resolve.actions import Doing
from streetwise.resolve.inputs import Item
from streetwise.resolve.orders import actions as order_actions
from streetwise.resolve.orders import loop as order_loop
from streetwise.resolve.orders import repository as orders
from streetwise.resolve.tables import Case
from streetwise.resolve.triage import triage
from streetwise.town import handling, platform
from streetwise.town.desk import Desk
from streetwise.town.hazards import Rectifying
from streetwise.town.mailbag import Mailbag, call_backs, mailbag, take_whole
from streetwise.town.office import Office, Shift, office_of
from streetwise.town.reports import Report

#: Minutes from the first thing that is due until somebody sits down to it: never on the hour.
SITTING_MINUTES = (40, 80)
NEXT = {
    "accept": "dispatch",
    "dispatch": "start",
    "start": "report",
    "report": "verify",
    "verify": "close",
}
FOREVER = 10_000
#: A case that was due within this time of its opening is urgent; is done today if it can be.
URGENT_HOURS, TODAY_HOURS = 4, 26
#: Of the last day's cases somebody leaves this share where it is, for whoever opens the demo.
LEFT, LEFT_HOURS = 0.08, 24
#: Local hours at which the platform's call-backs are fetched.
FETCHED_AT = (9, 15)
TOWN = Viewer.system("town")


@dataclass
class Agenda:
    """What is to be done, by when: with cases, orders, messages; and call-backs to be told."""

    due: list[tuple[datetime, str, UUID]] = field(default_factory=list)
    verdicts: list[tuple[datetime, UUID]] = field(default_factory=list)

    def plan(self, at: datetime, action: str, subject: UUID) -> None:
        """Put something on it."""
        heapq.heappush(self.due, (at, action, subject))

    def take(self, now: datetime) -> list[tuple[str, UUID]]:
        """What is due by now."""
        found = []
        while self.due and self.due[0][0] <= now:
            _, action, subject = heapq.heappop(self.due)
            found.append((action, subject))
        return found

    @property
    def next_at(self) -> datetime | None:
        """When the first thing is due."""
        times = [heap[0][0] for heap in (self.due, self.verdicts) if heap]
        return min(times, default=None)


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
) -> None:
    """Take in the reports between start and end, and let the staff handle their cases until
    ``handled_until`` (end, when not given).

    ``progress`` is told the share done, 0 to 1. Needs a simulated database.
    """
    async with runtime.database.read(TOWN) as session:
        office = await office_of(session, area)
    told = sorted(reports, key=lambda report: (report.at, report.upstream_key))
    last = handled_until or end
    name = f"{seed}:{start.isoformat()}"
    desk = Desk.of(area, told, random.Random(f"{name}:desk"))
    series = f"{start.astimezone(office.zone):%m%d}"
    past = Past(runtime, office, mailbag(told), desk, random.Random(name), last, series)
    whole = max((last - start).total_seconds(), 1.0)
    while (now := past.next_sitting()) is not None:
        await past.sit(now)
        progress(min(1.0, (now - start).total_seconds() / whole))
    progress(1.0)


class Past:
    """One stretch of the past while it is lived through."""

    def __init__(
        self,
        runtime: Runtime,
        office: Office,
        bag: Mailbag,
        desk: Desk,
        rng: random.Random,
        last: datetime,
        series: str,
    ) -> None:
        self._runtime, self._office, self._bag, self._rng = runtime, office, bag, rng
        self._desk = desk
        self._agenda = Agenda()
        self._known: set[UUID] = set()
        self._returned: set[UUID] = set()
        self._last, self._series = last, series

    def next_sitting(self) -> datetime | None:
        """When somebody sits down next; None when nothing is left to be done by the end."""
        times = [at for at in (self._bag.next_at, self._agenda.next_at) if at is not None]
        first = min(times, default=None)
        if first is None or first > self._last:
            return None
        return min(first + timedelta(minutes=self._rng.uniform(*SITTING_MINUTES)), self._last)

    async def sit(self, now: datetime) -> None:
        """One unit of work: what came, what is due."""
        shift = self._office.shift(self._rng)
        steward, keys = shift.on_duty["data_steward"], self._runtime.keys
        async with self._runtime.database.unit_of_work(TOWN, now=now) as uow:
            came, again = await self._bag.deliver(uow, keys, steward, self._office.zone)
            fetched = await self._fetch_verdicts(uow, steward)
            if came or fetched:
                await triage(uow, Viewer.system("triage"), FOREVER)
                await self._plan_new(uow)
                for signal_id in await self._desk.new_asides(uow, self._last - now):
                    self._plan_desk(now, "read", signal_id)
            if again or fetched:
                await self._plan_returned(uow)
            due = self._agenda.take(now)
            ours = [one for one in due if one[0] in handling.ON_CASES]
            closed = await self._cases(uow, shift, ours)
            if closed:
                await self._plan_answers(uow, closed)
            read = [one for action, one in due if action == "read"]
            if read:
                for case in await self._desk.read(uow, shift.on_duty["duty_officer"], read):
                    self._known.add(case.id)
                    self._plan(now, "accept", case)
            theirs = [one for one in due if one not in ours and one[0] != "read"]
            await self._orders(uow, shift, theirs)

    # --- cases ---------------------------------------------------------------------------------

    async def _plan_new(self, uow: UnitOfWork) -> None:
        """Put cases that have just been opened on the agenda."""
        wanted = lists.Filter(
            area=self._office.area,
            states=("received",),
            opened_since=uow.now - timedelta(hours=6),
        )
        page = await lists.page(
            uow.session, TOWN, wanted,
            sort="opened", cursor=None, limit=FOREVER, now=uow.now, soon=timedelta(0),
        )  # fmt: skip
        for row in page.rows:
            if row.case.id not in self._known:
                self._known.add(row.case.id)
                if presses(row.case):
                    self._agenda.plan(uow.now, "accept", row.case.id)  # in this sitting
                else:
                    self._plan(uow.now, "accept", row.case)

    def _plan(self, now: datetime, action: str, case: Case) -> None:
        fresh = self._last - case.opened_at < timedelta(hours=LEFT_HOURS)
        if fresh and self._rng.random() < LEFT:
            return
        local = now.astimezone(self._office.zone)
        at = handling.when(
            action, local, urgent=is_urgent(case), today=presses(case), rng=self._rng,
            nature=case.nature,
        )  # fmt: skip
        self._agenda.plan(at, action, case.id)

    async def _cases(
        self, uow: UnitOfWork, shift: Shift, due: Sequence[tuple[str, UUID]]
    ) -> list[UUID]:
        """All actions on cases that are due, each by somebody who may; the cases now closed."""
        closed: list[UUID] = []
        begun = sorted({case_id for action, case_id in due if action == "accept"})
        officer = shift.on_duty["duty_officer"]
        merged = await self._desk.decide(uow, officer, begun, self._last - uow.now)
        due = [one for one in due if one[1] not in merged]
        while due:
            at_once: list[tuple[str, UUID]] = []
            for follow, case in await self._together(uow, shift, due):
                if follow is None:
                    closed.append(case.id)
                elif follow in handling.AT_ONCE and presses(case):
                    at_once.append((follow, case.id))
                else:
                    self._plan(uow.now, follow, case)
            if at_once:
                await uow.session.flush()  # what was dispatched is its unit's to see
            due = at_once
        return closed

    async def _together(
        self, uow: UnitOfWork, shift: Shift, due: Sequence[tuple[str, UUID]]
    ) -> list[tuple[str | None, Case]]:
        """Take the actions; what follows for each case, None where it is closed."""
        ids = list({case_id for _, case_id in due})
        by_id = {row.case.id: row for row in await lists.by_ids(uow.session, TOWN, ids)}
        doings = []
        for action, case_id in due:
            row = by_id[case_id]
            viewer, inputs = self._office.choice(shift, row, action, self._rng)
            doings.append(Doing(viewer, action, Item(case_id, row.case.version), inputs))
        cases = await resolve.act_together(uow, self._runtime.keys, doings)
        rectifying = Rectifying(
            uow, self._runtime.keys, self._office, shift, self._rng, self._series
        )
        await rectifying.follow(doings, cases)
        return [
            ("report" if doing.inputs.result == "fail" else NEXT.get(doing.action), case)
            for doing, case in zip(doings, cases, strict=True)
        ]

    # --- work orders ---------------------------------------------------------------------------

    async def _plan_answers(self, uow: UnitOfWork, closed: Sequence[UUID]) -> None:
        """The desk answers upstream once the case is closed."""
        await uow.session.flush()
        for row in await orders.of_cases(uow.session, TOWN, closed):
            self._plan_desk(uow.now, "answer", row.order.id)

    async def _plan_returned(self, uow: UnitOfWork) -> None:
        """What upstream has sent back, or spoken of again after it was closed, is answered anew."""
        wanted = orders.OrderFilter(area=self._office.area, states=(order_loop.RETURNED,))
        page = await orders.page(
            uow.session, TOWN, wanted,
            cursor=None, limit=FOREVER, now=uow.now, soon=timedelta(0), patience=timedelta(0),
        )  # fmt: skip
        for row in page.rows:
            if row.order.id not in self._returned:
                self._returned.add(row.order.id)
                self._plan_desk(uow.now, "answer", row.order.id)

    def _plan_desk(self, now: datetime, action: str, subject: UUID) -> None:
        local = now.astimezone(self._office.zone)
        self._agenda.plan(
            handling.when(action, local, urgent=False, rng=self._rng), action, subject
        )

    async def _orders(self, uow: UnitOfWork, shift: Shift, due: Sequence[tuple[str, UUID]]) -> None:
        if not due:
            return
        officer = shift.on_duty["duty_officer"]
        known = await orders.by_ids(uow.session, TOWN, [order_id for _, order_id in due])
        doings = []
        for action, order_id in due:
            order = known[order_id].order
            line = order_loop.find(action, order.state)
            if line is None or not order_loop.passes(
                line, attention=order.attention, exclusion=order.exclusion
            ):
                continue  # upstream has said something else meanwhile
            self._returned.discard(order_id)
            words = platform.answer_words(order.number) if action == "answer" else None
            doings.append(order_actions.Doing(order_id, order.version, action, words))
        if not doings:
            return
        answered = await order_actions.act(uow, officer, self._runtime.keys, doings)
        for doing, order in zip(doings, answered, strict=True):
            if doing.action == "answer":
                hours = platform.verdict(order.number, order.updates).hours
                fetched = self._fetched_after(uow.now + timedelta(hours=hours))
                heapq.heappush(self._agenda.verdicts, (fetched, order.id))

    def _fetched_after(self, at: datetime) -> datetime:
        """When the file that holds a call-back of this moment is fetched."""
        local = at.astimezone(self._office.zone)
        for hour in FETCHED_AT:
            if local.hour < hour:
                return local.replace(hour=hour, minute=0, second=0, microsecond=0)
        morning = local.replace(hour=FETCHED_AT[0], minute=0, second=0, microsecond=0)
        return morning + timedelta(days=1)

    async def _fetch_verdicts(self, uow: UnitOfWork, steward: Viewer) -> int:
        """What the platform has found of answered orders comes back as its own file."""
        heap, found = self._agenda.verdicts, []
        while heap and heap[0][0] <= uow.now:
            found.append(heapq.heappop(heap)[1])
        if not found:
            return 0
        rows = []
        known = await orders.by_ids(uow.session, TOWN, found)
        for order_id in found:
            row, zone = known[order_id], self._office.zone
            order = row.order
            said = platform.verdict(order.number, order.updates)
            due_at = order.due_at.astimezone(zone) if order.due_at else None
            local = uow.now.astimezone(zone)
            rows.append(platform.verdict_row(order.number, row.case.title, due_at, said, local))
            if said.reached and not said.resolved and not said.returned:
                self._plan_desk(uow.now, "acknowledge", order_id)
        file = call_backs(rows, uow.now, self._office.zone)
        await take_whole(uow, self._runtime.keys, steward, file)
        return len(rows)


def is_urgent(case: Case) -> bool:
    """What is marked so, and what has to be done within hours."""
    return case.priority == "high" or _due_within(case, URGENT_HOURS)


def presses(case: Case) -> bool:
    """What is urgent, and what is done today if it can be."""
    return is_urgent(case) or _due_within(case, TODAY_HOURS)


def _due_within(case: Case, hours: float) -> bool:
    """Whether it was due so soon after it was opened."""
    return case.due_at is not None and case.due_at - case.opened_at < timedelta(hours=hours)
