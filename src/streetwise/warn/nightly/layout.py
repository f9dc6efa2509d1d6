"""What is watched: series of the street and of its regions by category, and counts of places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streetwise.warn.counting import places_of, series_of
from streetwise.warn.nightly.cells import Cells
from streetwise.warn.values import ALL, Flags, Ints, Places, Reports, Series


@dataclass(frozen=True, slots=True)
class Street:
    """P places (grids, cells) and which region (community, neighbourhood) each lies in.

    ``region``: (P,), a number into ``regions``, -1 for none. Without regions there are two levels:
    the street, and its places by the scan.
    """

    places: Places
    region: Ints
    regions: tuple[str, ...] = ()

    def places_in(self, region: int) -> tuple[int, ...]:
        """The places of a region."""
        return tuple(int(one) for one in np.flatnonzero(self.region == region))

    @classmethod
    def of(cls, places: Places) -> Street:
        """A street without regions."""
        return cls(places, np.full(len(places), -1, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Watched:
    """Counts from the first day of the history to tonight.

    ``series``: first C rows of the street, by category, then those of regions (``place`` is the
    number of the region). ``cells``: counts of places, C x P x T. ``regional``: (S,), which rows
    are tested beside the street's.
    """

    street: Street
    categories: tuple[str, ...]
    series: Series
    cells: Cells
    regional: Flags


def watch(
    reports: Reports, street: Street, first_day: int, last_day: int, least_a_day: float
) -> Watched:
    """Count cleaned reports. ``least_a_day``: on average; a region's rarer series are left out.

    Raises ValueError for regions that do not exist.
    """
    if len(street.region) != len(street.places):
        raise ValueError("Each place has one region, or -1.")
    if len(street.region) and int(street.region.max()) >= len(street.regions):
        raise ValueError("A place lies in a region without a name.")
    categories, days = len(reports.categories), last_day - first_day + 1
    place = places_of(reports, street.places)
    region = (
        np.where(place >= 0, street.region[np.maximum(place, 0)], -1)
        if len(street.region)
        else np.full(len(place), -1, dtype=np.int64)
    )
    least = max(1, int(np.ceil(least_a_day * days)))
    levels = ("category", "place_category")
    series = series_of(
        reports, region, max(len(street.regions), 1), first_day, last_day, levels, least
    )
    inside = (place >= 0) & (reports.day >= first_day) & (reports.day <= last_day)
    cells = Cells.of(
        reports.category[inside],
        place[inside],
        reports.day[inside] - first_day,
        (categories, len(street.places), days),
        None if reports.late is None else reports.late[inside],
    )
    return Watched(street, reports.categories, series, cells, series.place != ALL)
