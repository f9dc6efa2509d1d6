"""What happens to the clocks of cases, and so to when a case is due.

``cases.due_at`` is the earliest of what binds a case: its own clock, and the deadlines of its
open work orders. It is kept in the case's row because every list sorts by it. A case whose own
clock stands still and that has no open order is due at no time; one whose clocks have all
stopped keeps the deadline that it met or missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.kernel.database import UnitOfWork, looking_as
from streetwise.kernel.ids import new_id
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import loop
from streetwise.resolve.clocks import repository, rules
from streetwise.resolve.clocks.rows import (
    PAUSED,
    RUNNING,
    ClockRow,
    begin,
    given,
)
from streetwise.resolve.deadlines import Limit, WorkCalendar, deadline
from streetwise.resolve.knowledge import Knowledge, work_calendar
from streetwise.resolve.orders import loop as order_loop
from streetwise.resolve.orders.tables import WorkOrder
from streetwise.resolve.tables import Case

SYSTEM = Viewer.system("clocks")
#: Which stage of the loop a clock of the desk measures: it runs while the case is there.
_STAGES = {
    loop.RECEIVED: rules.ACCEPT,
    loop.ACCEPTED: rules.DISPATCH,
    loop.REPORTED: rules.VERIFY,
}
_BY_THE_UNIT = (loop.DISPATCHED, loop.HANDLING)
_BEFORE_THE_UNIT = (loop.RECEIVED, loop.ACCEPTED)
_DONE = (loop.REPORTED, loop.VERIFIED, loop.CLOSED)


class Held(Protocol):
    """A case, as far as its clocks must know it."""

    @property
    def id(self) -> UUID: ...
    @property
    def area(self) -> str: ...


@dataclass
class Clocks:
    """The clocks of some cases, in hand. ``write`` stores what has changed."""

    rows: dict[UUID, list[ClockRow]]
    calendars: Mapping[str, WorkCalendar]
    _changed: dict[UUID, ClockRow] = field(default_factory=dict)

    @classmethod
    async def of(cls, session: AsyncSession, viewer: Viewer, cases: Iterable[Held]) -> Clocks:
        """Of cases that the caller has locked."""
        held = list(cases)
        rows: dict[UUID, list[ClockRow]] = {case.id: [] for case in held}
        if held:
            for row in await repository.of_cases(session, viewer, list(rows)):
                rows[row.case_id].append(row)
        return cls(rows, await calendars(session, {case.area for case in held}))

    def follow(self, case: Case, was: str, at: datetime) -> None:
        """A line of the loop was taken: the case was in a state and is in another (or the same).

        Whatever line it was, known here or not: it goes by the states, and by who holds the case.
        """
        self._stages(case, was, at)
        self._own(case, was, at)
        for row in self.rows[case.id]:
            if row.kind == rules.SUSPENSION and case.state != loop.SUSPENDED:
                self._happens(row, "stop", at)
        self.restate(case)

    def _stages(self, case: Case, was: str, at: datetime) -> None:
        if case.state == was:
            return
        for row in self._running(case, tuple(_STAGES.values())):
            self._happens(row, "stop", at)
        kind = _STAGES.get(case.state)
        limit = rules.service_time(kind) if kind else None
        if kind and limit:
            self.add(
                begin(kind, case.area, case.id, at, limit, self.calendars[case.area],
                      unit_id=case.unit_id)
            )  # fmt: skip

    def _own(self, case: Case, was: str, at: datetime) -> None:
        """The case's own clock, and those that upstream gave."""
        mine = [row for row in self.rows[case.id] if row.kind in (rules.HANDLE, rules.GIVEN)]
        if was == loop.CLOSED and case.state != loop.CLOSED:
            self._anew(case, mine, at)
            return
        for row in mine:
            if case.state in _DONE:
                if row.state in (RUNNING, PAUSED):
                    self._happens(row, "stop", at)
            elif case.state in _BY_THE_UNIT:
                self._by_the_unit(case, row, at)
            elif case.state in _BEFORE_THE_UNIT:
                if was not in _BEFORE_THE_UNIT and row.state != PAUSED:
                    self._happens(row, "pause", at, because="returned")
            elif row.state == RUNNING:
                because = "suspended" if case.state == loop.SUSPENDED else ""
                self._happens(row, "pause", at, because=because)

    def _by_the_unit(self, case: Case, row: ClockRow, at: datetime) -> None:
        """The unit that has had it goes on with what is left; another one begins anew."""
        limit = row.limit
        if limit and row.unit_id and case.unit_id and row.unit_id != case.unit_id:
            row.void()
            self._changed[row.id] = row
            self.rows[case.id].remove(row)
            self.add(
                begin(row.kind, case.area, case.id, at, limit, self.calendars[case.area],
                      scheme=row.scheme, unit_id=case.unit_id)
            )  # fmt: skip
            return
        if row.state != RUNNING:
            self._happens(row, "resume", at)
        if row.unit_id != case.unit_id:
            row.unit_id = case.unit_id
            self._changed[row.id] = row

    def _anew(self, case: Case, mine: Sequence[ClockRow], at: datetime) -> None:
        """Opened again: what was agreed for the case counts from now."""
        limits = [row for row in mine if row.limit]
        if not limits:
            return
        last = limits[-1]
        for row in mine:
            if row.state in (RUNNING, PAUSED):
                self._happens(row, "stop", at)
        assert last.limit is not None
        unit = case.unit_id if case.state in _BY_THE_UNIT else None
        self.add(
            begin(rules.HANDLE, case.area, case.id, at, last.limit, self.calendars[case.area],
                  scheme=last.scheme, unit_id=unit)
        )  # fmt: skip

    def own(self, case: Case) -> ClockRow | None:
        """The case's own clock, which can be extended and suspended."""
        found = [row for row in self.rows[case.id] if row.kind == rules.HANDLE and row.limit]
        return found[-1] if found else None

    def extend(self, case: Case, at: datetime) -> datetime | None:
        """Give the original limit once more; when it is due then."""
        row = self.own(case)
        assert row is not None and row.limit is not None
        self._happens(row, "extend", at, limit=row.limit)
        self.restate(case)
        return row.due_at

    def change_limit(
        self, case: Case, scheme: str | None, limit: Limit | None, said: list[dict[str, Any]]
    ) -> None:
        """Another limit holds, from when the clock began: the class or the condition is another.

        ``said``: what is to be said of it beside the limit.
        """
        calendar = self.calendars[case.area]
        row = self.own(case)
        if row is not None and limit is None:
            row.void()
            self.rows[case.id].remove(row)
            if not any(one.kind in rules.BINDING for one in self.rows[case.id]):
                case.due_at, case.due_why = None, [{"code": "no_limit_known", "params": {}}]
        elif row is not None and limit is not None:
            row.relimit(limit, scheme, said, calendar)
        elif limit is not None and not self._bound(case):
            row = begin(
                rules.HANDLE, case.area, case.id, case.opened_at, limit, calendar, scheme=scheme,
                unit_id=case.unit_id,
            )  # fmt: skip
            row.why = [*row.why, *said]
            self.rows[case.id].append(row)
        if row is not None:
            self._changed[row.id] = row
            case.clock_scheme = scheme if limit else None
        self.restate(case)
        if row is not None and row.state == RUNNING and row.due_at == case.due_at:
            case.due_why = row.why

    def _bound(self, case: Case) -> bool:
        """Whether upstream says when it is due: that binds it, and no limit of our own."""
        return any(row.kind in (rules.ORDER, rules.GIVEN) for row in self.rows[case.id])

    def start(self, case: Case, kind: str, at: datetime, limit: Limit, **more: Any) -> ClockRow:
        """A further clock of a case (a unit that is called to help)."""
        row = begin(kind, case.area, case.id, at, limit, self.calendars[case.area], **more)
        self.add(row)
        return row

    def stop(self, case: Case, kind: str, at: datetime, unit_id: UUID | None = None) -> None:
        """Stop those of a kind (of one unit) that run."""
        for row in self._running(case, (kind,)):
            if unit_id is None or row.unit_id == unit_id:
                self._happens(row, "stop", at)

    def until(self, case: Case, at: datetime, until: datetime) -> None:
        """A suspension ends by itself then."""
        row = ClockRow(
            new_id(), case.area, case.id, rules.SUSPENSION, at, due_at=until,
            next_at=until, why=[{"code": "suspended_until", "params": {"at": until.isoformat()}}],
        )  # fmt: skip
        self.add(row)

    def to_day(
        self,
        case: Case,
        kind: str,
        at: datetime,
        due_at: datetime,
        why: dict[str, Any],
        unit_id: UUID | None = None,
    ) -> None:
        """A further clock to a moment that was said (an order to rectify, a follow-up)."""
        row = ClockRow(
            new_id(), case.area, case.id, kind, min(at, due_at - timedelta(minutes=1)),
            due_at=due_at, unit_id=unit_id, why=[why],
        )  # fmt: skip
        row.look(self.calendars[case.area])
        self.add(row)

    def restate(self, case: Case) -> None:
        """When the case is due, from what binds it."""
        found = restated(self.rows[case.id], case.due_at)
        if found is not None:
            case.due_at, case.due_why = found

    def add(self, row: ClockRow) -> None:
        """A new clock."""
        self.rows[row.case_id].append(row)
        self._changed[row.id] = row

    def _running(self, case: Case, kinds: Sequence[str]) -> list[ClockRow]:
        return [
            row
            for row in self.rows[case.id]
            if row.kind in kinds and row.state in (RUNNING, PAUSED)
        ]

    def _happens(self, row: ClockRow, kind: Any, at: datetime, **more: Any) -> None:
        row.happens(kind, at, self.calendars[row.area], **more)
        self._changed[row.id] = row

    def took(self, row: ClockRow) -> None:
        """A row that the caller has changed itself."""
        self._changed[row.id] = row

    async def write(self, uow: UnitOfWork) -> None:
        """Store what has changed: with the eyes of the system, because the case may just have
        gone to a unit that is not the viewer's.
        """
        if not self._changed:
            return
        rows = list(self._changed.values())
        self._changed = {}
        async with looking_as(uow.session, SYSTEM):
            await uow.session.flush()
            await repository.put(uow.session, rows)


