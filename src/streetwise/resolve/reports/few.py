"""Counts of what people want below five are not shown, nor found by subtracting. Pure."""

from __future__ import annotations

from collections.abc import Sequence

#: Groups of fewer are not shown (DESIGN: what people want is answered for groups of five or more).
FEWEST = 5


def hidden(counts: Sequence[int]) -> list[bool]:
    """Which of these parts of a known whole are not shown.

    Zero says nothing of anybody. A single small part would be what is left of the whole, and two
    that make less than five together say nearly the same: so the next smallest goes too, until
    what is not shown adds up to five and is more than one.
    """
    small = [0 < count < FEWEST for count in counts]
    by_size = sorted((count, n) for n, count in enumerate(counts) if count >= FEWEST)
    for _, n in by_size:
        together = sum(count for count, hides in zip(counts, small, strict=True) if hides)
        if not any(small) or (sum(small) > 1 and together >= FEWEST):
            break
        small[n] = True
    return small
