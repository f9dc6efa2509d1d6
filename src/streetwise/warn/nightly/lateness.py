"""Lateness: what of a day is usually here when a night looks at it.

A hotline's export that comes in the morning, a file of yesterday's: the newest days are short every
night, and by how much depends on who brings them. Per source and weekday the share that is here
on the night of a day and on each night after it is learned from when its reports came in; it goes
into what is *expected* of the newest days, never into what came. A night of the past is judged by
what was here then and by what was known of lateness before it, so replay and life are the same.

The share is that of reporting delays which are cut off at the right (Kalbfleisch & Lawless 1989;
Lawless 1994): with g(j) the part of what is here by the j-th night that came just on it, the share
on night a is the product of 1 - g(j) over j > a. A day of a source that brought nothing, though
much of it is here by then as a rule, is one that did not deliver: it teaches nothing, and nothing
is expected of it until it comes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from streetwise.warn.cleaning.gaps import usual_days
from streetwise.warn.counting import places_of
from streetwise.warn.late import AGES
from streetwise.warn.nightly.layout import Watched
from streetwise.warn.values import Flags, Floats, Ints, Reports

#: Shares are learned from so many days before, and class's sources counted.
LEARN_DAYS = 56
#: They are learned anew so often: blocks of days since 1970, so that any replay has the same.
BLOCK_DAYS = 7
#: A weekday's share has so many reports of the source's own beside it, a class's sources of all's.
PRIOR_REPORTS = 20.0
#: No less than this share is ever expected: what is said not to come yet may come early.
LEAST_SHARE = 0.1
#: With less of it a day is not whole: it teaches no expectation, and people are told.
WHOLE_SHARE = 0.9
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Lateness:
    """Of S series of C categories over T days from ``first_day`` on.

    ``row``, ``column``, ``nights``: late reports, once for each series that counts them, and how
    many nights each was late. ``category``: (S,), of each series. ``block``: (T,), which block a
    night is of. ``share``, ``spread``: (B, sources, 7, AGES) what is usually here, by block,
    weekday and age, and its variance from day to day. ``mix``: (B, C, sources), who brings a
    class; ``all``: (B, sources), who brings everything. ``away``, ``early``: (sources, T, AGES),
    days that did not deliver, and that came though it was not their time.
    """

    first_day: int
    row: Ints
    column: Ints
    nights: Ints
    category: Ints
    block: Ints
    share: Floats
    spread: Floats
    mix: Floats
    all: Floats
    away: Flags
    early: Flags

    def missing(self, age: int) -> Ints:
        """(S, T): reports of each day that were not here on the ``age``-th night after its own."""
        shape = len(self.category), len(self.block)
        late = self.nights > age
        flat = self.row[late] * shape[1] + self.column[late]
        found = np.bincount(flat, minlength=shape[0] * shape[1]).astype(np.int64)
        return found.reshape(shape)

    def here(self, age: int) -> tuple[Floats, Floats]:
        """Twice (S, T): the share of each day that is usually here on its ``age``-th night, and its
        variance; of nights that are still to come 1 and 0.
        """
        days = len(self.block)
        share, spread = (np.full((len(self.category), days), of) for of in (1.0, 0.0))
        night = self.block[age:]
        for block in np.unique(night).tolist():
            columns = np.flatnonzero(night == block).astype(np.int64)
            share[:, columns], spread[:, columns] = self._of_series(block, columns, age)
        return share, spread

    def here_on(self, night: int, age: int) -> Floats:
        """(S,): the share that is usually here on a night of the day ``age`` nights before it."""
        column = night - self.first_day - age
        at = np.array([column], dtype=np.int64)
        return self._of_series(int(self.block[column + age]), at, age)[0][:, 0]

    def whole(self, age: int, column: int) -> float:
        """The share of everything of one day that is usually here on its ``age``-th night."""
        block = int(self.block[column + age])
        one, _ = self._of_sources(block, np.array([column], dtype=np.int64), age)
        return float(self.all[block] @ one[:, 0])

    def due(self, mean: Floats, first_day: int, night: int) -> Floats:
        """What of ``mean`` (S, N), from ``first_day`` on, may be expected to be here on a night."""
        found = mean.copy()
        for age in range(AGES):
            column, at = night - age - self.first_day, night - age - first_day
            if at >= 0 and column >= 0:
                found[:, at] *= self.here_on(night, age)
        return found

    def known(self, counts: Ints, night: int) -> Ints:
        """Of ``counts`` (S, up to T) what was here on a night."""
        found = counts.copy()
        until = min(counts.shape[1], night - self.first_day + 1)
        absent = (self.column < until) & (self.column + self.nights > night - self.first_day)
        np.subtract.at(found, (self.row[absent], self.column[absent]), 1)
        return found

    def teaches(self, night: int, days: int) -> Flags:
        """(S, days): which of the first days may teach on a night: those that are whole."""
        found = np.ones((len(self.category), days), dtype=np.bool_)
        for age in range(AGES):
            column = night - self.first_day - age
            if 0 <= column < days:
                found[:, column] = self.here_on(night, age) >= WHOLE_SHARE
        return found

    def _of_series(self, block: int, columns: Ints, age: int) -> tuple[Floats, Floats]:
        one, off = self._of_sources(block, columns, age)
        mix = self.mix[block]
        share = np.maximum(mix @ one, LEAST_SHARE)
        return share[self.category], ((mix * mix) @ off)[self.category]

    def _of_sources(self, block: int, columns: Ints, age: int) -> tuple[Floats, Floats]:
        weekday = (self.first_day + columns) % _WEEK
        share = self.share[block][:, weekday, age]
        spread = self.spread[block][:, weekday, age]
        away, early = self.away[:, columns, age], self.early[:, columns, age]
        share = np.where(away, 0.0, np.where(early, 1.0, share))
        return share, np.where(away | early, 0.0, spread)


def lateness_of(reports: Reports, watched: Watched, gap_expected: float) -> Lateness | None:
    """What was late of the reports that are watched; None where nothing was, or nobody knows.

    ``gap_expected``: a source did not deliver where so many reports of its day were to be here.
    """
    series = watched.series
    days = series.counts.shape[1]
    if reports.late is None or reports.source is None or not len(reports):
        return None
    within = (reports.day >= series.first_day) & (reports.day < series.first_day + days)
    late, source = reports.late[within], reports.source[within]
    column, category = reports.day[within] - series.first_day, reports.category[within]
    if not len(late):
        return None
    sources = int(source.max()) + 1
    # As it came: by source, day and night; what nobody knows of came at once.
    came = np.zeros((sources, days, AGES + 1), dtype=np.int64)
    np.add.at(came, (source, column, np.maximum(late, 0)), 1)
    usual = usual_days(came.sum(axis=2))
    here = came.cumsum(axis=2)[:, :, :AGES]
    if not (late > 0).any() and not ((here[:, :, 0] == 0) & (usual >= gap_expected)).any():
        return None
    taught = np.zeros_like(came)
    known = late >= 0
    np.add.at(taught, (source[known], column[known], late[known]), 1)
    block = (series.first_day + np.arange(days)) // BLOCK_DAYS
    block -= block[0]
    learned = [
        _learned(taught, int(np.flatnonzero(block == one)[0]), series.first_day, gap_expected)
        for one in range(int(block[-1]) + 1)
    ]
    share = np.array([one for one, _ in learned])
    weekday = (series.first_day + np.arange(days)) % _WEEK
    mix, everybody = _mixes(block, column, category, source, len(watched.categories), sources)
    away = np.zeros((sources, days, AGES), dtype=np.bool_)
    early = away.copy()
    for age in range(AGES):
        night = block[np.minimum(np.arange(days) + age, days - 1)]
        due = share[night, :, weekday, age].T
        away[:, :, age] = (here[:, :, age] == 0) & (usual * due >= gap_expected)
        early[:, :, age] = (due < LEAST_SHARE) & (2 * here[:, :, age] > usual) & (usual > 0)
    row, at, nights = _late_rows(watched, reports, within)
    return Lateness(
        series.first_day, row, at, nights, series.category, block.astype(np.int64), share,
        np.array([one for _, one in learned]), mix, everybody, away, early,
    )  # fmt: skip


def as_known(
    watched: Watched, mean: Floats, first_night: int, late: Lateness | None, night: int
) -> tuple[Watched, Floats]:
    """What was counted up to a night as it was known then, and what of ``mean`` was due."""
    if late is None:
        return watched, mean
    counts = late.known(watched.series.counts, night)
    cells = watched.cells.known(night - watched.series.first_day)
    series = replace(watched.series, counts=counts)
    return replace(watched, series=series, cells=cells), late.due(mean, first_night, night)


def _late_rows(watched: Watched, reports: Reports, within: Flags) -> tuple[Ints, Ints, Ints]:
    """Late reports by series: of the street's row of their class, and of their region's if any."""
    assert reports.late is not None
    series = watched.series
    late = np.flatnonzero(within & (reports.late > 0))
    category = reports.category[late]
    number = np.full((len(watched.categories), len(watched.street.regions) + 1), -1)
    number[series.category, series.place] = np.arange(len(series.category))
    place = places_of(reports, watched.street.places)[late]
    region = watched.street.region[np.maximum(place, 0)] if len(watched.street.region) else place
    region = np.where(place >= 0, region, -1)
    rows = np.concatenate([number[category, -1], number[category, region]])
    twice = np.concatenate([late, late])
    # What lies in no region is the street's alone; a region's row may not be watched.
    kept = rows >= 0
    kept[len(late) :] &= region >= 0
    twice = twice[kept]
    return (
        rows[kept].astype(np.int64),
        reports.day[twice] - series.first_day,
        reports.late[twice],
    )


def _learned(taught: Ints, night: int, first_day: int, gap: float) -> tuple[Floats, Floats]:
    """Twice (sources, 7, AGES): shares and variances, of what was known before a night (column)."""
    begin = max(0, night - LEARN_DAYS)
    days = np.arange(begin, night)
    weekday = (first_day + days) % _WEEK
    came = taught[:, begin:night]
    # On the j-th night after its own a day is known for which that night is over.
    seen = days[:, None] + np.arange(AGES + 1)[None, :] < night
    came = np.where(seen[None], came, 0)
    share = _shares(came, seen, weekday)
    for_day = share[:, weekday]
    here = came.cumsum(axis=2)[:, :, :AGES]
    all_known = came.sum(axis=2)[:, :, None]
    failed = ((here == 0) & (all_known * for_day >= gap) & seen[None, :, :AGES]).any(axis=2)
    if failed.any():
        came = np.where(failed[:, :, None], 0, came)
        share = _shares(came, seen, weekday)
        for_day = share[:, weekday]
    return share, _spreads(came, share, for_day, seen)


def _shares(came: Ints, seen: Flags, weekday: Ints) -> Floats:
    """(sources, 7, AGES) of ``came`` (sources, days, AGES + 1)."""
    sources = len(came)
    new = came.astype(np.float64)
    by_then = np.where(seen[None], came.cumsum(axis=2), 0).astype(np.float64)
    total, whole = new.sum(axis=1), by_then.sum(axis=1)
    overall = np.divide(total, whole, out=np.zeros_like(total), where=whole > 0)
    part = np.zeros((sources, _WEEK, AGES + 1))
    for one in range(_WEEK):
        mine = weekday == one
        part[:, one] = (new[:, mine].sum(axis=1) + PRIOR_REPORTS * overall) / (
            by_then[:, mine].sum(axis=1) + PRIOR_REPORTS
        )
    left = 1.0 - part[:, :, 1:]
    found: Floats = np.cumprod(left[:, :, ::-1], axis=2, dtype=np.float64)[:, :, ::-1]
    return found


def _spreads(came: Ints, share: Floats, for_day: Floats, seen: Flags) -> Floats:
    """(sources, 7, AGES): how much shares vary from day to day beside chance, by moments over days
    that are whole, and how little is known of them.
    """
    over = seen[:, AGES]
    whole = came[:, over].sum(axis=2)[:, :, None].astype(np.float64)
    here = came[:, over].cumsum(axis=2)[:, :, :AGES]
    due = for_day[:, over]
    beside = ((here - whole * due) ** 2 - whole * due * (1 - due)).sum(axis=1)
    pairs = (whole * (whole - 1)).sum(axis=1)
    varies = np.divide(beside, pairs, out=np.zeros_like(beside), where=pairs > 0)
    most = share * (1 - share)
    found: Floats = np.clip(varies[:, None, :], 0.0, most) + most / (whole.sum(axis=1)[:, None] + 1)
    return found


def _mixes(
    block: Ints, column: Ints, category: Ints, source: Ints, categories: int, sources: int
) -> tuple[Floats, Floats]:
    """(B, C, sources) and (B, sources): who brought each class and everything before each block."""
    many = int(block[-1]) + 1
    counts = np.zeros((many + 1, categories, sources))
    np.add.at(counts, (block[column] + 1, category, source), 1.0)
    running = counts.cumsum(axis=0)[:many]
    back = LEARN_DAYS // BLOCK_DAYS
    lately = running - running[np.maximum(np.arange(many) - back, 0)]
    everybody: Floats = lately.sum(axis=1) + 1.0 / sources
    everybody /= everybody.sum(axis=1)[:, None]
    mix: Floats = lately + PRIOR_REPORTS * everybody[:, None, :]
    mix /= mix.sum(axis=2)[:, :, None]
    return mix, everybody
