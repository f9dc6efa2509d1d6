"""The nightly run over anybody's events, held against what is true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from streetwise.evaluation.warn.scoring import Said, Score, score, touches
from streetwise.evaluation.warn.truth import TrueChange
from streetwise.warn.counting import grid_places
from streetwise.warn.nightly import Finding, NightSettings, Street, no_weather, run_nights
from streetwise.warn.values import Note, Reports, date_of

#: The sides of the squares that stand for grids and communities where a file names none.
CELL_METRES, REGION_METRES = 1_000.0, 4_000.0


@dataclass(frozen=True, slots=True)
class Run:
    """``said``: each time that something was told. ``again``: how many of them told it again.
    ``score`` is of the nights from ``first_night`` to ``last_night``. ``thresholds``: the shortest
    recurrence in days that was said, over time.
    """

    score: Score
    said: Sequence[Said]
    again: int
    notes: Sequence[Note]
    categories: tuple[str, ...]
    first_night: int
    last_night: int
    thresholds: Sequence[tuple[int, float]]
    reports: int

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            **self.score.as_dict(),
            "reports": self.reports,
            "first_night": date_of(self.first_night).isoformat(),
            "last_night": date_of(self.last_night).isoformat(),
            "told_again": self.again,
            "threshold_days": round(self.thresholds[-1][1], 1),
            "said": [
                {
                    "day": date_of(one.day).isoformat(),
                    "category": self.categories[one.candidate.category],
                    "method": one.candidate.method,
                    "places": len(one.candidate.places),
                    "observed": one.candidate.observed,
                    "expected": round(one.candidate.expected, 2),
                    "recurrence_days": round(one.candidate.recurrence_days, 1),
                }
                for one in self.said
            ],
            "notes": [
                {
                    "kind": note.kind,
                    "first_day": date_of(note.first_day).isoformat(),
                    "last_day": date_of(note.last_day).isoformat(),
                    "count": note.count,
                    "says": note.says,
                    "numbers": dict(note.numbers),
                }
                for note in self.notes
            ],
        }


def squares(
    reports: Reports, cell_metres: float = CELL_METRES, region_metres: float = REGION_METRES
) -> Street:
    """A street whose places are squares with a report, and whose regions are larger squares."""
    places, _ = grid_places(reports, cell_metres)
    if not len(places):
        return Street.of(places)
    key = np.stack([np.floor(places.x / region_metres), np.floor(places.y / region_metres)], axis=1)
    found, region = np.unique(key.astype(np.int64), axis=0, return_inverse=True)
    names = tuple(f"x{x}y{y}" for x, y in found.tolist())
    return Street(places, region.reshape(-1).astype(np.int64), names)


def run(
    reports: Reports,
    truth: Sequence[TrueChange],
    known: Sequence[TrueChange] = (),
    settings: NightSettings | None = None,
    *,
    street: Street | None = None,
    holidays: frozenset[int] = frozenset(),
    first_scored: int | None = None,
    verdicts: bool = False,
) -> Run:
    """Run every night of the history and score what was told.

    ``first_scored``: nights before this day only teach. ``verdicts``: officers confirm what touches
    a true change, as they would in the product; such warnings do not count against the budget,
    which then is one of false warnings. Raises ValueError where the history is too
    short.
    """
    street = street or squares(reports)
    days = int(reports.day[-1] - reports.day[0]) + 1
    calendar = no_weather(int(reports.day[0]), days, holidays)
    changes = (*truth, *known)

    def confirmed(night: int, finding: Finding) -> bool:
        said = Said(night, finding.candidate)
        return any(touches(said, one, street.places, reports.categories) for one in changes)

    verdict = confirmed if verdicts else None
    nights = run_nights(reports, street, calendar, settings, verdict=verdict)
    first = max(nights.first_night, first_scored or nights.first_night)
    said = [Said(night, finding.candidate) for night, finding in nights.telling]
    told = sum(len([night for night in one.told if night >= first]) for one in nights.warnings)
    once = sum(one.first_night >= first for one in nights.warnings)
    return Run(
        score(said, truth, street.places, reports.categories, first, nights.last_night, known),
        [one for one in said if one.day >= first],
        told - once,
        nights.notes,
        reports.categories,
        first,
        nights.last_night,
        nights.thresholds,
        len(reports),
    )
