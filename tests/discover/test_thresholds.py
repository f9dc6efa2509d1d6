"""What verdicts do to a threshold: raised where that helps, back by steps, never without cause."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.discover.thresholds import ThresholdRules, Verdict, effective, tuned

RULES = ThresholdRules()


def said(right: list[float], wrong: list[float]) -> list[Verdict]:
    return [Verdict(one, right=True) for one in right] + [
        Verdict(one, right=False) for one in wrong
    ]


def test_many_unsure_wrong_ones_raise_it_to_where_half_of_them_are_left_out() -> None:
    verdicts = said([0.8] * 6, [0.42, 0.43, 0.44, 0.52, 0.53])
    assert tuned(0.4, 0.4, verdicts) == 0.45
    verdicts = said([0.8] * 6, [0.42, 0.48, 0.49, 0.52, 0.53])
    assert tuned(0.4, 0.4, verdicts) == 0.5


def test_where_wrong_ones_are_as_sure_as_right_ones_it_stays() -> None:
    # At every level that leaves out half of the wrong ones, too many right ones are lost.
    assert tuned(0.4, 0.4, said([0.45] * 6, [0.6] * 6)) == 0.4
    # And so sure as these nothing may become.
    assert tuned(0.4, 0.4, said([], [0.97] * 12)) == 0.4


@pytest.mark.parametrize(
    "verdicts",
    [
        said([], [0.41] * (RULES.verdicts_least - 1)),
        said([0.8] * 7, [0.41] * 3),
        said([0.8] * 20, [0.41] * 4),
    ],
)
def test_few_verdicts_or_few_wrong_ones_change_nothing(verdicts: list[Verdict]) -> None:
    assert tuned(0.4, 0.4, verdicts) == 0.4


def test_it_goes_back_by_one_step_and_never_below_the_scenes_own() -> None:
    good = said([0.9] * 12, [0.6])
    assert tuned(0.4, 0.55, good) == 0.5
    assert tuned(0.4, 0.42, good) == 0.4
    assert tuned(0.4, 0.4, good) == 0.4


def test_a_scene_that_asks_for_more_than_verdicts_had_set_is_obeyed_and_a_person_is() -> None:
    assert effective(0.5, 0.45, "verdicts") == 0.5
    assert effective(0.5, 0.45, "hand") == 0.45


SCORES = st.lists(st.floats(0.05, 1.0), max_size=25)


@settings(max_examples=200, deadline=None)
@given(st.floats(0.1, 0.85), st.integers(0, 5), SCORES, SCORES)
def test_whatever_is_said_it_stays_within_its_bounds_and_a_rise_pays(
    shipped: float, steps: int, right: list[float], wrong: list[float]
) -> None:
    highest = max(shipped, min(shipped + RULES.above_most, RULES.most))
    before = min(shipped + steps * RULES.step, highest)
    after = tuned(shipped, before, said(right, wrong))
    assert shipped - 1e-3 <= after <= highest + 1e-3
    if after > before:
        assert len(wrong) >= RULES.wrong_least
        assert sum(one < after for one in wrong) >= RULES.leaves_out * len(wrong)
        assert sum(one >= after for one in right) >= RULES.keeps * len(right) - 1e-9
    if after < before:
        assert len(wrong) <= RULES.lower_to * (len(right) + len(wrong))
        assert before - after <= RULES.step + 1e-3
