"""Finding the few cases worth weighing, against weighing all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streetwise.resolve.understand.evidence import WEIGHTS, Voice, metres_apart, weigh
from streetwise.resolve.understand.merge import Known, Pool
from streetwise.resolve.understand.nearby import NEAR_MAX, Nearby, farthest
from streetwise.resolve.understand.pool import FAR_WORTH, WEIGHED_MAX
from streetwise.resolve.understand.postings import Postings
from streetwise.resolve.understand.rough import Columns, left_out
from streetwise.resolve.understand.similar import likeness, prints

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
METRE = 1 / 111_195  # degrees of latitude
CLASSES = [
    ("urban-management", "P-01-37"), ("urban-management", "E-01-10"), ("request", "R-08"),
    ("request", "R-01"),
]  # fmt: skip
TEXTS = [
    "南门外面的路灯坏了三天一直不亮晚上黑漆漆的老人走路看不清",
    "大门口那盏灯不亮了晚上出来什么都看不见请修一下路灯",
    "门口堆了一大堆生活垃圾招苍蝇臭气熏天没有人来清运",
    "路灯不亮", "停水了", "", "楼上漏水把屋顶都泡了物业一直不管",
]  # fmt: skip
PRINTS = prints(TEXTS)
NAMES = [b"", *prints(["翠苑", "翠苑东区", "和平里"])]


@st.composite
def voices(draw: st.DrawFn) -> Voice:
    """A voice of any kind, somewhere within two kilometres or nowhere."""
    number = draw(st.integers(0, len(TEXTS) - 1))
    ranked = draw(st.permutations(CLASSES))[: draw(st.integers(0, 3))]
    shares = [0.6, 0.2, 0.1]
    placed = draw(st.booleans()) or draw(st.booleans())
    place = draw(st.sampled_from([None, "P-1", "P-2", "P-3"])) if placed else None
    kinds = st.sampled_from([("building", "3"), ("building", "5"), ("pole", "12"), ("gate", "南")])
    return Voice(
        id=draw(st.uuids().map(str)),
        at=NOON + timedelta(hours=draw(st.integers(0, 1_500))),
        text=PRINTS[number],
        place=place,
        above=("P-9",) if place in ("P-1", "P-2") else (),
        lon=116.9 + draw(st.integers(0, 1_000)) * METRE if placed else None,
        lat=40.1 + draw(st.integers(0, 1_000)) * METRE if placed else None,
        metres=draw(st.sampled_from([0.0, 30.0, 75.0, 200.0, 900.0])),
        classes=tuple(zip(ranked, shares, strict=False)),
        marks=frozenset(draw(st.lists(kinds, max_size=2))),
        names=draw(st.sampled_from(NAMES)) if not placed else b"",
        reporter=draw(st.sampled_from([None, "one", "other"])),
    )


@given(voices(), st.lists(voices(), min_size=1, max_size=6))
def test_the_rough_sum_is_never_below_the_true_one(new: Voice, old: list[Voice]) -> None:
    columns = Columns()
    for one in old:
        columns.add(one)
    alike = np.array([likeness(new.text, one.text) for one in old])
    named = np.array([likeness(new.names, one.names) if new.names else 0.0 for one in old])
    rows, promise = columns.promising(new, np.arange(len(old)), alike, named, WEIGHTS, -1e6)
    assert rows.tolist() == list(range(len(old)))
    true = [weigh(new, one, alike[at]).log_odds for at, one in enumerate(old)]
    assert all(promise + left_out(new, WEIGHTS) + WEIGHTS.prior >= np.array(true) - 0.2)


@given(voices(), st.lists(voices(), min_size=1, max_size=8), st.sampled_from([-3.0, -0.85, 2.0]))
def test_what_can_reach_the_bound_is_found(new: Voice, old: list[Voice], bound: float) -> None:
    cases = {one.id: Known(one.id, (one,)) for one in old}
    found = {near.case.id for near in Pool(cases.values()).near(new, WEIGHTS, bound)}
    assert len(found) <= WEIGHED_MAX
    for one in cases.values():
        (voice,) = one.voices
        alike = likeness(new.text, voice.text)
        apart = metres_apart(new, voice)
        near = apart is not None and apart <= farthest(new.metres, voice.metres) - 1
        worth = near or alike >= FAR_WORTH
        if worth and weigh(new, voice, alike).log_odds >= bound and len(found) < WEIGHED_MAX:
            assert one.id in found


@given(voices(), st.lists(voices(), min_size=1, max_size=8))
def test_likeness_of_what_is_found_is_that_of_the_definition(new: Voice, old: list[Voice]) -> None:
    for near in Pool(Known(one.id, (one,)) for one in old).near(new, WEIGHTS, -20.0):
        for voice, alike in near.voices:
            assert alike == pytest.approx(likeness(new.text, voice.text))


def test_what_is_dropped_is_met_no_more_and_may_come_back() -> None:
    one = Voice("a", NOON, PRINTS[0], lon=116.9, lat=40.1, classes=((CLASSES[0], 0.9),))
    again = replace(one, id="b")
    pool = Pool([Known("case", (one,))])
    assert [near.case.id for near in pool.near(again, WEIGHTS, 0.0)] == ["case"]
    assert [near.case.id for near in pool.near(replace(again, refers=("a",)), WEIGHTS, 0.0)]
    pool.drop("case", "never there")
    assert pool.near(again, WEIGHTS, 0.0) == []
    assert pool.near(replace(again, refers=("a",)), WEIGHTS, 0.0) == []
    pool.put(Known("case", (one,)))
    assert [near.case.id for near in pool.near(again, WEIGHTS, 0.0)] == ["case"]


def test_what_is_known_otherwise_of_a_voice_replaces_it() -> None:
    """An officer says the class: the case is met as of that one only, and takes no more room."""
    one = Voice("a", NOON, PRINTS[0], lon=116.9, lat=40.1, classes=((CLASSES[0], 0.9),))
    pool = Pool([Known("case", (one,))])
    pool.put(Known("case", (replace(one),)))
    assert (len(pool), pool.gone) == (1, 0)
    said = replace(one, classes=((CLASSES[1], 1.0),))
    pool.put(Known("case", (said,)))
    (near,) = pool.near(replace(one, id="b"), WEIGHTS, -20.0)
    assert [voice for voice, _ in near.voices] == [said]
    assert (len(pool), pool.gone) == (2, 1)


# --- postings -------------------------------------------------------------------------------

_WORDS = st.text(alphabet="路灯不亮垃圾停水南门三号楼坏了晚上老人abc12，。 \n[]", max_size=60)


@given(st.lists(_WORDS, min_size=1, max_size=8), _WORDS)
def test_likeness_in_a_batch_is_that_of_the_definition(texts: list[str], new: str) -> None:
    made = prints([*texts, new])
    old = made[:-1]
    postings = Postings(old[:2])
    postings.extend(old[2:])
    found = postings.likeness(made[-1])
    assert found.exact
    values = found.of(np.arange(len(old)))
    assert values == pytest.approx([likeness(made[-1], one) for one in old], abs=1e-9)


@given(st.lists(_WORDS, min_size=3, max_size=8), _WORDS)
def test_cut_lists_give_lower_bounds_and_say_so(texts: list[str], new: str) -> None:
    made = prints([*texts, new])
    postings = Postings(made[:-1], most=1)
    found = postings.likeness(made[-1])
    true = np.array([likeness(made[-1], one) for one in made[:-1]])
    values = found.of(np.arange(len(true)))
    assert (values <= true + 1e-9).all()
    assert not found.exact or values == pytest.approx(true)


# --- cells ----------------------------------------------------------------------------------

_POINTS = st.tuples(
    st.integers(0, 3_000), st.integers(0, 3_000), st.sampled_from([0.0, 30.0, 75.0, 249.0, 900.0])
)


@given(st.lists(_POINTS, min_size=1, max_size=20), _POINTS)
def test_cells_hold_what_lies_within_reach(points: list[tuple[int, int, float]], new) -> None:  # type: ignore[no-untyped-def]
    nearby = Nearby()
    for number, (x, y, metres) in enumerate(points):
        nearby.add(number, x * METRE, y * METRE, metres)
    found = set(nearby.around(new[0] * METRE, new[1] * METRE, new[2]).tolist())
    for number, (x, y, metres) in enumerate(points):
        apart = float(np.hypot(x - new[0], y - new[1]))
        if abs(apart - farthest(metres, new[2])) > 1:
            assert (number in found) == (apart < farthest(metres, new[2]))


def test_of_a_crowd_the_newest_are_looked_at() -> None:
    nearby = Nearby()
    for number in range(NEAR_MAX + 10):
        nearby.add(number, 0.0, 0.0, 30.0 if number % 2 else 75.0)
    found = nearby.around(0.0, 0.0, 30.0)
    assert sorted(found.tolist()) == list(range(10, NEAR_MAX + 10))
