"""Default points: a coordinate that holds far more reports than a real address could.

Forms put the town hall, and phones the middle of a district, where nobody gave a place. Such a
point shows by its number, far beyond what other points hold, and by its variety: an address that
is complained about a lot is complained about for a few things.
"""

from __future__ import annotations

import numpy as np

from streetwise.warn.cleaning.rows import point_numbers
from streetwise.warn.cleaning.settings import Settings
from streetwise.warn.values import Flags, Reports

USUAL_SHARE = 0.99


def on_default_points(reports: Reports, settings: Settings) -> Flags:
    """(n,): True for reports on a point that is no place of theirs.

    Points are counted by volume, so that cleaning again sees the same numbers.
    """
    found = np.zeros(len(reports), dtype=np.bool_)
    point, points = point_numbers(reports.x, reports.y)
    if points < 2:
        return found  # one point alone may as well be the only address there is
    rows = np.flatnonzero(point >= 0)
    held = np.bincount(point[rows], weights=reports.volume[rows], minlength=points)
    usual = float(np.quantile(held, USUAL_SHARE, method="lower"))
    many = held >= max(settings.default_least, settings.default_times * usual)
    if not many.any():
        return found
    categories = len(reports.categories)
    kinds_at = np.unique(point[rows] * categories + reports.category[rows]) // categories
    kinds = np.bincount(kinds_at, minlength=points)
    in_use = len(np.unique(reports.category))
    default = many & (kinds >= min(settings.default_categories, in_use))
    found[rows] = default[point[rows]]
    return found
