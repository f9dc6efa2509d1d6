"""From the cases of a baseline and of a period to what is said of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from streetwise.resolve.speed.engine import (
    WEEK_SECONDS,
    Ratio,
    Sample,
    Strata,
    crude,
    quantile,
    ratio,
    share_done,
    strata,
    within,
)

#: Both periods are looked at for so long after each case began; what took longer was open then.
WINDOW_DAYS = 60
#: Hours at which the share that is done is drawn, from a quarter of an hour to the window.
CURVE_HOURS = tuple(0.25 * (WINDOW_DAYS * 24 / 0.25) ** (step / 48) for step in range(49))
NOTHING = "-"


class Timed(NamedTuple):
    """A case and its seconds, suspension left out: until reported done and until closed (None:
    not yet), and for how long it was followed.
    """

    case_id: UUID
    unit_id: UUID | None
    scheme: str | None
    code: str | None
    opened_at: datetime
    reported: float | None
    closed: float | None
    followed: float


@dataclass(frozen=True, slots=True)
class Line:
    """A unit, a class, a month, or all: how many cases on either side, how many of those of now
    are open, medians in seconds (as they are, the mix not looked at), and the ratio.
    """

    key: str
    before: int
    after: int
    open: int
    median_before: float | None
    median_after: float | None
    ratio: Ratio | None


@dataclass(frozen=True, slots=True)
class Report:
    """``crude``: the ratio with the mix left in. ``left_out``: cases that nothing is like, before
    and now. ``curve``: (hours, share done before, share done now).
    """

    total: Line
    crude: Ratio | None
    left_out: tuple[int, int]
    p90_before: float | None
    p90_after: float | None
    classes: tuple[Line, ...] = ()
    units: tuple[Line, ...] = ()
    months: tuple[Line, ...] = ()
    curve: tuple[tuple[float, float, float], ...] = ()


def class_of(case: Timed) -> str:
    """scheme:code, "-" without one."""
    return f"{case.scheme}:{case.code}" if case.code else NOTHING


def unit_of(case: Timed) -> str:
    """The unit that had it last, "-" where none has."""
    return str(case.unit_id) if case.unit_id else NOTHING


class Comparison:
    """Two lists of cases, and whatever is asked of them."""

    def __init__(
        self, before: Sequence[Timed], after: Sequence[Timed], end: str, zone: ZoneInfo
    ) -> None:
        """``end``: "reported" or "closed"."""
        self._before, self._after, self._zone = before, after, zone
        self._ours, self._theirs = _sample(before, end), _sample(after, end)
        self._like = strata([_keys(one) for one in before], [_keys(one) for one in after])

    def brief(self) -> Line:
        """All together, and nothing else: for the tile."""
        return self._line("", None, None)

    def whole(self) -> Report:
        """Everything that the page shows."""
        hours = np.array(CURVE_HOURS) * 3600
        shares = share_done(self._ours, hours), share_done(self._theirs, hours)
        return Report(
            total=self.brief(),
            crude=crude(self._ours, self._theirs),
            left_out=self._like.left_out,
            p90_before=quantile(self._ours, 0.9),
            p90_after=quantile(self._theirs, 0.9),
            classes=self._by(class_of),
            units=self._by(unit_of),
            months=self._months(),
            curve=tuple(
                (hour, float(one), float(two))
                for hour, one, two in zip(CURVE_HOURS, *shares, strict=True)
            ),
        )

    def _by(self, key_of: Callable[[Timed], str]) -> tuple[Line, ...]:
        ours = np.array([key_of(one) for one in self._before], dtype=np.str_)
        theirs = np.array([key_of(one) for one in self._after], dtype=np.str_)
        lines = [
            self._line(str(key), ours == key, theirs == key)
            for key in np.unique(np.concatenate((ours, theirs)))
        ]
        return tuple(sorted(lines, key=lambda one: (-one.after, one.key)))

    def _months(self) -> tuple[Line, ...]:
        """Each month of now against the whole baseline."""
        theirs = np.array(
            [f"{one.opened_at.astimezone(self._zone):%Y-%m}" for one in self._after], dtype=np.str_
        )
        return tuple(self._line(str(month), None, theirs == month) for month in np.unique(theirs))

    def _line(self, key: str, ours: object, theirs: object) -> Line:
        first = np.ones(len(self._ours), bool) if ours is None else np.asarray(ours)
        second = np.ones(len(self._theirs), bool) if theirs is None else np.asarray(theirs)
        before, after = self._ours.take(first), self._theirs.take(second)
        like = Strata(self._like.before[first], self._like.after[second])
        return Line(
            key=key,
            before=len(before),
            after=len(after),
            open=int((~after.done).sum()),
            median_before=quantile(before, 0.5),
            median_after=quantile(after, 0.5),
            ratio=ratio(before, after, like),
        )


def _keys(case: Timed) -> tuple[tuple[str, str], str]:
    """The class at the unit, else the class."""
    return (class_of(case), unit_of(case)), class_of(case)


def _sample(cases: Sequence[Timed], end: str) -> Sample:
    told = [one.reported if end == "reported" else one.closed for one in cases]
    done = np.array([one is not None for one in told], dtype=bool)
    seconds = np.array(
        [case.followed if at is None else at for case, at in zip(cases, told, strict=True)],
        dtype=np.float64,
    )
    epoch = datetime(2001, 1, 1, tzinfo=UTC)
    week = np.array(
        [int((one.opened_at - epoch).total_seconds() // WEEK_SECONDS) for one in cases], np.int64
    )
    return within(Sample(seconds, done, week), WINDOW_DAYS * 86_400.0)
