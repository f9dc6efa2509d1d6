"""What an eye tells, as messages. Pure; times on the wire are wall seconds."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence

from streetwise.discover.engine.orders import pictured
from streetwise.discover.engine.wire import Message
from streetwise.discover.rules import Cleared, Opened
from streetwise.discover.schedule import Published
from streetwise.discover.values import Zone

#: Seconds of the machine's own clock as wall seconds.
Wall = Callable[[float], float]


def looked(zone: Zone, at: float, *, free: bool) -> Message:
    """A zone with a known problem was looked at: it is gone (``free``), or there."""
    fields = {"camera": zone.camera, "zone": zone.name, "scene": zone.scene, "at": at, "free": free}
    return Message("looked", fields)


def opened(
    found: Opened,
    pictures: Mapping[str, bytes],
    wall: Wall,
    *,
    before_at: float | None,
    detector: str,
    how: str,
) -> Message:
    """A finding, with its masked pictures (``during``, and ``before`` where there is one)."""
    fields = {
        "camera": found.camera,
        "zone": found.zone,
        "scene": found.scene,
        "since": wall(found.since),
        "at": wall(found.at),
        "box": [round(side, 4) for side in found.box],
        "score": round(found.score, 3),
        "seen": found.seen,
        "of": found.of,
        "before_at": None if before_at is None else wall(before_at),
        "detector": detector,
        "how": how,
    }
    return pictured("opened", fields, pictures)


def cleared(gone: Cleared, jpeg: bytes, wall: Wall, *, how: str) -> Message:
    """A finding is gone; ``jpeg``: what the place looks like, masked."""
    fields = {
        "camera": gone.camera,
        "zone": gone.zone,
        "scene": gone.scene,
        "since": wall(gone.since),
        "at": wall(gone.at),
        "looks": gone.looks,
        "how": how,
    }
    return pictured("cleared", fields, {"after": jpeg})


def shown(camera: str, requests: Sequence[str], at: float, jpeg: bytes, *, how: str) -> Message:
    """What a camera shows now, masked, for those who may look."""
    fields = {"camera": camera, "requests": list(requests), "at": at, "how": how}
    return pictured("shown", fields, {"now": jpeg})


def cadences(
    at: float,
    seconds: float,
    published: Sequence[Published],
    promised: Mapping[str, float],
    counts: Mapping[str, int],
    loaded: Container[str] = (),
) -> Message:
    """What was reached in the ``seconds`` before ``at``, by camera and scene; gaps in seconds.

    ``promised``: by scene, the longest time between two looks. ``counts``: of pictures so far.
    ``loaded``: cameras that had pictures while there was too much to look at; of these it is told
    how many looks were left out (``shed``). What is late of others is an outage or a blind view.
    """
    rows = [
        [
            one.camera,
            one.scene,
            promised[one.scene],
            one.reached.looks,
            round(one.reached.half, 2),
            round(one.reached.p95, 2),
            round(one.reached.longest, 2),
            round(one.reached.late_share, 4),
        ]
        for one in published
    ]
    shed = [
        [one.camera, one.scene, left_out]
        for one in published
        if one.camera in loaded and (left_out := _left_out(one, promised[one.scene]))
    ]
    fields = {"at": at, "seconds": seconds, "rows": rows, "shed": shed, **counts}
    return Message("cadences", fields)


def _left_out(one: Published, promised: float) -> int:
    """How many whole times a look would have been due in the time that was late."""
    late_seconds = one.reached.late_share * one.reached.window_seconds
    return int(late_seconds / promised + 1e-6)
