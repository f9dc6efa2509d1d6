"""The scheduler: bounds when there is room, priorities when there is not, the truth about both."""

from __future__ import annotations

import pickle
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from streetwise.discover.rules import Cleared, Opened, Rules
from streetwise.discover.scenes import shipped_scenes
from streetwise.discover.schedule import Overload, Scheduler, Watch
from streetwise.discover.values import Detection, Looked, Zone


def _watch(camera: str, priority: int = 2, cadence: float = 10.0, least: float = 60.0) -> Watch:
    return Watch(camera, "bins", "nano", cadence, least, priority)


@dataclass
class _Street:
    """A street whose cameras send a picture every few seconds, and a detector of some speed."""

    watches: list[Watch]
    frame_seconds: float
    room: int  # pictures per second
    busy: Callable[[str, float], bool] = field(default=lambda camera, now: True)
    looks: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    told: list[Overload] = field(default_factory=list)

    def run(self, seconds: int, scheduler: Scheduler | None = None, start: int = 0) -> Scheduler:
        scheduler = scheduler or Scheduler()
        scheduler.watch(self.watches, start)
        cameras = sorted({watch.camera for watch in self.watches})
        for now in range(start, start + seconds):
            for i, camera in enumerate(cameras):
                # Not all in the same second.
                if (now + i) % self.frame_seconds == 0:
                    changed = ["bins"] if self.busy(camera, now) else []
                    scheduler.offer(camera, now, changed)
            picks = scheduler.pick(now, self.room)
            assert len({pick.camera for pick in picks}) == len(picks) <= self.room
            for pick in picks:
                scheduler.done(pick, now)
                self.looks[pick.camera].append(pick.at)
            event = scheduler.overload(now)
            if event:
                self.told.append(event)
        return scheduler

    def gap(self, camera: str, start: float, end: float) -> float:
        """The longest time without a look between two times."""
        marks = [start, *(at for at in self.looks[camera] if start < at < end), end]
        return max(b - a for a, b in zip(marks, marks[1:], strict=False))


#: A street of minutes takes too long to be shrunk; what fails is printed as it is.
_PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=12, deadline=None, phases=_PHASES)
@given(
    kinds=st.lists(
        st.tuples(st.integers(1, 3), st.integers(5, 30), st.booleans()), min_size=1, max_size=20
    ),
    frame_seconds=st.integers(1, 6),
)
def test_nobody_waits_beyond_the_bound_when_there_is_room(
    kinds: list[tuple[int, int, bool]], frame_seconds: int
) -> None:
    watches = [
        _watch(f"c{i:02}", priority, cadence, 3.0 * cadence)
        for i, (priority, cadence, _) in enumerate(kinds)
    ]
    busy = {f"c{i:02}": one[2] for i, one in enumerate(kinds)}
    load = sum(
        1 / (w.cadence_seconds if busy[w.camera] else w.least_every_seconds) for w in watches
    )
    room = int(load / 0.8) + 1
    street = _Street(watches, frame_seconds, room, lambda camera, now: busy[camera])
    street.run(300)
    # What may be in the queue at once, worked off by the room that the rest leaves.
    queue = len(watches) / (room - load)
    for watch in watches:
        wanted = watch.cadence_seconds if busy[watch.camera] else watch.least_every_seconds
        worst = street.gap(watch.camera, 0.0, 300.0)
        assert worst <= wanted + 2 * frame_seconds + 1 + queue, watch
    # All want their first look at once; after that has been worked off nobody is late.
    assert all(one.at <= 20 + 2 * queue for one in street.told)
    assert [one.began for one in street.told] in ([], [True, False])


