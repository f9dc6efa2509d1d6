"""Places: what each would have of its category's expected reports, and where they gather.

A place has too few reports of one category to be fitted by itself. It is expected to have its
share of the street's expectation: its own count in the past, shrunk to the share that it has of
all categories (a Dirichlet prior worth ``share_prior`` reports).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streetwise.warn.nightly.cells import Cells
from streetwise.warn.nightly.layout import Street, Watched
from streetwise.warn.nightly.settings import NightSettings
from streetwise.warn.scan import (
    Layer,
    Neighbourhoods,
    ScanSettings,
    joined,
    neighbourhoods_of,
    sets_of,
    statistics_only,
)
from streetwise.warn.values import Expected, Floats, Ints

#: Scatter of places (1 / size) is held to what scatter of counts may be.
_SCATTER = (1e-3, 5.0)


@dataclass(frozen=True, slots=True)
class CellModel:
    """``share``: (C, P), of what is expected where the place is known; a row adds up to 1
    (``layer`` takes the share of known ones). ``size``: (C,), of a negative binomial of single
    places and days.
    """

    share: Floats
    size: Floats


def cell_model(cells: Cells, settings: NightSettings) -> CellModel:
    """Learn it from counts of the past."""
    first = max(0, cells.days - settings.share_days)
    counted = np.array(
        [cells.counts(category, first).sum(axis=1) for category in range(len(cells))],
        dtype=np.float64,
    ).reshape(len(cells), cells.places)
    total = counted.sum(axis=1, keepdims=True)
    everything = counted.sum(axis=0) + 1.0 / max(counted.shape[1], 1)
    usual = everything / everything.sum()
    share = (counted + settings.share_prior * usual) / (total + settings.share_prior)
    size = np.full(len(cells), np.inf)
    for category in range(len(cells)):
        recent = cells.counts(category, first)
        mean = share[category][:, None] * recent.sum(axis=0)[None, :]
        squared = float((mean * mean).sum())
        if squared > 0:
            # Given the day's total, places scatter by this beside chance.
            more = float(
                ((recent - mean) ** 2).sum() - (mean * (1 - share[category][:, None])).sum()
            )
            size[category] = 1.0 / np.clip(more / squared, *_SCATTER)
    return CellModel(share, size)


def hoods_of(street: Street) -> Neighbourhoods:
    """Where the scan looks: each place with its nearest, and the regions as they are."""
    near = neighbourhoods_of(street.places, max_share=0.25, max_places=25)
    if not street.regions:
        return near
    sets = [street.places_in(number) for number in range(len(street.regions))]
    return joined(near, sets_of(sets, len(street.places)))


def layer(
    watched: Watched, cells: CellModel, mean: Floats, first_night: int, category: int, days: int
) -> Layer:
    """The newest ``days`` nights of a category: ``mean`` (C, N) from ``first_night`` on.

    What is expected of a place is its share of the street's expectation, and that known places
    only have of it.
    """
    start = first_night - watched.series.first_day
    until = start + mean.shape[1]
    first = max(start, until - days)
    counts = watched.cells.counts(category, first, until)
    known = located_share(watched, category, slice(first, until))
    due = cells.share[category][:, None] * mean[category, first - start :][None, :] * known
    size = np.full(len(counts), cells.size[category])
    return Layer(
        category,
        np.ascontiguousarray(counts),
        watched.series.first_day + first,
        Expected(due, size),
    )


def located_share(watched: Watched, category: int, days: slice) -> float:
    """Of a category's reports on some days (columns), the share whose place is known."""
    located = watched.cells.total(category, days.start, days.stop)
    whole = watched.series.counts[category, days].sum()
    return float((located + 1.0) / (whole + 1.0))


def scan_nights(
    watched: Watched,
    cells: CellModel,
    mean: Floats,
    first_night: int,
    hoods: Neighbourhoods,
    settings: ScanSettings,
    nights: Ints,
) -> tuple[Floats, Ints]:
    """(C, n) statistics and zones of nights; ``mean``: (C, N), known up to the last of them."""
    found = np.zeros((len(watched.categories), len(nights)))
    zone = np.full(found.shape, -1, dtype=np.int64)
    known = mean[:, : int(nights[-1]) - first_night + 1]
    if len(watched.street.places) == 0:
        return found, zone
    days = len(nights) + settings.max_days - 1
    for category in range(len(watched.categories)):
        one = layer(watched, cells, known, first_night, category, days)
        best = statistics_only(one, hoods, settings, nights=nights)
        found[category], zone[category] = best.statistic, best.zone
    return found, zone
