"""What crosses the API of the process view."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.words import State


class FlowEdgeView(Shown):
    """A way from one state (none: the beginning) to the next by one action. Hours: how long the
    cases had been where it comes from.
    """

    __shows__ = shows({"L2 work": "source target action count cases median p90"})

    source: State | None
    target: State
    action: str
    count: int
    cases: int
    median: float | None
    p90: float | None


class FlowStayView(Shown):
    """A state: visits of cases, how many are there now, hours of the visits that are over."""

    __shows__ = shows({"L2 work": "state visits cases here median p90"})

    state: State
    visits: int
    cases: int
    here: int
    median: float | None
    p90: float | None


class FlowWayView(Shown):
    """A way through the loop and how many cases took just that."""

    __shows__ = shows({"L2 work": "states cases"})

    states: list[State]
    cases: int


class FlowLineView(Shown):
    """A unit or a class (``key`` none: none); hours, and how many cases bounced or went round."""

    __shows__ = shows(
        {"L2 work": "key name cases median p90 returned reassigned reopened sent_back"}
    )

    key: str | None
    name: str | None
    cases: int
    median: float | None
    p90: float | None
    returned: int
    reassigned: int
    reopened: int
    sent_back: int


class FlowBouncesView(Shown):
    """How many cases, once or oftener, were: returned, given to another unit, given to a unit that
    had let them go before (踢皮球); opened again, sent back by a check.
    """

    __shows__ = shows({"L2 work": "returned reassigned ping_pong reopened sent_back"})

    returned: int
    reassigned: int
    ping_pong: int
    reopened: int
    sent_back: int


class FlowPeriodView(Shown):
    """The flow of the cases that began in a period; hours from opening to the end of those closed.
    ``other_ways``: cases whose way is none of ``ways``.
    """

    __shows__ = shows(
        {
            "L2 work": "start stop cases closed median p90 other_ways",
            "holds": "edges stays ways bounces units classes",
        }
    )

    start: datetime
    stop: datetime
    cases: int
    closed: int
    median: float | None
    p90: float | None
    edges: list[FlowEdgeView]
    stays: list[FlowStayView]
    ways: list[FlowWayView]
    other_ways: int
    bounces: FlowBouncesView
    units: list[FlowLineView]
    classes: list[FlowLineView]


class FlowView(Shown):
    """A period's flow, and another's beside it."""

    __shows__ = shows({"holds": "now against"})

    now: FlowPeriodView
    against: FlowPeriodView | None


class FlowCaseView(Shown):
    """A case behind an edge: when it went that way, and how many hours it had waited."""

    __shows__ = shows({"cases": "id number title state", "L2 work": "at waited"})

    id: UUID
    number: str
    title: str
    state: State
    at: datetime
    waited: float | None


class FlowBehindPage(Shown):
    """At most so many of them as are shown; ``more``: there are further ones."""

    __shows__ = shows({"holds": "items", "L2 work": "more"})

    items: list[FlowCaseView]
    more: bool


class EventLog(Shown):
    """An exported log; a line of it holds as much."""

    __shows__ = shows({"cases": "number nature", "L2 work": "cls action state unit at"})

    number: str
    nature: str
    cls: str | None
    action: str
    state: State
    unit: str | None
    at: datetime


Format = Literal["xes", "ocel"]
