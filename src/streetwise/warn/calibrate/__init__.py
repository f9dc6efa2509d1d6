"""Calibrate: how often a finding comes by chance, found by replaying history.

Any statistic on any scale, replayed night by night, becomes a recurrence interval in days
(``fit_tails``); a street's budget of warnings a week becomes one threshold on that scale
(``threshold_days``); ``shuffled`` makes a history in which there is nothing to find. See
docs/reference/warn-calibrate.md.
"""

from streetwise.warn.calibrate.budget import Budget, threshold_days
from streetwise.warn.calibrate.peaks import Runs, runs, tops
from streetwise.warn.calibrate.shuffling import shuffled, shuffled_days, strata
from streetwise.warn.calibrate.tails import Tails, TailSettings, fit_tails

__all__ = [
    "Budget",
    "Runs",
    "TailSettings",
    "Tails",
    "fit_tails",
    "runs",
    "shuffled",
    "shuffled_days",
    "strata",
    "threshold_days",
    "tops",
]
