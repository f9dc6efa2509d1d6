"""Rules: K of N, dwell, one open finding per zone, clearing; against a recount of all looks."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.discover.rules import Cleared, Opened, Rules
from streetwise.discover.scenes import Scene, shipped_scenes
from streetwise.discover.values import Box, Detection, Looked, Zone

ZONE = Zone("cam", "no_stopping", "left", ((0.0, 0.3), (1.0, 0.3), (1.0, 1.0), (0.0, 1.0)))
SCENE = replace(
    shipped_scenes()["no_stopping"],
    dwell_seconds=30,
    seen=3,
    of=4,
    cadence_seconds=10,
    least_every_seconds=40,
    clear_looks=2,
    clear_seconds=10,
)
THERE = replace(SCENE, stationary=False)


def _box(x: float, y: float = 0.6) -> Box:
    return (x, y, x + 0.15, y + 0.1)


def _car(x: float, y: float = 0.6, score: float = 0.8, what: str = "car") -> Detection:
    return Detection(what, score, _box(x, y))


def _look(at: float, *seen: Detection, blind: bool = False) -> Looked:
    return Looked("cam", at, seen, blind)


def _run(
    looks: list[Looked], scene: Scene = SCENE, rules: Rules | None = None
) -> list[Opened | Cleared]:
    rules = rules or Rules()
    steps = [rules.step(look, ZONE, scene) for look in looks]
    return [one for one in steps if one is not None]


def test_a_standing_car_opens_one_finding_and_its_leaving_clears_it() -> None:
    looks = [_look(10.0 * i, _car(0.2)) for i in range(8)]
    looks += [_look(10.0 * i) for i in range(8, 12)]
    opened, cleared = _run(looks)
    assert isinstance(opened, Opened) and isinstance(cleared, Cleared)
    assert (opened.camera, opened.zone, opened.scene) == ("cam", "left", "no_stopping")
    assert (opened.since, opened.at) == (0.0, 30.0)
    assert opened.box == _box(0.2) and (opened.seen, opened.of) == (4, 4)
    assert (cleared.since, cleared.at, cleared.looks) == (80.0, 90.0, 2)


def test_passing_cars_open_nothing() -> None:
    passing = [_look(10.0 * i, _car(0.05 + 0.17 * (i % 5))) for i in range(30)]
    assert _run(passing) == []
    # A jam: each look overlaps the last, yet within the dwell it goes on by most of its length.
    creeping = [_look(5.0 * i, _car(0.02 * i)) for i in range(40)]
    assert _run(creeping) == []


def test_what_is_elsewhere_small_unsure_or_of_another_class_opens_nothing() -> None:
    for one in (
        _car(0.2, y=0.1),  # its foot is above the zone
        Detection("car", 0.8, (0.2, 0.6, 0.21, 0.61)),
        _car(0.2, score=0.2),
        _car(0.2, what="person"),
    ):
        assert _run([_look(10.0 * i, one) for i in range(10)]) == []
    rules = Rules()
    looks = [_look(10.0 * i, _car(0.2, score=0.2)) for i in range(10)]
    steps = [rules.step(look, ZONE, SCENE, least=0.15) for look in looks]
    assert any(steps), "a camera's own threshold goes before the scene's"


def test_a_look_without_the_car_now_and_then_does_not_matter() -> None:
    looks = [_look(10.0 * i, *([] if i == 2 else [_car(0.2)])) for i in range(6)]
    (opened,) = _run(looks)
    assert isinstance(opened, Opened) and opened.since == 0.0


def test_where_cars_pass_in_many_looks_nothing_stands() -> None:
    """Dense traffic: in each place there is a car in two looks of seven."""
    scene = replace(SCENE, seen=5, of=7)
    pattern = (1, 0, 0, 1, 0, 0, 0)
    spots = [[i for i in range(3) if pattern[(n + 2 * i) % 7]] for n in range(200)]
    looks = [_look(10.0 * n, *(_car(0.1 + 0.3 * i) for i in s)) for n, s in enumerate(spots)]
    # Once four follow one another by chance: enough hits, but not for long enough.
    for n in range(100, 104):
        looks[n] = _look(10.0 * n, _car(0.1))
    assert _run(looks, replace(scene, dwell_seconds=120)) == []
    assert _run(looks, replace(scene, dwell_seconds=60)), "the hits alone would have been enough"


def test_boxes_that_tremble_are_one_place() -> None:
    looks = [_look(10.0 * i, _car(0.2 + 0.015 * (-1) ** i)) for i in range(6)]
    assert len(_run(looks)) == 1


def test_blind_looks_neither_open_nor_clear() -> None:
    blind = [_look(10.0 * i, _car(0.2), blind=True) for i in range(20)]
    assert _run(blind) == []
    rules = Rules()
    _run([_look(10.0 * i, _car(0.2)) for i in range(5)], rules=rules)
    assert _run([_look(100.0 + 10 * i, blind=True) for i in range(20)], rules=rules) == []
    standing = rules.standing("cam", "left", "no_stopping")
    assert standing is not None and standing.free_looks == 0 and standing.looked_at == 40.0


def test_a_bus_before_the_car_does_not_clear_it() -> None:
    rules = Rules()
    _run([_look(10.0 * i, _car(0.2)) for i in range(5)], rules=rules)
    bus = Detection("bus", 0.9, (0.1, 0.35, 0.6, 0.75))
    assert _run([_look(50.0 + 10 * i, bus) for i in range(6)], rules=rules) == []
    passing = [_look(110.0 + 10 * i, _car(0.6 if i % 2 else 0.8)) for i in range(4)]
    (cleared,) = _run(passing, rules=rules)
    assert isinstance(cleared, Cleared) and cleared.since == 110.0


def test_who_stops_beside_it_keeps_the_finding_open() -> None:
    rules = Rules()
    both = [_look(10.0 * i, _car(0.2), _car(0.6)) for i in range(6)]
    assert len(_run(both, rules=rules)) == 1
    assert _run([_look(60.0 + 10 * i, _car(0.6)) for i in range(6)], rules=rules) == []
    (cleared,) = _run([_look(120.0 + 10 * i) for i in range(3)], rules=rules)
    assert isinstance(cleared, Cleared)


def test_after_clearing_a_new_car_has_its_own_time() -> None:
    rules = Rules()
    _run([_look(10.0 * i, _car(0.2)) for i in range(5)], rules=rules)
    _run([_look(50.0), _look(60.0)], rules=rules)
    assert rules.standing("cam", "left", "no_stopping") is None
    (opened,) = _run([_look(70.0 + 10 * i, _car(0.2)) for i in range(5)], rules=rules)
    assert isinstance(opened, Opened) and opened.since == 70.0


def test_a_look_that_comes_late_or_twice_is_left_out() -> None:
    looks = [_look(10.0, _car(0.2))] * 9 + [_look(5.0, _car(0.2))] * 9
    assert _run(looks) == []


def test_more_looks_are_wanted_while_something_may_be_coming() -> None:
    rules = Rules()
    assert not rules.wants_more("cam", "left", "no_stopping")
    _run([_look(0.0, _car(0.2))], rules=rules)
    assert rules.wants_more("cam", "left", "no_stopping")
    _run([_look(10.0 * i) for i in range(1, 6)], rules=rules)
    assert not rules.wants_more("cam", "left", "no_stopping")


def test_one_look_at_what_drives_by_wants_one_more_and_a_missed_look_does_not_end_it() -> None:
    rules = Rules()
    key = ("cam", "left", "no_stopping")
    _run([_look(0.0, _car(0.2))], rules=rules)
    assert rules.wants_more(*key) and rules.saw(*key)
    _run([_look(10.0)], rules=rules)
    assert not rules.wants_more(*key), "it drove by"
    assert not rules.saw(*key) and not rules.empty(*key), "but it is not long ago"
    _run([_look(20.0, _car(0.2)), _look(30.0, _car(0.2)), _look(40.0)], rules=rules)
    assert rules.wants_more(*key), "a detector misses what stands there now and then"
    _run([_look(50.0)], rules=rules)
    assert not rules.wants_more(*key)
    _run([_look(2000.0)], rules=rules)
    assert rules.empty(*key)


def test_no_place_leaves_the_rules() -> None:
    rules = Rules()
    (opened,) = _run([_look(10.0 * i, _car(0.2)) for i in range(5)], rules=rules)
    assert isinstance(opened, Opened)
    assert rules.standing("cam", "left", "no_stopping") is not None
    assert set(Opened.__dataclass_fields__) == {
        "camera", "zone", "scene", "since", "at", "box", "score", "seen", "of",
    }  # fmt: skip
    rules.forget([("cam", "left", "no_stopping")])
    assert rules.standing("cam", "left", "no_stopping") is None
    assert rules.to_state(100.0) == []


@dataclass
class _Recount:
    """The rule told over all looks so far, without memory: slow, and plain.

    Cars stand on spots so far from each other that boxes overlap wholly or not at all.
    """

    scene: Scene

    def run(self, looks: list[tuple[float, frozenset[int], bool]]) -> list[tuple[str, float]]:
        out: list[tuple[str, float]] = []
        open_spots: set[int] | None = None
        free: list[float] = []
        forgotten = dict.fromkeys(range(3), -1.0)
        seen = [(at, spots) for at, spots, blind in looks if not blind]
        for i, (at, spots) in enumerate(seen):
            past = seen[: i + 1]
            ripe = {s for s in range(3) if self._ripe(s, past, forgotten[s])}
            if open_spots is None:
                if ripe:
                    open_spots, free = set(ripe), []
                    out.append(("opened", at))
                continue
            open_spots |= ripe
            if open_spots & spots:
                free = []
                continue
            free.append(at)
            if len(free) >= self.scene.clear_looks and at - free[0] >= self.scene.clear_seconds:
                out.append(("cleared", at))
                forgotten.update(dict.fromkeys(open_spots, at))
                open_spots = None
        return out

    def _ripe(self, spot: int, past: list[tuple[float, frozenset[int]]], after: float) -> bool:
        """Whether the unbroken stay on a spot that lasts until now is long and full enough."""
        if spot not in past[-1][1]:
            return False
        stay: list[tuple[float, bool]] = []
        last = None
        for at, spots in past:
            if at <= after:
                continue
            here = spot in spots
            if last is not None and at - last > self.scene.forget_seconds:
                stay, last = [], None
            if here or stay:
                stay.append((at, here))
            if here:
                last = at
            newest = stay[-self.scene.of :]
            few = sum(look for _, look in newest) < self.scene.seen / 2
            if len(newest) == self.scene.of and few:
                # Broken: it begins anew with the oldest hit that is still among them.
                stay = [newest[i] for i in range(len(newest)) if any(h for _, h in newest[: i + 1])]
                last = last if stay else None
        hits = sum(look for _, look in stay[-self.scene.of :])
        return hits >= self.scene.seen and stay[-1][0] - stay[0][0] >= self.scene.dwell_seconds


_LOOKS = st.lists(
    st.tuples(
        st.sampled_from([5.0, 10.0, 10.0, 10.0, 20.0, 70.0]),
        st.frozensets(st.sampled_from([0, 0, 0, 1, 2])),
        st.sampled_from([False, False, False, False, True]),
    ),
    max_size=60,
)
_SCENES = st.builds(
    lambda seen, more, dwell, clear, seconds: replace(
        SCENE, seen=seen, of=seen + more, dwell_seconds=dwell, clear_looks=clear,
        clear_seconds=seconds,
    ),
    st.integers(1, 4), st.integers(0, 3), st.sampled_from([0.0, 15.0, 30.0, 60.0]),
    st.integers(1, 3), st.sampled_from([0.0, 15.0]),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(steps=_LOOKS, scene=_SCENES, cut=st.integers(0, 60))
def test_findings_are_those_of_a_recount_also_across_a_restart(
    steps: list[tuple[float, frozenset[int], bool]], scene: Scene, cut: int
) -> None:
    at, looks = 0.0, []
    for gap, spots, blind in steps:
        at += gap
        looks.append((at, spots, blind))
    rules, moved = Rules(), 0.0
    got: list[tuple[str, float]] = []
    for i, (when, spots, blind) in enumerate(looks):
        if i == cut:
            # The machine starts anew: its clock begins at nothing, the state was plain JSON.
            state = json.loads(json.dumps(rules.to_state(when)))
            rules, moved = Rules.from_state(state, 1000.0), 1000.0 - when
        seen = [_car(0.1 + 0.3 * spot) for spot in spots]
        event = rules.step(_look(when + moved, *seen, blind=blind), ZONE, scene)
        if event is not None:
            kind = "opened" if isinstance(event, Opened) else "cleared"
            got.append((kind, round(event.at - moved, 3)))
    assert got == _Recount(scene).run(looks)


@settings(max_examples=100, deadline=None)
@given(steps=_LOOKS, scene=_SCENES)
def test_a_scene_that_need_not_stand_still_has_the_zone_for_its_place(
    steps: list[tuple[float, frozenset[int], bool]], scene: Scene
) -> None:
    scene = replace(scene, stationary=False)
    at, looks, zone_looks = 0.0, [], []
    for gap, spots, blind in steps:
        at += gap
        looks.append(_look(at, *(_car(0.1 + 0.3 * spot) for spot in spots), blind=blind))
        zone_looks.append((at, frozenset([0]) if spots else frozenset(), blind))
    events = _run(looks, scene)
    got = [("opened" if isinstance(one, Opened) else "cleared", one.at) for one in events]
    assert got == _Recount(scene).run(zone_looks)


def test_findings_of_a_zone_come_in_turn() -> None:
    looks = [_look(10.0 * i, *([_car(0.2)] if i // 9 % 2 == 0 else [])) for i in range(200)]
    kinds = [type(one) for one in _run(looks)]
    assert len(kinds) > 10
    assert kinds == [Opened, Cleared] * (len(kinds) // 2) + [Opened] * (len(kinds) % 2)
