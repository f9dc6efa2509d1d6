"""What cleaning is told, and what it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streetwise.warn.values import Flags, Ints, Note, Reports


@dataclass(frozen=True, slots=True)
class Settings:
    """When reports are one. The defaults are explained in ``docs/reference/warn-cleaning.md``.

    Repeats: same category within ``repeat_metres`` of the first and ``repeat_days`` of the last
    of them, and within ``repeat_longest_days`` of the first. 0 metres seeks none: right for
    cases, into which repeats were merged when they came.

    Default points: ``default_least`` reports or more, ``default_times`` as many as 99 of 100
    points hold, and of all categories in use a share of ``default_share``, three at least (all,
    where there are fewer); or ``default_mixed_times`` as many, and ``default_mixed_share`` of
    the categories, twenty at least: no address is complained about for everything.
    ``default_known``: x and y, in metres, of points that are known to
    be such, like the street office's own; whatever lies there to the metre has no place.

    Batches by time: a run with no more than ``batch_gap_seconds`` between one and the next, of
    ``batch_least`` or more (of ``batch_spread_least`` where they lie all over the area), at
    ``batch_times`` the pace of the hour before and after. Batches by point:
    ``batch_point_least`` or more of a category at one point on one day, within an hour where
    seconds are known.

    ``habit_share``, ``habit_days``: a category of which so large a share comes in such runs, on
    so many days or more, is one that somebody types in from lists.

    Gaps: silence where ``gap_expected`` reports or more were to be expected.

    ``notes_most``: notes of one kind about single places, the largest first.
    """

    repeat_metres: float = 100.0
    repeat_days: int = 7
    repeat_longest_days: int = 28
    default_least: int = 50
    default_times: float = 10.0
    default_share: float = 0.2
    default_mixed_times: float = 3.0
    default_mixed_share: float = 0.5
    default_known: tuple[tuple[float, float], ...] = ()
    batch_gap_seconds: int = 60
    batch_least: int = 10
    batch_spread_least: int = 20
    batch_times: float = 4.0
    batch_point_least: int = 5
    habit_share: float = 0.25
    habit_days: int = 5
    gap_expected: float = 12.0
    notes_most: int = 20

    def __post_init__(self) -> None:
        """Refuse what would make no sense. Raises ValueError."""
        if not self.repeat_metres >= 0:
            raise ValueError("repeat_metres must be 0 (no repeats are sought) or a distance.")
        if self.repeat_days < 0 or self.repeat_longest_days < self.repeat_days:
            raise ValueError("repeat_days must be 0 or more and at most repeat_longest_days.")
        if min(self.batch_least, self.batch_point_least, self.default_least) < 2:
            raise ValueError("What is counted as one act must be two reports or more.")


#: For cases, into which Resolve has merged what tells the same problem again.
OF_CASES = Settings(repeat_metres=0.0)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The reports that count, and what was found about all n that came in.

    ``reports``: in order of time, m of them; their volumes add up to those of the input.
    ``kept``: (m,), their rows in the input. ``stands_for``: (n,), the row of the input that
    counts for each (its own where it counts itself). ``batched``: (n,), True for what was typed
    in at one go, whether it counts or not. ``place_lost``: (n,), True where a place was given
    and is not to be believed. ``silent``: (C + 1, T), True on days on which a category (in the
    last row: everybody) was silent although it speaks every day, T days from ``first_day``: no
    zero was counted there. ``notes``: for people.
    """

    reports: Reports
    notes: Sequence[Note]
    kept: Ints
    stands_for: Ints
    batched: Flags
    place_lost: Flags
    first_day: int
    silent: Flags
