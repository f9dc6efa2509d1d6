"""History with its days shuffled: the same reports, and nothing that builds up.

Days change places within a stratum (the same kind of day in the same season, say), each with all
of its reports, so that what is alike about ordinary days stays (weekday, season, how much days
differ, categories and places that go together on one day) and whatever lasts longer than a day is
gone. What still warns on such a history is a false warning.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from streetwise.warn.values import Ints, Reports


def shuffled_days(day: Ints, stratum: Ints, rng: np.random.Generator) -> Ints:
    """(D,) days in their new order: ``day[i]`` moves to where ``found[i]`` is.

    ``day``, ``stratum``: (D,), every day of the history once; days of one stratum are exchanged.
    """
    found = day.copy()
    for one in np.unique(stratum):
        rows = np.flatnonzero(stratum == one)
        found[rows] = day[rng.permutation(rows)]
    return found


def strata(day: Ints, kind: Ints, season_days: int = 30) -> Ints:
    """(D,): days of one weekday (and ``kind``, as of ``Calendar``) within ``season_days``."""
    # 1970-01-01 was a Thursday: day 4 a Monday.
    weekday = (day - 4) % 7
    season = (day - day.min()) // max(season_days, 1)
    found: Ints = (season * 8 + np.where(kind == 0, weekday, 7)).astype(np.int64)
    return found


def shuffled(reports: Reports, first_day: int, stratum: Ints, rng: np.random.Generator) -> Reports:
    """``reports`` with their days shuffled within strata, again in order of time.

    ``stratum``: (D,) of the days from ``first_day`` on; reports on other days stay where they are.
    """
    day = np.arange(first_day, first_day + len(stratum), dtype=np.int64)
    moved = shuffled_days(day, stratum, rng)
    inside = (reports.day >= first_day) & (reports.day < first_day + len(stratum))
    new = reports.day.copy()
    new[inside] = moved[reports.day[inside] - first_day]
    order = np.lexsort((reports.seconds, new))
    return replace(
        reports,
        ids=[reports.ids[at] for at in order],
        day=new[order],
        seconds=reports.seconds[order],
        x=reports.x[order],
        y=reports.y[order],
        category=reports.category[order],
        volume=reports.volume[order],
    )
