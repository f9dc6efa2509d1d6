"""Clusters across nights: which is new, which goes on, which is over; each told once.

Tonight's clusters are matched with those known: same method and category, and either the same
centre or enough places in common. Each is matched at most once, the largest overlap first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from streetwise.warn.meeting import in_common
from streetwise.warn.scan.search import Cluster

State = Literal["new", "ongoing", "over"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A cluster with its life so far.

    ``identity``: what it is called from its first night on. ``cluster``: as it was seen last.
    ``first_night``, ``last_night``: days, the first and the last on which it was seen.
    ``nights``: on how many. An "ongoing" one with a ``last_night`` before tonight was not seen
    tonight but is not given up yet.
    """

    identity: str
    state: State
    cluster: Cluster
    first_night: int
    last_night: int
    nights: int


def follow(
    previous: Sequence[Standing],
    today: Sequence[Cluster],
    *,
    night: int,
    shared: float = 0.3,
    quiet_nights: int = 2,
) -> list[Standing]:
    """What stands after a night: first today's clusters in their order, then what was not seen.

    ``previous``: as this returned it the night before; what was over is dropped. ``today``: the
    clusters that are worth telling (the caller has judged their chance), each of its own.
    ``shared``: places in common by places in either (Jaccard) from which on two are one.
    ``quiet_nights``: so many nights in a row unseen and it is over (1: at once). A run again with
    the same input gives the same; ValueError for a night before one already followed.
    """
    alive = [one for one in previous if one.state != "over"]
    if any(one.last_night >= night for one in alive):
        raise ValueError("A night is followed once, and after the nights before it.")
    known = _matched(alive, today, shared)
    standing = [
        _seen(alive[known[index]], cluster, night)
        if index in known
        else Standing(_name(cluster, night), "new", cluster, night, night, 1)
        for index, cluster in enumerate(today)
    ]
    matched = set(known.values())
    for index, one in enumerate(alive):
        if index not in matched:
            over = night - one.last_night >= quiet_nights
            standing.append(replace(one, state="over" if over else "ongoing"))
    return standing


def _matched(alive: Sequence[Standing], today: Sequence[Cluster], shared: float) -> dict[int, int]:
    """For today's clusters that are known the number of the standing one."""
    pairs = []
    for old, one in enumerate(alive):
        for new, cluster in enumerate(today):
            if not _same_kind(one.cluster, cluster):
                continue
            overlap = in_common(one.cluster.places, cluster.places)
            if overlap >= shared or one.cluster.centre == cluster.centre >= 0:
                pairs.append((-overlap, new, old))
    known: dict[int, int] = {}
    used: set[int] = set()
    for _, new, old in sorted(pairs):
        if new not in known and old not in used:
            known[new] = old
            used.add(old)
    return known


def _same_kind(one: Cluster, other: Cluster) -> bool:
    return (one.method, one.category) == (other.method, other.category)


def _seen(one: Standing, cluster: Cluster, night: int) -> Standing:
    return replace(one, state="ongoing", cluster=cluster, last_night=night, nights=one.nights + 1)


def _name(cluster: Cluster, night: int) -> str:
    """Clusters of one night share no place, so their lowest place tells them apart."""
    return f"{cluster.method}:{cluster.category}:{night}:{min(cluster.places)}"
