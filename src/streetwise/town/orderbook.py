"""The work orders of the town's past: answered, contested, looked at by the platform, sent back."""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as case_repository
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.orders import actions as order_actions
from streetwise.resolve.orders import loop as order_loop
from streetwise.resolve.orders import repository as orders
from streetwise.resolve.orders.repository import OrderRow
from streetwise.resolve.orders.tables import WorkOrder
from streetwise.resolve.tables import Case
from streetwise.town import answering, astray, handling, platform
from streetwise.town.agenda import Agenda
from streetwise.town.caseload import FOREVER, TOWN, Caseload
from streetwise.town.mailbag import call_backs, take_whole
from streetwise.town.office import Shift
from streetwise.town.said import said
from streetwise.town.turning import Turning

#: Local hours at which the platform's findings are fetched.
FETCHED_AT = (9, 15)
#: How often the platform looks again for what is worked at once more.
AGAIN_HOURS = 24.0


class Orderbook:
    """What is due with work orders, and doing it."""

    def __init__(
        self, keys: Keys, turning: Turning, cases: Caseload, agenda: Agenda, rng: random.Random
    ) -> None:
        self._keys, self._turning, self._cases = keys, turning, cases
        self._agenda, self._rng = agenda, rng
        self._office = turning.office
        self._returned: set[UUID] = set()

    # --- what is to be done ----------------------------------------------------------------------

    def plan(self, now: datetime, action: str, subject: UUID) -> None:
        """Something for the desk."""
        local = now.astimezone(self._office.zone)
        at = handling.when(action, local, urgent=False, rng=self._rng)
        self._agenda.plan(at, action, subject)

    async def plan_answers(self, uow: UnitOfWork, closed: Sequence[Case]) -> None:
        """The desk answers upstream once the case is closed."""
        await uow.session.flush()
        for row in await orders.of_cases(uow.session, TOWN, [case.id for case in closed]):
            if row.order.state == order_loop.CLOSED and row.order.resolved is False:
                self._called_back(uow.now, row.order)  # once more: something was done since
            else:
                self.plan(uow.now, "answer", row.order.id)

    async def plan_returned(self, uow: UnitOfWork) -> None:
        """What upstream has sent back, or spoken of again after it was closed, is answered anew,
        at times after the case was opened again and handled again.
        """
        wanted = orders.OrderFilter(area=self._office.area, states=(order_loop.RETURNED,))
        page = await orders.page(
            uow.session, TOWN, wanted,
            cursor=None, limit=FOREVER, now=uow.now, soon=timedelta(0), patience=timedelta(0),
        )  # fmt: skip
        for row in page.rows:
            if row.order.id in self._returned:
                continue
            self._returned.add(row.order.id)
            if not self._reopens(uow.now, row, "returned_reopens"):
                self.plan(uow.now, "answer", row.order.id)

    def _reopens(self, now: datetime, row: OrderRow, name: str) -> bool:
        """Whether what upstream says makes somebody open the case again."""
        draw = astray.drawing(self._turning.seed, row.order.number, row.order.updates)
        open_here = row.case.state != CLOSED or row.case.merged_into is not None
        if open_here or not astray.happens(name, draw(name)):
            return False
        self.plan(now, "reopen", row.case.id)
        return True

    # --- doing it --------------------------------------------------------------------------------

    async def act(self, uow: UnitOfWork, shift: Shift, due: Sequence[tuple[str, UUID]]) -> None:
        """All actions on orders that are due."""
        contests = [subject for action, subject in due if action == "contest"]
        doings = await self._contests(uow, contests) if contests else []
        others = [one for one in due if one[0] != "contest"]
        if others:
            doings += await self._others(uow, others)
        if not doings:
            return
        officer = shift.on_duty["duty_officer"]
        done = await order_actions.act(uow, officer, self._keys, doings)
        for doing, order in zip(doings, done, strict=True):
            if doing.action == "answer":
                self._called_back(uow.now, order)
            elif doing.action == "contest":
                self._fetch_after(uow.now, platform.contest_verdict(order.number).hours, order)

    async def _others(
        self, uow: UnitOfWork, due: Sequence[tuple[str, UUID]]
    ) -> list[order_actions.Doing]:
        known = await orders.by_ids(uow.session, TOWN, [order_id for _, order_id in due])
        doings = []
        for action, order_id in dict.fromkeys(due):
            order = known[order_id].order
            line = order_loop.find(action, order.state)
            if line is None or not order_loop.passes(
                line, attention=order.attention, exclusion=order.exclusion
            ):
                continue  # upstream has said something else meanwhile
            if action == "answer" and known[order_id].case.state != CLOSED:
                continue  # the case was opened again: it is answered when that is done
            self._returned.discard(order_id)
            words = platform.answer_words(order.number) if action == "answer" else None
            doings.append(order_actions.Doing(order_id, order.version, action, words))
        return doings

    async def _contests(
        self, uow: UnitOfWork, case_ids: Sequence[UUID]
    ) -> list[order_actions.Doing]:
        """派单异议: the first open order of each case; a case without one goes on."""
        first: dict[UUID, OrderRow] = {}
        for row in await orders.of_cases(uow.session, TOWN, case_ids):
            if row.order.state == order_loop.OPEN:
                first.setdefault(row.case.id, row)
        found = await case_repository.cases_by_id(uow.session, TOWN, case_ids)
        doings = []
        for case_id in case_ids:
            if case_id not in first:
                if found[case_id].state != CLOSED:
                    self._cases.go_straight(uow.now, found[case_id])
                continue
            order = first[case_id].order
            rng = astray.drawing(self._turning.seed, order.number)("contest")
            ground = astray.ground("contest", rng)
            words = said("contest", None, rng)
            doings.append(order_actions.Doing(order.id, order.version, "contest", words, ground))
        return doings

    # --- what upstream finds ---------------------------------------------------------------------

    def _called_back(self, now: datetime, order: WorkOrder) -> None:
        hours = platform.hours_until_verdict(order.number, order.updates)
        self._fetch_after(now, hours, order)

    def _fetch_after(self, now: datetime, hours: float, order: WorkOrder) -> None:
        fetched = self._fetched_after(now + timedelta(hours=hours))
        heapq.heappush(self._agenda.verdicts, (fetched, order.id))

    def _fetched_after(self, at: datetime) -> datetime:
        """When the file that holds a finding of this moment is fetched."""
        local = at.astimezone(self._office.zone)
        for hour in FETCHED_AT:
            if local.hour < hour:
                return local.replace(hour=hour, minute=0, second=0, microsecond=0)
        morning = local.replace(hour=FETCHED_AT[0], minute=0, second=0, microsecond=0)
        return morning + timedelta(days=1)

    async def fetch(self, uow: UnitOfWork, steward: Viewer) -> int:
        """What the platform has found of answered and contested orders comes as its own file."""
        heap, found = self._agenda.verdicts, []
        while heap and heap[0][0] <= uow.now:
            found.append(heapq.heappop(heap)[1])
        if not found:
            return 0
        known = await orders.by_ids(uow.session, TOWN, found)
        rows = []
        for order_id in dict.fromkeys(found):
            row = known[order_id]
            contested = row.order.state == order_loop.CONTESTED
            if row.case.state != CLOSED and not contested:
                # Opened again meanwhile: they wait until it is done.
                self._fetch_after(uow.now, AGAIN_HOURS, row.order)
            else:
                rows.append(self._found(uow, row))
        if rows:
            file = call_backs(rows, uow.now, self._office.zone)
            await take_whole(uow, self._keys, steward, file)
        return len(rows)

    def _found(self, uow: UnitOfWork, row: OrderRow) -> dict[str, str]:
        """The row of one order, and what it makes the street do."""
        order, zone = row.order, self._office.zone
        due_at = order.due_at.astimezone(zone) if order.due_at else None
        local = uow.now.astimezone(zone)
        if order.state == order_loop.CONTESTED:
            heard = platform.contest_verdict(order.number)
            if row.case.state != CLOSED and heard.accepted:
                self._cases.end(uow.now, row.case, "not_our_duty")
            elif row.case.state != CLOSED:
                self._cases.go_straight(uow.now, row.case)
            return platform.contest_row(order.number, row.case.title, due_at, heard, local)
        found = self._verdict(row)
        if found.called and not found.resolved and not found.returned:
            self.plan(uow.now, "acknowledge", order.id)
            self._reopens(uow.now, row, "unsolved_reopens")
        return platform.verdict_row(order.number, row.case.title, due_at, found, local)

    def _verdict(self, row: OrderRow) -> platform.Verdict:
        """By what the caller would tell us, too, how the case ended, and our contact log."""
        order, case = row.order, row.case
        draw = answering.drawing(self._turning.seed, order.number, case.reopened)
        found = platform.verdict(
            platform.Known(
                order.number, order.updates, answering.answer(draw),
                contacted=order.contacted_at is not None,
                outcome=case.outcome, rounds=case.reopened,
            )
        )  # fmt: skip
        # What is closed there is not sent back any more.
        closed = order.state == order_loop.CLOSED
        return replace(found, returned=False) if closed else found
