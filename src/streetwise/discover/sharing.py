"""Who of several looks at which camera: evenly, and with as few moves as possible. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def share_out(
    cameras: Iterable[str], members: Sequence[str], before: Mapping[str, str]
) -> dict[str, str]:
    """Camera to member, for every camera exactly one; empty where there are no members.

    Whoever looks already goes on (``before``), unless a member has more than its even part; what
    is over, and who has nobody, goes to those who have the fewest.
    """
    if not members:
        return {}
    cameras = sorted(set(cameras))
    held: dict[str, list[str]] = {member: [] for member in members}
    free: list[str] = []
    for camera in cameras:
        held.get(before.get(camera, ""), free).append(camera)
    most = -(-len(cameras) // len(members))
    for mine in held.values():
        free += mine[most:]
        del mine[most:]
    for camera in free:
        min(held.values(), key=len).append(camera)
    return {camera: member for member, mine in held.items() for camera in mine}