def restated(
    rows: Sequence[ClockRow], due_at: datetime | None
) -> tuple[datetime | None, list[dict[str, Any]]] | None:
    """(when it is due, why), where that is another than ``due_at``; None: it stays as it is."""
    binding = [row for row in rows if row.kind in rules.BINDING]
    running = [row for row in binding if row.state == RUNNING and row.due_at is not None]
    if running:
        first = min(
            running, key=lambda row: (row.due_at or datetime.max.replace(tzinfo=UTC), row.id)
        )
        return None if first.due_at == due_at else (first.due_at, first.why)
    still = [row for row in binding if row.state == PAUSED]
    return (None, still[-1].why) if still else None


async def calendars(session: AsyncSession, codes: Iterable[str]) -> dict[str, WorkCalendar]:
    """When offices work, by area; asked for once in a transaction."""
    known: dict[str, WorkCalendar] = session.info.setdefault("calendars", {})
    wanted = sorted(codes)
    for code in wanted:
        if code not in known:
            known[code] = work_calendar(await directory.area(session, SYSTEM, code))
    return {code: known[code] for code in wanted}


# --- where cases are opened ----------------------------------------------------------------


def opened(
    rows: Sequence[Mapping[str, Any]], knowledge: Knowledge, now: datetime
) -> list[ClockRow]:
    """The clocks of cases that are being opened: how soon the desk takes it up, and its own, by
    its limit or as upstream gave it. A work order brings its own (``follow_orders``).

    ``rows``: of cases, with ``limit`` (None: given) and ``by_order`` beside their columns.
    """
    found = []
    accept = rules.service_time(rules.ACCEPT)
    for row in rows:
        if row["state"] == loop.CLOSED:
            continue
        area, case_id = row["area"], row["id"]
        calendar = knowledge.areas[area].calendar
        if accept is not None:
            found.append(begin(rules.ACCEPT, area, case_id, now, accept, calendar))
        if row["due_at"] is None or row.get("by_order"):
            continue
        limit: Limit | None = row.get("limit")
        own = ClockRow(
            new_id(), area, case_id, rules.HANDLE if limit else rules.GIVEN, row["opened_at"],
            scheme=row["clock_scheme"],
            limit_value=limit.value if limit else None,
            limit_unit=limit.unit if limit else None,
            due_at=row["due_at"],
            why=row["due_why"],
        )  # fmt: skip
        own.look(calendar)
        found.append(own)
    return found


