"""From detections to findings: K of N looks, dwell in seconds, one open finding per zone. Pure.

Nothing is recognised or followed. What is remembered of a zone is a few *places* where something
of the scene's classes was lately seen: a box, and which looks it was seen in. Two cars that stand
in one spot one after the other are one place; nobody asks whether they are the same. Places never
leave this module; a finding tells the zone, a box and times.

A scene that is not stationary has one place, the zone itself.

A blind look counts as nothing: it neither confirms nor clears. A look in which something covers
the place without being it (a bus passes before a parked car) does not clear either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from streetwise.discover.scenes import Scene
from streetwise.discover.shapes import (
    area,
    around,
    common,
    foot_inside,
    mixed,
    overlap,
    share_inside,
)
from streetwise.discover.values import Box, Detection, Looked, Zone

#: Boxes of a standing thing differ from look to look; those of a moving one soon by more.
SAME_PLACE = 0.6
#: A place's box follows what is seen there by this weight: it settles, and does not wander along.
_FOLLOW = 0.2
#: How far the box may have wandered from where the place began before it is another place.
_WANDERED = 0.6
#: So much of a place covered by something else: it cannot be said that it is free.
_COVERED = 0.3
#: Share of a thing's box in the zone, for scenes that go by area.
_SHARE_INSIDE = 0.5
_PLACES_MAX = 64
_FULL: Box = (0.0, 0.0, 1.0, 1.0)

Key = tuple[str, str, str]
"""Camera, zone, scene."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A finding begins. ``since``: when it was first seen; ``at``: the look that decided;
    ``seen`` of the last ``of`` looks; ``score``: the best of that look."""

    camera: str
    zone: str
    scene: str
    since: float
    at: float
    box: Box
    score: float
    seen: int
    of: int


@dataclass(frozen=True, slots=True)
class Cleared:
    """A finding is gone: ``looks`` inferred looks in a row, the first at ``since``, were free."""

    camera: str
    zone: str
    scene: str
    since: float
    at: float
    looks: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How an open finding stands, for whoever wants to close its case.

    ``seen_at``: when it was last seen; ``free_looks`` in a row since, none where it still stands;
    ``looked_at``: the last look that could have said something.
    """

    since: float
    seen_at: float
    looked_at: float
    free_looks: int
    box: Box


@dataclass(slots=True)
class _Place:
    began: Box
    box: Box
    first: float
    last: float
    looks: list[tuple[float, bool]]  # the newest: when, and whether it was seen


@dataclass(slots=True)
class _Finding:
    since: float
    seen_at: float
    looked_at: float
    places: list[Box]
    free_looks: int = 0
    free_since: float = 0.0


@dataclass(slots=True)
class _Memory:
    places: list[_Place] = field(default_factory=list)
    finding: _Finding | None = None
    looked_at: float | None = None