@settings(max_examples=8, deadline=None, phases=_PHASES)
@given(
    high=st.integers(1, 8),
    low=st.integers(20, 40),
    data=st.data(),
)
def test_in_an_overload_high_priorities_go_first_and_nobody_is_lost(
    high: int, low: int, data: st.DataObject
) -> None:
    least = data.draw(st.sampled_from([50.0, 100.0]))
    watches = [_watch(f"h{i:02}", 1, 5.0, least) for i in range(high)]
    watches += [_watch(f"l{i:02}", 3, 5.0, least) for i in range(low)]
    # The high ones want high / 5 a second, all together more than twice what there is room for.
    room = 1 + high // 4
    street = _Street(watches, 1, room)
    scheduler = street.run(400)
    for watch in watches:
        gap = street.gap(watch.camera, 100.0, 400.0)
        if watch.priority == 1:
            assert gap <= 5 + 4, watch
        elif low / least <= room * 0.2 * 0.9:
            # The floor has room for all of them: beyond it they wait for their turn there only.
            assert gap <= 2 * least, watch
    published = {one.camera: one.reached for one in scheduler.published(400.0)}
    assert max(published[f"h{i:02}"].p95 for i in range(high)) <= 9
    assert min(published[f"l{i:02}"].p95 for i in range(low)) > 5
    begun = [one for one in street.told if one.began]
    assert len(begun) == 1
    late = dict(begun[0].late)
    assert late.get(1, 0) <= 1 and late[3] > 0


def test_an_overload_is_said_when_it_begins_and_when_it_ends() -> None:
    watches = [_watch(f"c{i:02}", 2, 5.0) for i in range(20)]
    street = _Street(watches, 1, 2)
    scheduler = street.run(200)
    assert [one.began for one in street.told] == [True]
    relieved = replace(street, room=10)
    relieved.run(200, scheduler, start=200)
    assert [one.began for one in street.told] == [True, False]
    assert street.told[1].late == ()
    # A camera that sends nothing is an outage and no overload.
    for watch in watches:
        scheduler.withdraw(watch.camera)
    silent = [scheduler.overload(float(now)) for now in range(1000, 1100)]
    assert silent == [None] * 100


def test_what_was_not_looked_at_is_never_looked_at() -> None:
    scheduler = Scheduler()
    scheduler.watch([_watch("a"), _watch("b")], 0.0)
    for at in range(1, 50):
        scheduler.offer("a", float(at))
        scheduler.offer("b", float(at))
    picks = scheduler.pick(50.0, 10)
    assert sorted((pick.camera, pick.at) for pick in picks) == [("a", 49.0), ("b", 49.0)]
    assert scheduler.pick(51.0, 10) == []
    assert scheduler.replaced == 96
    scheduler.offer("a", 49.0)
    scheduler.offer("a", 48.0)
    assert scheduler.pick(500.0, 10) == []


def test_the_gate_sets_priority_and_never_truth() -> None:
    watches = [_watch("quiet", cadence=10, least=60), _watch("busy", cadence=10, least=60)]
    street = _Street(watches, 2, 5, lambda camera, now: camera == "busy")
    street.run(600)
    assert street.gap("busy", 0, 600) <= 12 and street.gap("quiet", 0, 600) <= 64
    assert len(street.looks["quiet"]) == pytest.approx(10, abs=1)


def test_where_a_case_is_open_the_full_cadence_is_wanted() -> None:
    street = _Street([_watch("a")], 2, 5, lambda camera, now: False)
    scheduler = street.run(200)
    scheduler.hold("a", "bins", True)
    before = len(street.looks["a"])
    street.run(100, scheduler, start=200)
    assert len(street.looks["a"]) - before == pytest.approx(10, abs=1)
    scheduler.hold("a", "bins", False)
    before = len(street.looks["a"])
    street.run(120, scheduler, start=300)
    assert len(street.looks["a"]) - before == pytest.approx(2, abs=1)


def test_one_inference_serves_all_scenes_of_a_camera() -> None:
    scheduler = Scheduler()
    bins = _watch("a", cadence=10)
    scheduler.watch([bins, replace(bins, scene="heaps"), replace(bins, detector="other")], 0.0)
    scheduler.offer("a", 1.0)
    picks = scheduler.pick(1.0, 10)
    assert {(p.detector, p.scenes) for p in picks} == {
        ("nano", ("bins", "heaps")),
        ("other", ("bins",)),
    }


