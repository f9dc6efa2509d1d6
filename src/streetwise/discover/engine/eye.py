"""An eye: a share of the cameras, from coded pictures to what is told about their zones.

One thing at a time, by itself: take the freshest pictures, decode, gate, hand them to the
scheduler, infer what it picks, apply the rules, tell. A picture that nobody had time for is gone;
nothing is kept but the last coded one of each camera, and the last one on which a zone was free
(so that a finding can show before and after). No decoded or unmasked picture leaves the object.

No process, no socket and no clock of its own: ``engine/eye_process.py`` has those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from streetwise.discover.detectors.detector import Detector
from streetwise.discover.engine import telling
from streetwise.discover.engine.decoding import DecodeLimits, NotDecoded
from streetwise.discover.engine.memory import memory
from streetwise.discover.engine.orders import Charge
from streetwise.discover.engine.serving import changed_scenes, watches_of
from streetwise.discover.engine.showing import Showing
from streetwise.discover.engine.sight import Sight
from streetwise.discover.engine.wire import Message
from streetwise.discover.gate import Gate
from streetwise.discover.rules import Cleared, Opened, Rules, Standing
from streetwise.discover.scenes import Scene
from streetwise.discover.schedule import Pick, Scheduler
from streetwise.discover.streams.slots import Slots
from streetwise.discover.values import CodedPicture, Detection, Frame, Looked, Polygon, Zone

#: So many wait for a look at one camera; an eye whose camera sends nothing keeps no more.
_ASKED_MOST = 50


@dataclass(frozen=True, slots=True)
class EyeSettings:
    """How an eye works.

    ``gate_pictures``: decoded at most before something is inferred. ``batch_pictures``: inferred
    at once. ``fresh_seconds``: an older picture says nothing of now. ``changed_share``: of a
    zone's blocks, from which on it changed. ``publish_seconds``: how often cadences are told, and
    over how long a time; ``memory_seconds``: how often what would be lost with the process.
    """

    gate_pictures: int = 8
    batch_pictures: int = 4
    fresh_seconds: float = 30.0
    changed_share: float = 0.02
    publish_seconds: float = 120.0
    memory_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds of the machine's own clock as wall seconds, and as the street's local time."""

    wall: Callable[[float], float]
    local: Callable[[float], datetime]


@dataclass(slots=True)
class _Camera:
    charge: Charge
    gate: Gate
    state: str = "none"  # what its last picture was: the gate's word, or "damaged", "none"
    moved: bool = False  # and has not been seen to be back since
    picture: CodedPicture | None = None
    asked: list[str] = field(default_factory=list)  # who waits for a look at it


