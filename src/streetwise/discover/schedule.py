"""Which picture is inferred next: deadlines, priorities, and the truth about both. Pure.

Each camera has a slot with its latest picture; what is not looked at before the next one comes is
never looked at. Each watch (a camera and a scene) wants a look every ``cadence_seconds`` while
something may be there (the gate saw a change, a finding or case is open), and every
``least_every_seconds`` in any case: the gate sets priority, never truth. One inference of a camera
serves all its watches of that detector.

Who goes first: by priority, then by deadline. Of five looks one goes to whoever has waited longest
beyond ``least_every_seconds``, whatever its priority: so low priorities are shed, not lost, in an
overload, and it is said how many wait. What was reached is counted from looks that took place
(``discover/cadence.py``).
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from streetwise.discover.cadence import Looks, Reached

#: Of the looks, the share for those who waited beyond their longest time, whatever their priority.
FLOOR_SHARE = 0.2
#: After a change a place is looked at with the full cadence for so many cadences.
_INTEREST = 3.0
#: A deadline missed by more than this is an overload, not a rounding of the clock.
_LATE_SECONDS = 2.0
#: An overload begins and ends when it has been so for this long.
_SETTLED_SECONDS = 10.0
_LOOKS_MAX = 4096


@dataclass(frozen=True, slots=True)
class Watch:
    """A camera that is to be looked at for a scene, by a detector. Priority 1 goes before 2."""

    camera: str
    scene: str
    detector: str
    cadence_seconds: float
    least_every_seconds: float
    priority: int


@dataclass(frozen=True, slots=True)
class Pick:
    """Infer this camera's picture (taken at ``at``) now; it serves these scenes."""

    camera: str
    detector: str
    at: float
    scenes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overload:
    """It begins, or ends, that not all can be looked at in time: how many wait by priority."""

    at: float
    began: bool
    late: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Published:
    """A watch with what was wanted of it now and what it reached."""

    camera: str
    scene: str
    wanted_seconds: float
    reached: Reached


@dataclass(slots=True)
class _Watched:
    watch: Watch
    looks: Looks
    interest_until: float = -math.inf
    held: bool = False  # a finding or case is open here

    def wanted(self, now: float) -> float:
        busy = self.held or self.interest_until > now
        return self.watch.cadence_seconds if busy else self.watch.least_every_seconds

    def due(self, now: float, taken_at: float) -> float:
        """``taken_at``: the picture that was given out last; while it is being inferred, and
        after it failed, no other is due before its time."""
        # Never looked at: at once, so that a start does not wait for its longest time.
        if self.looks.last is None and taken_at == -math.inf:
            return self.looks.began
        return max(self.looks.last or taken_at, taken_at) + self.wanted(now)

    def over_floor(self, now: float, taken_at: float) -> float:
        """By how many seconds the longest time between looks is passed."""
        last = self.looks.began if self.looks.last is None else self.looks.last
        return now - max(last, taken_at) - self.watch.least_every_seconds


@dataclass(slots=True)
class _Unit:
    """A camera and a detector: what one inference serves."""

    camera: str
    detector: str
    watched: dict[str, _Watched] = field(default_factory=dict)
    frame_at: float | None = None  # the latest picture that was not looked at
    taken_at: float = -math.inf
    soonest: float = -math.inf  # nothing is due here before; kept so that most are passed over


