"""Where a cluster may lie: sets of places, many of them nested, in one flat array.

Groups of places stand one after another in ``members``. A group is a chain: its first place, its
first two, its first three … so the counts of each set follow from those of the one before by one
addition. ``ends`` says which of these sets are zones; in a group that is one given set (a
community, say) only the last is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streetwise.warn.values import Flags, Ints, Places


@dataclass(frozen=True, slots=True)
class Neighbourhoods:
    """G groups over P places with M members in all; a zone is a set that a group's chain reaches.

    ``members``: (M,) numbers of places, int32. ``start``: (G + 1,) where each group begins in
    them. ``ends``: (M,), whether the set from the group's first place to here is a zone.
    ``centre``: (G,), the place that a group is around, -1 for a given set. ``places``: P.
    A zone is known by the index of its last member.
    """

    members: NDArray[np.int32]
    start: Ints
    ends: Flags
    centre: Ints
    places: int

    @property
    def zones(self) -> int:
        """How many zones there are; two centres may reach the same set."""
        return int(self.ends.sum())

    def group_of(self, zone: int) -> int:
        """The group in which a zone (index of its last member) lies."""
        return int(np.searchsorted(self.start, zone, side="right")) - 1

    def places_of(self, zone: int) -> tuple[int, ...]:
        """The places of a zone, the centre first, then by distance (or as given)."""
        first = int(self.start[self.group_of(zone)])
        return tuple(int(place) for place in self.members[first : zone + 1])


def neighbourhoods_of(
    places: Places, *, max_metres: float = np.inf, max_share: float = 0.5, max_places: int = 50
) -> Neighbourhoods:
    """Round every place the sets of its nearest, from itself alone up to the tightest limit.

    ``max_metres``: how far a middle may lie from the centre's. ``max_share``: of all places, by
    number, rounded down but at least one. ``max_places``: the most in one set. Of places equally
    far the lower number comes first. ValueError where a middle is not a number or a limit is
    senseless.
    """
    if not (max_metres >= 0 and 0 < max_share <= 1 and max_places >= 1):
        raise ValueError("A neighbourhood needs at least its own centre: check the limits.")
    if not (np.isfinite(places.x).all() and np.isfinite(places.y).all()):
        raise ValueError("Every place needs a middle, in metres.")
    count = len(places)
    most = min(max_places, max(1, int(count * max_share + 1e-9)))
    chains = []
    # One row of distances at a time: memory stays with P, not with P².
    for place in range(count):
        metres = np.hypot(places.x - places.x[place], places.y - places.y[place])
        metres[place] = -1.0  # itself first, though another may stand on the same point
        near = np.argsort(metres, kind="stable")[:most]
        chains.append(near[metres[near] <= max_metres])
    return _flat(chains, np.arange(count), count, nested=True)


def sets_of(sets: Sequence[Iterable[int]], places: int) -> Neighbourhoods:
    """Given sets of places, of any shape, each one zone: communities, a grid with its neighbours.

    A place twice in a set counts once; empty sets are left out. ValueError for a number that is
    not one of the ``places`` (0 to places - 1).
    """
    chains = []
    for one in sets:
        numbers = np.array(list(dict.fromkeys(int(place) for place in one)), dtype=np.int64)
        if len(numbers) and (numbers.min() < 0 or numbers.max() >= places):
            raise ValueError(f"A set names a place outside 0 to {places - 1}.")
        if len(numbers):
            chains.append(numbers)
    return _flat(chains, np.full(len(chains), -1), places, nested=False)


def connected_of(borders: Sequence[Iterable[int]], *, max_places: int = 4) -> Neighbourhoods:
    """Every connected set of up to so many places, whatever its shape (Tango, Takahashi 2005).

    ``borders``: for each place those that touch it (one side of a pair is enough). Where a place
    touches six others, up to 2, 3, 4, 5 places make 4, 12, 44, 165 sets for each place: small
    sets only, ``joined`` to the circles for large ones. ValueError for a number that is no place.
    """
    places = len(borders)
    touching: list[set[int]] = [set() for _ in range(places)]
    for place, others in enumerate(borders):
        for other in others:
            if not 0 <= other < places:
                raise ValueError(f"A border names a place outside 0 to {places - 1}.")
            touching[place].add(other)
            touching[other].add(place)
    grown = [frozenset([place]) for place in range(places)]
    every = list(grown)
    for _ in range(1, max_places):
        larger = {
            one | {other} for one in grown for place in one for other in touching[place] - one
        }
        grown = sorted(larger, key=sorted)
        every.extend(grown)
    return sets_of([sorted(one) for one in every], places)


def joined(*parts: Neighbourhoods) -> Neighbourhoods:
    """All zones of some neighbourhoods over the same places; ValueError where they differ."""
    if not parts or any(part.places != parts[0].places for part in parts):
        raise ValueError("Only neighbourhoods over the same places can be joined.")
    offsets = np.cumsum([0, *(len(part.members) for part in parts[:-1])])
    starts = [part.start[:-1] + offset for part, offset in zip(parts, offsets, strict=True)]
    total = sum(len(part.members) for part in parts)
    return Neighbourhoods(
        np.concatenate([part.members for part in parts]),
        np.concatenate([*starts, np.array([total])]).astype(np.int64),
        np.concatenate([part.ends for part in parts]),
        np.concatenate([part.centre for part in parts]),
        parts[0].places,
    )


def _flat(
    chains: Sequence[Ints], centre: NDArray[np.int64], places: int, *, nested: bool
) -> Neighbourhoods:
    start = np.zeros(len(chains) + 1, dtype=np.int64)
    start[1:] = np.cumsum([len(chain) for chain in chains])
    members = np.concatenate([np.empty(0, dtype=np.int64), *chains]).astype(np.int32)
    ends = np.full(len(members), nested, dtype=np.bool_)
    ends[start[1:] - 1] = True
    return Neighbourhoods(members, start, ends, centre.astype(np.int64), places)
