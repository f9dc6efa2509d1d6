"""What is about the same places: the one rule by which findings, zones and warnings meet. Pure."""

from __future__ import annotations

from collections.abc import Collection


def meet(one: Collection[object], other: Collection[object]) -> bool:
    """Whether two share a place; none is everywhere, which shares one with everything."""
    return not one or not other or not set(one).isdisjoint(other)


def in_common(one: Collection[object], other: Collection[object]) -> float:
    """Places in both by places in either (Jaccard); 1 where both are everywhere."""
    either = {*one, *other}
    return len(set(one) & set(other)) / len(either) if either else 1.0


def narrower(one: Collection[object], other: Collection[object]) -> bool:
    """Whether ``one`` is a part of ``other`` and not all of it; everywhere holds every place."""
    return bool(one) and (not other or set(one) < set(other))