# --- work orders ---------------------------------------------------------------------------


async def follow_orders(uow: UnitOfWork, case_ids: Iterable[UUID]) -> None:
    """Bring the clocks of these cases' work orders to what upstream has said of them, and the
    cases' deadlines to that. What happens to the case itself never comes in here. The caller has
    locked the cases.
    """
    wanted = sorted(set(case_ids))
    if not wanted:
        return
    session = uow.session
    async with looking_as(session, SYSTEM):
        await session.flush()
        orders = await repository.orders_of(session, SYSTEM, wanted)
        cases = await repository.due_of_cases(session, SYSTEM, wanted)
        held = await Clocks.of(session, SYSTEM, cases)
        known = {row.order_id: row for rows in held.rows.values() for row in rows if row.order_id}
        for order in orders:
            _follow_order(held, order, known.get(order.id))
        for case in cases:
            found = restated(held.rows[case.id], case.due_at)
            if found is not None:
                await repository.put_due(session, SYSTEM, case.id, *found)
    await held.write(uow)


def _follow_order(held: Clocks, order: WorkOrder, row: ClockRow | None) -> None:
    calendar = held.calendars[order.area]
    limit = rules.level_limit(order.scheme, order.level) if order.due_at is None else None
    if limit is not None:
        # Its file gives a grade and no deadline.
        order.due_at = deadline(order.received_at, limit, calendar).at
    if order.due_at is None:
        return
    done = order.state == order_loop.ANSWERED or order.state in order_loop.ENDED
    if row is None:
        if done:
            return
        said = {"code": "due_of_order", "params": {"number": order.number}}
        row = given(
            order.area, order.case_id, order.received_at, order.due_at, [said], calendar,
            scheme=order.scheme, order_id=order.id,
        )  # fmt: skip
        held.add(row)
        return
    if row.due_at != order.due_at:
        row.due_at, row.step = order.due_at, 0
        held.took(row)
    if done and row.state == RUNNING:
        row.happens("stop", order.answered_at or order.closed_at or row.started_at, calendar)
        held.took(row)
    elif not done and row.state != RUNNING:
        row.happens("resume", row.started_at, calendar)
        held.took(row)
    if row.case_id != order.case_id:
        held.rows[row.case_id].remove(row)
        row.case_id = order.case_id
        held.add(row)
    row.look(calendar)