class Scheduler:
    """All watches, their latest pictures, and what was reached. Times are of one clock."""

    def __init__(self, window_seconds: float = 900.0) -> None:
        self.window_seconds = window_seconds
        self._units: dict[tuple[str, str], _Unit] = {}
        self._of_camera: dict[str, list[_Unit]] = {}
        self._waiting: dict[tuple[str, str], _Unit] = {}
        self._floor_credit = 0.0
        self._overloaded = False
        self._other_since: float | None = None
        self.replaced = 0
        """Pictures that a newer one took the place of: seen by the gate alone."""

    def watch(self, watches: Iterable[Watch], now: float) -> None:
        """From now on these, and no others; what is known of those that stay is kept."""
        wanted = {(w.camera, w.detector, w.scene): w for w in watches}
        before = {
            (unit.camera, unit.detector, scene): one
            for unit in self._units.values()
            for scene, one in unit.watched.items()
        }
        frames = {key: (unit.frame_at, unit.taken_at) for key, unit in self._units.items()}
        self._units, self._of_camera, self._waiting = {}, {}, {}
        for (camera, detector, scene), watch in wanted.items():
            unit = self._units.get((camera, detector))
            if unit is None:
                frame_at, taken_at = frames.get((camera, detector), (None, -math.inf))
                unit = _Unit(camera, detector, frame_at=frame_at, taken_at=taken_at)
                self._units[camera, detector] = unit
                self._of_camera.setdefault(camera, []).append(unit)
                if frame_at is not None:
                    self._waiting[camera, detector] = unit
            known = before.get((camera, detector, scene)) or _Watched(watch, Looks(began=now))
            known.watch = watch
            unit.watched[scene] = known

    def offer(self, camera: str, at: float, changed: Iterable[str] = ()) -> None:
        """The camera has a new picture, taken at ``at``; the gate saw changes for these scenes.

        Not to be called for a blind picture: that is no look at anything.
        """
        scenes = frozenset(changed)
        for unit in self._of_camera.get(camera, ()):
            if at <= unit.taken_at or (unit.frame_at is not None and at <= unit.frame_at):
                continue
            self.replaced += unit.frame_at is not None
            unit.frame_at = at
            self._waiting[unit.camera, unit.detector] = unit
            for scene in scenes & unit.watched.keys():
                one = unit.watched[scene]
                until = at + _INTEREST * one.watch.cadence_seconds
                one.interest_until = max(one.interest_until, until)
                unit.soonest = -math.inf

    def withdraw(self, camera: str) -> None:
        """The camera's latest picture is of no use any more (too old, the stream is down)."""
        for unit in self._of_camera.get(camera, ()):
            unit.frame_at = None
            self._waiting.pop((unit.camera, unit.detector), None)

    def hold(self, camera: str, scene: str, held: bool) -> None:
        """While a finding or a case is open there (or coming), the full cadence is wanted."""
        for unit in self._of_camera.get(camera, ()):
            if scene in unit.watched:
                unit.watched[scene].held = held
                unit.soonest = -math.inf

    def pick(self, now: float, room: int) -> list[Pick]:
        """At most ``room`` pictures to infer, the most urgent first. Each is given out once."""
        ready = [unit for unit in self._waiting.values() if _is_due(unit, now)]
        if not ready or room < 1:
            return []
        room = min(room, len(ready))
        # What was saved up while nobody waited is not spent all at once.
        self._floor_credit = min(self._floor_credit + room * FLOOR_SHARE, room * FLOOR_SHARE + 1)
        overdue = [unit for unit in ready if _over_floor(unit, now) > 0]
        first = heapq.nlargest(
            min(int(self._floor_credit), len(overdue)),
            overdue,
            key=lambda unit: (_over_floor(unit, now), unit.camera, unit.detector),
        )
        self._floor_credit -= len(first)
        taken = {id(unit) for unit in first}
        rest = heapq.nsmallest(
            room - len(first),
            (unit for unit in ready if id(unit) not in taken),
            key=lambda unit: (*_rank(unit, now), unit.camera, unit.detector),
        )
        return [self._give(unit) for unit in (*first, *rest)]

    def done(self, pick: Pick, now: float) -> None:
        """The picture was inferred. Only this makes a look; a pick that failed makes none."""
        unit = self._units.get((pick.camera, pick.detector))
        for scene in pick.scenes:
            one = unit.watched.get(scene) if unit else None
            if one is not None and (one.looks.last is None or pick.at > one.looks.last):
                one.looks.add(pick.at, self.window_seconds, _LOOKS_MAX)

    def overload(self, now: float) -> Overload | None:
        """To be asked after each pick: an overload that begins or ends, told once.

        Late is a watch whose picture is there and whose deadline is past: a camera that sends
        nothing is an outage, not an overload.
        """
        late = Counter(
            priority
            for unit in self._waiting.values()
            if _is_due(unit, now - _LATE_SECONDS)
            for deadline, priority in _deadlines(unit, now)
            if deadline < now - _LATE_SECONDS
        )
        if bool(late) == self._overloaded:
            self._other_since = None
            return None
        if self._other_since is None:
            self._other_since = now
        if now - self._other_since < _SETTLED_SECONDS:
            return None
        self._overloaded, self._other_since = bool(late), None
        return Overload(now, self._overloaded, tuple(sorted(late.items())))

    def published(self, now: float) -> list[Published]:
        """What each watch reached, by camera and scene."""
        return [
            Published(
                unit.camera,
                scene,
                one.wanted(now),
                one.looks.reached(now, self.window_seconds, one.watch.least_every_seconds),
            )
            for _, unit in sorted(self._units.items())
            for scene, one in sorted(unit.watched.items())
        ]

    def _give(self, unit: _Unit) -> Pick:
        assert unit.frame_at is not None
        at, unit.taken_at, unit.frame_at = unit.frame_at, unit.frame_at, None
        del self._waiting[unit.camera, unit.detector]
        return Pick(unit.camera, unit.detector, at, tuple(sorted(unit.watched)))


def _deadlines(unit: _Unit, now: float) -> list[tuple[float, int]]:
    return [(one.due(now, unit.taken_at), one.watch.priority) for one in unit.watched.values()]


def _is_due(unit: _Unit, now: float) -> bool:
    """Whether any deadline is past. What was worked out holds until a change or a hold brings a
    deadline forward; time and looks only ever put one off."""
    if unit.soonest > now:
        return False
    unit.soonest = min(deadline for deadline, _ in _deadlines(unit, now))
    return unit.soonest <= now


def _rank(unit: _Unit, now: float) -> tuple[int, float]:
    """By the most urgent of its watches that are due."""
    return min((priority, at) for at, priority in _deadlines(unit, now) if at <= now)


def _over_floor(unit: _Unit, now: float) -> float:
    return max(one.over_floor(now, unit.taken_at) for one in unit.watched.values())