class Rules:
    """The memory of all zones, and the one step that changes it."""

    def __init__(self) -> None:
        self._memory: dict[Key, _Memory] = {}

    def step(
        self, looked: Looked, zone: Zone, scene: Scene, least: float | None = None
    ) -> Opened | Cleared | None:
        """What one look at a zone brings. Looks of a zone come in the order of time.

        ``least``: this camera's threshold; else the scene's. To be called only while the scene
        counts (``Scene.active``): outside its hours nothing opens and nothing clears.
        """
        if looked.blind:
            return None
        key = (looked.camera, zone.name, scene.key)
        memory = self._memory.setdefault(key, _Memory())
        if memory.looked_at is not None and looked.at <= memory.looked_at:
            return None
        memory.looked_at = looked.at
        here = _candidates(looked.detections, zone, scene, scene.score if least is None else least)
        _remember(memory, here, looked.at, scene)
        if memory.finding is None:
            return self._opens(key, memory, here, looked.at, scene)
        return self._clears(key, memory, here, looked, scene)

    def standing(self, camera: str, zone: str, scene: str) -> Standing | None:
        """The open finding of a zone; None where there is none."""
        memory = self._memory.get((camera, zone, scene))
        found = memory.finding if memory else None
        if found is None:
            return None
        return Standing(
            found.since, found.seen_at, found.looked_at, found.free_looks, around(found.places)
        )

    def wants_more(self, camera: str, zone: str, scene: str) -> bool:
        """Whether the next looks matter: a finding is open, or one may be coming, because the last
        look saw something, or the last but one did and not for the first time.

        A street where things pass has a place where something was seen at almost any time; to look
        there as often as where something stands would be to look everywhere always.
        """
        memory = self._memory.get((camera, zone, scene))
        return memory is not None and (
            memory.finding is not None or any(_may_stay(place) for place in memory.places)
        )

    def saw(self, camera: str, zone: str, scene: str) -> bool:
        """Whether the last look saw something of the scene in the zone."""
        memory = self._memory.get((camera, zone, scene))
        if memory is None:
            return False
        found = memory.finding
        return any(place.looks[-1][1] for place in memory.places) or (
            found is not None and found.seen_at == memory.looked_at
        )

    def empty(self, camera: str, zone: str, scene: str) -> bool:
        """Whether nothing was there for as long as anything is remembered."""
        memory = self._memory.get((camera, zone, scene))
        return memory is None or (memory.finding is None and not memory.places)

    def forget(self, keys: Iterable[Key]) -> None:
        """Of zones that are no more, or were drawn anew."""
        for key in keys:
            self._memory.pop(key, None)

    def to_state(self, now: float) -> list[dict[str, Any]]:
        """Everything as plain data; times as seconds before ``now``, so that it survives a start
        of the machine and with it of its clock."""
        return [_plain(key, memory, now) for key, memory in sorted(self._memory.items())]

    @classmethod
    def from_state(cls, state: Sequence[Mapping[str, Any]], saved_at: float) -> Rules:
        """The other way round. ``saved_at``: the moment of saving on the present clock, that is
        now less the seconds that went by since (of a clock that does not begin anew)."""
        rules = cls()
        for row in state:
            key, memory = _memory_of(row, saved_at)
            rules._memory[key] = memory
        return rules

    def adopt(self, state: Sequence[Mapping[str, Any]], now: float) -> None:
        """Take over what another knew of zones of which less is known here; see ``from_state``.

        An open finding is more than some looks that have just begun.
        """
        for key, memory in Rules.from_state(state, now)._memory.items():
            known = self._memory.get(key)
            if known is None or (known.finding is None and memory.finding is not None):
                self._memory[key] = memory

    @staticmethod
    def _opens(
        key: Key, memory: _Memory, here: Sequence[Detection], at: float, scene: Scene
    ) -> Opened | None:
        ripe = [place for place in memory.places if _is_ripe(place, scene)]
        if not ripe:
            return None
        first = min(ripe, key=lambda place: place.first)
        memory.finding = _Finding(first.first, at, at, [place.box for place in ripe])
        boxes = [one for one in here if any(_is_at(one.box, place.box, scene) for place in ripe)]
        return Opened(
            *key,
            since=first.first,
            at=at,
            box=around([one.box for one in boxes]),
            score=max(one.score for one in boxes),
            seen=_hits(first),
            of=len(first.looks),
        )

    @staticmethod
    def _clears(
        key: Key, memory: _Memory, here: Sequence[Detection], looked: Looked, scene: Scene
    ) -> Cleared | None:
        found = memory.finding
        assert found is not None
        # What has come to stand there in the meantime keeps the finding open.
        ripe = [place.box for place in memory.places if _is_ripe(place, scene)]
        found.places = [
            box for box in found.places if not any(overlap(box, new) >= SAME_PLACE for new in ripe)
        ] + ripe
        found.places = found.places[-_PLACES_MAX:]
        found.looked_at = looked.at
        if any(_is_at(one.box, box, scene) for one in here for box in found.places):
            found.seen_at, found.free_looks = looked.at, 0
            return None
        if scene.stationary and any(_covers(looked.detections, box) for box in found.places):
            return None
        if not found.free_looks:
            found.free_since = looked.at
        found.free_looks += 1
        span = looked.at - found.free_since
        if found.free_looks < scene.clear_looks or span < scene.clear_seconds:
            return None
        # What comes to stand there next has its own time to dwell.
        memory.places = [
            place
            for place in memory.places
            if scene.stationary
            and not any(overlap(place.box, b) >= SAME_PLACE for b in found.places)
        ]
        memory.finding = None
        return Cleared(*key, since=found.free_since, at=looked.at, looks=found.free_looks)


def _candidates(
    detections: Sequence[Detection], zone: Zone, scene: Scene, least: float
) -> list[Detection]:
    """What of a look counts for the scene in the zone, the surest first."""
    return sorted(
        (
            one
            for one in detections
            if one.what in scene.classes
            and one.score >= least
            and area(one.box) >= scene.area_least
            and _touches(one.box, zone, scene)
        ),
        key=lambda one: -one.score,
    )


