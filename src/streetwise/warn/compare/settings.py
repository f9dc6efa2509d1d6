"""The settings of Farrington's method: those of the improved one, and of the original."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from streetwise.kernel.errors import Invalid

#: "negative_binomial": the quantile with the fitted mean and dispersion put in for the true ones.
#: "two_thirds": of the 2/3 power, taken as normal, with the mean's own uncertainty.
Bound = Literal["negative_binomial", "two_thirds"]


@dataclass(frozen=True, slots=True)
class FarringtonSettings:
    """How weeks are compared with their past. The defaults are the improved method's.

    ``alpha``: an ordinary week lies above its bound with this probability. ``years_back``: years
    of the past that are used; ``fewest_years``: with fewer than these a week is not judged (None:
    all of ``years_back``). ``half_window``: weeks on either side of an anniversary. ``periods``:
    zones of a year, the reference windows included; 1 uses the windows only. ``weeks_left_out``:
    newest weeks that are not used. ``reweight_above``: past weeks whose standardised Anscombe
    residual is above it weigh less; None: all weigh the same. ``trend``: whether a linear trend
    is fitted (from 3 years on); ``trend_p``: kept only if its p-value is below; 1 keeps it always.
    A trend that expects more than any past week had is never kept. ``few_cases`` in the last
    ``few_weeks`` weeks, this one included, are needed for an alarm.
    """

    alpha: float = 0.05
    years_back: int = 4
    fewest_years: int | None = None
    half_window: int = 3
    periods: int = 10
    weeks_left_out: int = 26
    reweight_above: float | None = 2.58
    trend: bool = True
    trend_p: float = 1.0
    bound: Bound = "negative_binomial"
    few_cases: int = 5
    few_weeks: int = 4

    def __post_init__(self) -> None:
        """Refuse what cannot be meant, in a sentence."""
        if not 0 < self.alpha < 0.5:
            raise Invalid("alpha must lie between 0 and 0.5.")
        if not 1 <= self.years_back <= 50:
            raise Invalid("years back must be 1 to 50.")
        if not 1 <= self.years_needed <= self.years_back:
            raise Invalid("the fewest years must be 1 up to the years back.")
        if not 0 <= self.half_window <= 25:
            raise Invalid("the half window must be 0 to 25 weeks: windows must not meet.")
        if not 1 <= self.periods <= 52 - 2 * self.half_window:
            raise Invalid("periods must be 1 up to the weeks that the windows leave of a year.")
        if not 0 <= self.weeks_left_out <= 51 - self.half_window:
            raise Invalid("the weeks left out must end after the newest window.")
        if self.reweight_above is not None and self.reweight_above <= 0:
            raise Invalid("reweighting must begin above a residual above 0.")
        if not 0 < self.trend_p <= 1:
            raise Invalid("the p-value of a trend must be above 0 and at most 1.")
        if self.few_cases < 0 or self.few_weeks < 1:
            raise Invalid("few cases must be 0 or more, in 1 week or more.")

    @property
    def years_needed(self) -> int:
        """With fewer years than these a week is not judged."""
        return self.years_back if self.fewest_years is None else self.fewest_years


#: Farrington et al. (1996): windows only, the trend only where it is significant.
ORIGINAL = FarringtonSettings(
    alpha=0.1,
    periods=1,
    weeks_left_out=3,
    reweight_above=1.0,
    trend_p=0.05,
    bound="two_thirds",
)
