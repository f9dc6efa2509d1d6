"""Compare: one series against its own past (Farrington improved, EARS, NB-CUSUM).

``farrington``, ``ears`` and ``nb_cusum`` judge arrays of counts; ``compare_weekly``,
``compare_days`` and ``compare_buildup`` give the nightly run candidates from daily series.
docs/reference/warn-compare.md has the formulas, their sources and their limits.
"""

from __future__ import annotations

from streetwise.warn.compare.candidates import (
    WEEKLY,
    compare_buildup,
    compare_days,
    compare_weekly,
    enough_weeks,
    weekly_counts,
)
from streetwise.warn.compare.cusum import (
    Cusum,
    nb_cusum,
    nb_ratio,
    rossi_cusum,
    threshold_for,
)
from streetwise.warn.compare.ears import Ears, ears
from streetwise.warn.compare.farrington import Judgement, State, farrington
from streetwise.warn.compare.settings import ORIGINAL, FarringtonSettings

__all__ = [
    "ORIGINAL",
    "WEEKLY",
    "Cusum",
    "Ears",
    "FarringtonSettings",
    "Judgement",
    "State",
    "compare_buildup",
    "compare_days",
    "compare_weekly",
    "ears",
    "enough_weeks",
    "farrington",
    "nb_cusum",
    "nb_ratio",
    "rossi_cusum",
    "threshold_for",
    "weekly_counts",
]