def test_only_an_inference_that_took_place_is_a_look() -> None:
    scheduler = Scheduler()
    scheduler.watch([_watch("a", cadence=10, least=10)], 0.0)
    failed = 0
    for at in range(0, 60, 2):
        scheduler.offer("a", float(at))
        failed += len(scheduler.pick(float(at), 1))
    # It is tried again, but no faster than it would be looked at.
    assert failed == 6
    (told,) = scheduler.published(60.0)
    assert told.reached.looks == 0 and told.reached.since is None
    assert told.reached.longest == 60.0 and told.reached.late_share == pytest.approx(50 / 60)


def test_withdrawn_pictures_are_not_inferred() -> None:
    scheduler = Scheduler()
    scheduler.watch([_watch("a")], 0.0)
    scheduler.offer("a", 1.0)
    scheduler.withdraw("a")
    assert scheduler.pick(2.0, 5) == []


def test_watches_may_change_and_what_stays_is_known() -> None:
    scheduler = Scheduler()
    scheduler.watch([_watch("a"), _watch("b")], 0.0)
    scheduler.offer("a", 1.0)
    (pick,) = scheduler.pick(1.0, 5)
    scheduler.watch([replace(_watch("a"), priority=1), _watch("c")], 2.0)
    scheduler.done(pick, 2.0)
    scheduler.offer("b", 3.0)
    told = {one.camera: one.reached.looks for one in scheduler.published(3.0)}
    assert told == {"a": 1, "c": 0}
    scheduler.offer("a", 3.0)
    assert scheduler.pick(3.0, 5) == []


def test_a_day_of_a_street_keeps_its_memory_and_its_promises() -> None:
    """24 hours of 12 cameras, scheduler and rules: cars come and stay, cameras go down, an hour
    of overload. What is remembered does not grow, findings are those that were put there."""
    scene = shipped_scenes()["no_stopping"]
    corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    zones = {f"c{i:02}": Zone(f"c{i:02}", scene.key, "z", corners) for i in range(12)}
    watches = [Watch(c, scene.key, "nano", 20, 120, 1 + i % 3) for i, c in enumerate(zones)]
    scheduler, rules = Scheduler(), Rules()
    scheduler.watch(watches, 0.0)
    car = Detection("car", 0.8, (0.2, 0.4, 0.5, 0.6))
    events: Counter[tuple[str, type]] = Counter()
    told: list[bool] = []
    sizes = []
    for now in map(float, range(0, 86_400, 10)):
        overloaded = 10 * 3600 <= now < 11 * 3600
        for i, camera in enumerate(zones):
            if (now // 600 + i) % 24 == 0:
                continue  # down for ten minutes every four hours
            scheduler.offer(camera, now, [scene.key] if overloaded or now % 600 < 300 else ())
        for pick in scheduler.pick(now, 2 if overloaded else 12):
            scheduler.done(pick, now)
            number = int(pick.camera[1:])
            # Every six hours a car stands there for one.
            there = (now + 900 * number) % 21_600 < 3_600
            looked = Looked(pick.camera, pick.at, (car,) if there else ())
            event = rules.step(looked, zones[pick.camera], scene)
            if event is not None:
                events[pick.camera, type(event)] += 1
            scheduler.hold(pick.camera, scene.key, rules.wants_more(pick.camera, "z", scene.key))
        overload = scheduler.overload(now)
        if overload:
            told.append(overload.began)
        if now % 3600 == 0:
            sizes.append((len(pickle.dumps(scheduler)), len(pickle.dumps(rules))))
    assert told == [True, False]
    for watch in watches:
        # In the hour of overload a car may go unseen where it matters less.
        camera, least = watch.camera, 4 if watch.priority == 1 else 3
        assert least <= events[camera, Opened] <= 5
        assert 0 <= events[camera, Opened] - events[camera, Cleared] <= 1
    for kind in (0, 1):
        morning, later = (max(one[kind] for one in part) for part in (sizes[:12], sizes[12:]))
        assert later <= 1.1 * morning
    for one in scheduler.published(86_400.0):
        # Ten minutes down, the longest wait, and a round of the clock.
        assert one.reached.longest <= 600 + 120 + 20