def _touches(box: Box, zone: Zone, scene: Scene) -> bool:
    if scene.touch == "foot":
        return foot_inside(zone.corners, box)
    return share_inside(zone.corners, box) >= _SHARE_INSIDE


def _remember(memory: _Memory, here: Sequence[Detection], at: float, scene: Scene) -> None:
    """Bring the places up to date: seen again, not seen, new; those of which little is left go."""
    memory.places = [p for p in memory.places if at - p.last <= scene.forget_seconds]
    free = list(memory.places)
    for one in here:
        place = max(free, key=lambda p: overlap(p.box, one.box), default=None)
        if place is not None and _is_at(one.box, place.box, scene):
            free.remove(place)
            _seen(place, one.box, at, scene)
        elif scene.stationary or not memory.places:
            box = one.box if scene.stationary else _FULL
            if not any(_is_at(one.box, p.box, scene) for p in memory.places):
                memory.places.append(_Place(box, box, at, at, [(at, True)]))
    for place in free:
        place.looks.append((at, False))
    for place in memory.places:
        _break(place, scene)
    memory.places = [p for p in memory.places if p.looks][-_PLACES_MAX:]


def _break(place: _Place, scene: Scene) -> None:
    """Keep the newest looks; with too few hits among them the stay is broken, and its time begins
    anew at the oldest of these hits.

    Half of what opens is enough to go on: a detector misses a standing car now and then. In dense
    traffic there is a car in any place in many looks, but not in so many on end.
    """
    del place.looks[: -scene.of]
    if len(place.looks) == scene.of and 2 * _hits(place) < scene.seen:
        while place.looks and not place.looks[0][1]:
            del place.looks[0]
        if place.looks:
            place.first = place.looks[0][0]


def _hits(place: _Place) -> int:
    return sum(hit for _, hit in place.looks)


def _may_stay(place: _Place) -> bool:
    last = [hit for _, hit in place.looks[-2:]]
    return last[-1] or (any(last) and _hits(place) > 1)


def _seen(place: _Place, box: Box, at: float, scene: Scene) -> None:
    place.looks.append((at, True))
    place.last = at
    if not scene.stationary:
        return
    place.box = mixed(place.box, box, _FOLLOW)
    if overlap(place.box, place.began) < _WANDERED:
        # It crept along: from here on it is another place, and its time begins anew.
        place.began, place.first, place.looks = place.box, at, [(at, True)]


def _is_ripe(place: _Place, scene: Scene) -> bool:
    return (
        place.looks[-1][1]
        and _hits(place) >= scene.seen
        and place.last - place.first >= scene.dwell_seconds
    )


def _is_at(box: Box, place: Box, scene: Scene) -> bool:
    return not scene.stationary or overlap(box, place) >= SAME_PLACE


def _covers(detections: Sequence[Detection], place: Box) -> bool:
    """Whether things of any kind hide a good part of a place."""
    return any(common(one.box, place) >= _COVERED * area(place) for one in detections)


def _plain(key: Key, memory: _Memory, now: float) -> dict[str, Any]:
    found = memory.finding
    return {
        "camera": key[0],
        "zone": key[1],
        "scene": key[2],
        "looked": None if memory.looked_at is None else now - memory.looked_at,
        "places": [
            {
                "began": list(place.began),
                "box": list(place.box),
                "first": now - place.first,
                "last": now - place.last,
                "looks": [[now - at, int(hit)] for at, hit in place.looks],
            }
            for place in memory.places
        ],
        "finding": found
        and {
            "since": now - found.since,
            "seen": now - found.seen_at,
            "looked": now - found.looked_at,
            "places": [list(box) for box in found.places],
            "free_looks": found.free_looks,
            "free": now - found.free_since,
        },
    }


def _memory_of(row: Mapping[str, Any], saved_at: float) -> tuple[Key, _Memory]:
    places = [
        _Place(
            _box(one["began"]),
            _box(one["box"]),
            saved_at - one["first"],
            saved_at - one["last"],
            [(saved_at - ago, bool(hit)) for ago, hit in one["looks"]],
        )
        for one in row["places"]
    ]
    told = row["finding"]
    found = told and _Finding(
        saved_at - told["since"],
        saved_at - told["seen"],
        saved_at - told["looked"],
        [_box(box) for box in told["places"]],
        told["free_looks"],
        saved_at - told["free"],
    )
    looked = None if row["looked"] is None else saved_at - row["looked"]
    return (row["camera"], row["zone"], row["scene"]), _Memory(places, found, looked)


def _box(sides: Sequence[float]) -> Box:
    left, top, right, bottom = sides
    return (left, top, right, bottom)
