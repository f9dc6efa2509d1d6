"""Score the hot spots by going forward through weeks: which share of the reports they catch.

The area is the cells that ever had a report in the whole file, before or after: what a city's
people live on, as far as a file of reports knows; the first 1, 5 and 10 % of them are visited. The
baseline, an exponential decay of 60 days, ranks the same cells in the same run, or larger ones of
its own: then both visit the same area in square metres. All reports of a week count, batch entries
and repeats too. The engine learns only from weeks that were over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console

from streetwise.kernel.errors import Invalid
from streetwise.warn.forecast.cells import WEEK_DAYS, CellWeeks, cell_weeks, grid_over
from streetwise.warn.forecast.hotspots import (
    HotSpotSettings,
    expected_week,
    learn_hot_spots,
    mornings,
)
from streetwise.warn.values import Floats, Ints, Reports

AREA_SHARES = (0.01, 0.05, 0.10)
#: The engine learns anew every so many weeks.
LEARN_WEEKS = 4
_DRAWS = 2000


@dataclass(frozen=True, slots=True)
class AreaScore:
    """Of the first ``area`` of the cells: the shares of the reports caught, and their ratio.

    ``low``, ``high``: 80 % interval of the ratio, weeks drawn anew.
    """

    area: float
    cells: int
    caught: float
    baseline: float
    ratio: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class HotSpotScore:
    """Of one run through some weeks."""

    cell_metres: float
    baseline_metres: float
    cells: int
    weeks: int
    reports: int
    learnt_weeks: int
    areas: tuple[AreaScore, ...]

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "cell_metres": self.cell_metres,
            "baseline_cell_metres": self.baseline_metres,
            "cells": self.cells,
            "weeks": self.weeks,
            "reports": self.reports,
            "learnt_weeks": self.learnt_weeks,
            "areas": [
                {
                    "area": one.area,
                    "cells": one.cells,
                    "caught": round(one.caught, 4),
                    "baseline": round(one.baseline, 4),
                    "ratio": round(one.ratio, 4),
                    "ratio_low": round(one.low, 4),
                    "ratio_high": round(one.high, 4),
                }
                for one in self.areas
            ],
        }


def score_hot_spots(
    reports: Reports,
    first_day: int,
    last_day: int,
    settings: HotSpotSettings | None = None,
    baseline_metres: float | None = None,
) -> HotSpotScore:
    """The weeks that begin on ``first_day``, seven days later, … and end by ``last_day``.

    ``baseline_metres``: side of the baseline's cells, default the engine's. Shares of the area are
    shares of the baseline's cells. Raises Invalid where there is nothing to judge.
    """
    settings = settings or HotSpotSettings()
    baseline_metres = baseline_metres or settings.cell_metres
    weeks = (last_day + 1 - first_day) // WEEK_DAYS
    located = np.isfinite(reports.x) & np.isfinite(reports.y)
    if weeks < 1 or not located.any():
        raise Invalid("There is no whole week with located reports between these days.")
    taught = mornings(int(reports.day[located].min()), first_day, settings)[:-1]
    judged = first_day + WEEK_DAYS * np.arange(weeks, dtype=np.int64)
    ours = _weeks(reports, settings.cell_metres, np.concatenate([taught, judged]))
    plain = ours
    if baseline_metres != settings.cell_metres:
        plain = _weeks(reports, baseline_metres, np.concatenate([taught, judged]))
    theirs = [max(round(share * len(plain.cells)), 1) for share in AREA_SHARES]
    as_many = (baseline_metres / settings.cell_metres) ** 2
    sizes = [min(max(int(size * as_many), 1), len(ours.cells)) for size in theirs]
    caught, baseline = np.zeros((weeks, len(sizes))), np.zeros((weeks, len(sizes)))
    total, learnt, fit = np.zeros(weeks), 0, None
    for week, day in enumerate(judged.tolist()):
        number = len(taught) + week
        if week % LEARN_WEEKS == 0:
            fit = learn_hot_spots(ours, day, settings)
        ranked = ours.baseline[number]
        if fit is not None:
            ranked = expected_week(fit, ours.features[number], settings)
            learnt += 1
        total[week] = ours.counts[number].sum()
        caught[week] = _first(ranked, ours.counts[number], sizes)
        baseline[week] = _first(plain.baseline[number], plain.counts[number], theirs)
    if total.sum() <= 0:
        raise Invalid("No located report came between these days.")
    return HotSpotScore(
        settings.cell_metres,
        baseline_metres,
        len(ours.cells),
        weeks,
        int(total.sum()),
        learnt,
        _areas(sizes, caught, baseline, total),
    )


def _weeks(reports: Reports, cell_metres: float, origins: Ints) -> CellWeeks:
    try:
        grid = grid_over(reports.x, reports.y, cell_metres)
    except ValueError as wrong:
        raise Invalid(str(wrong)) from None
    at = grid.of(reports.x, reports.y)
    return cell_weeks(reports, grid, np.unique(at[at >= 0]), origins)


def _first(score: Floats, came: Floats, sizes: list[int]) -> Floats:
    found: Floats = np.cumsum(came[np.argsort(-score, kind="stable")])[np.array(sizes) - 1]
    return found


def _areas(
    sizes: list[int], caught: Floats, baseline: Floats, total: Floats
) -> tuple[AreaScore, ...]:
    rng = np.random.default_rng(1)
    draws = rng.multinomial(len(total), np.full(len(total), 1 / len(total)), _DRAWS)
    found = []
    for number, (share, size) in enumerate(zip(AREA_SHARES, sizes, strict=True)):
        ours, theirs = caught[:, number], baseline[:, number]
        ratios = (draws @ ours) / np.maximum(draws @ theirs, 1e-9)
        low, high = np.quantile(ratios, [0.1, 0.9])
        ratio = ours.sum() / max(theirs.sum(), 1e-9)
        whole = total.sum()
        found.append(
            AreaScore(
                share, size, float(ours.sum() / whole), float(theirs.sum() / whole), float(ratio),
                float(low), float(high),
            )
        )  # fmt: skip
    return tuple(found)


def print_score(found: HotSpotScore, told: Console) -> None:
    """For people."""
    told.print(
        f"{found.reports} reports in {found.weeks} weeks, {found.cells} cells of "
        f"{found.cell_metres:g} m, the decay's {found.baseline_metres:g} m; learnt in "
        f"{found.learnt_weeks} weeks"
    )
    told.print("  area   cells  caught  decay of 60 days  ratio (80 % interval)")
    for one in found.areas:
        told.print(
            f"  {one.area:>4.0%}  {one.cells:>6}  {one.caught:>6.1%}  {one.baseline:>16.1%}"
            f"  {one.ratio:.3f} ({one.low:.3f} to {one.high:.3f})"
        )
