"""What crosses the API of scores."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.words import State


class RateView(Shown):
    """A rate (0 to 1; none: nothing to count), with what was counted of how many."""

    __shows__ = shows({"L2 work": "name rate value of"})

    name: str
    rate: float | None
    value: float
    of: int


class ScoreLineView(Shown):
    """A unit, a community, a class or a channel; ``key`` none: what belongs to none."""

    __shows__ = shows(
        {
            "L2 work": (
                "key name composite orders opened closed median_hours p90_hours net_median_hours "
                "net_p90_hours"
            ),
            "holds": "rates estimated",
        }
    )

    key: str | None
    name: str | None
    composite: float | None
    orders: int
    opened: int
    closed: int
    median_hours: float | None
    p90_hours: float | None
    #: The same without the time in which the case's own clock stood still.
    net_median_hours: float | None
    net_p90_hours: float | None
    rates: list[RateView]
    #: 预估: from our own call-backs; in no rate above and in no composite.
    estimated: list[RateView]


class RulesView(Shown):
    """A version of the rules."""

    __shows__ = shows({"L1 catalogue": "version name name_en", "L2 work": "weights"})

    version: str
    name: str
    name_en: str
    weights: dict[str, float]


class ScoresView(Shown):
    """A period's scores: all together, by group with the best composite first, and before."""

    __shows__ = shows(
        {
            "holds": "rules known total groups before",
            "L2 work": "month start end by",
        }
    )

    month: str
    start: datetime
    end: datetime
    by: Literal["unit", "community", "class", "channel"]
    rules: RulesView
    known: list[RulesView]
    total: ScoreLineView
    groups: list[ScoreLineView]
    #: All together in earlier months, oldest first; ``name`` is the month.
    before: list[ScoreLineView]


class BehindView(Shown):
    """A case (or one of its orders) that is counted, with its worth, or why it is left out."""

    __shows__ = shows(
        {"cases": "id number title state", "L2 work": "at value why", "work_order": "order=number"}
    )

    id: UUID
    number: str
    title: str
    state: State
    order: str | None
    at: datetime
    value: float | None
    why: str | None


class BehindPage(Shown):
    """At most so many of them as are shown; ``more``: there are further ones."""

    __shows__ = shows({"holds": "items", "L2 work": "more"})

    items: list[BehindView]
    more: bool
