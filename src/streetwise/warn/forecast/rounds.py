"""The list for tomorrow's rounds: where to look, for what, and why in numbers.

About places only. A stop's worth is what is expected there; a community gets no more stops than
it can walk, and where somebody looked lately nobody is sent again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streetwise.warn.forecast.counts import Forecast
from streetwise.warn.forecast.hotspots import HotSpots
from streetwise.warn.values import ALL, Floats, Ints, Places, Series

#: Nobody has ever been there.
NEVER = -(10**6)


@dataclass(frozen=True, slots=True)
class RoundsSettings:
    """``stops_most``: of the whole list. ``stops_per_community``. ``rest_days``: a place and
    category that was looked at so lately is left out. ``horizon_days``: must be one of the
    forecast's. ``expected_least``: reports expected in it below which nobody is sent.
    """

    stops_most: int = 20
    stops_per_community: int = 3
    rest_days: int = 3
    horizon_days: int = 7
    expected_least: float = 0.3


@dataclass(frozen=True, slots=True)
class Stop:
    """One place to look at for one category.

    ``expected``, ``low``, ``high``: reports in the next ``horizon_days``; ``recent``: of the last
    28 days; ``usual``: a week, by the long memory; ``seasonal``: weekday, holidays and season (1
    is as always). ``driver``: what most lifts it over the usual: "recent" (more than usual of
    late), "season", or "chronic" (it is always so). ``x``, ``y``: metres, of the place's hottest
    cell where hot spots were given, else of its middle; ``cell_expected``: what that cell alone
    is expected to have in a week, all categories; NaN without.
    """

    place: int
    category: int
    community: int
    x: float
    y: float
    expected: float
    low: int
    high: int
    recent: int
    usual: float
    seasonal: float
    driver: str
    cell_expected: float


def rounds(
    forecast: Forecast,
    series: Series,
    places: Places,
    settings: RoundsSettings | None = None,
    *,
    community: Ints | None = None,
    last_visit: Ints | None = None,
    spots: HotSpots | None = None,
    place_of_spot: Ints | None = None,
) -> list[Stop]:
    """Stops, the most expected first; the same input gives the same list.

    ``series``: those of the forecast; rows of one place and one category are candidates.
    ``community``: (P,) of each place, default all one. ``last_visit``: (S,), the day on which
    somebody last looked there for that, ``NEVER`` if nobody did. ``place_of_spot``: (N,), the
    place of each of the hot spots' cells, -1 for none. Raises ValueError for a horizon that was
    not forecast.
    """
    settings = settings or RoundsSettings()
    if settings.horizon_days not in forecast.horizons:
        raise ValueError(f"no forecast for {settings.horizon_days} days was made")
    at = forecast.horizons.index(settings.horizon_days)
    expected = forecast.mean[:, at]
    wanted = (series.place != ALL) & (series.category != ALL)
    wanted &= expected >= settings.expected_least
    if last_visit is not None:
        wanted &= forecast.first_day - last_visit > settings.rest_days
    rows = np.flatnonzero(wanted)
    rows = rows[np.lexsort((series.category[rows], series.place[rows], -expected[rows]))]
    hottest = _hottest(len(places), spots, place_of_spot)
    taken: dict[int, int] = {}
    stops: list[Stop] = []
    for row in rows.tolist():
        if len(stops) >= settings.stops_most:
            break
        place = int(series.place[row])
        group = 0 if community is None else int(community[place])
        if taken.get(group, 0) >= settings.stops_per_community:
            continue
        taken[group] = taken.get(group, 0) + 1
        x, y, cell = float(places.x[place]), float(places.y[place]), float("nan")
        if spots is not None and hottest[place] >= 0:
            spot = hottest[place]
            x, y, cell = float(spots.x[spot]), float(spots.y[spot]), float(spots.expected[spot])
        usual, seasonal = float(forecast.usual[row]), float(forecast.seasonal[row, at])
        stops.append(
            Stop(
                place=place,
                category=int(series.category[row]),
                community=group,
                x=x,
                y=y,
                expected=float(expected[row]),
                low=int(forecast.low[row, at]),
                high=int(forecast.high[row, at]),
                recent=int(forecast.recent[row]),
                usual=usual,
                seasonal=seasonal,
                driver=_driver(float(expected[row]) * 7 / settings.horizon_days, usual, seasonal),
                cell_expected=cell,
            )
        )
    return stops


def _hottest(places: int, spots: HotSpots | None, place_of_spot: Ints | None) -> Ints:
    """(P,): the number of each place's first spot, -1 for none."""
    found = np.full(places, -1, dtype=np.int64)
    if spots is None or place_of_spot is None:
        return found
    for number in range(len(place_of_spot) - 1, -1, -1):
        if place_of_spot[number] >= 0:
            found[place_of_spot[number]] = number
    return found


def _driver(weekly: float, usual: float, seasonal: float) -> str:
    """What lifts a week over the usual one: nothing is said of lifts below a quarter."""
    if weekly < 1.25 * usual:
        return "chronic"
    recent: Floats | float = weekly / max(usual * seasonal, 1e-9)
    return "season" if seasonal > recent else "recent"
