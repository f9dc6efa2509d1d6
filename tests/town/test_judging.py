"""What the town's officers find when they read what the engines were unsure of."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime

from streetwise.town import judging
from streetwise.town.almanac import ZONE
from streetwise.town.reports import Report

RIGHT, WRONG, SECOND = "s:A", "s:B", "s:C"
TOLD = Report(
    "K1", "wechat", datetime(2026, 5, 11, 9, tzinfo=ZONE), "t", "x", None, None, RIGHT, "P1", "L1"
)
MANY = 2000


def said(told: Report | None, given: str | None, guesses: list[str], *, asked: bool) -> list[str]:
    rng = random.Random(1)
    words = (judging.class_to_say(told, given, guesses, rng, asked=asked) for _ in range(MANY))
    return [word for word in words if word is not None]


def test_whoever_is_asked_says_the_truth_but_for_a_few_slips() -> None:
    words = said(TOLD, None, [WRONG, RIGHT], asked=True)
    assert len(words) == MANY
    assert set(words) == {RIGHT, WRONG}
    assert abs(words.count(WRONG) / MANY - judging.SLIPS) < 0.02
    assert set(said(TOLD, None, [], asked=True)) == {RIGHT}


def test_whoever_is_not_asked_notices_some_wrong_classes_and_changes_no_right_one() -> None:
    assert said(TOLD, RIGHT, [RIGHT], asked=False) == []
    assert said(TOLD, None, [WRONG], asked=False) == []
    words = said(TOLD, WRONG, [WRONG], asked=False)
    assert set(words) == {RIGHT}
    assert abs(len(words) / MANY - judging.NOTICED) < 0.05


def test_nobody_says_what_nobody_knows() -> None:
    thanks = replace(TOLD, truth_category="", truth_problem="", kind="thanks")
    for told in (None, thanks):
        assert said(told, WRONG, [WRONG], asked=True) == []
        assert said(told, WRONG, [WRONG], asked=False) == []
        assert not judging.is_matter(told)
    assert judging.is_matter(TOLD)


def test_of_two_problems_in_a_call_the_one_that_was_thought_of_is_meant() -> None:
    both = replace(TOLD, also=("P2", SECOND, "L2"))
    assert SECOND in said(both, None, [SECOND, RIGHT], asked=True)
    assert said(both, SECOND, [SECOND], asked=False) == []


def test_one_matter_is_one_problem_or_one_kind_at_one_place() -> None:
    other = replace(TOLD, truth_problem="P2")
    assert judging.same_matter(TOLD, TOLD)
    assert judging.same_matter(TOLD, other)
    assert judging.same_matter(TOLD, replace(TOLD, truth_place="L2"))
    assert not judging.same_matter(TOLD, replace(other, truth_place="L2"))
    assert not judging.same_matter(TOLD, replace(other, truth_category=WRONG))
    assert not judging.same_place(TOLD, replace(TOLD, truth_place="L2"))
    assert not judging.same_matter(TOLD, None)
    assert not judging.same_place(None, TOLD)
