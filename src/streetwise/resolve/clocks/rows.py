"""A clock as a plain value between the table and the engine. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from streetwise.kernel.ids import new_id
from streetwise.resolve.clocks import rules
from streetwise.resolve.clocks.engine import Clock, Event, Kind, reached, read
from streetwise.resolve.deadlines import Limit, Step, WorkCalendar

#: Steps of an explanation that are not the engine's: they stay when it is read anew.
_KEPT = ("condition_unknown", "by_condition", "due_of_merged", "due_of_member",
         "petition_told", "petition_received", "petition_revoked")  # fmt: skip
RUNNING, PAUSED, MET, LATE, VOID = "running", "paused", "met", "late", "void"


@dataclass
class ClockRow:
    """A row of ``case_clock``; what happens to it goes by the methods, which read it anew."""

    id: UUID
    area: str
    case_id: UUID
    kind: str
    started_at: datetime
    scheme: str | None = None
    order_id: UUID | None = None
    unit_id: UUID | None = None
    limit_value: float | None = None
    limit_unit: str | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    due_at: datetime | None = None
    why: list[dict[str, Any]] = field(default_factory=list)
    state: str = RUNNING
    stopped_at: datetime | None = None
    next_at: datetime | None = None
    step: int = 0

    @property
    def limit(self) -> Limit | None:
        """Its limit; None: the moment was given, and nothing here moves it."""
        if self.limit_value is None or self.limit_unit is None:
            return None
        return Limit(self.limit_value, self.limit_unit)

    def clock(self) -> Clock:
        """As the engine takes it."""
        assert self.limit is not None
        return Clock(self.started_at, self.limit, tuple(_event(one) for one in self.events))

    def happens(
        self,
        kind: Kind,
        at: datetime,
        calendar: WorkCalendar,
        *,
        because: str = "",
        limit: Limit | None = None,
    ) -> None:
        """Something happens to it. One whose moment was given only stops, and goes on."""
        if self.limit is None:
            self._given(kind, at)
        else:
            told: dict[str, Any] = {"at": max(at, self.started_at).isoformat(), "kind": kind}
            if because:
                told["because"] = because
            if limit is not None:
                told |= {"value": limit.value, "unit": limit.unit}
            self.events = [*self.events, told]
            self.reread(calendar)
            self.stopped_at = at if self.state in (MET, LATE) else None
            if self.stopped_at is not None:
                self._settle(self.stopped_at)
        self.look(calendar)

    def _given(self, kind: Kind, at: datetime) -> None:
        if kind == "stop":
            self.stopped_at = at
            self._settle(at)
        elif kind == "resume":
            self.state, self.stopped_at = RUNNING, None

    def _settle(self, at: datetime) -> None:
        self.state = LATE if self.due_at is not None and at > self.due_at else MET

    def reread(self, calendar: WorkCalendar) -> None:
        """What the engine says of it now."""
        if self.limit is None:
            return
        found = read(self.clock(), calendar)
        kept = [step for step in self.why if step["code"] in _KEPT]
        self.due_at, self.why = found.due, [*steps(found.why), *kept]
        self.state = {"running": RUNNING, "paused": PAUSED, "stopped": MET}[found.state]

    def relimit(
        self,
        limit: Limit,
        scheme: str | None,
        said: list[dict[str, Any]],
        calendar: WorkCalendar,
    ) -> None:
        """Another limit holds from its beginning; what was granted was so much more of that."""
        self.limit_value, self.limit_unit, self.scheme = limit.value, limit.unit, scheme
        self.events = [
            {**one, "value": limit.value, "unit": limit.unit} if "value" in one else one
            for one in self.events
        ]
        self.why, self.step = said, 0
        self.reread(calendar)
        if self.stopped_at is not None:
            self._settle(self.stopped_at)
        self.look(calendar)

    def look(self, calendar: WorkCalendar) -> None:
        """When the sweep has to look at it next. What was told before it was extended is told
        again of the new deadline; what was not told yet is not forgotten.
        """
        if self.state != RUNNING:
            self.next_at = None
            return
        self.step = min(self.step, len(rules.escalation(self.kind, self.scheme)))
        while self.step > 0 and self._told_too_early(calendar):
            self.step -= 1
        self.next_at = self.moment(self.step, calendar)

    def _told_too_early(self, calendar: WorkCalendar) -> bool:
        """Whether the last step that was told lies ahead again."""
        at = self.moment(self.step - 1, calendar)
        last = self.events[-1]["at"] if self.events else None
        return at is not None and last is not None and at > datetime.fromisoformat(last)

    def moment(self, step: int, calendar: WorkCalendar) -> datetime | None:
        """When a step of the escalation table is to be taken; None: there is no such step."""
        known = rules.escalation(self.kind, self.scheme)
        if step >= len(known):
            return None
        share = known[step].used
        if self.limit is not None:
            return self.due_at if share == 1 else reached(self.clock(), share, calendar)
        if self.due_at is None:
            return None
        # Of a moment that was given nobody knows what time counts.
        return self.due_at + (self.due_at - self.started_at) * (share - 1)

    def void(self) -> None:
        """It counts no more."""
        self.state, self.next_at = VOID, None


def begin(
    kind: str,
    area: str,
    case_id: UUID,
    at: datetime,
    limit: Limit,
    calendar: WorkCalendar,
    *,
    scheme: str | None = None,
    unit_id: UUID | None = None,
) -> ClockRow:
    """A clock that begins to run."""
    row = ClockRow(
        new_id(),
        area,
        case_id,
        kind,
        at,
        scheme=scheme,
        unit_id=unit_id,
        limit_value=limit.value,
        limit_unit=limit.unit,
    )
    row.reread(calendar)
    row.next_at = row.moment(0, calendar)
    return row


def given(
    area: str,
    case_id: UUID,
    at: datetime,
    due_at: datetime,
    why: Sequence[Mapping[str, Any]],
    calendar: WorkCalendar,
    *,
    scheme: str | None = None,
    order_id: UUID | None = None,
) -> ClockRow:
    """A clock whose moment upstream gave. An order has one, of its own number."""
    row = ClockRow(
        order_id or new_id(),
        area,
        case_id,
        rules.ORDER if order_id else rules.GIVEN,
        min(at, due_at - timedelta(minutes=1)),
        scheme=scheme,
        order_id=order_id,
        due_at=due_at,
        why=[dict(step) for step in why],
    )
    row.next_at = row.moment(0, calendar)
    return row


def steps(why: Sequence[Step]) -> list[dict[str, Any]]:
    """Steps as they are stored."""
    return [{"code": step.code, "params": dict(step.params)} for step in why]


def _event(told: Mapping[str, Any]) -> Event:
    limit = Limit(told["value"], told["unit"]) if "value" in told else None
    return Event(datetime.fromisoformat(told["at"]), told["kind"], limit, told.get("because", ""))