class Eye:
    """``detectors``: in the order of preference. ``mark``: told the number of the camera whose
    picture is decoded next (NOBODY: none), before it is.
    """

    def __init__(
        self,
        detectors: Sequence[Detector],
        scenes: Mapping[str, Scene],
        clock: Clock,
        *,
        settings: EyeSettings | None = None,
        limits: DecodeLimits | None = None,
        mark: Callable[[int], None] = lambda number: None,
    ) -> None:
        self._settings, self._clock = settings or EyeSettings(), clock
        self._detectors = {one.card.name: one for one in detectors}
        self._showing = Showing(detectors, self._again, clock.wall)
        self._scenes = scenes
        self._sight = Sight(limits, mark)
        self._slots = Slots(0.0)
        self._scheduler = Scheduler(self._settings.publish_seconds)
        self._rules = Rules()
        self._cameras: dict[str, _Camera] = {}
        self._frames: dict[str, Frame] = {}
        self._published_at: float | None = None
        self._overloaded = self._was_overloaded = False  # now; at some time since published
        self._offered: set[str] = set()  # cameras that had pictures to look at since then
        self._remembered_at: float | None = None
        self.decoded = self.inferred = 0

    def take_charge(self, charges: Iterable[Charge], now: float) -> list[Message]:
        """From now on these cameras, and no others. Tells which scenes no detector serves."""
        wanted = {one.camera: one for one in charges}
        for gone in self._cameras.keys() - wanted.keys():
            self._forget(gone)
        for camera, charge in wanted.items():
            known = self._cameras.get(camera)
            if known is None or known.charge.zones != charge.zones:
                self._drawn_anew(camera, charge)
            else:
                if known.charge.view != charge.view:
                    known.gate.settle()
                    known.moved = False
                known.charge = charge
        watches, unserved = watches_of(wanted.values(), self._scenes, [*self._detectors.values()])
        self._scheduler.watch(watches, now)
        for camera, charge in wanted.items():
            for name in charge.scenes:
                self._hold(camera, name)
        return [Message("unserved", {"scenes": unserved})]

    def remember(self, told: Message, now: float) -> None:
        """What another eye knew of these cameras when it told (``engine/memory.py``).

        Of zones that are not ours, or that we know better, nothing is taken over; nor of a view
        other than the one that is meant now.
        """
        zones = {
            (camera, zone.name, zone.scene)
            for camera, one in self._cameras.items()
            for zone in one.charge.zones
        }
        state = told.fields["rules"]
        rows = [row for row in state if (row["camera"], row["zone"], row["scene"]) in zones]
        # The rules count backwards from a moment of this machine's clock.
        self._rules.adopt(rows, now - max(0.0, self._clock.wall(now) - told.fields["at"]))
        for camera, scene in {(row["camera"], row["scene"]) for row in rows}:
            self._hold(camera, scene)
        for row in told.fields["gates"]:
            one = self._cameras.get(row["camera"])
            if one is not None and row["view"] == one.charge.view:
                one.gate = Gate.from_state(_corners(one.charge), row["state"], now)
                one.moved = True

    def put(self, picture: CodedPicture) -> None:
        """A new picture; of a camera that is nobody's here it is dropped."""
        if picture.camera in self._cameras:
            self._slots.put(picture)

    def ask(self, camera: str, request: str) -> None:
        """Somebody may look at this camera: a masked picture is told as soon as there is one."""
        one = self._cameras.get(camera)
        if one is not None and request not in one.asked:
            # Who asked first has waited longest, and is gone by now.
            one.asked = [*one.asked[-_ASKED_MOST + 1 :], request]

    def put_frame(self, frame: Frame) -> list[Message]:
        """A frame that needs no decoding here (of a video file)."""
        return self._seen(frame, None)

    def step(self, now: float) -> list[Message]:
        """One round of work; empty where there was none to do."""
        told: list[Message] = []
        worked = False
        for _ in range(self._settings.gate_pictures):
            run = self._slots.take(now)
            if not run:
                break
            worked = True
            told += self._decode(run, now)
        picks = self._scheduler.pick(now, self._settings.batch_pictures)
        told += self._look(picks, now)
        overload = self._scheduler.overload(now)
        if overload is not None:
            self._overloaded = overload.began
            self._was_overloaded = True
            told.append(Message("overload", {"began": overload.began, "late": list(overload.late)}))
        if self._published_at is None:
            self._published_at = now
        elif now - self._published_at >= self._settings.publish_seconds:
            self._published_at = now
            told.append(self._cadences(now))
        if self._remembered_at is None:
            # Not at once: what the eye before knew may still be on its way to this one.
            self._remembered_at = now
        # What was told is remembered at once: another eye must not tell it again.
        news = any(one.kind in ("opened", "cleared") for one in told)
        if news or now - self._remembered_at >= self._settings.memory_seconds:
            self._remembered_at = now
            told.append(self._memory(now))
        self.busy = worked or bool(picks)
        return told

    busy = False
    """Whether the last step found pictures to work on."""

    # -- from picture to frame -------------------------------------------------------------

    def _decode(self, run: Sequence[CodedPicture], now: float) -> list[Message]:
        last = run[-1]
        one = self._cameras.get(last.camera)
        if one is None or (now - last.at > self._settings.fresh_seconds and last.key):
            return []
        try:
            frame = self._sight.decoded(run, one.charge.number)
        except NotDecoded as problem:
            return self._state(one, "damaged", {"why": problem.why})
        self.decoded += len(run)
        if not last.whole:
            return []
        again = last.key and not self._sight.follows(last.camera)
        return self._seen(frame, last if again else None)

    def _seen(self, frame: Frame, picture: CodedPicture | None) -> list[Message]:
        """A frame, past the gate and to the scheduler."""
        one = self._cameras.get(frame.camera)
        if one is None:
            return []
        read = one.gate.read(frame.luma, frame.at)
        if read.state not in ("dark", "covered"):
            one.moved = read.state == "moved"
        told = self._state(one, read.state, {"shift": list(read.shift) if read.shift else None})
        one.picture = picture
        self._frames[frame.camera] = frame
        if one.asked:
            requests, one.asked = one.asked, []
            told.append(self._showing.shown(frame.camera, requests, frame))
        if read.blind:
            self._scheduler.withdraw(frame.camera)
        else:
            self._offered.add(frame.camera)
            changed = changed_scenes(read, self._scenes, self._settings.changed_share)
            self._scheduler.offer(frame.camera, frame.at, changed)
        return told

    def _state(self, one: _Camera, state: str, more: Mapping[str, Any]) -> list[Message]:
        """Told when it changes; learning and a change of light are clear for whoever asks."""
        state = "clear" if state in ("learning", "light") else state
        if state == one.state:
            return []
        one.state = state
        return [Message("view", {"camera": one.charge.camera, "state": state, **more})]

    # -- from frame to finding -------------------------------------------------------------

    def _look(self, picks: Sequence[Pick], now: float) -> list[Message]:
        told: list[Message] = []
        for name in sorted({pick.detector for pick in picks}):
            detector = self._detectors[name]
            mine = [
                (pick, frame)
                for pick in picks
                if pick.detector == name
                for frame in [self._frame(pick)]
                if frame is not None
            ]
            seen = detector.look([frame.bgr for _, frame in mine])
            self.inferred += len(mine)
            for (pick, frame), detections in zip(mine, seen, strict=True):
                self._scheduler.done(pick, now)
                for scene in pick.scenes:
                    told += self._judge(detector, frame, detections, scene)
        # The rest was not picked: it can be decoded again from its coded picture.
        self._frames.clear()
        return told

    def _frame(self, pick: Pick) -> Frame | None:
        frame = self._frames.get(pick.camera)
        if frame is not None and frame.at == pick.at:
            return frame
        picture = self._cameras[pick.camera].picture
        if picture is None or picture.at != pick.at:
            return None
        return self._again(picture)

    def _again(self, picture: CodedPicture) -> Frame | None:
        return self._sight.again(picture, self._cameras[picture.camera].charge.number)

    def _judge(
        self, detector: Detector, frame: Frame, seen: tuple[Detection, ...], name: str
    ) -> list[Message]:
        one, scene = self._cameras[frame.camera], self._scenes[name]
        if not scene.active(self._clock.local(frame.at)):
            return []
        looked = Looked(frame.camera, frame.at, seen)
        least = max(one.charge.least.get(name, scene.score), detector.card.mask_score)
        told: list[Message] = []
        for zone in (zone for zone in one.charge.zones if zone.scene == name):
            before = self._rules.standing(frame.camera, zone.name, name)
            outcome = self._rules.step(looked, zone, scene, least)
            if isinstance(outcome, Opened):
                told.append(self._showing.opened(outcome, frame, seen, detector))
            elif isinstance(outcome, Cleared):
                told.append(self._showing.cleared(outcome, frame, seen, detector))
            if before is not None or outcome is not None or name in one.charge.held:
                told += self._looked_at(zone, frame.at, before)
            if self._rules.saw(frame.camera, zone.name, name):
                one.gate.looked_full(f"{name}/{zone.name}")
            else:
                one.gate.looked_free(f"{name}/{zone.name}", frame.at)
            if one.picture is not None and self._rules.empty(frame.camera, zone.name, name):
                self._showing.free((frame.camera, zone.name, name), one.picture)
        self._hold(frame.camera, name)
        return told

    def _looked_at(self, zone: Zone, at: float, before: Standing | None) -> list[Message]:
        """What this look says of a problem that is known there: it is there, or it is not.

        Nothing, where something hid the place.
        """
        standing = self._rules.standing(zone.camera, zone.name, zone.scene)
        if standing is None:
            free = self._rules.empty(zone.camera, zone.name, zone.scene)
        elif standing.seen_at == at:
            free = False
        elif before is not None and standing.free_looks > before.free_looks:
            free = True
        else:
            return []
        return [telling.looked(zone, self._clock.wall(at), free=free)]

    # -- what else is told -----------------------------------------------------------------

    def _cadences(self, now: float) -> Message:
        published = self._scheduler.published(now)
        promised = {name: one.least_every_seconds for name, one in self._scenes.items()}
        seconds = self._settings.publish_seconds
        counts = {"decoded": self.decoded, "inferred": self.inferred}
        loaded = self._offered if self._was_overloaded else frozenset[str]()
        self._was_overloaded, self._offered = self._overloaded, set()
        return telling.cadences(self._clock.wall(now), seconds, published, promised, counts, loaded)

    def _memory(self, now: float) -> Message:
        gates = [
            {"camera": camera, "view": one.charge.view, "state": one.gate.to_state()}
            for camera, one in self._cameras.items()
            if one.moved
        ]
        rules = self._rules.to_state(now)
        return memory(self._clock.wall(now), rules, gates, sorted(self._cameras))

    # -- charge ----------------------------------------------------------------------------

    def _hold(self, camera: str, scene: str) -> None:
        charge = self._cameras[camera].charge
        coming = any(
            self._rules.wants_more(camera, zone.name, scene)
            for zone in charge.zones
            if zone.scene == scene
        )
        self._scheduler.hold(camera, scene, coming or scene in charge.held)

    def _drawn_anew(self, camera: str, charge: Charge) -> None:
        known = self._cameras.get(camera)
        if known is not None:
            kept = set(charge.zones)
            gone = [
                (camera, zone.name, zone.scene) for zone in known.charge.zones if zone not in kept
            ]
            self._rules.forget(gone)
            self._showing.forget(gone)
        self._cameras[camera] = _Camera(charge, Gate(_corners(charge)))

    def _forget(self, camera: str) -> None:
        one = self._cameras.pop(camera)
        keys = [(camera, zone.name, zone.scene) for zone in one.charge.zones]
        self._rules.forget(keys)
        self._showing.forget(keys)
        self._slots.forget(camera)
        self._sight.leave(camera)
        self._frames.pop(camera, None)


def _corners(charge: Charge) -> dict[str, Polygon]:
    return {f"{zone.scene}/{zone.name}": zone.corners for zone in charge.zones}
