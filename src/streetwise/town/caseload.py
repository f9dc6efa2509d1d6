"""The cases of a stretch of the town's past: what is done with each, when, and what follows."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import actions as resolve
from streetwise.resolve import choices, lists
from streetwise.resolve.actions import Doing
from streetwise.resolve.clocks.rules import scheme_rules
from streetwise.resolve.inputs import Inputs, Item
from streetwise.resolve.lists import Row
from streetwise.resolve.loop import CLOSED, HANDLING
from streetwise.resolve.natures.loop import HELD
from streetwise.resolve.steps import WAITING
from streetwise.resolve.tables import Case
from streetwise.town import astray, handling
from streetwise.town.agenda import Agenda
from streetwise.town.astray import STRAIGHT, Standing
from streetwise.town.desk import Desk
from streetwise.town.disputes import Mediating
from streetwise.town.hazards import Rectifying
from streetwise.town.office import Shift
from streetwise.town.turning import Turning

TOWN = Viewer.system("town")
FOREVER = 10_000
#: A case that was due within this time of its opening is urgent; is done today if it can be.
URGENT_HOURS, TODAY_HOURS = 4, 26
#: Of the last day's cases somebody leaves this share where it is, for whoever opens the demo;
#: of what the desk has to do within minutes only what came just now.
LEFT, LEFT_HOURS = 0.08, 24
LEFT_AT_THE_DESK, LEFT_DESK_MINUTES = 0.5, 25
#: Actions after which a unit begins to handle, and one that lets a case lie as it is.
BEGINS = ("start", "verify", "reopen")
#: Beside the one thing that is next for a case.
BESIDE = ("arrive", "co_report", "release")
AT_THE_END = ("reopen", "appeal", "review_appeal")


@dataclass(frozen=True, slots=True)
class Turn:
    """Who takes which action, with what."""

    action: str
    viewer: Viewer
    inputs: Inputs


class Caseload:
    """What is due with cases, and doing it."""

    def __init__(
        self,
        keys: Keys,
        turning: Turning,
        desk: Desk,
        agenda: Agenda,
        rng: random.Random,
        last: datetime,
        series: str,
        mediating: Mediating | None = None,
    ) -> None:
        self._series, self._mediating = series, mediating
        self._keys, self._turning, self._desk = keys, turning, desk
        self._agenda, self._rng, self._last = agenda, rng, last
        self._office = turning.office
        self._known: set[UUID] = set()
        self._meant: dict[UUID, datetime] = {}
        self._straight: set[UUID] = set()
        self._asked: set[tuple[UUID, str, int]] = set()
        #: Actions that could not be taken when their time came: for whoever looks.
        self.dropped: list[tuple[str, str]] = []

    # --- what is new -----------------------------------------------------------------------------

    async def plan_new(self, uow: UnitOfWork, desk_at: datetime) -> list[Case]:
        """Put cases that have just been opened on the agenda: what presses at once, the others
        when the desk sits down. Which those are.
        """
        wanted = lists.Filter(
            area=self._office.area,
            states=("received",),
            opened_since=uow.now - timedelta(hours=6),
        )
        page = await lists.page(
            uow.session, TOWN, wanted,
            sort="opened", cursor=None, limit=FOREVER, now=uow.now, soon=timedelta(0),
        )  # fmt: skip
        found = [row.case for row in page.rows if row.case.id not in self._known]
        for case in found:
            self._known.add(case.id)
            if presses(case):
                self._agenda.plan(uow.now, "accept", case.id)  # in this sitting
            elif not self._left(uow.now, "accept", case):
                self._agenda.plan(desk_at, "accept", case.id)
        return found

    def plan(self, now: datetime, action: str, case: Case) -> None:
        """Put an action of the straight way on the agenda, unless it is left for somebody."""
        self._known.add(case.id)
        if self._left(now, action, case):
            return
        local = now.astimezone(self._office.zone)
        at = handling.when(
            action, local, urgent=is_urgent(case), today=presses(case), rng=self._rng,
            nature=case.nature,
        )  # fmt: skip
        self._agenda.plan(at, action, case.id)

    def _left(self, now: datetime, action: str, case: Case) -> bool:
        if action in handling.WITHIN_MINUTES:
            late = self._last - now < timedelta(minutes=LEFT_DESK_MINUTES)
            return late and self._rng.random() < LEFT_AT_THE_DESK
        fresh = self._last - case.opened_at < timedelta(hours=LEFT_HOURS)
        return fresh and self._rng.random() < LEFT

    # --- what is due -----------------------------------------------------------------------------

    async def act(
        self, uow: UnitOfWork, shift: Shift, due: Sequence[tuple[str, UUID]]
    ) -> list[Case]:
        """All actions on cases that are due, each by somebody who may; the cases now closed."""
        closed: list[Case] = []
        begun = sorted({case_id for action, case_id in due if action == "accept"})
        officer = shift.on_duty["duty_officer"]
        merged = await self._desk.decide(uow, officer, begun, self._last - uow.now)
        left = [one for one in due if one[1] not in merged]
        while left:
            this, left = one_each(left)
            for doing, case in await self._together(uow, shift, this):
                if doing.action in ("close", "close_otherwise"):
                    closed.append(case)
                self._follow(uow.now, doing, case)
            if left:
                await uow.session.flush()
        return closed

    async def _together(
        self, uow: UnitOfWork, shift: Shift, due: Sequence[tuple[str, UUID]]
    ) -> list[tuple[Doing, Case]]:
        """Take the actions that can be taken, one for each case with what follows at once; the
        last of each.
        """
        rows = await lists.by_ids(uow.session, TOWN, [case_id for _, case_id in due])
        by_id = {row.case.id: row for row in rows}
        doings: list[Doing] = []
        lasts: list[int] = []
        for action, case_id in due:
            row = by_id[case_id]
            turn = self._turning.turn(shift, row, action, uow.now)
            held = action == "close_otherwise" and row.case.nature_state in HELD
            if turn is None or held:
                self._drop(uow.now, action, row.case)
                continue
            chain = [Turn(action, *turn), *self._at_once(uow.now, shift, row, action, turn[1])]
            version = row.case.version
            for n, one in enumerate(chain):
                item = Item(case_id, version + n)
                doings.append(Doing(one.viewer, one.action, item, one.inputs))
            lasts.append(len(doings) - 1)
        if not doings:
            return []
        cases = await resolve.act_together(uow, self._keys, doings)
        if self._mediating is not None:
            await self._mediating.follow(uow, doings, cases)
        rectifying = Rectifying(uow, self._keys, self._office, shift, self._rng, self._series)
        await rectifying.follow(doings, cases)
        return [(doings[n], cases[n]) for n in lasts]

    def _at_once(
        self, now: datetime, shift: Shift, row: Row, action: str, inputs: Inputs
    ) -> Iterator[Turn]:
        """What is done in the same breath: what is accepted is dispatched, mostly; and where a
        case presses it is begun, and closed when it was checked.
        """
        case, pressing = row.case, presses(row.case)
        if action == "accept":
            self._turning.last_of[case.category_code] = case.number
            late = self._last - now < timedelta(minutes=LEFT_DESK_MINUTES)
            quick = pressing or self._rng.random() < handling.DISPATCHED_AT_ONCE
            if late or not quick or self._next(case, "accepted") != "dispatch":
                return
            unit = self._turning.unit(row, now)
            yield Turn("dispatch", shift.on_duty["dispatcher"], Inputs(unit=unit))
            action, inputs = "dispatch", Inputs(unit=unit)
        if not pressing or self._last - case.opened_at < timedelta(hours=LEFT_HOURS):
            return
        if action == "dispatch" and self._next(case, "dispatched") == "start":
            assert inputs.unit is not None
            yield Turn("start", self._office.handler(inputs.unit), Inputs())
        elif action == "verify" and inputs.result == "pass" and case.nature != "hazard":
            yield Turn("close", shift.on_duty["dispatcher"], Inputs())

    def _drop(self, now: datetime, action: str, case: Case) -> None:
        """Things stand otherwise than when it was planned: the case goes on from there."""
        if action in BESIDE or action in AT_THE_END or case.state == CLOSED:
            return
        self.dropped.append((action, case.number))
        self.go_straight(now, case)

    def go_straight(self, now: datetime, case: Case) -> None:
        """Nothing further happens to the case on this stage."""
        self._straight.add(case.id)
        self._go_on(now, case)

    def end(self, now: datetime, case: Case, outcome: str) -> None:
        """The case is to end without "fixed"."""
        self._turning.ends[case.id] = outcome
        self._agenda.plan(self._after(now, "close_otherwise"), "close_otherwise", case.id)

    # --- what follows ----------------------------------------------------------------------------

    def _follow(self, now: datetime, doing: Doing, case: Case) -> None:
        """Plan what comes after."""
        action = doing.action
        if action in ("return", "reopen"):
            self._straight.discard(case.id)
        if action == "reassign":
            self._straight.add(case.id)
        if action in BEGINS and case.state == HANDLING:
            self._meant[case.id] = self._when("report", now, case)
        if case.state == CLOSED:
            self._after_the_end(now, doing, case)
        elif action == "whistle":
            self._called(now, case, doing)
        elif action == "arrive":
            self._agenda.plan(self._after(now, "co_report"), "co_report", case.id)
        else:
            self._go_on(now, case)

    def _next(self, case: Case, state: str) -> str | None:
        """What follows for a case, in the state that it has or will have at once."""
        return astray.goes_on(self._standing(case, state), self._turning.draw(case))

    def _go_on(self, now: datetime, case: Case) -> None:
        step = self._next(case, case.state)
        if step is None:
            return
        if step == "report":
            self._plan_report(now, case)
        elif step == "resume":
            assert case.suspended_until is not None
            early = timedelta(hours=self._rng.uniform(1, 20))
            self._agenda.plan(max(now, case.suspended_until - early), step, case.id)
        elif step == "close_otherwise":
            outcome = astray.end(self._turning.draw(case)) if case.state != HANDLING else None
            self.end(now, case, outcome or "not_fixed")
        elif step in STRAIGHT.values():
            self.plan(now, step, case)
        else:
            name = step.partition("_")[0]
            at = self._after(now, "grant" if name == "refuse" else name)
            self._agenda.plan(at, step, case.id)

    def _standing(self, case: Case, state: str) -> Standing:
        return Standing(
            state,
            case.nature,
            case.returned,
            case.reopened,
            case.asked,
            tuple((case.parties or {}).values()),
            self._turning.misdirected(case),
            case.id in self._straight,
        )

    def _plan_report(self, now: datetime, case: Case) -> None:
        """When it is done; or first more time, or a suspension, is asked for."""
        meant = self._meant.get(case.id)
        if meant is None:
            meant = self._meant[case.id] = self._when("report", now, case)
        asked = self._asks(now, case, meant)
        once = (case.id, asked[1], case.extended) if asked else None
        if asked is not None and once is not None and once not in self._asked:
            self._asked.add(once)
            self._agenda.plan(*asked, case.id)
        elif not self._left(now, "report", case):
            soon = now + timedelta(minutes=self._rng.uniform(2, 15))
            self._agenda.plan(max(meant, soon), "report", case.id)

    def _asks(self, now: datetime, case: Case, meant: datetime) -> tuple[datetime, str] | None:
        """Whether the unit asks for more time or for a suspension, and when."""
        rules, draw = scheme_rules(case.clock_scheme), self._turning.draw(case)
        least, most = astray.suspension_days()
        if rules.suspensions > case.suspended and meant - now > timedelta(days=least):
            rng = draw("suspension")
            if astray.happens("suspension", rng):
                ahead = min(meant - now - timedelta(days=1), timedelta(days=most))
                self._turning.until[case.id] = now + ahead
                at = now + min(timedelta(minutes=astray.delay("ask", rng)), ahead / 2)
                return at, "ask_suspension"
        due = case.due_at
        if due is not None and rules.extensions > case.extended and now < due < meant:
            rng = draw("extension")
            at = now + (due - now) * rng.uniform(0.4, 0.85)
            if astray.happens("extension", rng) and due - at > timedelta(hours=1.5):
                return at, "ask_extension"
        return None

    def _called(self, now: datetime, case: Case, doing: Doing) -> None:
        """Each called unit comes, soon or late, or not at all; then it is let go at last."""
        assert doing.inputs.ground is not None
        within = choices.time_to_report(doing.inputs.ground)
        last = now
        for unit in doing.inputs.units:
            rng = self._turning.draw(case)(f"arrive {unit}")
            if not astray.happens("no_show", rng):
                minutes = astray.arrives_after(within / timedelta(minutes=1), rng)
                last = max(last, at := now + timedelta(minutes=minutes))
                self._agenda.plan(at, "arrive", case.id)
        # Whoever has not reported by then is released with a reason.
        patience = max(last + timedelta(days=3), now + 2 * within)
        self._agenda.plan(patience, "release", case.id)

    def _after_the_end(self, now: datetime, doing: Doing, case: Case) -> None:
        if case.appeal is not None:
            if case.appeal["state"] in WAITING:
                self._agenda.plan(self._after(now, "review"), "review_appeal", case.id)
            return
        if doing.action != "close":
            return
        late = case.due_at is not None and case.due_at < now
        held = case.unit_id is not None
        step = astray.after_the_end(self._turning.draw(case), late=late, held=held)
        if step is not None:
            self._agenda.plan(self._after(now, step), step, case.id)

    def _after(self, now: datetime, name: str) -> datetime:
        """When something is done that does not go straight: in office hours."""
        at = now + timedelta(minutes=astray.delay(name, self._rng))
        return handling.in_office(at.astimezone(self._office.zone), self._rng)

    def _when(self, action: str, now: datetime, case: Case) -> datetime:
        local = now.astimezone(self._office.zone)
        return handling.when(
            action, local, urgent=is_urgent(case), today=presses(case), rng=self._rng,
            nature=case.nature,
        )  # fmt: skip


def one_each(
    due: Sequence[tuple[str, UUID]],
) -> tuple[list[tuple[str, UUID]], list[tuple[str, UUID]]]:
    """The first action of each case, and the others for the next round."""
    seen: set[UUID] = set()
    first: list[tuple[str, UUID]] = []
    others: list[tuple[str, UUID]] = []
    for one in due:
        (others if one[1] in seen else first).append(one)
        seen.add(one[1])
    return first, others


def is_urgent(case: Case) -> bool:
    """What is marked so, and what has to be done within hours."""
    return case.priority == "high" or _due_within(case, URGENT_HOURS)


def presses(case: Case) -> bool:
    """What is urgent, and what is done today if it can be."""
    return is_urgent(case) or _due_within(case, TODAY_HOURS)


def _due_within(case: Case, hours: float) -> bool:
    """Whether it was due so soon after it was opened."""
    return case.due_at is not None and case.due_at - case.opened_at < timedelta(hours=hours)
