"""What may be set of the expectation; the defaults are right for a street."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

#: What a width is that binds nothing.
FREE = math.inf


@dataclass(frozen=True, slots=True)
class Settings:
    """How counts are expected.

    ``family``: what the variance grows with: mean + mean² / size, or a multiple of the mean (then
    ``Expected.size`` has the same variance at the series' average day).
    ``history_days``: no more than the newest of them are looked at. ``guard_days``: the newest
    days, which do not count, so that what builds up now is not expected tomorrow.
    ``harmonics``: pairs of waves a year, at most (fewer where history is short, none below
    ``design.SEASON_DAYS``). ``weather_lags_days``: weather of the day itself (0), of the day before
    (1) and so on. ``outlier_sd``: days and weeks that lie further above what is expected count
    less, infinite to switch it off. Noufaily et al. (2013) take 2.58, which made two cities' weeks
    worse (docs/reference/warn-expect.md).

    The ``*_log_sd`` are how far effects usually are from none, in logarithms, before anything is
    learned (0.5: mostly within a factor of 1.6 up or down); ``FREE`` binds nothing. ``trend``: of
    one quarter of a year, growing with the root of time; ``weather``: of one standard deviation
    of the weather; ``season``: of one wave a year, the n-th having an n-th of it.
    ``weather_days``: before so many days of history weather is not looked at: it cannot be told
    from the season, nor believed after one summer's storms.
    ``weather_most_log``: all weather of a day together changes what is expected by no more, up or
    down (ln 2: a half to twice): few days had much of it, and what is beyond is news.
    ``learn_widths``: learn from all series how far apart they really are. ``use_parents``: take a
    series' parent for what it is before its own counts are known; else all stand alone.
    ``level_count``: how many reports the level of a series without a parent is believed to rest on
    before any came; 0 binds nothing.
    """

    family: Literal["negative_binomial", "quasi_poisson"] = "negative_binomial"
    history_days: int = 1096
    guard_days: int = 0
    harmonics: int = 3
    weather_lags_days: tuple[int, ...] = (0, 1)
    outlier_sd: float = 3.0
    weekday_log_sd: float = 0.5
    holiday_log_sd: float = 0.5
    season_log_sd: float = 0.5
    trend_log_sd: float = 0.2
    weather_log_sd: float = 0.1
    weather_days: int = 365
    weather_most_log: float = math.log(2.0)
    learn_widths: bool = True
    use_parents: bool = True
    level_count: float = 0.5


#: The plain model: maximum likelihood of each series alone, as any package for it has it.
PLAIN = Settings(
    family="quasi_poisson",
    outlier_sd=FREE,
    weekday_log_sd=FREE,
    holiday_log_sd=FREE,
    season_log_sd=FREE,
    trend_log_sd=FREE,
    weather_log_sd=FREE,
    weather_most_log=FREE,
    learn_widths=False,
    use_parents=False,
    level_count=0.0,
)