# --- merging -------------------------------------------------------------------------------


async def merged(uow: UnitOfWork, case: Case, into: Case) -> None:
    """A case was merged into another: its clocks count no more, and what it had to be done by
    binds the other. Work orders have gone over with their own clocks.
    """
    held = await _both(uow, case, into)
    mine = [row for row in held.rows[case.id] if row.kind in (rules.HANDLE, rules.GIVEN)]
    due = [row for row in mine if row.state == RUNNING and row.due_at is not None]
    for row in held.rows[case.id]:
        if row.order_id is None:
            row.void()
            held.took(row)
    if due:
        first = min(due, key=lambda row: (row.due_at or uow.now, row.id))
        assert first.due_at is not None
        said = [*first.why, {"code": "due_of_merged", "params": {"number": case.number}}]
        held.add(given(into.area, into.id, first.started_at, first.due_at, said,
                       held.calendars[into.area]))  # fmt: skip
    await held.write(uow)
    await follow_orders(uow, [case.id, into.id])


async def unmerged(uow: UnitOfWork, case: Case, into: Case) -> None:
    """The merge was undone: each goes by its own again, as if nothing had been."""
    held = await _both(uow, case, into)
    async with looking_as(uow.session, SYSTEM):
        gone = await repository.void_of(uow.session, SYSTEM, case.id)
    handle = [row for row in gone if row.kind == rules.HANDLE][-1:]
    for row in [*handle, *(row for row in gone if row.kind == rules.GIVEN)]:
        row.state = RUNNING
        row.look(held.calendars[case.area])
        held.rows[case.id].append(row)
        held.took(row)
    step = {"code": "due_of_merged", "params": {"number": case.number}}
    for row in list(held.rows[into.id]):
        if row.kind == rules.GIVEN and step in row.why:
            row.void()
            held.rows[into.id].remove(row)
            held.took(row)
    await held.write(uow)
    await follow_orders(uow, [case.id, into.id])


async def _both(uow: UnitOfWork, case: Case, into: Case) -> Clocks:
    async with looking_as(uow.session, SYSTEM):
        await uow.session.flush()
        return await Clocks.of(uow.session, SYSTEM, [case, into])


async def given_to(uow: UnitOfWork, case: Case) -> None:
    """A case that was opened here with a moment of others (those that hang under it)."""
    if case.due_at is None:
        return
    held = Clocks({case.id: []}, await calendars(uow.session, {case.area}))
    held.add(given(case.area, case.id, case.opened_at, case.due_at, case.due_why,
                   held.calendars[case.area]))  # fmt: skip
    await held.write(uow)
