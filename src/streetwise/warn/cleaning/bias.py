"""Who reports and who does not: what counts of reports can show of it, about places only.

Reports measure trouble times the will to tell it. Without a second measure nobody can part the
two; what can be said is how unevenly they come, and how they compare with who lives there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from streetwise.warn.cleaning.rows import point_numbers
from streetwise.warn.values import Flags, Floats, Ints, Note, Reports

#: Figures on fewer reports than this are not to be shown: a place is then a household.
FEW = 5
YEAR_DAYS = 365.25
CELL_METRES = 200.0
TOP_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Rates:
    """Reports per 1,000 residents and year in P places, each of shape (P,).

    ``low``, ``high``: 95 % interval of a Poisson count (Garwood). ``ratio``: to the rate of all
    places together. NaN where nobody lives. ``few``: fewer than five reports, not to be shown.
    **A caution**: this is how often people report, not how bad a place is.
    """

    reports: Ints
    rate: Floats
    low: Floats
    high: Floats
    ratio: Floats
    few: Flags


def reporting_rates(place_of_report: Ints, population: Floats, days: int) -> Rates:
    """Rates of P places. ``place_of_report``: (n,), -1 for none; ``population``: (P,) residents.

    Raises ValueError for a negative population or no days.
    """
    if days < 1 or np.any(population < 0):
        raise ValueError("Rates need a day or more and no negative population.")
    count = np.bincount(place_of_report[place_of_report >= 0], minlength=len(population))
    years = population * days / YEAR_DAYS / 1_000.0
    lived_in = years > 0
    per = np.full(len(population), np.nan)
    per[lived_in] = 1.0 / years[lived_in]
    low = np.where(count > 0, chi2.ppf(0.025, 2 * np.maximum(count, 1)) / 2, 0.0)
    high = chi2.ppf(0.975, 2 * (count + 1)) / 2
    total = float(years.sum())
    everywhere = float(count[lived_in].sum()) / total if total > 0 else np.nan
    ratio = count * per / everywhere if everywhere > 0 else np.full(len(population), np.nan)
    return Rates(count.astype(np.int64), count * per, low * per, high * per, ratio, count < FEW)


def reporting_bias(reports: Reports) -> Note | None:
    """How unevenly reports come from where anything is reported at all; None without places.

    Squares of 200 m that hold a report are put in order; said is the share of the tenth of them
    that reports most, and how many reports have no place.
    """
    if not len(reports):
        return None
    cell, cells = point_numbers(reports.x / CELL_METRES, reports.y / CELL_METRES)
    if cells < 1 / TOP_SHARE:
        return None
    held = np.sort(np.bincount(cell[cell >= 0], minlength=cells))[::-1]
    top = max(1, round(TOP_SHARE * cells))
    share = held[:top].sum() / held.sum()
    without = int((cell < 0).sum())
    return Note(
        "bias",
        int(reports.day[0]),
        int(reports.day[-1]),
        int(held.sum()),
        says="bias",
        numbers={
            "metres": CELL_METRES,
            "squares": cells,
            "share": round(float(share), 3),
            "unplaced": without,
        },
    )
