"""Counts to come: each series' reports in the next 1, 7, 28 days, with honest intervals.

Shape (``shape.py``) times a mixture of memories (``levels.py``), cut by what past forecasts got
wrong (``intervals.py``). All of it is learnt by going back: on past days the forecast is made with
what was known then (shapes are learnt anew every quarter for that), and what came teaches the
mixture and the intervals, by horizon and by how much is expected (volume class).
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np

from streetwise.warn.forecast.intervals import Cut, cut, plain_cut, quantile
from streetwise.warn.forecast.levels import COMPONENTS, Levels, fade_shape, mix
from streetwise.warn.forecast.shape import shapes, totals_by_category
from streetwise.warn.values import Calendar, Flags, Floats, Ints, Series

HORIZONS_DAYS = (1, 7, 28)
#: Volume classes: below 0.1 reports expected in the horizon, 0.1 to 0.5, … , 30 and more.
CLASS_EDGES = (0.1, 0.5, 2.0, 8.0, 30.0)
_MEAN_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class ForecastSettings:
    """``share``: of intervals. ``back_days``: past forecasts of so many days teach; every
    ``step_days`` one is made (not a multiple of 7: all weekdays come in turn). ``warm_up_days``:
    none is made with less past. ``shape_days``: shapes of past forecasts are learnt so often.
    ``rows_least``: a volume class with fewer past forecasts is taken with its neighbour.
    """

    share: float = 0.8
    back_days: int = 400
    step_days: int = 5
    warm_up_days: int = 56
    shape_days: int = 91
    rows_least: int = 150
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Forecast:
    """S series, H horizons from ``first_day`` on; arrays of shape (S, H) where not said.

    ``mean``: above 0, never NaN. ``median``, ``low``, ``high``: whole reports; between the last
    two, both included, lies what comes with ``share``. ``size``: of the negative binomial;
    ``part_low``, ``part_high``: its levels between which just the share lies where a count on the
    edge is taken in part (``intervals.covered_part``). ``recent``: (S,), reports of the last 28
    days. ``usual``: (S,), reports a week by the longest memory. ``seasonal``: what weekday,
    holidays and season alone make of it (1 is as always). ``taught``: past forecasts that the
    intervals rest on; with 0 they are Poisson's and nothing vouches for them.
    """

    first_day: int
    horizons: tuple[int, ...]
    share: float
    mean: Floats
    median: Ints
    low: Ints
    high: Ints
    size: Floats
    part_low: Floats
    part_high: Floats
    recent: Ints
    usual: Floats
    seasonal: Floats
    taught: Ints


@dataclass(frozen=True, slots=True)
class _Learnt:
    """Of one horizon: the mixture and the cut of each volume class."""

    weights: Floats
    cuts: tuple[Cut, ...]
    rows: Ints


class _Past:
    """Memories, and the shapes as they were known at the ends of quarters."""

    def __init__(
        self,
        series: Series,
        calendar: Calendar | None,
        ahead: int,
        every: int,
        here: Floats | None,
    ) -> None:
        self.series, self.ahead = series, ahead
        self.days = series.counts.shape[1]
        categories, totals = totals_by_category(series)
        self._of = np.searchsorted(categories, series.category)
        self.levels = Levels(series, self._of)
        self._totals, self._calendar, self._every = totals, calendar, every
        self._here = None if here is None else here[categories]
        self._known: dict[int, tuple[Floats, Floats]] = {}
        self.sums = np.concatenate(
            [np.zeros((len(series.counts), 1)), np.cumsum(series.counts, axis=1)], axis=1
        )

    def components(self, column: int, horizon: int) -> Floats:
        shape, faded = self._shapes(column)
        return self.levels.components(shape, faded, column, column + horizon)

    def came(self, column: int, horizon: int) -> Floats:
        found: Floats = self.sums[:, column + horizon] - self.sums[:, column]
        return found

    def seasonal(self, horizon: int) -> Floats:
        shape, _ = self._shapes(self.days)
        ahead = shape[:, self.days : self.days + horizon].mean(axis=1)
        found: Floats = ahead[self._of]
        return found

    def _shapes(self, column: int) -> tuple[Floats, Floats]:
        # The newest forecast knows all its past; older ones the shape of their quarter's begin.
        back = self.days - column
        known = self.days - -(-back // self._every) * self._every
        known = max(known, 0)
        if known not in self._known:
            shape = shapes(
                self._totals, self.series.first_day, known, self.days + self.ahead, self._calendar
            )
            self._known[known] = shape, fade_shape(self._whole(shape, known))
        return self._known[known]

    def _whole(self, shape: Floats, known: int) -> Floats:
        """What the shape alone would have brought by now: of the newest days not all is here."""
        if self._here is None or known < self.days:
            return shape
        late = min(self._here.shape[1], self.days)
        found = shape.copy()
        found[:, self.days - late : self.days] *= self._here[:, :late][:, ::-1]
        return found


def forecast_counts(
    series: Series,
    calendar: Calendar | None = None,
    horizons: tuple[int, ...] = HORIZONS_DAYS,
    settings: ForecastSettings | None = None,
    *,
    here: Floats | None = None,
) -> Forecast:
    """The reports of every series in the days after its last one.

    ``calendar`` should reach as far as the longest horizon; days that it does not know count as
    ordinary. ``here``: (C + 1, days), by category, the last row of all, the share of the newest
    days that is here yet, the newest first; None: all of it. Deterministic. Raises ValueError for
    a series without a day.
    """
    settings = settings or ForecastSettings()
    if series.counts.shape[1] < 1 or not horizons or min(horizons) < 1:
        raise ValueError("a forecast needs a day of past and horizons of a day and more")
    past = _Past(series, calendar, max(horizons), settings.shape_days, here)
    rng = np.random.default_rng(settings.seed)
    wide = (len(series.counts), len(horizons))
    mean = np.empty(wide)
    levels = np.empty((*wide, 5))
    taught = np.zeros(wide, dtype=np.int64)
    for number, horizon in enumerate(horizons):
        learnt = _learn(past, horizon, settings, rng)
        found, of = _means(past.components(past.days, horizon), learnt.weights)
        mean[:, number] = found
        levels[:, number] = np.array([astuple(one) for one in learnt.cuts])[of]
        taught[:, number] = learnt.rows[of]
    size, low, high, part_low, part_high = np.moveaxis(levels, 2, 0)
    seasonal = np.array([past.seasonal(horizon) for horizon in horizons]).T
    lately = max(past.days - 28, 0)
    return Forecast(
        first_day=series.first_day + past.days,
        horizons=horizons,
        share=settings.share,
        mean=mean,
        median=quantile(np.full(wide, 0.5), mean, size),
        low=quantile(low, mean, size),
        high=quantile(high, mean, size),
        size=size,
        part_low=part_low,
        part_high=part_high,
        recent=(past.sums[:, -1] - past.sums[:, lately]).astype(np.int64),
        usual=past.components(past.days, 7)[:, -2] / np.maximum(past.seasonal(7), 1e-9),
        seasonal=seasonal,
        taught=taught,
    )


def _learn(
    past: _Past, horizon: int, settings: ForecastSettings, rng: np.random.Generator
) -> _Learnt:
    columns = _columns(past.days, horizon, settings)
    if not columns:
        count = len(CLASS_EDGES) + 1
        alike = np.full((count, COMPONENTS), 1.0 / COMPONENTS)
        return _Learnt(alike, (plain_cut(settings.share),) * count, np.zeros(count, dtype=np.int64))
    components = np.concatenate([past.components(column, horizon) for column in columns])
    counts = np.concatenate([past.came(column, horizon) for column in columns])
    groups = _groups(volume_class(components.mean(axis=1)), settings.rows_least)
    weights = np.empty((len(groups), COMPONENTS))
    for number, mine in enumerate(groups):
        weights[number] = mix(components[mine], counts[mine])
    mean, of = _means(components, weights)
    groups = _groups(of, settings.rows_least)
    cuts: list[Cut] = [plain_cut(settings.share)] * len(groups)
    rows = np.zeros(len(groups), dtype=np.int64)
    for number, mine in enumerate(groups):
        cuts[number] = cut(counts[mine], mean[mine], settings.share, rng)
        rows[number] = int(mine.sum())
    return _Learnt(weights, tuple(cuts), rows)


def _columns(days: int, horizon: int, settings: ForecastSettings) -> list[int]:
    """The columns on which past forecasts that are over by now were made, in order."""
    newest = days - horizon
    least = max(settings.warm_up_days, newest - settings.back_days)
    return list(range(newest, least - 1, -settings.step_days))[::-1]


def volume_class(expected: Floats) -> Ints:
    """The number of each expected count's volume class: 0 … len(CLASS_EDGES)."""
    return np.searchsorted(np.array(CLASS_EDGES), expected, side="right").astype(np.int64)


def _means(components: Floats, weights: Floats) -> tuple[Floats, Ints]:
    of = volume_class(components.mean(axis=1))
    mean = (components * weights[of]).sum(axis=1)
    return np.maximum(mean, _MEAN_LEAST), of


def _groups(of: Ints, least: int) -> list[Flags]:
    """For each class the rows that teach it: its own, with neighbours' until there are enough."""
    found = []
    last = len(CLASS_EDGES)
    for number in range(last + 1):
        reach = 0
        mine = of == number
        while mine.sum() < least and reach < last:
            reach += 1
            mine = np.abs(of - number) <= reach
        found.append(mine)
    return found
