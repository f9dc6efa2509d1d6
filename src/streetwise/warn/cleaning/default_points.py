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
CATEGORIES_LEAST = 3
CATEGORIES_MIXED = 20


def on_default_points(reports: Reports, settings: Settings) -> Flags:
    """(n,): True for reports on a point that is no place of theirs.

    Rows are counted and not volume: repeats give theirs to a first some metres off.
    """
    found = _on_known(reports, settings)
    point, points = point_numbers(reports.x, reports.y)
    if points < 2:
        return found  # one point alone may as well be the only address there is
    rows = np.flatnonzero(point >= 0)
    held = np.bincount(point[rows], minlength=points)
    usual = float(np.quantile(held, USUAL_SHARE, method="lower"))
    many = held >= max(settings.default_least, settings.default_times * usual)
    rather = held >= max(settings.default_least, settings.default_mixed_times * usual)
    if not (many.any() or rather.any()):
        return found
    categories = len(reports.categories)
    kinds_at = np.unique(point[rows] * categories + reports.category[rows]) // categories
    kinds = np.bincount(kinds_at, minlength=points)
    in_use = len(np.unique(reports.category))
    some = kinds >= min(max(CATEGORIES_LEAST, settings.default_share * in_use), in_use)
    mixed = kinds >= max(CATEGORIES_MIXED, settings.default_mixed_share * in_use)
    default = (many & some) | (rather & mixed)
    found[rows] |= default[point[rows]]
    return found


def _on_known(reports: Reports, settings: Settings) -> Flags:
    found = np.zeros(len(reports), dtype=np.bool_)
    for x, y in settings.default_known:
        found |= np.hypot(reports.x - x, reports.y - y) <= 1.0
    return found
