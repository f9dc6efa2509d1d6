"""What the town's reporters say when they are called back: by the planted shares."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from town.test_astray import near

from streetwise.resolve.contacts.rules import RESULTS
from streetwise.town import answering, astray, platform
from streetwise.town.language.phrase import read_yaml

MANY = 6_000


def test_answers_come_by_the_planted_shares() -> None:
    told = [answering.answer(answering.drawing(3, str(n), 0)) for n in range(MANY)]
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
    assert answering.answer(answering.drawing(3, "1", 0), link=True).reached is None
    assert not any(one.in_words for one in resolved)


def test_the_same_reporter_says_the_same_and_another_round_is_another_question() -> None:
    first = [answering.answer(answering.drawing(3, str(n), 0)) for n in range(50)]
    assert first == [answering.answer(answering.drawing(3, str(n), 0)) for n in range(50)]
    assert first != [answering.answer(answering.drawing(3, str(n), 1)) for n in range(50)]


def test_what_comes_of_a_call_is_what_the_product_knows() -> None:
    assert set(read_yaml("astray.yaml")["grounds"]["call_back"]) <= set(RESULTS)
    assert answering.REACHED in RESULTS


def asked(n: int, **more: Any) -> platform.Known:
    told = answering.answer(answering.drawing(3, str(n), 0))
    return platform.Known(f"RX{n}", 0, told, **{"contacted": True, **more})


def test_the_platform_finds_what_its_caller_tells_us_but_for_the_planted_shares() -> None:
    known = [asked(n) for n in range(MANY)]
    found = [platform.verdict(one) for one in known]
    assert found == [platform.verdict(one) for one in known]
    called = [(one, said) for one, said in zip(known, found, strict=True) if said.called]
    missed = MANY - len(called)
    assert missed > 0
    assert near(missed, MANY, astray.share("platform_unreached"))
    differs = sum(one.told.resolved != said.resolved for one, said in called)
    assert differs > 0
    assert near(differs, len(called), astray.share("platform_differs"))
    denied = sum(not said.reached for _, said in called)
    assert denied > 0
    assert near(denied, len(called), astray.share("platform_denies_contact"))
    unsolved = [said for _, said in called if not said.resolved]
    share = astray.share("platform_returns")
    assert near(sum(said.returned for said in unsolved), len(unsolved), share)
    assert not any(said.returned for _, said in called if said.resolved)
    # Nobody who was not spoken to is said to have been, and nothing is sent back for ever.
    assert not any(platform.verdict(asked(n, contacted=False)).reached for n in range(200))
    assert not any(platform.verdict(asked(n, rounds=2)).returned for n in range(200))


def test_whose_case_ended_without_fixed_takes_the_reason_mostly() -> None:
    found = [platform.verdict(asked(n, outcome="unverifiable")) for n in range(MANY)]
    called = [one for one in found if one.called]
    assert near(sum(one.resolved for one in called), len(called), astray.share("unfixed_solved"))
    for n in range(200):
        assert platform.verdict(asked(n, outcome="withdrawn")) == platform.verdict(asked(n))


def test_a_number_tells_its_day() -> None:
    day = date(2026, 9, 3)
    assert platform.day_of("RX2026090300012") == day == platform.day_of("C202609031200003")
    assert platform.day_of("RX12") is platform.day_of("RX2026023000001") is None


def test_most_callers_leave_an_invented_number() -> None:
    named = [platform.caller(f"RX{n}") for n in range(MANY)]
    numbers = [one.split(" ")[1] for one in named if " " in one]
    assert near(len(numbers), MANY, astray.share("leaves_number"))
    assert all(one.isdigit() and len(one) == 11 for one in numbers)
    assert all(one.startswith(platform.NUMBER_PREFIX) for one in numbers)
    assert named == [platform.caller(f"RX{n}") for n in range(MANY)]
