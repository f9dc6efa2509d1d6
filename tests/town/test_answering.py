"""What the town's reporters say when they are called back: by the planted shares."""

from __future__ import annotations

from collections import Counter

from town.test_astray import near

from streetwise.resolve.contacts.rules import RESULTS
from streetwise.town import answering, astray, platform
from streetwise.town.language.phrase import read_yaml

MANY = 6_000


def test_answers_come_by_the_planted_shares() -> None:
    told = [answering.answer(answering.drawing(3, n, 0)) for n in range(MANY)]
    resolved = [one for one in told if one.resolved]
    assert near(len(resolved), MANY, astray.share("call_back_resolved"))
    assert near(sum(bool(one.reached) for one in told), MANY, astray.share("call_back_reached"))
    liked = Counter(one.satisfied for one in resolved)
    assert near(liked["yes"], len(resolved), astray.share("call_back_satisfied"))
    assert near(liked["basically"], len(resolved), astray.share("call_back_basically"))
    others = Counter(one.satisfied for one in told if not one.resolved)
    # Nobody is wholly satisfied with what is not done.
    assert set(others) == {"no", "basically"}
    share = astray.share("call_back_unresolved_basically")
    assert near(others["basically"], sum(others.values()), share)
    # Whether somebody had been in touch is not asked by link, and no words are left there.
    assert answering.answer(answering.drawing(3, 1, 0), link=True).reached is None
    assert not any(one.in_words for one in resolved)


def test_the_same_reporter_says_the_same_and_another_round_is_another_question() -> None:
    first = [answering.answer(answering.drawing(3, n, 0)) for n in range(50)]
    assert first == [answering.answer(answering.drawing(3, n, 0)) for n in range(50)]
    assert first != [answering.answer(answering.drawing(3, n, 1)) for n in range(50)]


def test_what_comes_of_a_call_is_what_the_product_knows() -> None:
    assert set(read_yaml("astray.yaml")["grounds"]["call_back"]) <= set(RESULTS)
    assert answering.REACHED in RESULTS


def test_most_callers_leave_an_invented_number() -> None:
    named = [platform.caller(f"RX{n}") for n in range(MANY)]
    numbers = [one.split(" ")[1] for one in named if " " in one]
    assert near(len(numbers), MANY, astray.share("leaves_number"))
    assert all(one.isdigit() and len(one) == 11 for one in numbers)
    assert all(one.startswith(platform.NUMBER_PREFIX) for one in numbers)
    assert named == [platform.caller(f"RX{n}") for n in range(MANY)]
