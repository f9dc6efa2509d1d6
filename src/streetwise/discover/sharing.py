"""Who of several looks at which camera: evenly, and with as few moves as possible. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

_NONE: Mapping[str, str] = MappingProxyType({})


def share_out(
    cameras: Iterable[str],
    members: Sequence[str],
    before: Mapping[str, str],
    together: Mapping[str, str] = _NONE,
) -> dict[str, str]:
    """Camera to member, for every camera exactly one; empty where there are no members.

    Whoever looks already goes on (``before``), unless a member has more than its even part; what
    is over, and who has nobody, goes to those who have the fewest. ``together``: cameras that have
    to be with one member, by a name that they have in common.
    """
    if not members:
        return {}
    cameras = sorted(set(cameras))
    blocks: dict[str, list[str]] = {}
    for camera in cameras:
        if camera in together:
            blocks.setdefault(together[camera], []).append(camera)
    whole: dict[str, list[str]] = {member: [] for member in members}
    for _, block in sorted(blocks.items()):
        looking = Counter(before.get(camera) for camera in block)
        best = max(members, key=lambda one: (looking[one], -len(whole[one])))
        whole[best] += block
    held: dict[str, list[str]] = {member: [] for member in members}
    free: list[str] = []
    for camera in cameras:
        if camera not in together:
            held.get(before.get(camera, ""), free).append(camera)
    most = -(-len(cameras) // len(members))
    for member, mine in held.items():
        room = max(0, most - len(whole[member]))
        free += mine[room:]
        del mine[room:]
    for camera in free:
        fewest = min(members, key=lambda one: len(whole[one]) + len(held[one]))
        held[fewest].append(camera)
    return {camera: member for member in members for camera in (*whole[member], *held[member])}


def split_among(cap: int, cameras: Mapping[str, int]) -> dict[str, int]:
    """A gateway's cap, for the members that have cameras of it (how many each): each has one place
    at least, none more than it has cameras, together never more than the cap.

    By their numbers (D'Hondt). Asked with no more members than places (``share_out``'s ``together``
    sees to that); 0 of a cap of 0: no cap.
    """
    if cap == 0:
        return dict.fromkeys(cameras, 0)
    places = dict.fromkeys(sorted(cameras), 1)
    for _ in range(cap - len(places)):
        wants = [one for one in places if places[one] < cameras[one]]
        if not wants:
            break
        places[max(wants, key=lambda one: cameras[one] / (places[one] + 1))] += 1
    return places
