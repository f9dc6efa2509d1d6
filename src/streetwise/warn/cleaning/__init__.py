"""Clean: repeats, default points and batch entry, before anything is counted.

:func:`clean` takes reports and gives back those that stand for problems of their own, with what
was found in the data. Nothing is thrown away: the volume of a report that is not counted goes to
the one that it repeats, and a report that loses its place keeps its day and category. Method,
settings and figures: ``docs/reference/warn-cleaning.md``.
"""

from streetwise.warn.cleaning.begin import history_begins
from streetwise.warn.cleaning.bias import Rates, reporting_bias, reporting_rates
from streetwise.warn.cleaning.gaps import silent_days
from streetwise.warn.cleaning.pipeline import clean
from streetwise.warn.cleaning.rows import in_order, joined, take
from streetwise.warn.cleaning.settings import OF_CASES, Cleaned, Settings

__all__ = [
    "OF_CASES",
    "Cleaned",
    "Rates",
    "Settings",
    "clean",
    "history_begins",
    "in_order",
    "joined",
    "reporting_bias",
    "reporting_rates",
    "silent_days",
    "take",
]
